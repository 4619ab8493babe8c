// RUN: %python -m posenc_testing.planted %s
// Results of 32x32x8 are taken for rows 4v + lane / 32 ... instead of runs of four rows.
// CHIPS: gfx90a gfx942 gfx950
// IN: (np.arange(256) % 17 - 8).reshape(32, 8).astype(np.float16)
// IN: (np.arange(256) % 13 - 6).reshape(8, 32).astype(np.float16)
// OUT: a0.astype(np.float32) @ a1.astype(np.float32)
// WRONG
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<32x8xf16>, %in1: tensor<8x32xf16>) -> tensor<32x32xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<32x8xf16> to memref<32x8xf16>
    %b = bufferization.to_buffer %in1 read_only : tensor<8x32xf16> to memref<8x32xf16>
    %out = memref.alloc() : memref<32x32xf32>
    gpu.launch_func @planted::@mfma_fragment blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<32x8xf16>, %b : memref<8x32xf16>, %out : memref<32x32xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<32x32xf32> to tensor<32x32xf32>
    return %out_t : tensor<32x32xf32>
  }
  gpu.module @planted {
    gpu.func @mfma_fragment(%a: memref<32x8xf16>, %b: memref<8x32xf16>, %out: memref<32x32xf32>) kernel {
      %lane = gpu.thread_id x
      %k0 = arith.constant 0 : index
      %k1 = arith.constant 1 : index
      %k4 = arith.constant 4 : index
      %k16 = arith.constant 16 : index
      %k32 = arith.constant 32 : index
      %row = arith.remui %lane, %k32 : index
      %g = arith.divui %lane, %k32 : index
      %k = arith.muli %g, %k4 : index
      %fa = vector.load %a[%row, %k] : memref<32x8xf16>, vector<4xf16>
      %zeros = arith.constant dense<0.0> : vector<4xf16>
      %fb = scf.for %j = %k0 to %k4 step %k1 iter_args(%v = %zeros) -> vector<4xf16> {
        %kj = arith.addi %k, %j : index
        %x = memref.load %b[%kj, %row] : memref<8x32xf16>
        %w = vector.insert %x, %v[%j] : f16 into vector<4xf16>
        scf.yield %w : vector<4xf16>
      }
      %z = arith.constant dense<0.0> : vector<16xf32>
      %d = amdgpu.mfma 32x32x8 %fa * %fb + %z blgp = none : vector<4xf16>, vector<4xf16>, vector<16xf32>
      scf.for %v = %k0 to %k16 step %k1 {
        %r4 = arith.divui %v, %k4 : index
        %in4 = arith.remui %v, %k4 : index
        %two = arith.addi %r4, %r4 : index
        %run = arith.addi %two, %g : index
        %first = arith.muli %run, %k4 : index
        %i = arith.addi %first, %in4 : index // FIX
        %twice = arith.addi %v, %v : index // BUG
        %i = arith.addi %twice, %g : index // BUG
        %y = vector.extract %d[%v] : f32 from vector<16xf32>
        memref.store %y, %out[%i, %row] : memref<32x32xf32>
      }
      gpu.return
    }
  }
}
