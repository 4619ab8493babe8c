// GPT-2 (Radford et al. 2019): embeddings of tokens and of positions, added.
// FIXTURE: transformers_gpt2
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%x: tensor<2x9x8xf32>, %table: tensor<16x8xf32>) -> tensor<2x9x8xf32> {
  %p = posenc.positions : tensor<9xi64>
  %e = posenc.lookup %table[%p] assert : tensor<16x8xf32>, tensor<9xi64> -> tensor<9x8xf32>
  %made = tensor.empty() : tensor<2x9x8xf32>
  %all = linalg.broadcast ins(%e : tensor<9x8xf32>) outs(%made : tensor<2x9x8xf32>) dimensions = [0]
  %out = linalg.add ins(%x, %all : tensor<2x9x8xf32>, tensor<2x9x8xf32>) outs(%made : tensor<2x9x8xf32>) -> tensor<2x9x8xf32>
  return %out : tensor<2x9x8xf32>
}
