// Bloom's ALiBi (Press et al. 2021): slope times the number of real keys so far, by key alone; padding is 0 and hidden. A
// padded query sees itself.
// FIXTURE: transformers_bloom
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<2x3x14x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %present: tensor<2x14xi64>, %slopes: tensor<3xf32>) -> !q {
  %positions = posenc.mask_positions %present padding 0 : tensor<2x14xi64> -> tensor<2x14xi64>
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %p = tensor.extract %positions[%b, %n] : tensor<2x14xi64>
    %d = arith.sitofp %p : i64 to f32
    %slope = tensor.extract %slopes[%h] : tensor<3xf32>
    %bias = arith.mulf %slope, %d : f32
    %x = arith.addf %s, %bias : f32
    %zero = arith.constant 0 : i64
    %hidden = arith.constant 0xFF800000 : f32
    %real = tensor.extract %present[%b, %n] : tensor<2x14xi64>
    %there = arith.cmpi ne, %real, %zero : i64
    %itself = arith.cmpi eq, %m, %n : index
    %seen = arith.ori %there, %itself : i1
    %y = arith.select %seen, %x, %hidden : f32
    %r = posenc.mask %y at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
