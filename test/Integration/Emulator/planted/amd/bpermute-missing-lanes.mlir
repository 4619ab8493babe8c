// RUN: %python -m posenc_testing.planted %s
// Lanes read from others that are in the other branch.
// CHIPS: gfx90a gfx942 gfx1100 gfx1201
// IN: np.arange(64, dtype=np.float32)
// OUT: np.where(np.arange(64) % 2, a0[np.arange(64) ^ 1], 0).astype(np.float32)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@bpermute_missing_lanes blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @bpermute_missing_lanes(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %k0 = arith.constant 0 : index
      %k2 = arith.constant 2 : index
      %zero = arith.constant 0.0 : f32
      %c1 = arith.constant 1 : i32
      %c4 = arith.constant 4 : i32
      %i = arith.index_cast %t : index to i32
      %partner = arith.xori %i, %c1 : i32
      %address = arith.muli %partner, %c4 : i32
      %half = arith.remui %t, %k2 : index
      %odd = arith.cmpi ne, %half, %k0 : index
      %x = memref.load %a[%t] : memref<64xf32>
      %bits = arith.bitcast %x : f32 to i32
      %all = rocdl.ds_bpermute %address, %bits : (i32, i32) -> i32 // FIX
      %y = scf.if %odd -> f32 {
        %all = rocdl.ds_bpermute %address, %bits : (i32, i32) -> i32 // BUG ERROR: lanes missing from rocdl.ds_bpermute
        %z = arith.bitcast %all : i32 to f32
        scf.yield %z : f32
      } else {
        scf.yield %zero : f32
      }
      memref.store %y, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
