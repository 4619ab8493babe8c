// Tables under every kind of bucket, gates, and the masks that are ops: a line for each.
// RUN: posenc-opt %s --posenc-print-structure -o /dev/null 2>&1 | FileCheck %s

// CHECK:      @mpnet attention 0: 1 term, i - j = m - n; (-inf, -91] constant, [-90, 90] varies, [91, inf) constant{{$}}
// CHECK-NEXT: @mpnet attention 0 term 0 posenc.bias_table: add, function of i - j, per head, reads %arg4; (-inf, -91] = %arg4[31, h], [91, inf) = %arg4[15, h], 14 shorter{{$}}
func.func @mpnet(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<32x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @deberta attention 0: 1 term, i - j = m - n; (-inf, -40] constant, [-39, 31] varies, [32, inf) constant{{$}}
// CHECK-NEXT: @deberta attention 0 term 0 posenc.bias_table: add, function of i - j, per head, reads %arg4; (-inf, -40] = %arg4[0, h], [32, inf) = %arg4[31, h], 13 shorter{{$}}
func.func @deberta(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<32x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <deberta, q_minus_k, size = 16, max = 40, rule = huggingface> : tensor<32x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @deberta_microsoft attention 0: 1 term, i - j = m - n; (-inf, -32] constant, [-31, 31] varies, [32, inf) constant{{$}}
// CHECK-NEXT: @deberta_microsoft attention 0 term 0 posenc.bias_table: add, function of i - j, per head, reads %arg4; (-inf, -32] = %arg4[1, h], [32, inf) = %arg4[31, h], 12 shorter{{$}}
func.func @deberta_microsoft(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<32x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <deberta, q_minus_k, size = 16, max = 40, rule = microsoft> : tensor<32x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @phi4 attention 0: 1 term, i - j = m - n; (-inf, -499] constant, [-498, 499] varies, [500, inf) constant{{$}}
// CHECK-NEXT: @phi4 attention 0 term 0 posenc.bias_table: add, function of i - j, per head, reads %arg4; (-inf, -499] = %arg4[999, h], [500, inf) = %arg4[0, h]{{$}}
func.func @phi4(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<1000x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <clip, k_minus_q, left = 500, right = 499> : tensor<1000x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @inkling attention 0: 1 term, i - j = m - n; (-inf, -1] constant 0, [0, 1023] varies, [1024, inf) constant 0{{$}}
// CHECK-NEXT: @inkling attention 0 term 0 posenc.bias_table: add, function of i - j, per head, reads %arg4; (-inf, -1] = 0, [1024, inf) = 0{{$}}
func.func @inkling(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<1024x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <identity, q_minus_k, extent = 1024> : tensor<1024x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @lut_zero attention 0: 1 term, i - j = m - n; (-inf, -2] constant 0, [-1, 1] varies, [2, inf) constant 0{{$}}
// CHECK-NEXT: @lut_zero attention 0 term 0 posenc.bias_table: add, function of i - j, per head, reads %arg4; (-inf, -2] = 0, [2, inf) = 0{{$}}
func.func @lut_zero(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<3x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <lut, k_minus_q, origin = -1, outside = zero, rows = [2, 0, 1]> : tensor<3x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @wavlm attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @wavlm attention 0 term 0 posenc.bias_table: add, query factor %arg5[b, h, m], times function of i - j, per head, per batch, reads %arg5, %arg4{{$}}
func.func @wavlm(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<320x4xf32>, %gate: tensor<2x4x?xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %g = tensor.extract %gate[%b, %h, %m] : tensor<2x4x?xf32>
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 320, max_distance = 800, bidirectional = true> weight(%g) : tensor<320x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @tupe_rel attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @tupe_rel attention 0 term 0 posenc.bias_table: add, function of i - j, per head, but %arg4[16, h] where m == 0, %arg4[32, h] where n == 0, %arg4[16, h] where m == 0 and n == 0, reads %arg4{{$}}
func.func @tupe_rel(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<33x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true, cls = tupe> : tensor<33x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @swin attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @swin attention 0 term 0 posenc.bias_table: add, table over ((min(m, 48) floordiv 7) - (min(n, 48) floordiv 7)) and ((min(m, 48) mod 7) - (min(n, 48) mod 7)), per head, reads %arg4{{$}}
func.func @swin(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<169x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <grid2d, q_minus_k, height = 7, width = 7> : tensor<169x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @maxvit_tf attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @maxvit_tf attention 0 term 0 posenc.bias_table: add, table over ((min(m, 48) floordiv 7) - (min(n, 48) floordiv 7)) and ((min(m, 48) mod 7) - (min(n, 48) mod 7)), per head, reads %arg4{{$}}
func.func @maxvit_tf(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<169x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <grid2d, k_minus_q, height = 7, width = 7> : tensor<169x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @beit attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @beit attention 0 term 0 posenc.bias_table: add, table over {{.*}} floordiv 14) - {{.*}} floordiv 14)) and {{.*}} mod 14) - {{.*}} mod 14)), per head, but %arg4[729, h] where m == 0, %arg4[730, h] where n == 0, %arg4[731, h] where m == 0 and n == 0, reads %arg4{{$}}
func.func @beit(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<732x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <grid2d, q_minus_k, height = 14, width = 14, cls = beit> : tensor<732x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @video_swin attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @video_swin attention 0 term 0 posenc.bias_table: add, table over ((min(m, 391) floordiv 49) - (min(n, 391) floordiv 49)) and (((min(m, 391) floordiv 7) mod 7) - ((min(n, 391) floordiv 7) mod 7)) and ((min(m, 391) mod 7) - (min(n, 391) mod 7)), per head, reads %arg4{{$}}
func.func @video_swin(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<2535x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <grid3d, q_minus_k, depth = 8, height = 7, width = 7> : tensor<2535x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @levit attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @levit attention 0 term 0 posenc.bias_table: add, table over ((min(m, 195) floordiv 14) - (min(n, 195) floordiv 14)) and ((min(m, 195) mod 14) - (min(n, 195) mod 14)), per head, reads %arg4{{$}}
func.func @levit(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<196x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <abs_grid, height = 14, width = 14> : tensor<196x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @irpe_product attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @irpe_product attention 0 term 0 posenc.bias_table: add, table over ((min(m, 195) floordiv 14) - (min(n, 195) floordiv 14)) and ((min(m, 195) mod 14) - (min(n, 195) mod 14)), per head, reads %arg4{{$}}
func.func @irpe_product(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<49x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <irpe, q_minus_k, method = product, height = 14, width = 14, alpha = 1.9, beta = 3.8, gamma = 15.2> : tensor<49x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @irpe_euclidean attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @irpe_euclidean attention 0 term 0 posenc.bias_table: add, table over ((min(m, 195) floordiv 14) - (min(n, 195) floordiv 14)) and ((min(m, 195) mod 14) - (min(n, 195) mod 14)), per head, reads %arg4{{$}}
func.func @irpe_euclidean(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<7x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <irpe, q_minus_k, method = euclidean, height = 14, width = 14, alpha = 1.9, beta = 3.8, gamma = 15.2> : tensor<7x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @irpe_quant attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @irpe_quant attention 0 term 0 posenc.bias_table: add, table over ((min(m, 195) floordiv 14) - (min(n, 195) floordiv 14)) and ((min(m, 195) mod 14) - (min(n, 195) mod 14)), per head, reads %arg4{{$}}
func.func @irpe_quant(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<7x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <irpe, q_minus_k, method = quant, height = 14, width = 14, alpha = 1.9, beta = 3.8, gamma = 15.2> : tensor<7x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @irpe_rows attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @irpe_rows attention 0 term 0 posenc.bias_table: add, table over ((min(m, 195) floordiv 14) - (min(n, 195) floordiv 14)), per head, reads %arg4{{$}}
func.func @irpe_rows(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<7x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <irpe, q_minus_k, method = rows, height = 14, width = 14, alpha = 1.9, beta = 3.8, gamma = 15.2> : tensor<7x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @irpe_cols attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @irpe_cols attention 0 term 0 posenc.bias_table: add, table over ((min(m, 195) mod 14) - (min(n, 195) mod 14)), per head, reads %arg4{{$}}
func.func @irpe_cols(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<7x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <irpe, q_minus_k, method = cols, height = 14, width = 14, alpha = 1.9, beta = 3.8, gamma = 15.2> : tensor<7x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @layoutlmv3 attention 0: 3 terms, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @layoutlmv3 attention 0 term 0 posenc.bias_table: add, function of i - j, per head, reads %arg4; (-inf, -91] = (0.25 * %arg4[31, h]), [91, inf) = (0.25 * %arg4[15, h]), 14 shorter{{$}}
// CHECK-NEXT: @layoutlmv3 attention 0 term 1 posenc.bias_table: add, dense, per head, per batch, reads %arg7, %arg5{{$}}
// CHECK-NEXT: @layoutlmv3 attention 0 term 2 posenc.bias_table: add, dense, per head, per batch, reads %arg8, %arg6{{$}}
func.func @layoutlmv3(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %t: tensor<32x4xf32>, %u: tensor<64x4xf32>, %v2: tensor<64x4xf32>, %x: tensor<2x?xindex>, %y: tensor<2x?xindex>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %w = arith.constant 0.25 : f32
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> weight(%w) : tensor<32x4xf32>
    %x0 = tensor.extract %x[%b, %m] : tensor<2x?xindex>
    %x1 = tensor.extract %x[%b, %n] : tensor<2x?xindex>
    %2 = posenc.bias_table %1, %u[%h] at(%x0, %x1) bucket <t5, k_minus_q, num_buckets = 64, max_distance = 256, bidirectional = true> weight(%w) : tensor<64x4xf32>
    %y0 = tensor.extract %y[%b, %m] : tensor<2x?xindex>
    %y1 = tensor.extract %y[%b, %n] : tensor<2x?xindex>
    %r = posenc.bias_table %2, %v2[%h] at(%y0, %y1) bucket <t5, k_minus_q, num_buckets = 64, max_distance = 256, bidirectional = true> weight(%w) : tensor<64x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @graphormer attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @graphormer attention 0 term 0 posenc.bias_table: add, dense, per head, per batch, reads %arg4, %arg5{{$}}
func.func @graphormer(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %spd: tensor<2x?x?xindex>, %t: tensor<512x4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %c0 = arith.constant 0 : index
    %d = tensor.extract %spd[%b, %m, %n] : tensor<2x?x?xindex>
    %r = posenc.bias_table %s, %t[%h] at(%d, %c0) bucket <identity, q_minus_k, extent = 512> : tensor<512x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @llama4 attention 0: 2 terms, i - j = m - n; (-inf, -1] masked, [0, inf) mixed{{$}}
// CHECK-NEXT: @llama4 attention 0 term 0 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
// CHECK-NEXT: @llama4 attention 0 term 1 posenc.mask: mask, function of ((m floordiv 8192) - (n floordiv 8192)){{$}}
func.func @llama4(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    %r = posenc.mask %1 at(%i, %j) <chunked, size = 8192>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @chunks_of_six attention 0: 1 term, i - j = m - n; (-inf, inf) mixed{{$}}
// CHECK-NEXT: @chunks_of_six attention 0 term 0 posenc.mask: mask, function of ((m floordiv 6) - (n floordiv 6)){{$}}
func.func @chunks_of_six(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <chunked, size = 6>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @prefix attention 0: 1 term, i - j = m - n; (-inf, -1] mixed, [0, inf) constant 0{{$}}
// CHECK-NEXT: @prefix attention 0 term 0 posenc.mask: mask, function of i - j and the key{{$}}
func.func @prefix(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %p: index) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <prefix> length(%p)
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @prefix_per_batch attention 0: 1 term, i - j = m - n; (-inf, -1] mixed, [0, inf) constant 0{{$}}
// CHECK-NEXT: @prefix_per_batch attention 0 term 0 posenc.mask: mask, function of i - j and the key, per batch, reads %arg4{{$}}
func.func @prefix_per_batch(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %ps: tensor<2xindex>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %p = tensor.extract %ps[%b] : tensor<2xindex>
    %r = posenc.mask %s at(%i, %j) <prefix> length(%p)
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @causal_ahead attention 0: 1 term, i - j = m - n; (-inf, -4] masked, [-3, inf) constant 0{{$}}
// CHECK-NEXT: @causal_ahead attention 0 term 0 posenc.mask: mask, function of i - j; (-inf, -4] hidden, [-3, inf) visible{{$}}
func.func @causal_ahead(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <causal, offset = 3>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @documents attention 0: 1 term, i - j = m - n; (-inf, inf) mixed{{$}}
// CHECK-NEXT: @documents attention 0 term 0 arith.select: mask, function of the query and the key, per batch, reads %arg4{{$}}
func.func @documents(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %ids: tensor<2x?xi32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = tensor.extract %ids[%b, %m] : tensor<2x?xi32>
    %y = tensor.extract %ids[%b, %n] : tensor<2x?xi32>
    %same = arith.cmpi eq, %x, %y : i32
    %ninf = arith.constant 0xFF800000 : f32
    %r = arith.select %same, %s, %ninf : f32
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK:      @block_sparse attention 0: 1 term, i - j = m - n; (-inf, inf) mixed{{$}}
// CHECK-NEXT: @block_sparse attention 0 term 0 arith.select: mask, dense, per head, reads %arg4{{$}}
func.func @block_sparse(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %blocks: tensor<4x?x?xi1>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %size = arith.constant 64 : index
    %bm = arith.divui %m, %size : index
    %bn = arith.divui %n, %size : index
    %on = tensor.extract %blocks[%h, %bm, %bn] : tensor<4x?x?xi1>
    %ninf = arith.constant 0xFF800000 : f32
    %r = arith.select %on, %s, %ninf : f32
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

