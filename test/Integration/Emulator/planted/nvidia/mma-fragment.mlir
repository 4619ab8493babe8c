// RUN: %python -m posenc_testing.planted %s
// Two registers of the left operand are exchanged: rows 8 to 15 and columns 8 to 15.
// CHIPS: sm_80 sm_90a
// IN: (np.arange(256) % 17 - 8).reshape(16, 16).astype(np.float16)
// IN: (np.arange(128) % 13 - 6).reshape(16, 8).astype(np.float16)
// OUT: a0.astype(np.float32) @ a1.astype(np.float32)
// WRONG
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<16x16xf16>, %in1: tensor<16x8xf16>) -> tensor<16x8xf32> {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<16x16xf16> to memref<16x16xf16>
    %b = bufferization.to_buffer %in1 read_only : tensor<16x8xf16> to memref<16x8xf16>
    %out = memref.alloc() : memref<16x8xf32>
    gpu.launch_func @planted::@mma_fragment blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%a : memref<16x16xf16>, %b : memref<16x8xf16>, %out : memref<16x8xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<16x8xf32> to tensor<16x8xf32>
    return %out_t : tensor<16x8xf32>
  }
  gpu.module @planted {
    gpu.func @mma_fragment(%a: memref<16x16xf16>, %b: memref<16x8xf16>, %out: memref<16x8xf32>) kernel {
      %lane = gpu.thread_id x
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %c4 = arith.constant 4 : index
      %c8 = arith.constant 8 : index
      %g = arith.divui %lane, %c4 : index
      %q = arith.remui %lane, %c4 : index
      %k = arith.muli %q, %c2 : index
      %g8 = arith.addi %g, %c8 : index
      %k1 = arith.addi %k, %c1 : index
      %k8 = arith.addi %k, %c8 : index
      %k9 = arith.addi %k8, %c1 : index
      %a0 = vector.load %a[%g, %k] : memref<16x16xf16>, vector<2xf16>
      %a1 = vector.load %a[%g8, %k] : memref<16x16xf16>, vector<2xf16> // FIX
      %a2 = vector.load %a[%g, %k8] : memref<16x16xf16>, vector<2xf16> // FIX
      %a1 = vector.load %a[%g, %k8] : memref<16x16xf16>, vector<2xf16> // BUG
      %a2 = vector.load %a[%g8, %k] : memref<16x16xf16>, vector<2xf16> // BUG
      %a3 = vector.load %a[%g8, %k8] : memref<16x16xf16>, vector<2xf16>
      %b00 = memref.load %b[%k, %g] : memref<16x8xf16>
      %b01 = memref.load %b[%k1, %g] : memref<16x8xf16>
      %b10 = memref.load %b[%k8, %g] : memref<16x8xf16>
      %b11 = memref.load %b[%k9, %g] : memref<16x8xf16>
      %b0 = vector.from_elements %b00, %b01 : vector<2xf16>
      %b1 = vector.from_elements %b10, %b11 : vector<2xf16>
      %z = arith.constant 0.0 : f32
      %d = nvvm.mma.sync A[%a0, %a1, %a2, %a3] B[%b0, %b1] C[%z, %z, %z, %z] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (vector<2xf16>, vector<2xf16>, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %d0 = llvm.extractvalue %d[0] : !llvm.struct<(f32, f32, f32, f32)>
      %d1 = llvm.extractvalue %d[1] : !llvm.struct<(f32, f32, f32, f32)>
      %d2 = llvm.extractvalue %d[2] : !llvm.struct<(f32, f32, f32, f32)>
      %d3 = llvm.extractvalue %d[3] : !llvm.struct<(f32, f32, f32, f32)>
      memref.store %d0, %out[%g, %k] : memref<16x8xf32>
      memref.store %d1, %out[%g, %k1] : memref<16x8xf32>
      memref.store %d2, %out[%g8, %k] : memref<16x8xf32>
      memref.store %d3, %out[%g8, %k1] : memref<16x8xf32>
      gpu.return
    }
  }
}
