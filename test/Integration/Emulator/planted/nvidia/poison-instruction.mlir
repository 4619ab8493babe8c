// RUN: %python -m posenc_testing.planted %s
// The distance between lanes is a number that no integer holds.
// CHIPS: sm_80 sm_90a
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
      %mask = arith.constant -1 : i32
      %clamp = arith.constant 31 : i32
      %z = nvvm.shfl.sync bfly %mask, %xi, %i, %clamp : i32 -> i32 // ERROR: poison reaches an instruction
      %y = arith.sitofp %z : i32 to f32
      memref.store %y, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
