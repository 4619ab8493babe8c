// Swin-V2 (Liu et al. 2022): cosine attention with a temperature per head, and a network of logarithmic coordinates.
// FIXTURE: transformers_swinv2
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<2x2x9x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q,
                %logit_scale: tensor<2xf32>, %w1: tensor<2x512xf32>, %b1: tensor<512xf32>, %w2: tensor<512x2xf32>) -> !q {
  %zeroq = arith.constant 0.0 : f32
  %noneq = tensor.empty() : tensor<2x2x9xf32>
  %startq = linalg.fill ins(%zeroq : f32) outs(%noneq : tensor<2x2x9xf32>) -> tensor<2x2x9xf32>
  %squaresq = linalg.generic {indexing_maps = [affine_map<(b, h, t, d) -> (b, h, t, d)>, affine_map<(b, h, t, d) -> (b, h, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q : !q) outs(%startq : tensor<2x2x9xf32>) {
  ^bb0(%x: f32, %sum: f32):
    %x2 = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %x2 : f32
    linalg.yield %y : f32
  } -> tensor<2x2x9xf32>
  %normq = math.rsqrt %squaresq : tensor<2x2x9xf32>
  %q1 = posenc.row_scale %q by(%normq) per_head : !q, tensor<2x2x9xf32>
  %zerok = arith.constant 0.0 : f32
  %nonek = tensor.empty() : tensor<2x2x9xf32>
  %startk = linalg.fill ins(%zerok : f32) outs(%nonek : tensor<2x2x9xf32>) -> tensor<2x2x9xf32>
  %squaresk = linalg.generic {indexing_maps = [affine_map<(b, h, t, d) -> (b, h, t, d)>, affine_map<(b, h, t, d) -> (b, h, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%k : !q) outs(%startk : tensor<2x2x9xf32>) {
  ^bb0(%x: f32, %sum: f32):
    %x2 = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %x2 : f32
    linalg.yield %y : f32
  } -> tensor<2x2x9xf32>
  %normk = math.rsqrt %squaresk : tensor<2x2x9xf32>
  %k1 = posenc.row_scale %k by(%normk) per_head : !q, tensor<2x2x9xf32>
  %init = tensor.empty() : !q
  %out = posenc.attention scale(1.0) ins(%q1, %k1, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %hundred = arith.constant 4.60517025 : f32
    %raw = tensor.extract %logit_scale[%h] : tensor<2xf32>
    %bounded = arith.minimumf %raw, %hundred : f32
    %factor = math.exp %bounded : f32
    %1 = arith.mulf %s, %factor : f32
    %width = arith.constant 3 : index
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
    %scalex = arith.constant 4.0 : f32
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
    %r = posenc.bias_mlp %1, (%gy, %gx)[%h] layers(%w1, %b1, %w2) relu sigmoid(16.0)
        : tensor<2x512xf32>, tensor<512xf32>, tensor<512x2xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
