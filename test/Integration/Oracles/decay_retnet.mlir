// RetNet (Sun et al. 2023): scores times gamma^(i - j), no softmax. Not an attention of this dialect; its decay is.
// FIXTURE: fla_retention
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x3x13x8xf32>, %k: tensor<1x3x13x8xf32>, %v: tensor<1x3x13x8xf32>) -> tensor<1x3x13x8xf32> {
  %kt_made = tensor.empty() : tensor<3x8x13xf32>
  %q3 = tensor.collapse_shape %q [[0, 1], [2], [3]] : tensor<1x3x13x8xf32> into tensor<3x13x8xf32>
  %k3 = tensor.collapse_shape %k [[0, 1], [2], [3]] : tensor<1x3x13x8xf32> into tensor<3x13x8xf32>
  %v3 = tensor.collapse_shape %v [[0, 1], [2], [3]] : tensor<1x3x13x8xf32> into tensor<3x13x8xf32>
  %kt = linalg.transpose ins(%k3 : tensor<3x13x8xf32>) outs(%kt_made : tensor<3x8x13xf32>) permutation = [0, 2, 1]
  %zero = arith.constant 0.0 : f32
  %s_made = tensor.empty() : tensor<3x13x13xf32>
  %s_start = linalg.fill ins(%zero : f32) outs(%s_made : tensor<3x13x13xf32>) -> tensor<3x13x13xf32>
  %qk = linalg.batch_matmul ins(%q3, %kt : tensor<3x13x8xf32>, tensor<3x8x13xf32>) outs(%s_start : tensor<3x13x13xf32>) -> tensor<3x13x13xf32>
  // ln(1 - 2^(-5 - h)) beside the factor 1 / sqrt(d)
  %gamma = arith.constant dense<[[0.353553385, 0.353553385, 0.353553385], [-0.0317486972, -0.0157483574, -0.00784317777]]> : tensor<2x3xf32>
  %init = tensor.empty() : tensor<1x3x13x13xf32>
  %p = posenc.score_map outs(%init : tensor<1x3x13x13xf32>) score(%z, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %s = tensor.extract %qk[%h, %m, %n] : tensor<3x13x13xf32>
    %x = posenc.bias_fn %s, %gamma[%h] at(%i, %j) exponential q_minus_k multiply : tensor<2x3xf32>, index
    %future = arith.cmpi slt, %i, %j : index
    %r = arith.select %future, %z, %x : f32
    posenc.yield %r : f32
  }
  %p3 = tensor.collapse_shape %p [[0, 1], [2], [3]] : tensor<1x3x13x13xf32> into tensor<3x13x13xf32>
  %o_made = tensor.empty() : tensor<3x13x8xf32>
  %o_start = linalg.fill ins(%zero : f32) outs(%o_made : tensor<3x13x8xf32>) -> tensor<3x13x8xf32>
  %o3 = linalg.batch_matmul ins(%p3, %v3 : tensor<3x13x13xf32>, tensor<3x13x8xf32>) outs(%o_start : tensor<3x13x8xf32>) -> tensor<3x13x8xf32>
  %out = tensor.expand_shape %o3 [[0, 1], [2], [3]] output_shape [1, 3, 13, 8] : tensor<3x13x8xf32> into tensor<1x3x13x8xf32>
  return %out : tensor<1x3x13x8xf32>
}
