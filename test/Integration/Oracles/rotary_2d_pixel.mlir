// rotary-embedding-torch's pixel frequencies: evenly spaced, coordinates in [-1, 1].
// FIXTURE: rotary_axial_pixel
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x15x16xf32>, %positions: tensor<2x15xf32>, %frequencies: tensor<8xf32>) -> tensor<1x2x15x16xf32> {
  %a = posenc.angles %positions by(%frequencies) axes <sections, [4, 4]> : tensor<2x15xf32>, tensor<8xf32> -> tensor<15x8xf32>
  %out = posenc.rotate %q by(%a) interleaved : tensor<1x2x15x16xf32>, tensor<15x8xf32>
  return %out : tensor<1x2x15x16xf32>
}
