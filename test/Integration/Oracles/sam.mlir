// SAM (Kirillov et al. 2023), MViTv2's decomposed form: the unscaled query times a row by rows and a row by columns.
// FIXTURE: transformers_sam
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x16x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %rows: tensor<7x8xf32>, %columns: tensor<7x8xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %four = arith.constant 4 : index
    %yi = arith.divui %i, %four : index
    %xi = arith.remui %i, %four : index
    %yj = arith.divui %j, %four : index
    %xj = arith.remui %j, %four : index
    %1 = posenc.rel_dot %s, %q[%b, %h, %m], %rows at(%yi, %yj)
        bucket <clip, q_minus_k, left = 3, right = 3> : !q, tensor<7x8xf32>
    %r = posenc.rel_dot %1, %q[%b, %h, %m], %columns at(%xi, %xj)
        bucket <clip, q_minus_k, left = 3, right = 3> : !q, tensor<7x8xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
