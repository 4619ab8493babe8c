// xPos (Sun et al. 2022): rotation and a decay per pair, in causal attention.
// FIXTURE: x_transformers_xpos
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x15x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q) -> !q {
  %p = posenc.positions : tensor<15xi64>
  %w = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %a = posenc.angles %p by(%w) : tensor<15xi64>, tensor<4xf32> -> tensor<15x4xf32>
  %middle = arith.constant 7 : index
  %mq = posenc.xpos_magnitude %p center(%middle) scale_base 16.0 : tensor<15xi64> -> tensor<15x4xf32>
  %mk = posenc.xpos_magnitude %p center(%middle) inverse scale_base 16.0 : tensor<15xi64> -> tensor<15x4xf32>
  %qx = posenc.rotate %q by(%a) interleaved magnitude(%mq : tensor<15x4xf32>) : !q, tensor<15x4xf32>
  %kx = posenc.rotate %k by(%a) interleaved magnitude(%mk : tensor<15x4xf32>) : !q, tensor<15x4xf32>
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%qx, %kx, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
