// Dynamic position bias of x-transformers: a network of the distance's signed logarithm, SiLU.
// FIXTURE: x_transformers_dynamic_bias
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x7x8xf32>
!k = tensor<1x2x13x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k,
                %w1: tensor<1x4xf32>, %b1: tensor<4xf32>, %w2: tensor<4x2xf32>, %b2: tensor<2xf32>) -> !q {
  %off = arith.constant 6 : index
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) offsets(q = %off)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %d = arith.subi %i, %j : index
    %d64 = arith.index_cast %d : index to i64
    %f = arith.sitofp %d64 : i64 to f32
    %a = math.absf %f : f32
    %l = math.log1p %a : f32
    %g = math.copysign %l, %f : f32
    %r = posenc.bias_mlp %s, (%g)[%h] layers(%w1, %b1, %w2, %b2) silu
        : tensor<1x4xf32>, tensor<4xf32>, tensor<4x2xf32>, tensor<2xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
