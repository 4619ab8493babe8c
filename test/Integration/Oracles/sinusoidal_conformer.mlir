// Wav2Vec2-Conformer's relative positions: sines and cosines in turns (Vaswani et al. 2017).
// FIXTURE: transformers_wav2vec2_conformer_sinusoids
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%positions: tensor<21xi64>) -> tensor<21x16xf32> {
  %w = posenc.inv_freq <default, dim = 16> : tensor<8xf32>
  %a = posenc.angles %positions by(%w) : tensor<21xi64>, tensor<8xf32> -> tensor<21x8xf32>
  %out = posenc.sincos %a interleaved : tensor<21x8xf32> -> tensor<21x16xf32>
  return %out : tensor<21x16xf32>
}
