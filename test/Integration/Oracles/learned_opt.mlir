// OPT's learned positions: real tokens count from 2; padding has position 1.
// FIXTURE: transformers_opt
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%present: tensor<2x9xi64>, %table: tensor<18x8xf32>) -> tensor<2x9x8xf32> {
  %p = posenc.mask_positions %present offset 2 : tensor<2x9xi64> -> tensor<2x9xi64>
  %out = posenc.lookup %table[%p] assert : tensor<18x8xf32>, tensor<2x9xi64> -> tensor<2x9x8xf32>
  return %out : tensor<2x9x8xf32>
}
