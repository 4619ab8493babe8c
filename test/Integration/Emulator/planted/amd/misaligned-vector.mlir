// RUN: %python -m posenc_testing.planted %s
// Four words at once from LDS, at an address that only fits one.
// CHIPS: gfx90a gfx942 gfx1100 gfx1201
// IN: np.arange(256, dtype=np.float32)
// OUT: a0
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<256xf32>) -> tensor<256xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<256xf32> to memref<256xf32>
    %out = memref.alloc() : memref<256xf32>
    gpu.launch_func @planted::@misaligned_vector blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<256xf32>, %out : memref<256xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<256xf32> to tensor<256xf32>
    return %out_t : tensor<256xf32>
  }
  gpu.module @planted {
    gpu.func @misaligned_vector(%a: memref<256xf32>, %out: memref<256xf32>)
        workgroup(%s: memref<260xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %k1 = arith.constant 1 : index // BUG
      %k1 = arith.constant 0 : index // FIX
      %k4 = arith.constant 4 : index
      %o = arith.muli %t, %k4 : index
      %shifted = arith.addi %o, %k1 : index
      %x = vector.load %a[%o] : memref<256xf32>, vector<4xf32>
      vector.store %x, %s[%shifted] {alignment = 16} : memref<260xf32, #gpu.address_space<workgroup>>, vector<4xf32> // ERROR: misaligned access
      %y = vector.load %s[%shifted] {alignment = 16} : memref<260xf32, #gpu.address_space<workgroup>>, vector<4xf32>
      vector.store %y, %out[%o] : memref<256xf32>, vector<4xf32>
      gpu.return
    }
  }
}
