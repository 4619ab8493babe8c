// x-transformers' learned positions: counted from a start per sequence, times 1/sqrt(d).
// FIXTURE: x_transformers_absolute
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%table: tensor<16x8xf32>, %start: tensor<2xi64>) -> tensor<2x9x8xf32> {
  %made = tensor.empty() : tensor<2x9xi64>
  %p = linalg.generic {indexing_maps = [affine_map<(b, t) -> (b)>, affine_map<(b, t) -> (b, t)>],
      iterator_types = ["parallel", "parallel"]} ins(%start : tensor<2xi64>) outs(%made : tensor<2x9xi64>) {
  ^bb0(%first: i64, %o: i64):
    %zero = arith.constant 0 : i64
    %t = linalg.index 1 : index
    %i = arith.index_cast %t : index to i64
    %d = arith.subi %i, %first : i64
    %x = arith.maxsi %d, %zero : i64
    linalg.yield %x : i64
  } -> tensor<2x9xi64>
  %sigma = arith.constant dense<0.353553385> : tensor<9xf32>
  %e = posenc.lookup %table[%p] assert : tensor<16x8xf32>, tensor<2x9xi64> -> tensor<2x9x8xf32>
  %out = posenc.row_scale %e by(%sigma) : tensor<2x9x8xf32>, tensor<9xf32>
  return %out : tensor<2x9x8xf32>
}
