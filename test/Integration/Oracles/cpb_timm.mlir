// Swin-V2's continuous bias (Liu et al. 2022) in timm: a network of logarithmic coordinates, then 16 sigmoid.
// FIXTURE: timm_rel_pos_mlp
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%scores: tensor<1x2x12x12xf32>, %w1: tensor<2x8xf32>, %b1: tensor<8xf32>, %w2: tensor<8x2xf32>) -> tensor<1x2x12x12xf32> {
  %init = tensor.empty() : tensor<1x2x12x12xf32>
  %out = posenc.score_map outs(%init : tensor<1x2x12x12xf32>) score(%z, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %s = tensor.extract %scores[%b, %h, %m, %n] : tensor<1x2x12x12xf32>
    %width = arith.constant 4 : index
    %yi = arith.divui %i, %width : index
    %xi = arith.remui %i, %width : index
    %yj = arith.divui %j, %width : index
    %xj = arith.remui %j, %width : index
    %dy = arith.subi %yi, %yj : index
    %dx = arith.subi %xi, %xj : index
    %dy64 = arith.index_cast %dy : index to i64
    %dx64 = arith.index_cast %dx : index to i64
    %fy = arith.sitofp %dy64 : i64 to f32
    %fx = arith.sitofp %dx64 : i64 to f32
    %scaley = arith.constant 4.0 : f32
    %ny = arith.mulf %fy, %scaley : f32
    %scalex = arith.constant 2.6666667461395264 : f32
    %nx = arith.mulf %fx, %scalex : f32
    %third = arith.constant 0.333333343 : f32
    %unit = arith.constant 1.0 : f32
    %absy = math.absf %ny : f32
    %morey = arith.addf %absy, %unit : f32
    %logy = math.log2 %morey : f32
    %eighthy = arith.mulf %logy, %third : f32
    %gy = math.copysign %eighthy, %ny : f32
    %absx = math.absf %nx : f32
    %morex = arith.addf %absx, %unit : f32
    %logx = math.log2 %morex : f32
    %eighthx = arith.mulf %logx, %third : f32
    %gx = math.copysign %eighthx, %nx : f32
    %r = posenc.bias_mlp %s, (%gy, %gx)[%h] layers(%w1, %b1, %w2) relu sigmoid(16.0)
        : tensor<2x8xf32>, tensor<8xf32>, tensor<8x2xf32>
    posenc.yield %r : f32
  }
  return %out : tensor<1x2x12x12xf32>
}
