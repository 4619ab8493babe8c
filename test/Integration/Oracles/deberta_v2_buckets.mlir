// The rows that DeBERTa's buckets choose, with transformers' clamp of the row, not of the distance.
// FIXTURE: transformers_deberta_v2_buckets
// RESULTS: rows small
// RUN: %python -m posenc_testing.against_oracle %s
#id = affine_map<(d0) -> (d0)>
func.func @main(%distance: tensor<1205xi64>) -> (tensor<1205xi64>, tensor<1205xi64>) {
  %iota0 = tensor.empty() : tensor<512xf32>
  %table0 = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%iota0 : tensor<512xf32>) {
  ^bb0(%o: f32):
    %x = linalg.index 0 : index
    %i = arith.index_cast %x : index to i64
    %f = arith.sitofp %i : i64 to f32
    linalg.yield %f : f32
  } -> tensor<512xf32>
  %init0 = tensor.empty() : tensor<1x1x1205x1xf32>
  %map0 = posenc.score_map outs(%init0 : tensor<1x1x1205x1xf32>) positions(q = %distance : tensor<1205xi64>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %table0 at(%i, %j)
        bucket <deberta, q_minus_k, size = 256, max = 512, rule = huggingface> : tensor<512xf32>
    posenc.yield %r : f32
  }
  %flat0 = tensor.collapse_shape %map0 [[0, 1, 2, 3]] : tensor<1x1x1205x1xf32> into tensor<1205xf32>
  %made0 = tensor.empty() : tensor<1205xi64>
  %rows = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%flat0 : tensor<1205xf32>) outs(%made0 : tensor<1205xi64>) {
  ^bb0(%x: f32, %o: i64):
    %i = arith.fptosi %x : f32 to i64
    linalg.yield %i : i64
  } -> tensor<1205xi64>
  %iota1 = tensor.empty() : tensor<64xf32>
  %table1 = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%iota1 : tensor<64xf32>) {
  ^bb0(%o: f32):
    %x = linalg.index 0 : index
    %i = arith.index_cast %x : index to i64
    %f = arith.sitofp %i : i64 to f32
    linalg.yield %f : f32
  } -> tensor<64xf32>
  %init1 = tensor.empty() : tensor<1x1x1205x1xf32>
  %map1 = posenc.score_map outs(%init1 : tensor<1x1x1205x1xf32>) positions(q = %distance : tensor<1205xi64>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %table1 at(%i, %j)
        bucket <deberta, q_minus_k, size = 32, max = 128, rule = huggingface> : tensor<64xf32>
    posenc.yield %r : f32
  }
  %flat1 = tensor.collapse_shape %map1 [[0, 1, 2, 3]] : tensor<1x1x1205x1xf32> into tensor<1205xf32>
  %made1 = tensor.empty() : tensor<1205xi64>
  %small = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%flat1 : tensor<1205xf32>) outs(%made1 : tensor<1205xi64>) {
  ^bb0(%x: f32, %o: i64):
    %i = arith.fptosi %x : f32 to i64
    linalg.yield %i : i64
  } -> tensor<1205xi64>
  return %rows, %small : tensor<1205xi64>, tensor<1205xi64>
}
