// Masks that are written out in arith: by distance, by chunk, by key, by content.
// RUN: posenc-opt %s --posenc-print-structure -o /dev/null 2>&1 | FileCheck %s

// CHECK:      @causal_by_hand attention 0: 1 term, i - j = m - n; (-inf, -1] masked, [0, inf) constant 0{{$}}
// CHECK-NEXT: @causal_by_hand attention 0 term 0 arith.select: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @causal_by_hand(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %ninf = arith.constant 0xFF800000 : f32
    %p = arith.cmpi sge, %m, %n : index
    %r = arith.select %p, %s, %ninf : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @window_conjunction attention 0: 2 terms, i - j = m - n; (-inf, -1] masked, [0, 63] constant 0, [64, inf) masked{{$}}
// CHECK-NEXT: @window_conjunction attention 0 term 0 arith.select: mask, function of i - j; (-inf, 63] visible, [64, inf) hidden{{$}}
// CHECK-NEXT: @window_conjunction attention 0 term 1 arith.select: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @window_conjunction(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %ninf = arith.constant 0xFF800000 : f32
    %c64 = arith.constant 64 : index
    %d = arith.subi %m, %n : index
    %p = arith.cmpi sge, %m, %n : index
    %p2 = arith.cmpi slt, %d, %c64 : index
    %pp = arith.andi %p, %p2 : i1
    %r = arith.select %pp, %s, %ninf : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @sink_or_window attention 0: 2 terms, i - j = m - n; (-inf, -1] masked, [0, 63] constant 0, [64, inf) mixed{{$}}
// CHECK-NEXT: @sink_or_window attention 0 term 0 arith.select: mask, function of i - j and the key{{$}}
// CHECK-NEXT: @sink_or_window attention 0 term 1 arith.select: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @sink_or_window(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %ninf = arith.constant 0xFF800000 : f32
    %c64 = arith.constant 64 : index
    %c4 = arith.constant 4 : index
    %d = arith.subi %m, %n : index
    %p = arith.cmpi sge, %m, %n : index
    %p2 = arith.cmpi slt, %d, %c64 : index
    %p3 = arith.cmpi slt, %n, %c4 : index
    %or = arith.ori %p2, %p3 : i1
    %pp = arith.andi %p, %or : i1
    %r = arith.select %pp, %s, %ninf : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @prefix attention 0: 1 term, i - j = m - n; (-inf, -1] mixed, [0, inf) constant 0{{$}}
// CHECK-NEXT: @prefix attention 0 term 0 arith.select: mask, function of i - j and the key, per batch, reads %arg4{{$}}
func.func @prefix(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %len: tensor<1xindex>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %ninf = arith.constant 0xFF800000 : f32
    %l = tensor.extract %len[%b] : tensor<1xindex>
    %p = arith.cmpi sge, %m, %n : index
    %p2 = arith.cmpi slt, %n, %l : index
    %or = arith.ori %p, %p2 : i1
    %r = arith.select %or, %s, %ninf : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @chunked attention 0: 2 terms, i - j = m - n; (-inf, -1] masked, [0, inf) mixed{{$}}
// CHECK-NEXT: @chunked attention 0 term 0 arith.select: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
// CHECK-NEXT: @chunked attention 0 term 1 arith.select: mask, function of ((m floordiv 64) - (n floordiv 64)){{$}}
func.func @chunked(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %ninf = arith.constant 0xFF800000 : f32
    %c64 = arith.constant 64 : index
    %cm = arith.floordivsi %m, %c64 : index
    %cn = arith.floordivsi %n, %c64 : index
    %p = arith.cmpi eq, %cm, %cn : index
    %p2 = arith.cmpi sge, %m, %n : index
    %pp = arith.andi %p, %p2 : i1
    %r = arith.select %pp, %s, %ninf : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @documents attention 0: 1 term, i - j = m - n; (-inf, inf) mixed{{$}}
// CHECK-NEXT: @documents attention 0 term 0 arith.select: mask, function of the query and the key, per batch, reads %arg4{{$}}
func.func @documents(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %ids: tensor<1x?xi32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %ninf = arith.constant 0xFF800000 : f32
    %x = tensor.extract %ids[%b, %m] : tensor<1x?xi32>
    %y = tensor.extract %ids[%b, %n] : tensor<1x?xi32>
    %p = arith.cmpi eq, %x, %y : i32
    %r = arith.select %p, %s, %ninf : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @padding attention 0: 1 term, i - j = m - n; (-inf, inf) mixed{{$}}
// CHECK-NEXT: @padding attention 0 term 0 arith.select: mask, key-only, per batch, reads %arg4{{$}}
func.func @padding(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %keep: tensor<1x?xi1>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %ninf = arith.constant 0xFF800000 : f32
    %x = tensor.extract %keep[%b, %n] : tensor<1x?xi1>
    %r = arith.select %x, %s, %ninf : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @added_mask attention 0: 1 term, i - j = m - n; (-inf, -1] masked, [0, inf) constant 0{{$}}
// CHECK-NEXT: @added_mask attention 0 term 0 arith.addf: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @added_mask(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %ninf = arith.constant 0xFF800000 : f32
    %zero = arith.constant 0.0 : f32
    %p = arith.cmpi sge, %m, %n : index
    %x = arith.select %p, %zero, %ninf : f32
    %r = arith.addf %s, %x : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @finite_fill attention 0: 1 term, i - j = m - n; (-inf, -1] filled, [0, inf) constant 0{{$}}
// CHECK-NEXT: @finite_fill attention 0 term 0 arith.select: mask, function of i - j, fills with -3.40282347e+38; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @finite_fill(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %min = arith.constant -3.40282347E+38 : f32
    %p = arith.cmpi sge, %m, %n : index
    %r = arith.select %p, %s, %min : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @content_predicate attention 0: 1 term, i - j = m - n; (-inf, inf) mixed{{$}}
// CHECK-NEXT: @content_predicate attention 0 term 0 arith.select: pointwise, function of the score{{$}}
func.func @content_predicate(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %zero = arith.constant 0.0 : f32
    %ninf = arith.constant 0xFF800000 : f32
    %p = arith.cmpf olt, %s, %zero : f32
    %r = arith.select %p, %s, %ninf : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// A window whose width only the run knows: a function of i - j of unknown zones.

// CHECK:      @dynamic_window score_map 0: 1 term, i - j = m - n; (-inf, inf) mixed{{$}}
// CHECK-NEXT: @dynamic_window score_map 0 term 0 arith.select: mask, function of i - j{{$}}
func.func @dynamic_window(%init: tensor<1x4x?x?xf32>, %w: index) -> tensor<1x4x?x?xf32> {
  %ninf = arith.constant 0xFF800000 : f32
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %d = arith.subi %m, %n : index
    %p = arith.cmpi slt, %d, %w : index
    %y = arith.select %p, %s, %ninf : f32
    posenc.yield %y : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// Ends near the largest number of 64 bits are no ends.
// CHECK:      @window_of_everything attention 0: 0 terms, i - j = m - n; (-inf, inf) constant 0{{$}}
func.func @window_of_everything(%q: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <window, left = 9223372036854775806, right = 9223372036854775807>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// Rows and sinks are no part of the score region.
// CHECK:      @rows attention 0: 0 terms, i - j = m - n; (-inf, inf) constant 0{{$}}
// CHECK-NEXT: @rows attention 0 q rows: posenc.rotate, interleaved to half, of ? pairs, inverse, reads %arg2; posenc.row_scale, reads %arg3{{$}}
// CHECK-NEXT: @rows attention 0 o rows: posenc.rotate, half, of 8 pairs, reads %arg4, %arg5{{$}}
// CHECK-NEXT: @rows attention 0 sinks: %arg6, per head{{$}}
func.func @rows(%q: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %a: tensor<?x?xf32>, %f: tensor<2x?xf32>, %c: tensor<?x8xf32>, %n: tensor<?x8xf32>, %z: tensor<4xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) sinks(%z : tensor<4xf32>) q_rows(%row, %b, %h, %t) {
    %x = posenc.rotate %row at(%b, %t) by(%a) interleaved out half inverse : !posenc.row, tensor<?x?xf32>
    %y = posenc.row_scale %x at(%b, %t) by(%f) : !posenc.row, tensor<2x?xf32>
    posenc.yield %y : !posenc.row
  } o_rows(%row, %b, %h, %t) {
    %x = posenc.rotate %row at(%b, %t) by(%c, %n) half : !posenc.row, tensor<?x8xf32>, tensor<?x8xf32>
    posenc.yield %x : !posenc.row
  }
  return %o : tensor<2x4x?x16xf32>
}
