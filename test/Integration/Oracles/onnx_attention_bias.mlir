// ONNX Attention: an additive mask over heads, queries and keys; grouped heads.
// FIXTURE: onnx_attention_bias
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x4x9x8xf32>
!k = tensor<1x2x17x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k, %bias: tensor<1x4x9x17xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %r = posenc.bias_dense %s, %bias[%b, %h, %m, %n] : tensor<1x4x9x17xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
