// RUN: %python -m posenc_testing.planted %s
// The buffer resource claims one element more than the buffer has.
// CHIPS: gfx90a gfx942 gfx1100 gfx1201
// IN: np.arange(100, dtype=np.float32)
// OUT: np.concatenate([a0, np.zeros(28, np.float32)])
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<100xf32>) -> tensor<128xf32> {
    %c1 = arith.constant 1 : index
    %c128 = arith.constant 128 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<100xf32> to memref<100xf32>
    %out = memref.alloc() : memref<128xf32>
    gpu.launch_func @planted::@buffer_records blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
        args(%a : memref<100xf32>, %out : memref<128xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<128xf32> to tensor<128xf32>
    return %out_t : tensor<128xf32>
  }
  gpu.module @planted {
    gpu.func @buffer_records(%a: memref<100xf32>, %out: memref<128xf32>) kernel {
      %t = gpu.thread_id x
      %i = arith.index_cast %t : index to i32
      %c4 = arith.constant 4 : i32
      %c0 = arith.constant 0 : i32
      %stride = arith.constant 0 : i16
      %flags = arith.constant 159744 : i32
      %records = arith.constant 404 : i64 // BUG
      %records = arith.constant 400 : i64 // FIX
      %address = memref.extract_aligned_pointer_as_index %a : memref<100xf32> -> index
      %number = arith.index_cast %address : index to i64
      %pointer = llvm.inttoptr %number : i64 to !llvm.ptr<1>
      %resource = rocdl.make.buffer.rsrc %pointer, %stride, %records, %flags : !llvm.ptr<1> to <8>
      %offset = arith.muli %i, %c4 : i32
      %x = rocdl.raw.ptr.buffer.load %resource, %offset, %c0, %c0 : f32 // ERROR: out-of-bounds read of global memory
      memref.store %x, %out[%t] : memref<128xf32>
      gpu.return
    }
  }
}
