// RUN: %python -m posenc_testing.planted %s
// A barrier of the grid, by atomics in global memory, that waits for one block too many.
// CHIPS: gfx942 gfx1100
// IN: np.arange(512, dtype=np.float32)
// OUT: a0[::-1]
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<512xf32>) -> tensor<512xf32> {
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<512xf32> to memref<512xf32>
    %out = memref.alloc() : memref<512xf32>
    %buffer = memref.alloc() : memref<512xf32>
    %count = memref.alloc() : memref<1xi32>
    gpu.launch_func @planted::@clear blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
        args(%count : memref<1xi32>)
    gpu.launch_func @planted::@grid_barrier blocks in (%c8, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<512xf32>, %buffer : memref<512xf32>, %count : memref<1xi32>, %out : memref<512xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<512xf32> to tensor<512xf32>
    return %out_t : tensor<512xf32>
  }
  gpu.module @planted {
    gpu.func @clear(%count: memref<1xi32>) kernel {
      %c0 = arith.constant 0 : index
      %zero = arith.constant 0 : i32
      memref.store %zero, %count[%c0] : memref<1xi32>
      gpu.return
    }
    gpu.func @grid_barrier(%a: memref<512xf32>, %buffer: memref<512xf32>, %count: memref<1xi32>, %out: memref<512xf32>) kernel {
      %t = gpu.thread_id x
      %b = gpu.block_id x
      %c0 = arith.constant 0 : index
      %c64 = arith.constant 64 : index
      %c511 = arith.constant 511 : index
      %none = arith.constant 0 : i32
      %one = arith.constant 1 : i32
      %blocks = arith.constant 9 : i32 // BUG
      %blocks = arith.constant 8 : i32 // FIX
      %start = arith.muli %b, %c64 : index
      %i = arith.addi %start, %t : index
      %x = memref.load %a[%i] : memref<512xf32>
      memref.store %x, %buffer[%i] : memref<512xf32>
      gpu.barrier
      %first = arith.cmpi eq, %t, %c0 : index
      scf.if %first {
        %arrived = memref.atomic_rmw addi %one, %count[%c0] : (i32, memref<1xi32>) -> i32
        scf.while : () -> () {
          %now = memref.atomic_rmw addi %none, %count[%c0] : (i32, memref<1xi32>) -> i32 // ERROR: deadlock: nothing can end the wait at llvm.atomicrmw
          %again = arith.cmpi ult, %now, %blocks : i32
          scf.condition(%again)
        } do {
          scf.yield
        }
      }
      gpu.barrier // NOTE: waits at rocdl.
      %r = arith.subi %c511, %i : index
      %y = memref.load %buffer[%r] : memref<512xf32>
      memref.store %y, %out[%i] : memref<512xf32>
      gpu.return
    }
  }
}
