// What is known of biases that come from tensors.
// RUN: posenc-opt %s --posenc-print-structure -o /dev/null 2>&1 | FileCheck %s

// TUPE: the projections of the positions, with a factor.
// CHECK:      @tupe score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @tupe score_map 0 term 0 posenc.bias_lowrank: add, rank 64, query factor %arg1[h, m, r], key factor %arg2[h, n, r], times 0.125, per head, reads %arg1, %arg2{{$}}
func.func @tupe(%init: tensor<1x4x?x?xf32>, %u: tensor<4x?x64xf32>, %v: tensor<4x?x64xf32>) -> tensor<1x4x?x?xf32> {
  %w = arith.constant 0.125 : f32
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_lowrank %s, %u[%h, %m], %v[%h, %n] weight(%w) : tensor<4x?x64xf32>, tensor<4x?x64xf32>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// The rank is known from one side, and a factor may be read at a position.
// CHECK:      @positions score_map 0: 1 term
// CHECK-NEXT: @positions score_map 0 term 0 posenc.bias_lowrank: add, rank 4, query factor %arg1[b, (m + q_offset), r], key factor %arg2[n, r], per batch, reads %arg1, %arg2{{$}}
func.func @positions(%init: tensor<1x4x?x?xf32>, %u: tensor<1x?x?xf32>, %v: tensor<?x4xbf16>, %o: index) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) offsets(q = %o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %1 = posenc.bias_lowrank %s, %u[%b, %i], %v[%n] : tensor<1x?x?xf32>, tensor<?x4xbf16>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// Transformer-XL's u · k.
// CHECK:      @key_bias attention 0: 1 term
// CHECK-NEXT: @key_bias attention 0 term 0 posenc.bias_lowrank: add, key-only, key factor contraction(%arg4[h, r], %arg1[b, h, n, r]), per head, per batch, reads %arg4, %arg1{{$}}
func.func @key_bias(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %u: tensor<4x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_lowrank %s, %u[%h], %k[%b, %h, %n] : tensor<4x16xf32>, tensor<1x4x?x16xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// A factor that is read at query and key is no factor.
// CHECK:      @negative_no_factor score_map 0: 1 term
// CHECK-NEXT: @negative_no_factor score_map 0 term 0 posenc.bias_lowrank: add, function of a dense tensor and the key, reads %arg1, %arg2{{$}}
func.func @negative_no_factor(%init: tensor<1x4x?x?xf32>, %u: tensor<?x?x2xf32>, %v: tensor<?x2xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_lowrank %s, %u[%m, %n], %v[%n] : tensor<?x?x2xf32>, tensor<?x2xf32>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// FoX: two terms, one of the query and one of the key.
// CHECK:      @fox score_map 0: 3 terms
// CHECK-NEXT: @fox score_map 0 term 0 posenc.bias_dense: add, query-only, query factor %arg1[b, h, m], per head, per batch, reads %arg1{{$}}
// CHECK-NEXT: @fox score_map 0 term 1 posenc.bias_dense: add, key-only, key factor %arg1[b, h, n], times -1, per head, per batch, reads %arg1{{$}}
// CHECK-NEXT: @fox score_map 0 term 2 posenc.mask: mask
func.func @fox(%init: tensor<1x4x?x?xf32>, %c: tensor<1x4x?xf32>) -> tensor<1x4x?x?xf32> {
  %minus = arith.constant -1.0 : f32
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_dense %s, %c[%b, %h, %i] : tensor<1x4x?xf32>
    %2 = posenc.bias_dense %1, %c[%b, %h, %j] weight(%minus) : tensor<1x4x?xf32>
    %3 = posenc.mask %2 at(%i, %j) <causal>
    posenc.yield %3 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// AlphaFold's pair bias, and one that is a factor of the key.
// CHECK:      @dense score_map 0: 2 terms
// CHECK-NEXT: @dense score_map 0 term 0 posenc.bias_dense: add, dense, per head, reads %arg1{{$}}
// CHECK-NEXT: @dense score_map 0 term 1 posenc.bias_dense: multiply, key-only, key factor %arg2[b, n], per batch, reads %arg2{{$}}
func.func @dense(%init: tensor<1x4x?x?xf32>, %pair: tensor<4x?x?xf32>, %gate: tensor<1x?xf16>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_dense %s, %pair[%h, %m, %n] : tensor<4x?x?xf32>
    %2 = posenc.bias_dense %1, %gate[%b, %n] multiply : tensor<1x?xf16>
    posenc.yield %2 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// A network of the distance.
// CHECK:      @dynamic_position_bias score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @dynamic_position_bias score_map 0 term 0 posenc.bias_mlp: add, function of i - j, per head
func.func @dynamic_position_bias(%init: tensor<1x4x?x?xf32>, %w1: tensor<1x8xf32>, %w2: tensor<8x4xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %d = arith.subi %i, %j : index
    %w = arith.index_cast %d : index to i64
    %f = arith.sitofp %w : i64 to f32
    %1 = posenc.bias_mlp %s, (%f)[%h] layers(%w1, %w2) relu : tensor<1x8xf32>, tensor<8x4xf32>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// FIRE: the normaliser is the query's.
// CHECK:      @fire score_map 0: 1 term
// CHECK-NEXT: @fire score_map 0 term 0 posenc.bias_mlp: add, function of i - j and the query, per head
func.func @fire(%init: tensor<1x4x?x?xf32>, %c: f32, %w1: tensor<1x8xf32>, %w2: tensor<8x4xf32>) -> tensor<1x4x?x?xf32> {
  %limit = arith.constant 512 : index
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %d = arith.subi %i, %j : index
    %d64 = arith.index_cast %d : index to i64
    %fd = arith.sitofp %d64 : i64 to f32
    %cd = arith.mulf %fd, %c : f32
    %num = math.log1p %cd : f32
    %top = arith.maxsi %i, %limit : index
    %top64 = arith.index_cast %top : index to i64
    %ft = arith.sitofp %top64 : i64 to f32
    %ct = arith.mulf %ft, %c : f32
    %den = math.log1p %ct : f32
    %x = arith.divf %num, %den : f32
    %1 = posenc.bias_mlp %s, (%x)[%h] layers(%w1, %w2) relu : tensor<1x8xf32>, tensor<8x4xf32>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// Swin-V2: rows and columns of the window.
// CHECK:      @swin_v2 score_map 0: 1 term
// CHECK-NEXT: @swin_v2 score_map 0 term 0 posenc.bias_mlp: add, function of ((m mod 7) - (n mod 7)) and ((m floordiv 7) - (n floordiv 7)), per head
func.func @swin_v2(%init: tensor<1x3x49x49xf32>, %w1: tensor<2x16xf32>, %b1: tensor<16xf32>, %w2: tensor<16x3xf32>) -> tensor<1x3x49x49xf32> {
  %c7 = arith.constant 7 : index
  %r = posenc.score_map outs(%init : tensor<1x3x49x49xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %yq = arith.divui %i, %c7 : index
    %yk = arith.divui %j, %c7 : index
    %xq = arith.remui %i, %c7 : index
    %xk = arith.remui %j, %c7 : index
    %dy = arith.subi %yq, %yk : index
    %dx = arith.subi %xq, %xk : index
    %y64 = arith.index_cast %dy : index to i64
    %x64 = arith.index_cast %dx : index to i64
    %y = arith.sitofp %y64 : i64 to f32
    %x = arith.sitofp %x64 : i64 to f32
    %1 = posenc.bias_mlp %s, (%y, %x)[%h] layers(%w1, %b1, %w2) relu sigmoid(16.0) : tensor<2x16xf32>, tensor<16xf32>, tensor<16x3xf32>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x3x49x49xf32>
}
