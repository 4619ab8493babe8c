// Content times relative position: which rows meet which table, and how the table's row is chosen.
// RUN: posenc-opt %s --posenc-print-structure -o /dev/null 2>&1 | FileCheck %s

// CHECK:      @shaw attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @shaw attention 0 term 0 posenc.rel_dot: product, rows of q times %arg4, row a function of i - j; (-inf, -8] = 16, [8, inf) = 0{{$}}
func.func @shaw(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<17x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.rel_dot %s, %q[%b, %h, %m], %t at(%i, %j) bucket <clip, k_minus_q, left = 8, right = 8> : tensor<1x4x?x16xf32>, tensor<17x16xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @relative_key_query attention 0: 2 terms, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @relative_key_query attention 0 term 0 posenc.rel_dot: product, rows of q times %arg4, row a function of i - j; (-inf, -8] = 16, [8, inf) = 0{{$}}
// CHECK-NEXT: @relative_key_query attention 0 term 1 posenc.rel_dot: product, rows of k times %arg4, row a function of i - j; (-inf, -8] = 16, [8, inf) = 0{{$}}
func.func @relative_key_query(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<17x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.rel_dot %s, %q[%b, %h, %m], %t at(%i, %j) bucket <clip, k_minus_q, left = 8, right = 8> : tensor<1x4x?x16xf32>, tensor<17x16xf32>
    %2 = posenc.rel_dot %1, %k[%b, %h, %n], %t at(%i, %j) bucket <clip, k_minus_q, left = 8, right = 8> : tensor<1x4x?x16xf32>, tensor<17x16xf32>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @transformer_xl attention 0: 2 terms, i - j = m - n; (-inf, -1] masked, [0, inf) varies{{$}}
// CHECK-NEXT: @transformer_xl attention 0 term 0 posenc.rel_dot: product, rows of q plus %arg5 times %arg4, row a function of i - j; (-inf, 0] = 0, [63, inf) = 63{{$}}
// CHECK-NEXT: @transformer_xl attention 0 term 1 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @transformer_xl(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %r: tensor<64x4x16xf32>, %u: tensor<4x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.rel_dot %s, %q[%b, %h, %m], %r[%h] at(%i, %j) bucket <clip, q_minus_k, left = 0, right = 63> bias(%u[%h]) : tensor<1x4x?x16xf32>, tensor<64x4x16xf32>, tensor<4x16xf32>
    %2 = posenc.mask %1 at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @deberta attention 0: 2 terms, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @deberta attention 0 term 0 posenc.rel_dot: product, rows of q times %arg4, row a function of i - j; (-inf, -16] = 0, [10, inf) = 15, 5 shorter{{$}}
// CHECK-NEXT: @deberta attention 0 term 1 posenc.rel_dot: product, rows of k times %arg5, row a function of i - j; (-inf, -16] = 0, [10, inf) = 15, 5 shorter{{$}}
func.func @deberta(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %kr: tensor<16x4x16xf32>, %qr: tensor<16x4x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.rel_dot %s, %q[%b, %h, %m], %kr[%h] at(%i, %j) bucket <deberta, q_minus_k, size = 8, max = 16, rule = huggingface> : tensor<1x4x?x16xf32>, tensor<16x4x16xf32>
    %2 = posenc.rel_dot %1, %k[%b, %h, %n], %qr[%h] at(%j, %i) bucket <deberta, k_minus_q, size = 8, max = 16, rule = huggingface> : tensor<1x4x?x16xf32>, tensor<16x4x16xf32>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @inkling attention 0: 1 term, i - j = m - n; (-inf, -1] constant, [0, 23] varies, [24, inf) constant{{$}}
// CHECK-NEXT: @inkling attention 0 term 0 posenc.rel_dot: product, rows of %arg4 at the query times %arg5, row a function of i - j; (-inf, 0] = 0, [23, inf) = 23{{$}}
func.func @inkling(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %x: tensor<1x4x?x8xf32>, %t: tensor<24x8xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.rel_dot %s, %x[%b, %h, %m], %t at(%i, %j) bucket <identity, q_minus_k, extent = 24> : tensor<1x4x?x8xf32>, tensor<24x8xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @decomposed attention 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @decomposed attention 0 term 0 posenc.rel_dot: product, rows of q times %arg4, row a function of ((m mod 7) - (n mod 7)){{$}}
func.func @decomposed(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<13x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %w = arith.constant 7 : index
    %qx = arith.remui %i, %w : index
    %kx = arith.remui %j, %w : index
    %d = arith.subi %qx, %kx : index
    %c6 = arith.constant 6 : index
    %row = arith.addi %d, %c6 : index
    %1 = posenc.rel_dot %s, %q[%b, %h, %m], %t row(%row) : tensor<1x4x?x16xf32>, tensor<13x16xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// CHECK:      @shaw_values attention 0: 0 terms, i - j = m - n; (-inf, inf) constant 0{{$}}
// CHECK-NEXT: @shaw_values attention 0 values: rows of %arg4, row a function of i - j, of 17 rows{{$}}
func.func @shaw_values(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %t: tensor<17x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) value_rel(%t : tensor<17x16xf32>) bucket <clip, k_minus_q, left = 8, right = 8> score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    posenc.yield %s : f32
  }
  return %o : tensor<1x4x?x16xf32>
}
