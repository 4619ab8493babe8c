// RUN: %python -m posenc_testing.planted %s
// Results of gfx12's wmma are taken for gfx11's: rows 2v + lane / 16 instead of 8 (lane / 16) + v.
// CHIPS: gfx1201
// IN: (np.arange(256) % 17 - 8).reshape(16, 16).astype(np.float16)
// OUT: a0.astype(np.float32) @ a0.T.astype(np.float32)
// WRONG
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<16x16xf16>) -> tensor<16x16xf32> {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<16x16xf16> to memref<16x16xf16>
    %out = memref.alloc() : memref<16x16xf32>
    gpu.launch_func @planted::@wmma_rows blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%a : memref<16x16xf16>, %out : memref<16x16xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<16x16xf32> to tensor<16x16xf32>
    return %out_t : tensor<16x16xf32>
  }
  gpu.module @planted {
    gpu.func @wmma_rows(%a: memref<16x16xf16>, %out: memref<16x16xf32>) kernel {
      %lane = gpu.thread_id x
      %k0 = arith.constant 0 : index
      %k1 = arith.constant 1 : index
      %k4 = arith.constant 4 : index
      %k8 = arith.constant 8 : index
      %k16 = arith.constant 16 : index
      %row = arith.remui %lane, %k16 : index
      %g = arith.divui %lane, %k16 : index
      %low = arith.muli %g, %k4 : index
      %high = arith.addi %low, %k8 : index
      %f0 = vector.load %a[%row, %low] : memref<16x16xf16>, vector<4xf16>
      %f1 = vector.load %a[%row, %high] : memref<16x16xf16>, vector<4xf16>
      %f = vector.shuffle %f0, %f1 [0, 1, 2, 3, 4, 5, 6, 7] : vector<4xf16>, vector<4xf16>
      %z = arith.constant dense<0.0> : vector<8xf32>
      %d = amdgpu.wmma 16x16x16 %f * %f + %z : vector<8xf16>, vector<8xf16>, vector<8xf32>
      scf.for %v = %k0 to %k8 step %k1 {
        %g8 = arith.muli %g, %k8 : index
        %i = arith.addi %g8, %v : index // FIX
        %twice = arith.addi %v, %v : index // BUG
        %i = arith.addi %twice, %g : index // BUG
        %y = vector.extract %d[%v] : f32 from vector<8xf32>
        memref.store %y, %out[%i, %row] : memref<16x16xf32>
      }
      gpu.return
    }
  }
}
