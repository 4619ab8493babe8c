// RUN: %python -m posenc_testing.planted %s
// Half of a wave executes a matrix instruction, which takes all 64 lanes.
// CHIPS: gfx90a gfx942 gfx950
// IN: np.ones(64, np.float32)
// OUT: np.full((64, 4), 4, np.float32)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64x4xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64x4xf32>
    gpu.launch_func @planted::@mfma_missing_lanes blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64x4xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64x4xf32> to tensor<64x4xf32>
    return %out_t : tensor<64x4xf32>
  }
  gpu.module @planted {
    gpu.func @mfma_missing_lanes(%a: memref<64xf32>, %out: memref<64x4xf32>) kernel {
      %lane = gpu.thread_id x
      %k0 = arith.constant 0 : index
      %k32 = arith.constant 32 : index // BUG
      %k32 = arith.constant 64 : index // FIX
      %low = arith.cmpi ult, %lane, %k32 : index
      %x = memref.load %a[%lane] : memref<64xf32>
      %z = arith.constant dense<0.0> : vector<4xf32>
      %d = scf.if %low -> vector<4xf32> {
        %e = amdgpu.mfma 16x16x4 %x * %x + %z blgp = none : f32, f32, vector<4xf32> // ERROR: lanes missing from rocdl.mfma.f32.16x16x4f32
        scf.yield %e : vector<4xf32>
      } else {
        scf.yield %z : vector<4xf32>
      }
      vector.store %d, %out[%lane, %k0] : memref<64x4xf32>, vector<4xf32>
      gpu.return
    }
  }
}
