// RUN: %python -m posenc_testing.planted %s
// An index comes from the undefined half of what gfx11's wmma gives.
// CHIPS: gfx1100
// IN: np.ones(16, np.float16)
// OUT: np.full(32, 16, np.float32)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<16xf16>) -> tensor<32xf32> {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<16xf16> to memref<16xf16>
    %out = memref.alloc() : memref<32xf32>
    gpu.launch_func @planted::@poison_address blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%a : memref<16xf16>, %out : memref<32xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<32xf32> to tensor<32xf32>
    return %out_t : tensor<32xf32>
  }
  gpu.module @planted {
    gpu.func @poison_address(%a: memref<16xf16>, %out: memref<32xf32>) kernel {
      %t = gpu.thread_id x
      %k0 = arith.constant 0 : index
      %f = vector.load %a[%k0] : memref<16xf16>, vector<16xf16>
      %z = arith.constant dense<0.0> : vector<16xf16>
      %d = amdgpu.wmma 16x16x16 %f * %f + %z : vector<16xf16>, vector<16xf16>, vector<16xf16>
      %e = vector.extract %d[1] : f16 from vector<16xf16> // BUG
      %e = vector.extract %d[2] : f16 from vector<16xf16> // FIX
      %sixteen = arith.constant 16.0 : f16
      %more = arith.subf %e, %sixteen : f16
      %number = arith.bitcast %more : f16 to i16
      %c31 = arith.constant 31 : i16
      %low = arith.andi %number, %c31 : i16
      %offset = arith.index_castui %low : i16 to index
      %to = arith.addi %offset, %t : index
      %y = arith.constant 16.0 : f32
      memref.store %y, %out[%to] : memref<32xf32> // ERROR: poison reaches an address
      gpu.return
    }
  }
}
