// Every encoding that is an op of the dialect.
// RUN: posenc-opt %s --posenc-print-structure -o /dev/null 2>&1 | FileCheck %s

// CHECK:      @t5 attention 0: 1 term, i - j = m - n; (-inf, -91] constant, [-90, 90] varies, [91, inf) constant{{$}}
// CHECK-NEXT: @t5 attention 0 term 0 posenc.bias_table: add, function of i - j, per head, reads %arg4; (-inf, -91] = %arg4[31, h], [91, inf) = %arg4[15, h], 14 shorter{{$}}
func.func @t5(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<32x4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @t5_decoder attention 0: 2 terms, i - j = m - n; (-inf, -1] masked, [0, 112] varies, [113, inf) constant{{$}}
// CHECK-NEXT: @t5_decoder attention 0 term 0 posenc.bias_table: add, function of i - j, per head, reads %arg4; (-inf, 0] = %arg4[0, h], [113, inf) = %arg4[31, h], 15 shorter{{$}}
// CHECK-NEXT: @t5_decoder attention 0 term 1 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @t5_decoder(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<32x4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = false> : tensor<32x4xf32>
    %2 = posenc.mask %1 at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @clip attention 0: 1 term, i - j = m - n; (-inf, -8] constant, [-7, 7] varies, [8, inf) constant{{$}}
// CHECK-NEXT: @clip attention 0 term 0 posenc.bias_table: add, function of i - j, reads %arg4; (-inf, -8] = %arg4[0], [8, inf) = %arg4[16]{{$}}
func.func @clip(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<17xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @lut attention 0: 1 term, i - j = m - n; (-inf, -2] constant, [-1, 0] varies, [1, inf) constant{{$}}
// CHECK-NEXT: @lut attention 0 term 0 posenc.bias_table: add, function of i - j, reads %arg4; (-inf, -2] = %arg4[2], [1, inf) = %arg4[1], 1 shorter{{$}}
func.func @lut(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<3xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t at(%i, %j) bucket <lut, k_minus_q, origin = -1, outside = clamp, rows = [1, 0, 0, 2]> : tensor<3xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @alibi attention 0: 2 terms, i - j = m - n; (-inf, -1] masked, [0, inf) varies{{$}}
// CHECK-NEXT: @alibi attention 0 term 0 posenc.bias_fn: add, affine in i - j, slope (%arg4[h] * -1), per head, reads %arg4{{$}}
// CHECK-NEXT: @alibi attention 0 term 1 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @alibi(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %p: tensor<4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %p[%h] at(%i, %j) linear k_minus_q : tensor<4xf32>, index
    %2 = posenc.mask %1 at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @alibi_symmetric attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @alibi_symmetric attention 0 term 0 posenc.bias_fn: add, affine in |i - j|, slope %arg4[h], per head, reads %arg4{{$}}
func.func @alibi_symmetric(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %p: tensor<4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %p[%h] at(%i, %j) linear absolute : tensor<4xf32>, index
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @window_softcap attention 0: 3 terms, i - j = m - n; (-inf, -1] masked, [0, 127] constant, [128, inf) masked{{$}}
// CHECK-NEXT: @window_softcap attention 0 term 0 posenc.softcap: pointwise, function of the score{{$}}
// CHECK-NEXT: @window_softcap attention 0 term 1 posenc.mask: mask, function of i - j; (-inf, 127] visible, [128, inf) hidden{{$}}
// CHECK-NEXT: @window_softcap attention 0 term 2 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @window_softcap(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.softcap %s cap(50.0)
    %2 = posenc.mask %1 at(%i, %j) <window, left = 127, right = 0>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @mask_before_softcap attention 0: 2 terms, i - j = m - n; (-inf, -1] filled, [0, inf) constant{{$}}
// CHECK-NEXT: @mask_before_softcap attention 0 term 0 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
// CHECK-NEXT: @mask_before_softcap attention 0 term 1 posenc.softcap: pointwise, function of the score{{$}}
func.func @mask_before_softcap(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    %2 = posenc.softcap %1 cap(50.0)
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @offset attention 0: 2 terms, i - j = m - n + 100; (-inf, -1] masked, [0, 7] varies, [8, inf) constant{{$}}
// CHECK-NEXT: @offset attention 0 term 0 posenc.bias_table: add, function of i - j, reads %arg4; (-inf, -8] = %arg4[0], [8, inf) = %arg4[16]{{$}}
// CHECK-NEXT: @offset attention 0 term 1 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @offset(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<17xf32>) -> tensor<1x4x?x16xf32> {
  %c = arith.constant 100 : index
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) offsets(q = %c) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17xf32>
    %2 = posenc.mask %1 at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @dynamic_offset attention 0: 1 term, i - j = m - n + offset; (-inf, -1] masked, [0, inf) constant 0{{$}}
// CHECK-NEXT: @dynamic_offset attention 0 term 0 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @dynamic_offset(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %c: index) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) offsets(q = %c) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @positions attention 0: 1 term, i - j by positions; (-inf, -1] masked, [0, inf) constant 0{{$}}
// CHECK-NEXT: @positions attention 0 term 0 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @positions(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %x: tensor<?xi64>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) positions(q = %x, k = %x : tensor<?xi64>, tensor<?xi64>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @float_positions attention 0: 1 term, i - j by positions{{$}}
// CHECK-NEXT: @float_positions attention 0 term 0 posenc.bias_fn: add, affine in |i - j|, slope %arg5[h], per head, reads %arg5{{$}}
func.func @float_positions(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %x: tensor<?xf32>, %p: tensor<4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) positions(q = %x, k = %x : tensor<?xf32>, tensor<?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : f32
    %j = posenc.k_pos : f32
    %1 = posenc.bias_fn %s, %p[%h] at(%i, %j) linear absolute : tensor<4xf32>, f32
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @no_score_region attention 0: 0 terms, i - j = m - n; (-inf, inf) constant 0{{$}}
func.func @no_score_region(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>)
  return %o : tensor<1x4x?x16xf32>
}

// Consecutive positions are an offset.

// CHECK:      @produced_positions attention 0: 2 terms, i - j = m - n + 5; (-inf, -1] masked, [0, 63] constant 0, [64, inf) masked{{$}}
// CHECK-NEXT: @produced_positions attention 0 term 0 posenc.mask: mask, function of i - j; (-inf, 63] visible, [64, inf) hidden{{$}}
// CHECK-NEXT: @produced_positions attention 0 term 1 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @produced_positions(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %len: index) -> tensor<1x4x?x16xf32> {
  %c5 = arith.constant 5 : index
  %p = posenc.positions size(%len) offset(%c5) : tensor<?xi32>
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) positions(q = %p : tensor<?xi32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <window, left = 63, right = 0>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// Positions and indices in one region are two distances.

// CHECK:      @positions_and_indices attention 0: 2 terms, i - j by positions; (-inf, -1] masked, [0, inf) varies{{$}}
// CHECK-NEXT: @positions_and_indices attention 0 term 0 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
// CHECK-NEXT: @positions_and_indices attention 0 term 1 arith.addf: add, table over (m - n), reads %arg5{{$}}
func.func @positions_and_indices(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %x: tensor<?xi64>, %t: tensor<?xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) positions(k = %x : tensor<?xi64>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    %d = arith.subi %m, %n : index
    %y = tensor.extract %t[%d] : tensor<?xf32>
    %z = arith.addf %1, %y : f32
    posenc.yield %z : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// Two in one function, on memrefs.

// CHECK:      @memrefs attention 0: 1 term, i - j = m - n; (-inf, -8] constant, [-7, 7] varies, [8, inf) constant{{$}}
// CHECK-NEXT: @memrefs attention 0 term 0 posenc.bias_table: add, function of i - j, reads %arg2; (-inf, -8] = %arg2[0], [8, inf) = %arg2[16]{{$}}
// CHECK:      @memrefs score_map 1: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @memrefs score_map 1 term 0 arith.addf: add, dense, per head, per batch, reads %arg3{{$}}
// CHECK:      @memrefs attention 2: 0 terms, i - j = m - n; (-inf, inf) constant 0{{$}}
func.func @memrefs(%q: memref<1x4x8x16xf32>, %o: memref<1x4x8x16xf32>, %t: memref<17xf32>, %m: memref<1x4x8x8xf32>) {
  posenc.attention scale(1.0) ins(%q, %q, %q : memref<1x4x8x16xf32>, memref<1x4x8x16xf32>, memref<1x4x8x16xf32>) outs(%o : memref<1x4x8x16xf32>) score(%s, %b, %h, %mm, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : memref<17xf32>
    posenc.yield %1 : f32
  }
  posenc.score_map outs(%m : memref<1x4x8x8xf32>) score(%s, %b, %h, %mm, %n) {
    %x = memref.load %m[%b, %h, %mm, %n] : memref<1x4x8x8xf32>
    %r = arith.addf %s, %x : f32
    posenc.yield %r : f32
  }
  posenc.attention scale(1.0) ins(%q, %q, %q : memref<1x4x8x16xf32>, memref<1x4x8x16xf32>, memref<1x4x8x16xf32>) outs(%o : memref<1x4x8x16xf32>) score(%s, %b, %h, %mm, %n) {
    posenc.yield %s : f32
  }
  return
}

// CHECK:      @kerple_power score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @kerple_power score_map 0 term 0 posenc.bias_fn: add, function of i - j, per head, reads %arg1{{$}}
func.func @kerple_power(%init: tensor<1x4x?x?xf32>, %a: tensor<2x4xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %a[%h] at(%i, %j) power absolute : tensor<2x4xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// CHECK:      @kerple_log score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @kerple_log score_map 0 term 0 posenc.bias_fn: add, function of i - j, per head, reads %arg1{{$}}
func.func @kerple_log(%init: tensor<1x4x?x?xf32>, %a: tensor<2x4xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %a[%h] at(%i, %j) log absolute : tensor<2x4xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// CHECK:      @kerple_kernel score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @kerple_kernel score_map 0 term 0 posenc.bias_fn: multiply, function of i - j, per head, reads %arg1{{$}}
func.func @kerple_kernel(%init: tensor<1x4x?x?xf32>, %a: tensor<3x4xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %a[%h] at(%i, %j) exp_power absolute multiply : tensor<3x4xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// CHECK:      @retnet score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @retnet score_map 0 term 0 posenc.bias_fn: multiply, function of i - j, per head, reads %arg1{{$}}
func.func @retnet(%init: tensor<1x4x?x?xf32>, %a: tensor<2x4xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %a[%h] at(%i, %j) exponential q_minus_k multiply : tensor<2x4xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// CHECK:      @sandwich score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @sandwich score_map 0 term 0 posenc.bias_fn: add, function of i - j, per head, reads %arg1{{$}}
func.func @sandwich(%init: tensor<1x4x?x?xf32>, %a: tensor<4xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %a[%h] at(%i, %j) cosine_sum absolute terms 64 : tensor<4xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// CHECK:      @linear_factor score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @linear_factor score_map 0 term 0 posenc.bias_fn: multiply, affine in i - j, slope (%arg1[h] * -1), per head, reads %arg1{{$}}
func.func @linear_factor(%init: tensor<1x4x?x?xf32>, %a: tensor<4xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %a[%h] at(%i, %j) linear k_minus_q multiply : tensor<4xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// A slice that the region takes is another one for each key.
// CHECK:      @slice attention 0: 1 term
// CHECK-NEXT: @slice attention 0 term 0 arith.addf: add, unknown
func.func @slice(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %o: tensor<1x4x8x16xf32>, %t: tensor<8x2xf32>) -> tensor<1x4x8x16xf32> {
  %r = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>)
      outs(%o : tensor<1x4x8x16xf32>) score(%s, %b, %h, %m, %n) {
    %c0 = arith.constant 0 : index
    %row = tensor.extract_slice %t[%n, 0] [1, 2] [1, 1] : tensor<8x2xf32> to tensor<2xf32>
    %e = tensor.extract %row[%c0] : tensor<2xf32>
    %x = arith.addf %s, %e : f32
    posenc.yield %x : f32
  }
  return %r : tensor<1x4x8x16xf32>
}
