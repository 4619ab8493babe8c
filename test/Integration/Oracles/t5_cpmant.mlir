// CPM-Ant: T5's buckets inside a segment, one row per pair of segments across; the bias alone.
// FIXTURE: transformers_cpmant
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%segments: tensor<1x20xi64>, %table: tensor<41x2xf32>) -> tensor<1x2x20x20xf32> {
  %within = tensor.extract_slice %table[0, 0] [32, 2] [1, 1] : tensor<41x2xf32> to tensor<32x2xf32>
  %across = tensor.extract_slice %table[32, 0] [9, 2] [1, 1] : tensor<41x2xf32> to tensor<9x2xf32>
  %init = tensor.empty() : tensor<1x2x20x20xf32>
  %out = posenc.score_map outs(%init : tensor<1x2x20x20xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %three = arith.constant 3 : i64
    %zero = arith.constant 0 : index
    %sm = tensor.extract %segments[%b, %m] : tensor<1x20xi64>
    %sn = tensor.extract %segments[%b, %n] : tensor<1x20xi64>
    %base = arith.muli %sm, %three : i64
    %pair = arith.addi %base, %sn : i64
    %row = arith.index_cast %pair : i64 to index
    %same = arith.cmpi eq, %sm, %sn : i64
    %x = posenc.bias_table %s, %within[%h] at(%i, %j)
        bucket <t5, k_minus_q, num_buckets = 32, max_distance = 64, bidirectional = true> : tensor<32x2xf32>
    %y = posenc.bias_table %s, %across[%h] at(%row, %zero) bucket <identity, q_minus_k, extent = 9> : tensor<9x2xf32>
    %r = arith.select %same, %x, %y : f32
    posenc.yield %r : f32
  }
  return %out : tensor<1x2x20x20xf32>
}
