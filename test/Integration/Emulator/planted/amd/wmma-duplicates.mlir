// RUN: %python -m posenc_testing.planted %s
// gfx11's wmma wants each row of A in both halves of the wave; the upper half has the next row.
// CHIPS: gfx1100
// IN: (np.arange(512) % 17 - 8).reshape(32, 16).astype(np.float16)
// OUT: a0[:16].astype(np.float32) @ a0[:16].T.astype(np.float32)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<32x16xf16>) -> tensor<16x16xf32> {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<32x16xf16> to memref<32x16xf16>
    %out = memref.alloc() : memref<16x16xf32>
    gpu.launch_func @planted::@wmma_duplicates blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%a : memref<32x16xf16>, %out : memref<16x16xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<16x16xf32> to tensor<16x16xf32>
    return %out_t : tensor<16x16xf32>
  }
  gpu.module @planted {
    gpu.func @wmma_duplicates(%a: memref<32x16xf16>, %out: memref<16x16xf32>) kernel {
      %lane = gpu.thread_id x
      %k0 = arith.constant 0 : index
      %k1 = arith.constant 1 : index
      %k2 = arith.constant 2 : index
      %k8 = arith.constant 8 : index
      %k16 = arith.constant 16 : index
      %row = arith.remui %lane, %k16 : index
      %g = arith.divui %lane, %k16 : index
      %source = arith.addi %row, %g : index // BUG
      %source = arith.addi %row, %k0 : index // FIX
      %fa = vector.load %a[%source, %k0] : memref<32x16xf16>, vector<16xf16>
      %fb = vector.load %a[%row, %k0] : memref<32x16xf16>, vector<16xf16>
      %z = arith.constant dense<0.0> : vector<8xf32>
      %d = amdgpu.wmma 16x16x16 %fa * %fb + %z : vector<16xf16>, vector<16xf16>, vector<8xf32> // ERROR: expected element 0 of operand 0 to be the same in lanes 0 and 16
      scf.for %v = %k0 to %k8 step %k1 {
        %two = arith.muli %v, %k2 : index
        %i = arith.addi %two, %g : index
        %y = vector.extract %d[%v] : f32 from vector<8xf32>
        memref.store %y, %out[%i, %row] : memref<16x16xf32>
      }
      gpu.return
    }
  }
}
