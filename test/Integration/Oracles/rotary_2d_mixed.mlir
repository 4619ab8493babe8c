// RoPE-Mixed (Heo et al. 2024): learned frequencies of both axes per head. Two rotations are one by the sum of their angles.
// FIXTURE: timm_rotary_mixed
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x15x16xf32>, %frequencies: tensor<2x2x8xf32>, %x: tensor<15xf32>, %y: tensor<15xf32>) -> tensor<1x2x15x16xf32> {
  %fx = tensor.extract_slice %frequencies[0, 0, 0] [1, 2, 8] [1, 1, 1] : tensor<2x2x8xf32> to tensor<2x8xf32>
  %fy = tensor.extract_slice %frequencies[1, 0, 0] [1, 2, 8] [1, 1, 1] : tensor<2x2x8xf32> to tensor<2x8xf32>
  %ax = posenc.angles %x by(%fx) per_head : tensor<15xf32>, tensor<2x8xf32> -> tensor<2x15x8xf32>
  %ay = posenc.angles %y by(%fy) per_head : tensor<15xf32>, tensor<2x8xf32> -> tensor<2x15x8xf32>
  %1 = posenc.rotate %q by(%ax) interleaved per_head : tensor<1x2x15x16xf32>, tensor<2x15x8xf32>
  %out = posenc.rotate %1 by(%ay) interleaved per_head : tensor<1x2x15x16xf32>, tensor<2x15x8xf32>
  return %out : tensor<1x2x15x16xf32>
}
