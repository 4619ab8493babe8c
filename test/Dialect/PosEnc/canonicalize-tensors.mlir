// RUN: posenc-opt %s --canonicalize -split-input-file | FileCheck %s

!t = tensor<1x2x8x8xf32>

/// Regions that change nothing.
// CHECK-LABEL: func.func @identity_regions(
// CHECK:         posenc.attention
// CHECK-NOT:     score(
// CHECK-NOT:     rows
// CHECK:         return
func.func @identity_regions(%q: !t, %init: !t) -> !t {
  %zero = arith.constant dense<0.0> : tensor<8x4xf32>
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t)
      q_rows(%row, %b, %h, %t) {
    %y = posenc.rotate %row at(%b, %t) by(%zero) half : !posenc.row, tensor<8x4xf32>
    posenc.yield %y : !posenc.row
  } score(%s, %b, %h, %m, %n) {
    posenc.yield %s : f32
  }
  return %r : !t
}

// -----

!t = tensor<1x2x8x8xf32>

// CHECK-LABEL: func.func @no_drop_regions(
// CHECK:         q_rows
// CHECK:         score(
func.func @no_drop_regions(%q: !t, %a: tensor<8x4xf32>, %init: !t) -> !t {
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t)
      q_rows(%row, %b, %h, %t) {
    %y = posenc.rotate %row at(%b, %t) by(%a) half : !posenc.row, tensor<8x4xf32>
    posenc.yield %y : !posenc.row
  } score(%s, %b, %h, %m, %n) {
    %1 = posenc.softcap %s cap(3.0)
    posenc.yield %1 : f32
  }
  return %r : !t
}

// -----

!t = tensor<1x2x8x8xbf16>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>

/// q / 8 and k · 2 (as a splat), rotated or not: scale 3 · 1/8 · 2.
// CHECK-LABEL: func.func @scale(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<1x2x8x8xbf16>
// CHECK-NOT:     linalg.generic
// CHECK:         posenc.attention scale(7.500000e-01) ins(%[[X]], %[[X]], %[[X]] :
func.func @scale(%x: !t, %a: tensor<8x4xf32>, %init: !t) -> !t {
  %c8 = arith.constant 8.0 : bf16
  %two = arith.constant dense<2.0> : !t
  %q = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : !t) outs(%init : !t) {
  ^bb0(%in: bf16, %out: bf16):
    %y = arith.divf %in, %c8 : bf16
    linalg.yield %y : bf16
  } -> !t
  %k = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%two, %x : !t, !t) outs(%init : !t) {
  ^bb0(%c: bf16, %in: bf16, %out: bf16):
    %y = arith.mulf %c, %in : bf16
    linalg.yield %y : bf16
  } -> !t
  %r = posenc.attention scale(3.0) ins(%q, %k, %x : !t, !t, !t) outs(%init : !t)
      q_rows(%row, %b, %h, %t) {
    %y = posenc.rotate %row at(%b, %t) by(%a) half : !posenc.row, tensor<8x4xf32>
    posenc.yield %y : !posenc.row
  }
  return %r : !t
}

// -----

!t = tensor<1x2x8x8xf32>
!u = tensor<1x2x8x8xf16>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#tr = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3, d2)>

/// 3 is no power of two; c / x is no scaling; the product also permutes; an
/// f16 tensor may lose bits; 2^127 · 2 overflows.
// CHECK-LABEL: func.func @no_fold_scale(
// CHECK-COUNT-5: linalg.generic
func.func @no_fold_scale(%x: !t, %y: !u, %init: !t, %uinit: !u) -> (!t, !t, !u, !t) {
  %c3 = arith.constant 3.0 : f32
  %c2 = arith.constant 2.0 : f32
  %c4 = arith.constant 4.0 : f16
  %q = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : !t) outs(%init : !t) {
  ^bb0(%in: f32, %out: f32):
    %z = arith.mulf %in, %c3 : f32
    linalg.yield %z : f32
  } -> !t
  %k = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : !t) outs(%init : !t) {
  ^bb0(%in: f32, %out: f32):
    %z = arith.divf %c2, %in : f32
    linalg.yield %z : f32
  } -> !t
  %p = linalg.generic {indexing_maps = [#tr, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : !t) outs(%init : !t) {
  ^bb0(%in: f32, %out: f32):
    %z = arith.mulf %in, %c2 : f32
    linalg.yield %z : f32
  } -> !t
  %h = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%y : !u) outs(%uinit : !u) {
  ^bb0(%in: f16, %out: f16):
    %z = arith.mulf %in, %c4 : f16
    linalg.yield %z : f16
  } -> !u
  %d = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : !t) outs(%init : !t) {
  ^bb0(%in: f32, %out: f32):
    %z = arith.mulf %in, %c2 : f32
    linalg.yield %z : f32
  } -> !t
  %0 = posenc.attention scale(1.0) ins(%q, %k, %x : !t, !t, !t) outs(%init : !t)
  %1 = posenc.attention scale(1.0) ins(%p, %x, %x : !t, !t, !t) outs(%init : !t)
  %2 = posenc.attention scale(1.0) ins(%h, %y, %y : !u, !u, !u) outs(%uinit : !u)
  %3 = posenc.attention scale(2.0e+38) ins(%d, %x, %x : !t, !t, !t) outs(%init : !t)
  return %0, %1, %2, %3 : !t, !t, !u, !t
}

// -----

!t = tensor<1x2x8x8xf32>

/// Positions that count up are an offset, or nothing.
// CHECK-LABEL: func.func @positions(
// CHECK-SAME:    %{{.+}}: tensor<1x2x8x8xf32>, %[[O:[a-z0-9]+]]: index
// CHECK:         posenc.attention {{.*}} offsets(q = %[[O]])
// CHECK:         posenc.score_map outs(%{{.+}} : tensor<1x2x8x8xf32>) offsets(k = %[[O]])
func.func @positions(%q: !t, %o: index, %init: !t) -> (!t, !t) {
  %p = posenc.positions offset(%o) : tensor<8xi64>
  %k = posenc.positions : tensor<8xindex>
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t) positions(q = %p, k = %k : tensor<8xi64>, tensor<8xindex>)
  %m = posenc.score_map outs(%init : !t) positions(q = %k, k = %p : tensor<8xindex>, tensor<8xi64>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %r, %m : !t, !t
}

// -----

!t = tensor<1x2x8x8xf32>

/// i32 may wrap; f32 positions have another type in the region.
// CHECK-LABEL: func.func @no_fold_positions(
// CHECK:         posenc.attention {{.*}} positions(q = %{{.+}}, k = %{{.+}} : tensor<8xi32>, tensor<8xf32>)
func.func @no_fold_positions(%q: !t, %o: index, %init: !t) -> !t {
  %p = posenc.positions offset(%o) : tensor<8xi32>
  %k = posenc.positions : tensor<8xf32>
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t) positions(q = %p, k = %k : tensor<8xi32>, tensor<8xf32>)
  return %r : !t
}

// -----

// CHECK-LABEL: func.func @lookup_of_iota(
// CHECK-SAME:    %[[T:[a-z0-9]+]]: tensor<512x64xf32>
// CHECK:         %[[S:.+]] = tensor.extract_slice %[[T]][0, 0] [40, 64] [1, 1] : tensor<512x64xf32> to tensor<40x64xf32>
// CHECK:         return %[[S]], %[[T]]
func.func @lookup_of_iota(%t: tensor<512x64xf32>) -> (tensor<40x64xf32>, tensor<512x64xf32>) {
  %p = posenc.positions : tensor<40xi64>
  %0 = posenc.lookup %t[%p] assert : tensor<512x64xf32>, tensor<40xi64> -> tensor<40x64xf32>
  %a = posenc.positions : tensor<512xi64>
  %1 = posenc.lookup %t[%a] clamp : tensor<512x64xf32>, tensor<512xi64> -> tensor<512x64xf32>
  return %0, %1 : tensor<40x64xf32>, tensor<512x64xf32>
}

// -----

/// More positions than rows, an offset, a length that is not known.
// CHECK-LABEL: func.func @no_fold_lookup(
// CHECK-COUNT-3: posenc.lookup
func.func @no_fold_lookup(%t: tensor<32x64xf32>, %o: index) -> (tensor<40x64xf32>, tensor<8x64xf32>, tensor<?x64xf32>) {
  %p = posenc.positions : tensor<40xi64>
  %0 = posenc.lookup %t[%p] clamp : tensor<32x64xf32>, tensor<40xi64> -> tensor<40x64xf32>
  %a = posenc.positions offset(%o) : tensor<8xi64>
  %1 = posenc.lookup %t[%a] clamp : tensor<32x64xf32>, tensor<8xi64> -> tensor<8x64xf32>
  %d = posenc.positions size(%o) : tensor<?xi64>
  %2 = posenc.lookup %t[%d] clamp : tensor<32x64xf32>, tensor<?xi64> -> tensor<?x64xf32>
  return %0, %1, %2 : tensor<40x64xf32>, tensor<8x64xf32>, tensor<?x64xf32>
}

// -----

// CHECK-LABEL: func.func @rotate_by_zero(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<1x2x8x8xf32>
// CHECK-NEXT:    return %[[X]], %[[X]]
func.func @rotate_by_zero(%x: tensor<1x2x8x8xf32>) -> (tensor<1x2x8x8xf32>, tensor<1x2x8x8xf32>) {
  %zero = arith.constant dense<0.0> : tensor<8x4xf32>
  %one = arith.constant dense<1.0> : tensor<8x4xf32>
  %0 = posenc.rotate %x by(%zero) half : tensor<1x2x8x8xf32>, tensor<8x4xf32>
  %1 = posenc.rotate %x by(%one, %zero) interleaved : tensor<1x2x8x8xf32>, tensor<8x4xf32>, tensor<8x4xf32>
  return %0, %1 : tensor<1x2x8x8xf32>, tensor<1x2x8x8xf32>
}

// -----

// CHECK-LABEL: func.func @no_fold_rotate(
// CHECK-COUNT-2: posenc.rotate
func.func @no_fold_rotate(%x: tensor<1x2x8x8xf32>) -> (tensor<1x2x8x8xf32>, tensor<1x2x8x8xf32>) {
  %zero = arith.constant dense<0.0> : tensor<8x4xf32>
  %one = arith.constant dense<1.0> : tensor<8x4xf32>
  %0 = posenc.rotate %x by(%one) half : tensor<1x2x8x8xf32>, tensor<8x4xf32>
  %1 = posenc.rotate %x by(%zero, %one) interleaved : tensor<1x2x8x8xf32>, tensor<8x4xf32>, tensor<8x4xf32>
  return %0, %1 : tensor<1x2x8x8xf32>, tensor<1x2x8x8xf32>
}
