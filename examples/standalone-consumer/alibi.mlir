// Causal attention with ALiBi slopes, and a T5 bias that expand-buckets turns into a table over distances.
func.func @main(%q: tensor<1x8x?x64xf32>, %k: tensor<1x8x?x64xf32>, %v: tensor<1x8x?x64xf32>,
                %slopes: tensor<8xf32>, %table: tensor<32x8xf32>,
                %init: tensor<1x8x?x64xf32>) -> tensor<1x8x?x64xf32> {
  %o = posenc.attention scale(0.125)
      ins(%q, %k, %v : tensor<1x8x?x64xf32>, tensor<1x8x?x64xf32>, tensor<1x8x?x64xf32>)
      outs(%init : tensor<1x8x?x64xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<8xf32>, index
    %2 = posenc.bias_table %1, %table[%h] at(%i, %j)
        bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = false> : tensor<32x8xf32>
    %3 = posenc.mask %2 at(%i, %j) <causal>
    posenc.yield %3 : f32
  }
  return %o : tensor<1x8x?x64xf32>
}
