// XLNet with 6 tokens of memory, and its product by segments: one row if two tokens share theirs, another if not.
// FIXTURE: transformers_xlnet_memory
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x9x8xf32>
!k = tensor<1x2x15x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k,
                %table: tensor<24x2x8xf32>, %u: tensor<2x8xf32>, %w: tensor<2x8xf32>, %ids: tensor<15xi64>, %segment_bias: tensor<2x8xf32>, %segment_table: tensor<2x2x8xf32>) -> !q {
  %off = arith.constant 6 : index
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) offsets(q = %off)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %sigma = arith.constant 0.353553385 : f32
    %1 = posenc.bias_lowrank %s, %u[%h], %k[%b, %h, %n] weight(%sigma) : tensor<2x8xf32>, !k
    %2 = posenc.rel_dot %1, %q[%b, %h, %m], %table[%h] at(%i, %j)
        bucket <clip, q_minus_k, left = 8, right = 15> bias(%w[%h]) weight(%sigma) : !q, tensor<24x2x8xf32>, tensor<2x8xf32>
    %memory = arith.constant 6 : index
    %mi = arith.addi %m, %memory : index
    %a = tensor.extract %ids[%mi] : tensor<15xi64>
    %c = tensor.extract %ids[%n] : tensor<15xi64>
    %differ = arith.cmpi ne, %a, %c : i64
    %row = arith.index_castui %differ : i1 to index
    %r = posenc.rel_dot %2, %q[%b, %h, %m], %segment_table[%h] row(%row) bias(%segment_bias[%h]) weight(%sigma)
        : !q, tensor<2x2x8xf32>, tensor<2x8xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
