// Stages: what they read, what reads them, and that nothing in front of them is skipped.
// RUN: posenc-opt %s --posenc-print-structure -o /dev/null 2>&1 | FileCheck %s

!q = tensor<1x4x?x16xf32>

// CoPE: mask, gate, suffix sum, and a curve at it.
// CHECK:      @cope attention 0: 2 terms, 1 stage, i - j = m - n; {{.*}}mixed
// CHECK-NOT:  masked
// CHECK:      @cope attention 0 stage 0 posenc.row_scan: row scan, the row's values in order, reverse, reads 1 value{{$}}
// CHECK-NEXT: @cope attention 0 stage 0 value 0 term 0 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
// CHECK-NEXT: @cope attention 0 stage 0 value 0 term 1 math.exp: pointwise, function of the score{{$}}
// CHECK-NEXT: @cope attention 0 stage 0 value 0 term 2 arith.addf: add, the same everywhere 1{{$}}
// CHECK-NEXT: @cope attention 0 stage 0 value 0 term 3 arith.divf: pointwise, function of the score{{$}}
// CHECK-NEXT: @cope attention 0 term 0 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
// CHECK-NEXT: @cope attention 0 term 1 arith.addf: add, function of a stage and the query, per head, per batch, reads %{{.*}}{{$}}
func.func @cope(%q: !q, %k: !q, %v: !q, %init: !q, %curve: tensor<1x4x?x16xf32>) -> !q {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %one = arith.constant 1.0 : f32
    %last = arith.constant 15.0 : f32
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %masked = posenc.mask %s at(%i, %j) <causal>
    %neg = arith.negf %masked : f32
    %exp = math.exp %neg : f32
    %sum = arith.addf %exp, %one : f32
    %gate = arith.divf %one, %sum : f32
    %all = posenc.row_scan sum reverse %gate : f32
    %p = arith.minimumf %all, %last : f32
    %r = arith.fptosi %p : f32 to i32
    %row = arith.index_cast %r : i32 to index
    %e = tensor.extract %curve[%b, %h, %m, %row] : tensor<1x4x?x16xf32>
    %1 = arith.addf %masked, %e : f32
    posenc.yield %1 : f32
  }
  return %o : !q
}

// What the mask hides the scan has read: no zone is masked.
// CHECK:      @mask_behind attention 0: 2 terms, 1 stage, i - j = m - n; (-inf, inf) mixed{{$}}
// CHECK-NEXT: @mask_behind attention 0 stage 0 posenc.row_scan: row scan, the row's values in order, exclusive, reads 1 value{{$}}
// CHECK-NEXT: @mask_behind attention 0 term 0 arith.addf: add, function of a stage{{$}}
// CHECK-NEXT: @mask_behind attention 0 term 1 posenc.mask: mask, function of i - j; (-inf, -1] hidden, [0, inf) visible{{$}}
func.func @mask_behind(%q: !q, %k: !q, %v: !q, %init: !q) -> !q {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.row_scan sum exclusive %s : f32
    %1 = arith.addf %s, %x : f32
    %2 = posenc.mask %1 at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : !q
}

// DAPE: scores and biases of all heads.
// CHECK:      @dape attention 0: 2 terms, 1 stage, i - j = m - n; (-inf, inf) mixed{{$}}
// CHECK-NEXT: @dape attention 0 stage 0 posenc.head_mix: head mix, the values of all heads, reads 2 values{{$}}
// CHECK-NEXT: @dape attention 0 stage 0 value 1 term 0 {{.*}}i - j
// CHECK-NEXT: @dape attention 0 term 0 {{.*}}: add, {{.*}}
// CHECK-NEXT: @dape attention 0 term 1 {{.*}}: add, function of a stage{{$}}
func.func @dape(%q: !q, %k: !q, %v: !q, %init: !q, %slopes: tensor<4xf32>, %w1: tensor<8x32xf32>, %b1: tensor<32xf32>, %w2: tensor<32x4xf32>) -> !q {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %zero = arith.constant 0.0 : f32
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %bias = posenc.bias_fn %zero, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<4xf32>, index
    %f = posenc.head_mix(%s, %bias) layers(%w1, %b1, %w2) activation leaky_relu : tensor<8x32xf32>, tensor<32xf32>, tensor<32x4xf32>
    %1 = arith.addf %s, %bias : f32
    %2 = arith.addf %1, %f : f32
    posenc.yield %2 : f32
  }
  return %o : !q
}

// CHECK:      @talking_heads attention 0: 1 term, 1 stage, i - j = m - n; (-inf, inf) mixed{{$}}
// CHECK-NEXT: @talking_heads attention 0 stage 0 posenc.head_mix: head mix, the values of all heads, reads 1 value{{$}}
// CHECK-NEXT: @talking_heads attention 0 term 0 posenc.head_mix: general, function of a stage{{$}}
func.func @talking_heads(%q: !q, %k: !q, %v: !q, %init: !q, %w: tensor<4x4xf32>) -> !q {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %1 = posenc.head_mix(%s) layers(%w) : tensor<4x4xf32>
    posenc.yield %1 : f32
  }
  return %o : !q
}

// A stage that reads another: its terms end there.
// CHECK:      @two_stages score_map 0: 1 term, 2 stages, i - j = m - n; (-inf, inf) mixed{{$}}
// CHECK-NEXT: @two_stages score_map 0 stage 0 posenc.row_scan: row scan, the row's values in order, reads 1 value{{$}}
// CHECK-NEXT: @two_stages score_map 0 stage 0 value 0 term 0 {{.*}}key-only
// CHECK-NEXT: @two_stages score_map 0 stage 1 posenc.row_scan: row scan, the row's values in order, reads 1 value{{$}}
// CHECK-NEXT: @two_stages score_map 0 stage 1 value 0 term 0 {{.*}}function of a stage
// CHECK-NEXT: @two_stages score_map 0 term 0 posenc.row_scan: general, function of a stage{{$}}
func.func @two_stages(%e: tensor<1x4x?x?xf32>, %gate: tensor<?xf32>) -> tensor<1x4x?x?xf32> {
  %map = posenc.score_map outs(%e : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %g = tensor.extract %gate[%n] : tensor<?xf32>
    %1 = posenc.row_scan sum %g : f32
    %2 = arith.mulf %1, %g : f32
    %3 = posenc.row_scan sum %2 : f32
    posenc.yield %3 : f32
  }
  return %map : tensor<1x4x?x?xf32>
}
