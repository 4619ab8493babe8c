// RUN: %python -m posenc_testing.planted %s
// The distance between lanes is a number that no integer holds.
// CHIPS: gfx942 gfx1100
// IN: np.arange(64, dtype=np.float32)
// OUT: a0.reshape(-1, 2)[:, ::-1].ravel()
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@poison_instruction blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @poison_instruction(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %x = memref.load %a[%t] : memref<64xf32>
      %large = arith.constant 1.0e+18 : f32 // BUG
      %large = arith.constant 1.0 : f32 // FIX
      %zero = arith.constant 0.0 : f32
      %none = arith.mulf %x, %zero : f32
      %s = arith.addf %none, %large : f32
      %i = arith.fptosi %s : f32 to i32
      %xi = arith.fptosi %x : f32 to i32
      %ti = arith.index_cast %t : index to i32
      %four = arith.constant 4 : i32
      %lane4 = arith.muli %ti, %four : i32
      %flip = arith.muli %i, %four : i32
      %from = arith.xori %lane4, %flip : i32
      %z = rocdl.ds_bpermute %from, %xi : (i32, i32) -> i32 // ERROR: poison reaches an instruction
      %y = arith.sitofp %z : i32 to f32
      memref.store %y, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
