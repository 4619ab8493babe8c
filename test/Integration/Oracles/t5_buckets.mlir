// The rows that T5's buckets choose, read from tables whose elements are their own numbers: distances up to 300 and
// a few up to 2^20. The library's relative position is key minus query, so a distance as the query's position and 0 as the
// key's are q_minus_k here.
// FIXTURE: transformers_t5_buckets
// RESULTS: bidirectional causal umt5
// RUN: %python -m posenc_testing.against_oracle %s
#id = affine_map<(d0) -> (d0)>
func.func @main(%distance: tensor<605xi64>) -> (tensor<605xi64>, tensor<605xi64>, tensor<605xi64>) {
  %iota0 = tensor.empty() : tensor<32xf32>
  %table0 = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%iota0 : tensor<32xf32>) {
  ^bb0(%o: f32):
    %x = linalg.index 0 : index
    %i = arith.index_cast %x : index to i64
    %f = arith.sitofp %i : i64 to f32
    linalg.yield %f : f32
  } -> tensor<32xf32>
  %init0 = tensor.empty() : tensor<1x1x605x1xf32>
  %map0 = posenc.score_map outs(%init0 : tensor<1x1x605x1xf32>) positions(q = %distance : tensor<605xi64>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %table0 at(%i, %j)
        bucket <t5, q_minus_k, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32xf32>
    posenc.yield %r : f32
  }
  %flat0 = tensor.collapse_shape %map0 [[0, 1, 2, 3]] : tensor<1x1x605x1xf32> into tensor<605xf32>
  %made0 = tensor.empty() : tensor<605xi64>
  %bidirectional = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%flat0 : tensor<605xf32>) outs(%made0 : tensor<605xi64>) {
  ^bb0(%x: f32, %o: i64):
    %i = arith.fptosi %x : f32 to i64
    linalg.yield %i : i64
  } -> tensor<605xi64>
  %iota1 = tensor.empty() : tensor<32xf32>
  %table1 = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%iota1 : tensor<32xf32>) {
  ^bb0(%o: f32):
    %x = linalg.index 0 : index
    %i = arith.index_cast %x : index to i64
    %f = arith.sitofp %i : i64 to f32
    linalg.yield %f : f32
  } -> tensor<32xf32>
  %init1 = tensor.empty() : tensor<1x1x605x1xf32>
  %map1 = posenc.score_map outs(%init1 : tensor<1x1x605x1xf32>) positions(q = %distance : tensor<605xi64>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %table1 at(%i, %j)
        bucket <t5, q_minus_k, num_buckets = 32, max_distance = 128, bidirectional = false> : tensor<32xf32>
    posenc.yield %r : f32
  }
  %flat1 = tensor.collapse_shape %map1 [[0, 1, 2, 3]] : tensor<1x1x605x1xf32> into tensor<605xf32>
  %made1 = tensor.empty() : tensor<605xi64>
  %causal = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%flat1 : tensor<605xf32>) outs(%made1 : tensor<605xi64>) {
  ^bb0(%x: f32, %o: i64):
    %i = arith.fptosi %x : f32 to i64
    linalg.yield %i : i64
  } -> tensor<605xi64>
  %iota2 = tensor.empty() : tensor<64xf32>
  %table2 = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%iota2 : tensor<64xf32>) {
  ^bb0(%o: f32):
    %x = linalg.index 0 : index
    %i = arith.index_cast %x : index to i64
    %f = arith.sitofp %i : i64 to f32
    linalg.yield %f : f32
  } -> tensor<64xf32>
  %init2 = tensor.empty() : tensor<1x1x605x1xf32>
  %map2 = posenc.score_map outs(%init2 : tensor<1x1x605x1xf32>) positions(q = %distance : tensor<605xi64>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %table2 at(%i, %j)
        bucket <t5, q_minus_k, num_buckets = 64, max_distance = 256, bidirectional = true> : tensor<64xf32>
    posenc.yield %r : f32
  }
  %flat2 = tensor.collapse_shape %map2 [[0, 1, 2, 3]] : tensor<1x1x605x1xf32> into tensor<605xf32>
  %made2 = tensor.empty() : tensor<605xi64>
  %umt5 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%flat2 : tensor<605xf32>) outs(%made2 : tensor<605xi64>) {
  ^bb0(%x: f32, %o: i64):
    %i = arith.fptosi %x : f32 to i64
    linalg.yield %i : i64
  } -> tensor<605xi64>
  return %bidirectional, %causal, %umt5 : tensor<605xi64>, tensor<605xi64>, tensor<605xi64>
}
