// ONNX Attention: the cap stands before the mask.
// FIXTURE: onnx_attention_softcap
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x4x9x8xf32>
!k = tensor<1x2x17x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k, %bias: tensor<1x1x9x17xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %zero = arith.constant 0 : index
    %x = posenc.softcap %s cap(1.5)
    %r = posenc.bias_dense %x, %bias[%b, %zero, %m, %n] : tensor<1x1x9x17xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
