// RUN: %python -m posenc_testing.planted %s
// The lane that decides a branch is behind the block's end, in a wave of 48 lanes.
// CHIPS: gfx90a gfx942
// IN: np.arange(48, dtype=np.int32)
// OUT: a0 + 1
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<48xi32>) -> tensor<48xi32> {
    %c1 = arith.constant 1 : index
    %c48 = arith.constant 48 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<48xi32> to memref<48xi32>
    %out = memref.alloc() : memref<48xi32>
    gpu.launch_func @planted::@poison_branch blocks in (%c1, %c1, %c1) threads in (%c48, %c1, %c1)
        args(%a : memref<48xi32>, %out : memref<48xi32>)
    %out_t = bufferization.to_tensor %out restrict : memref<48xi32> to tensor<48xi32>
    return %out_t : tensor<48xi32>
  }
  gpu.module @planted {
    gpu.func @poison_branch(%a: memref<48xi32>, %out: memref<48xi32>) kernel {
      %t = gpu.thread_id x
      %c0 = arith.constant 0 : i32
      %c1 = arith.constant 1 : i32
      %c50 = arith.constant 50 : i32 // BUG
      %c50 = arith.constant 40 : i32 // FIX
      %x = memref.load %a[%t] : memref<48xi32>
      %other = rocdl.readlane %x, %c50 : (i32, i32) -> i32
      %positive = arith.cmpi sgt, %other, %c0 : i32
      %y = scf.if %positive -> i32 { // ERROR: poison reaches a branch
        %z = arith.addi %x, %c1 : i32
        memref.store %z, %out[%t] : memref<48xi32>
        scf.yield %z : i32
      } else {
        memref.store %c0, %out[%t] : memref<48xi32>
        scf.yield %c0 : i32
      }
      gpu.return
    }
  }
}
