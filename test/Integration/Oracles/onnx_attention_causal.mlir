// ONNX Attention with is_causal.
// FIXTURE: onnx_attention_causal
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x4x13x8xf32>
!k = tensor<1x2x13x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
