// Encodings that are written out in arith and math, and what is no encoding.
// RUN: posenc-opt %s --posenc-print-structure -o /dev/null 2>&1 | FileCheck %s

// CHECK:      @alibi_by_hand attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @alibi_by_hand attention 0 term 0 arith.addf: add, affine in i - j, slope (%arg4[h] * -1), per head, reads %arg4{{$}}
func.func @alibi_by_hand(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %p: tensor<4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %d = arith.subi %n, %m : index
    %d64 = arith.index_cast %d : index to i64
    %f = arith.sitofp %d64 : i64 to f32
    %x = tensor.extract %p[%h] : tensor<4xf32>
    %y = arith.mulf %x, %f : f32
    %r = arith.addf %s, %y : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @alibi_abs_i32 attention 0: 1 term, i - j = m - n (positions below 536870912); (-inf, inf) varies{{$}}
// CHECK-NEXT: @alibi_abs_i32 attention 0 term 0 arith.addf: add, affine in |i - j|, slope negf(%arg4[h]), per head, reads %arg4{{$}}
func.func @alibi_abs_i32(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %p: tensor<4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %m32 = arith.index_cast %m : index to i32
    %n32 = arith.index_cast %n : index to i32
    %d = arith.subi %n32, %m32 : i32
    %f = arith.sitofp %d : i32 to f32
    %a = math.absf %f : f32
    %x = tensor.extract %p[%h] : tensor<4xf32>
    %y = arith.mulf %x, %a : f32
    %z = arith.negf %y : f32
    %r = arith.addf %s, %z : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @alibi_in_floats attention 0: 1 term, i - j = m - n (positions below 16777216); (-inf, inf) varies{{$}}
// CHECK-NEXT: @alibi_in_floats attention 0 term 0 arith.addf: add, affine in i - j, slope (%arg4[h] * -1), per head, reads %arg4{{$}}
func.func @alibi_in_floats(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %p: tensor<4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %m64 = arith.index_cast %m : index to i64
    %n64 = arith.index_cast %n : index to i64
    %mf = arith.sitofp %m64 : i64 to f32
    %nf = arith.sitofp %n64 : i64 to f32
    %d = arith.subf %nf, %mf : f32
    %x = tensor.extract %p[%h] : tensor<4xf32>
    %y = arith.mulf %x, %d : f32
    %r = arith.addf %s, %y : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @kerple_log attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @kerple_log attention 0 term 0 arith.subf: add, function of i - j, per head, reads %arg4, %arg5{{$}}
func.func @kerple_log(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %p: tensor<4xf32>, %a: tensor<4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %d = arith.subi %m, %n : index
    %d64 = arith.index_cast %d : index to i64
    %ad = math.absi %d64 : i64
    %f = arith.sitofp %ad : i64 to f32
    %x = tensor.extract %p[%h] : tensor<4xf32>
    %u = tensor.extract %a[%h] : tensor<4xf32>
    %y = arith.mulf %u, %f : f32
    %l = math.log1p %y : f32
    %z = arith.mulf %x, %l : f32
    %r = arith.subf %s, %z : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @clamped_table attention 0: 1 term, i - j = m - n; (-inf, 0] constant, [1, 30] varies, [31, inf) constant{{$}}
// CHECK-NEXT: @clamped_table attention 0 term 0 arith.addf: add, function of i - j, per head, reads %arg4; (-inf, 0] = %arg4[0, h], [31, inf) = %arg4[31, h]{{$}}
func.func @clamped_table(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<?x4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %c0 = arith.constant 0 : index
    %c31 = arith.constant 31 : index
    %d = arith.subi %m, %n : index
    %lo = arith.maxsi %d, %c0 : index
    %hi = arith.minsi %lo, %c31 : index
    %x = tensor.extract %t[%hi, %h] : tensor<?x4xf32>
    %r = arith.addf %s, %x : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @swin attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @swin attention 0 term 0 arith.addf: add, table over ((m floordiv 7) - (n floordiv 7)) and ((m mod 7) - (n mod 7)), per head, reads %arg4{{$}}
func.func @swin(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<169x4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %c7 = arith.constant 7 : index
    %c13 = arith.constant 13 : index
    %c6 = arith.constant 6 : index
    %ym = arith.divui %m, %c7 : index
    %xm = arith.remui %m, %c7 : index
    %yn = arith.divui %n, %c7 : index
    %xn = arith.remui %n, %c7 : index
    %dy = arith.subi %ym, %yn : index
    %dx = arith.subi %xm, %xn : index
    %a = arith.addi %dy, %c6 : index
    %e = arith.addi %dx, %c6 : index
    %w = arith.muli %a, %c13 : index
    %idx = arith.addi %w, %e : index
    %x = tensor.extract %t[%idx, %h] : tensor<169x4xf32>
    %r = arith.addf %s, %x : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @axes attention 0: 1 term, i - j by positions{{$}}
// CHECK-NEXT: @axes attention 0 term 0 arith.addf: add, table over (i0 - j0) and (i1 - j1), reads %arg5{{$}}
func.func @axes(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %p: tensor<2x1x?xi32>, %t: tensor<13x13xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) positions(q = %p, k = %p : tensor<2x1x?xi32>, tensor<2x1x?xi32>) score(%s, %b, %h, %m, %n) {
    %y0 = posenc.q_pos axis 0 : index
    %x0 = posenc.q_pos axis 1 : index
    %y1 = posenc.k_pos axis 0 : index
    %x1 = posenc.k_pos axis 1 : index
    %dy = arith.subi %y0, %y1 : index
    %dx = arith.subi %x0, %x1 : index
    %x = tensor.extract %t[%dy, %dx] : tensor<13x13xf32>
    %r = arith.addf %s, %x : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @decay_gate attention 0: 2 terms, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @decay_gate attention 0 term 0 arith.addf: add, query-only, query factor %arg4[b, h, m], per head, per batch, reads %arg4{{$}}
// CHECK-NEXT: @decay_gate attention 0 term 1 arith.addf: add, key-only, key factor %arg4[b, h, n], times -1, per head, per batch, reads %arg4{{$}}
func.func @decay_gate(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %c: tensor<1x4x?xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %c[%b, %h, %m] : tensor<1x4x?xf32>
    %y = tensor.extract %c[%b, %h, %n] : tensor<1x4x?xf32>
    %d = arith.subf %x, %y : f32
    %r = arith.addf %s, %d : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @rank1 attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @rank1 attention 0 term 0 arith.addf: add, rank 1, query factor %arg4[h, m], key factor %arg5[h, n], per head, reads %arg5, %arg4{{$}}
func.func @rank1(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %u: tensor<4x?xf32>, %w: tensor<4x?xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %u[%h, %m] : tensor<4x?xf32>
    %y = tensor.extract %w[%h, %n] : tensor<4x?xf32>
    %d = arith.mulf %x, %y : f32
    %r = arith.addf %s, %d : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @row_gate attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @row_gate attention 0 term 0 arith.addf: add, query factor %arg4[b, h, m], times function of i - j, per head, per batch, reads %arg4, %arg5{{$}}
func.func @row_gate(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %g: tensor<1x4x?xf32>, %t: tensor<17x4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %c8 = arith.constant 8 : index
    %cm8 = arith.constant -8 : index
    %d = arith.subi %m, %n : index
    %d0 = arith.maxsi %d, %cm8 : index
    %d1 = arith.minsi %d0, %c8 : index
    %d2 = arith.addi %d1, %c8 : index
    %x = tensor.extract %t[%d2, %h] : tensor<17x4xf32>
    %y = tensor.extract %g[%b, %h, %m] : tensor<1x4x?xf32>
    %z = arith.mulf %x, %y : f32
    %r = arith.addf %s, %z : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @dense attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @dense attention 0 term 0 arith.addf: add, dense, per head, per batch, reads %arg4{{$}}
func.func @dense(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<1x4x?x?xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %t[%b, %h, %m, %n] : tensor<1x4x?x?xf32>
    %r = arith.addf %s, %x : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @gathered attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @gathered attention 0 term 0 arith.addf: add, dense, per head, reads %arg4, %arg5{{$}}
func.func @gathered(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %idx: tensor<?x?xindex>, %t: tensor<16x4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %e = tensor.extract %idx[%m, %n] : tensor<?x?xindex>
    %x = tensor.extract %t[%e, %h] : tensor<16x4xf32>
    %r = arith.addf %s, %x : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @content_mixed attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @content_mixed attention 0 term 0 arith.maximumf: general, function of the score and a dense tensor, per head, per batch, reads %arg4{{$}}
func.func @content_mixed(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<1x4x?x?xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %t[%b, %h, %m, %n] : tensor<1x4x?x?xf32>
    %y = arith.maximumf %s, %x : f32
    posenc.yield %y : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @not_relative attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @not_relative attention 0 term 0 arith.addf: add, dense, reads %arg4{{$}}
func.func @not_relative(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<?xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %d = arith.addi %m, %n : index
    %x = tensor.extract %t[%d] : tensor<?xf32>
    %r = arith.addf %s, %x : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @decay_factor attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @decay_factor attention 0 term 0 arith.mulf: multiply, function of i - j, per head, reads %arg4{{$}}
func.func @decay_factor(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %p: tensor<4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %d = arith.subi %m, %n : index
    %d64 = arith.index_cast %d : index to i64
    %f = arith.sitofp %d64 : i64 to f32
    %x = tensor.extract %p[%h] : tensor<4xf32>
    %y = arith.mulf %x, %f : f32
    %e = math.exp %y : f32
    %r = arith.mulf %s, %e : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @softcap_by_hand attention 0: 1 term, i - j = m - n; (-inf, inf) constant{{$}}
// CHECK-NEXT: @softcap_by_hand attention 0 term 0 arith.mulf: pointwise, function of the score{{$}}
func.func @softcap_by_hand(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %c = arith.constant 50.0 : f32
    %x = arith.divf %s, %c : f32
    %t = math.tanh %x : f32
    %r = arith.mulf %t, %c : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @sum_in_one_addition attention 0: 2 terms, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @sum_in_one_addition attention 0 term 0 arith.addf: add, dense, per head, per batch, reads %arg5{{$}}
// CHECK-NEXT: @sum_in_one_addition attention 0 term 1 arith.addf: add, affine in i - j, slope (%arg4[h] * -1), per head, reads %arg4{{$}}
func.func @sum_in_one_addition(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %p: tensor<4xf32>, %t: tensor<1x4x?x?xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %d = arith.subi %n, %m : index
    %d64 = arith.index_cast %d : index to i64
    %f = arith.sitofp %d64 : i64 to f32
    %x = tensor.extract %p[%h] : tensor<4xf32>
    %y = arith.mulf %x, %f : f32
    %z = tensor.extract %t[%b, %h, %m, %n] : tensor<1x4x?x?xf32>
    %w = arith.addf %y, %z : f32
    %r = arith.addf %s, %w : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @branch attention 0: 1 term, i - j = m - n; (-inf, -1] constant 0, [0, inf) constant{{$}}
// CHECK-NEXT: @branch attention 0 term 0 scf.if: add, function of i - j; (-inf, -1] = 0, [0, inf) = %arg4{{$}}
func.func @branch(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %x: f32) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %p = arith.cmpi sge, %m, %n : index
    %r = scf.if %p -> f32 {
    %y = arith.addf %s, %x : f32
    scf.yield %y : f32
    } else {
    scf.yield %s : f32
    }
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @loop attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @loop attention 0 term 0 scf.for: general, function of the score and the query{{$}}
func.func @loop(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %x: f32) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %r = scf.for %a = %c0 to %m step %c1 iter_args(%acc = %s) -> f32 {
    %y = arith.addf %acc, %x : f32
    scf.yield %y : f32
    }
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// A known side of a branch is what counts.

// CHECK:      @near_only score_map 0: 1 term, i - j = m - n; (-inf, 7] varies, [8, inf) constant 0{{$}}
// CHECK-NEXT: @near_only score_map 0 term 0 arith.addf: add, function of i - j; [8, inf) = 0{{$}}
func.func @near_only(%init: tensor<1x4x?x?xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0.0 : f32
    %d = arith.subi %m, %n : index
    %d64 = arith.index_cast %d : index to i64
    %f = arith.sitofp %d64 : i64 to f32
    %p = arith.cmpi slt, %d, %c8 : index
    %x = arith.select %p, %f, %zero : f32
    %y = arith.addf %s, %x : f32
    posenc.yield %y : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// CHECK:      @region_without_score score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @region_without_score score_map 0 term 0 tensor.extract: general, dense, reads %arg1{{$}}
func.func @region_without_score(%init: tensor<1x4x?x?xf32>, %t: tensor<?x?xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %t[%m, %n] : tensor<?x?xf32>
    posenc.yield %x : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// CHECK:      @score_alone score_map 0: 0 terms, i - j = m - n; (-inf, inf) constant 0{{$}}
func.func @score_alone(%init: tensor<1x4x?x?xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    posenc.yield %s : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// Window and causal written as one predicate over two uses of the score.

// CHECK:      @two_uses score_map 0: 2 terms, i - j = m - n; (-inf, -1] constant, [0, inf) constant{{$}}
// CHECK-NEXT: @two_uses score_map 0 term 0 arith.select: add, function of i - j; (-inf, -1] = 0, [0, inf) = %arg1{{$}}
// CHECK-NEXT: @two_uses score_map 0 term 1 arith.mulf: pointwise, function of the score{{$}}
func.func @two_uses(%init: tensor<1x4x?x?xf32>, %x: f32) -> tensor<1x4x?x?xf32> {
  %ninf = arith.constant 0xFF800000 : f32
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %p = arith.cmpi sge, %m, %n : index
    %y = arith.addf %s, %x : f32
    %z = arith.select %p, %y, %s : f32
    %u = arith.mulf %z, %z : f32
    posenc.yield %u : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// A power of the distance, and the tails of a sum of clamps.

// CHECK:      @sum_of_clamps score_map 0: 1 term, i - j = m - n; (-inf, 0] constant 0, [1, 99] varies, [100, 200] constant 100, [201, 299] varies, [300, inf) constant 200{{$}}
// CHECK-NEXT: @sum_of_clamps score_map 0 term 0 arith.addf: add, function of i - j; (-inf, 0] = 0, [100, 200] = 100, [300, inf) = 200{{$}}
func.func @sum_of_clamps(%init: tensor<1x4x?x?xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %c0 = arith.constant 0 : index
    %c100 = arith.constant 100 : index
    %c200 = arith.constant 200 : index
    %d = arith.subi %m, %n : index
    %a = arith.maxsi %d, %c0 : index
    %near = arith.minsi %a, %c100 : index
    %e = arith.maxsi %d, %c200 : index
    %f = arith.subi %e, %c200 : index
    %far = arith.minsi %f, %c100 : index
    %sum = arith.addi %near, %far : index
    %i64 = arith.index_cast %sum : index to i64
    %x = arith.sitofp %i64 : i64 to f32
    %y = arith.addf %s, %x : f32
    posenc.yield %y : f32
  }
  return %r : tensor<1x4x?x?xf32>
}
