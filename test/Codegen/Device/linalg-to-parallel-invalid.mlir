// RUN: posenc-opt %s --posenc-linalg-to-parallel -verify-diagnostics

func.func @negative_tensors(%v: f32, %y: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'linalg.fill' op expected operands in memory but got tensors}}
  %r = linalg.fill ins(%v : f32) outs(%y : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
