// Causal attention with ALiBi slopes, for any batch and length.
func.func @alibi(%q: tensor<?x4x?x32xf32>, %k: tensor<?x4x?x32xf32>, %v: tensor<?x4x?x32xf32>,
                 %slopes: tensor<4xf32>) -> tensor<?x4x?x32xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : tensor<?x4x?x32xf32>
  %length = tensor.dim %q, %c2 : tensor<?x4x?x32xf32>
  %init = tensor.empty(%batch, %length) : tensor<?x4x?x32xf32>
  %o = posenc.attention scale(0.176776695)
      ins(%q, %k, %v : tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>)
      outs(%init : tensor<?x4x?x32xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<4xf32>, index
    %2 = posenc.mask %1 at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<?x4x?x32xf32>
}
