// RUN: %python -m posenc_testing.planted %s
// Only the first wave announces itself at a split barrier; both wait.
// CHIPS: gfx1201
// IN: np.arange(64, dtype=np.float32)
// OUT: a0[::-1]
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@split_barrier blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @split_barrier(%a: memref<64xf32>, %out: memref<64xf32>)
        workgroup(%s: memref<64xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %k32 = arith.constant 32 : index
      %k63 = arith.constant 63 : index
      %x = memref.load %a[%t] : memref<64xf32>
      memref.store %x, %s[%t] : memref<64xf32, #gpu.address_space<workgroup>>
      %low = arith.cmpi ult, %t, %k32 : index // BUG
      %low = arith.cmpi ule, %t, %k63 : index // FIX
      scf.if %low {
        rocdl.s.wait.dscnt 0
        rocdl.s.barrier.signal id = -1
      }
      rocdl.s.barrier.wait id = -1 // ERROR: divergent barrier: the warp waits without having signalled
      %r = arith.subi %k63, %t : index
      %y = memref.load %s[%r] : memref<64xf32, #gpu.address_space<workgroup>>
      memref.store %y, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
