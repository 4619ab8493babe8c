// timm's own form of it: natural logarithm, no normalisation, no sigmoid.
// FIXTURE: timm_rel_pos_mlp_cr
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%scores: tensor<1x2x12x12xf32>, %w1: tensor<2x8xf32>, %b1: tensor<8xf32>, %w2: tensor<8x2xf32>, %b2: tensor<2xf32>) -> tensor<1x2x12x12xf32> {
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
    %absy = math.absf %fy : f32
    %logy = math.log1p %absy : f32
    %gy = math.copysign %logy, %fy : f32
    %absx = math.absf %fx : f32
    %logx = math.log1p %absx : f32
    %gx = math.copysign %logx, %fx : f32
    %r = posenc.bias_mlp %s, (%gy, %gx)[%h] layers(%w1, %b1, %w2, %b2) relu
        : tensor<2x8xf32>, tensor<8xf32>, tensor<8x2xf32>, tensor<2xf32>
    posenc.yield %r : f32
  }
  return %out : tensor<1x2x12x12xf32>
}
