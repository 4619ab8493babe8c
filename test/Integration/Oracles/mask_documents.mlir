// Documents of 5, 3 and 8 tokens in one sequence, causal inside each.
// FIXTURE: gym_documents
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x16x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %ids: tensor<16xi64>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %hidden = arith.constant 0xFF800000 : f32
    %a = tensor.extract %ids[%m] : tensor<16xi64>
    %c = tensor.extract %ids[%n] : tensor<16xi64>
    %same = arith.cmpi eq, %a, %c : i64
    %x = arith.select %same, %s, %hidden : f32
    %r = posenc.mask %x at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
