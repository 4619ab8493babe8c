// ONNX Runtime's GroupQueryAttention: cap, bias, causal mask and sinks in one.
// FIXTURE: onnx_group_query_attention
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x4x11x8xf32>
!k = tensor<1x2x11x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k, %bias: tensor<1x4x11x11xf32>, %sinks: tensor<4xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) sinks(%sinks : tensor<4xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.softcap %s cap(2.0)
    %y = posenc.bias_dense %x, %bias[%b, %h, %m, %n] : tensor<1x4x11x11xf32>
    %r = posenc.mask %y at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
