// TOSA ops that are loops become scf before the rest becomes linalg, which takes no others.
// RUN: posenc-opt %s --posenc-cpu-pipeline | FileCheck %s
// RUN: posenc-opt %s --posenc-nvvm-pipeline="chip=sm_80" | FileCheck %s --check-prefixes=CHECK,GPU
// RUN: posenc-opt %s --posenc-rocdl-pipeline="chip=gfx942" | FileCheck %s --check-prefixes=CHECK,GPU
// RUN: posenc-run %models/beit_attention/tosa.mlir --in %models/beit_attention/in0.npy --expect %models/beit_attention/out0.npy

// CHECK-LABEL: llvm.func @scatter(
// CHECK-NOT: tosa.
// GPU: gpu.binary
func.func @scatter(%values: tensor<1x8x4xf32>, %rows: tensor<1x3xi32>, %input: tensor<1x3x4xf32>) -> tensor<1x8x4xf32> {
  %0 = tosa.scatter %values, %rows, %input : (tensor<1x8x4xf32>, tensor<1x3xi32>, tensor<1x3x4xf32>) -> tensor<1x8x4xf32>
  return %0 : tensor<1x8x4xf32>
}
