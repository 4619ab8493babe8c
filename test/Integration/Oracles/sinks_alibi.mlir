// x-transformers' learned sink beside ALiBi. With a sink the bias must be relative: a constant per row no longer cancels.
// FIXTURE: x_transformers_sinks
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x13x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %slopes: tensor<2xf32>, %sinks: tensor<2xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) sinks(%sinks : tensor<2xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<2xf32>, index
    %r = posenc.mask %x at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
