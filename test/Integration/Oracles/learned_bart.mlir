// BART's learned positions: an offset of 2, and 3 tokens in the past.
// FIXTURE: transformers_bart
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%table: tensor<18x8xf32>) -> tensor<7x8xf32> {
  %past = arith.constant 5 : index
  %p = posenc.positions offset(%past) : tensor<7xi64>
  %out = posenc.lookup %table[%p] assert : tensor<18x8xf32>, tensor<7xi64> -> tensor<7x8xf32>
  return %out : tensor<7x8xf32>
}
