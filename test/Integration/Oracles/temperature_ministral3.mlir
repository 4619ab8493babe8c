// Ministral-3's temperature: as Llama-4's, but positions count from 0.
// FIXTURE: transformers_ministral3_temperature
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x21x8xf32>, %positions: tensor<1x21xi64>) -> tensor<1x2x21x8xf32> {
  %t = posenc.temperature %positions ministral alpha 0.1 length 4.0 : tensor<1x21xi64> -> tensor<1x21xf32>
  %out = posenc.row_scale %q by(%t) : tensor<1x2x21x8xf32>, tensor<1x21xf32>
  return %out : tensor<1x2x21x8xf32>
}
