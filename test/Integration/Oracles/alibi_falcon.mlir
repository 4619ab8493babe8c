// Falcon's ALiBi: slopes rounded to bf16, and the bias inside the scaling 1/sqrt(d). Written by hand: it is found affine.
// FIXTURE: transformers_falcon
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x3x14x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %slopes: tensor<3xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %sigma = arith.constant 0.353553385 : f32
    %d = arith.subi %j, %i : index
    %e = arith.index_cast %d : index to i64
    %f = arith.sitofp %e : i64 to f32
    %slope = tensor.extract %slopes[%h] : tensor<3xf32>
    %t = arith.mulf %slope, %f : f32
    %bias = arith.mulf %t, %sigma : f32
    %x = arith.addf %s, %bias : f32
    %r = posenc.mask %x at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
