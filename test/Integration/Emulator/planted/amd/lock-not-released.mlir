// RUN: %python -m posenc_testing.planted %s
// A lock is not released: the others spin on it for ever.
// CHIPS: gfx942 gfx1100
// IN: np.arange(64, dtype=np.float32)
// OUT: a0.sum(keepdims=True)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<1xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<1xf32>
    gpu.launch_func @planted::@lock_not_released blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<1xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<1xf32> to tensor<1xf32>
    return %out_t : tensor<1xf32>
  }
  gpu.module @planted {
    gpu.func @lock_not_released(%a: memref<64xf32>, %out: memref<1xf32>)
        workgroup(%s: memref<1xf32, #gpu.address_space<workgroup>>,
                  %lock: memref<1xi32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %c0 = arith.constant 0 : index
      %free = arith.constant 0 : i32
      %taken = arith.constant 1 : i32
      %zero = arith.constant 0.0 : f32
      %first = arith.cmpi eq, %t, %c0 : index
      scf.if %first {
        memref.store %zero, %s[%c0] : memref<1xf32, #gpu.address_space<workgroup>>
        memref.store %free, %lock[%c0] : memref<1xi32, #gpu.address_space<workgroup>>
      }
      gpu.barrier
      %x = memref.load %a[%t] : memref<64xf32>
      scf.while : () -> () {
        %old = memref.atomic_rmw assign %taken, %lock[%c0] : (i32, memref<1xi32, #gpu.address_space<workgroup>>) -> i32 // ERROR: deadlock: nothing can end the wait at llvm.atomicrmw
        %again = arith.cmpi ne, %old, %free : i32
        scf.condition(%again)
      } do {
        scf.yield
      }
      %sum = memref.load %s[%c0] : memref<1xf32, #gpu.address_space<workgroup>>
      %more = arith.addf %sum, %x : f32
      memref.store %more, %s[%c0] : memref<1xf32, #gpu.address_space<workgroup>>
      %was = memref.atomic_rmw assign %free, %lock[%c0] : (i32, memref<1xi32, #gpu.address_space<workgroup>>) -> i32 // FIX
      gpu.barrier // NOTE: waits at rocdl.
      scf.if %first {
        %y = memref.load %s[%c0] : memref<1xf32, #gpu.address_space<workgroup>>
        memref.store %y, %out[%c0] : memref<1xf32>
      }
      gpu.return
    }
  }
}
