// LayoutLMv3 (Huang et al. 2022): one table by the order of tokens and two by the coordinates of their boxes, all inside
// the scaling 1/sqrt(d). The boxes' distances come from captured tensors, not from positions.
// FIXTURE: transformers_layoutlmv3
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x15x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q,
                %x: tensor<1x15xi64>, %y: tensor<1x15xi64>, %table: tensor<32x2xf32>, %table_x: tensor<64x2xf32>, %table_y: tensor<64x2xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %sigma = arith.constant 0.353553385 : f32
    %xm = tensor.extract %x[%b, %m] : tensor<1x15xi64>
    %xn = tensor.extract %x[%b, %n] : tensor<1x15xi64>
    %ym = tensor.extract %y[%b, %m] : tensor<1x15xi64>
    %yn = tensor.extract %y[%b, %n] : tensor<1x15xi64>
    %xi = arith.index_cast %xm : i64 to index
    %xj = arith.index_cast %xn : i64 to index
    %yi = arith.index_cast %ym : i64 to index
    %yj = arith.index_cast %yn : i64 to index
    %1 = posenc.bias_table %s, %table[%h] at(%i, %j)
        bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> weight(%sigma) : tensor<32x2xf32>
    %2 = posenc.bias_table %1, %table_x[%h] at(%xi, %xj)
        bucket <t5, k_minus_q, num_buckets = 64, max_distance = 256, bidirectional = true> weight(%sigma) : tensor<64x2xf32>
    %r = posenc.bias_table %2, %table_y[%h] at(%yi, %yj)
        bucket <t5, k_minus_q, num_buckets = 64, max_distance = 256, bidirectional = true> weight(%sigma) : tensor<64x2xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
