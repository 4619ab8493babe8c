# RUN: %python %s %t
"""The nvgpu dialect in a kernel: an asynchronous copy, ldmatrix and mma.sync, lowered by
the pipeline to the instructions of emulated.py."""

import os
import subprocess
import sys

import numpy as np

MODULE = """
!shared = memref<16x16xf16, #gpu.address_space<workgroup>>
module attributes {gpu.container_module} {
  gpu.module @tiles {
    gpu.func @product(%in: memref<16x16xf16>, %out: memref<32x4xf32>)
        workgroup(%tile: !shared {llvm.align = 16 : i64}) kernel {
      %lane = gpu.thread_id x
      %c0 = arith.constant 0 : index
      %c2 = arith.constant 2 : index
      %c8 = arith.constant 8 : index
      %c16 = arith.constant 16 : index
      // Lane l copies half a row and gives the address of another.
      %row = arith.divui %lane, %c2 : index
      %odd = arith.remui %lane, %c2 : index
      %column = arith.muli %odd, %c8 : index
      %copy = nvgpu.device_async_copy %in[%row, %column], %tile[%row, %column], 8 : memref<16x16xf16> to !shared
      %group = nvgpu.device_async_create_group %copy
      nvgpu.device_async_wait %group {numGroups = 0 : i32}
      gpu.barrier
      %r = arith.remui %lane, %c16 : index
      %right = arith.divui %lane, %c16 : index
      %c = arith.muli %right, %c8 : index
      %a = nvgpu.ldmatrix %tile[%r, %c] {numTiles = 4 : i32, transpose = false} : !shared -> vector<4x2xf16>
      // The left half once more as B: column n of B is row n of the tile.
      %a0 = vector.extract %a[0] : vector<2xf16> from vector<4x2xf16>
      %a1 = vector.extract %a[1] : vector<2xf16> from vector<4x2xf16>
      %zero = arith.constant dense<0.0> : vector<2x2xf16>
      %half = vector.insert %a0, %zero[0] : vector<2xf16> into vector<2x2xf16>
      %b = vector.insert %a1, %half[1] : vector<2xf16> into vector<2x2xf16>
      %sum = arith.constant dense<0.0> : vector<2x2xf32>
      %d = nvgpu.mma.sync (%a, %b, %sum) {mmaShape = [16, 8, 16]}
          : (vector<4x2xf16>, vector<2x2xf16>, vector<2x2xf32>) -> vector<2x2xf32>
      %d0 = vector.extract %d[0] : vector<2xf32> from vector<2x2xf32>
      %d1 = vector.extract %d[1] : vector<2xf32> from vector<2x2xf32>
      vector.store %d0, %out[%lane, %c0] : memref<32x4xf32>, vector<2xf32>
      vector.store %d1, %out[%lane, %c2] : memref<32x4xf32>, vector<2xf32>
      gpu.return
    }
  }
  func.func @main(%in: tensor<16x16xf16>) -> tensor<32x4xf32> {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    %source = bufferization.to_buffer %in : tensor<16x16xf16> to memref<16x16xf16>
    %target = memref.alloc() : memref<32x4xf32>
    gpu.launch_func @tiles::@product blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%source : memref<16x16xf16>, %target : memref<32x4xf32>)
    %out = bufferization.to_tensor %target restrict : memref<32x4xf32> to tensor<32x4xf32>
    return %out : tensor<32x4xf32>
  }
}
"""


def main(folder):
    os.makedirs(folder, exist_ok=True)
    path = lambda name: os.path.join(folder, name)
    with open(path("product.mlir"), "w") as file:
        file.write(MODULE)
    a = np.random.default_rng(1).integers(-4, 5, (16, 16)).astype(np.float16)
    # Registers 0 and 1 hold rows 0 to 7 and 8 to 15 of the left half: k 0 to 7 and 8 to 15 of B.
    b = np.concatenate([a[:8, :8].T, a[8:, :8].T])
    product = a.astype(np.float32) @ b.astype(np.float32)
    fragments = np.zeros((32, 4), np.float32)
    for row in range(16):
        for column in range(8):
            fragments[row % 8 * 4 + column // 2, row // 8 * 2 + column % 2] = product[row, column]
    np.save(path("in.npy"), a)
    np.save(path("expected.npy"), fragments)
    command = ["posenc-run", path("product.mlir"), "--target=emulate:sm_80", "--in=" + path("in.npy"),
               "--expect=" + path("expected.npy"), "--rtol=0", "--atol=0"]
    done = subprocess.run(command, capture_output=True, text=True)
    print(done.stdout + done.stderr)
    return done.returncode or bool(done.stderr)


sys.exit(main(sys.argv[1]))
