// RUN: posenc-opt %s --posenc-decompose-products --split-input-file | FileCheck %s
// RUN: posenc-opt %s --posenc-decompose-products --split-input-file --remarks-filter=posenc-decompose 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

/// Transformer-XL: the curve is over all that the rows and the table are read at, the table's row is last.
// CHECK-DAG:   #[[$ROWS:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3)>
// CHECK-DAG:   #[[$TABLE:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d1, d3, d4)>
// CHECK-DAG:   #[[$CURVE:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d4)>
// CHECK-LABEL: func.func @transformer_xl(
// CHECK-SAME:    %[[Q:[a-z0-9]+]]: tensor<1x2x5x4xbf16>
// CHECK-SAME:    %[[R:[a-z0-9]+]]: tensor<12x2x4xf32>, %[[V:[a-z0-9]+]]: tensor<2x4xf32>
// CHECK:         %[[X:.+]] = linalg.generic {{.+}} outs(%{{.+}} : tensor<1x2x5x4xf32>)
// CHECK:           tensor.extract %[[Q]]
// CHECK:           arith.extf
// CHECK:           tensor.extract %[[V]]
// CHECK:           arith.addf
// CHECK:         %[[T:.+]] = linalg.generic {{.+}} outs(%{{.+}} : tensor<2x4x12xf32>)
// CHECK:           tensor.extract %[[R]]
// CHECK:         %[[FILL:.+]] = linalg.fill {{.+}} -> tensor<1x2x5x12xf32>
// CHECK:         %[[PRODUCTS:.+]] = linalg.generic {indexing_maps = [#[[$ROWS]], #[[$TABLE]], #[[$CURVE]]], iterator_types = ["parallel", "parallel", "parallel", "reduction", "parallel"]} ins(%[[X]], %[[T]] : {{.+}}) outs(%[[FILL]] : tensor<1x2x5x12xf32>)
// CHECK:         posenc.attention
// CHECK:         score(%[[S:.+]], %[[B:.+]], %[[H:.+]], %[[M:.+]], %{{.+}}) {
// CHECK-NOT:       scf.for
// CHECK:           %[[ROW:.+]] = arith.minsi
// CHECK:           %[[E:.+]] = tensor.extract %[[PRODUCTS]][%[[B]], %[[H]], %[[M]], %[[ROW]]] : tensor<1x2x5x12xf32>
// CHECK:           %[[W:.+]] = arith.mulf %{{.+}}, %[[E]]
// CHECK:           arith.addf %[[S]], %[[W]]
// REMARK: [[@LINE+11]]:{{.+}}"a product of rows is computed before attention, as tensor<1x2x5x12xf32>
func.func @transformer_xl(%q: tensor<1x2x5x4xbf16>, %k: tensor<1x2x12x4xbf16>, %r: tensor<12x2x4xf32>, %v: tensor<2x4xf32>, %init: tensor<1x2x5x4xbf16>) -> tensor<1x2x5x4xbf16> {
  %memory = arith.constant 7 : index
  %o = posenc.attention scale(0.5) ins(%q, %k, %k : tensor<1x2x5x4xbf16>, tensor<1x2x12x4xbf16>, tensor<1x2x12x4xbf16>) outs(%init : tensor<1x2x5x4xbf16>) offsets(q = %memory) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %d = arith.subi %i, %j : index
    %c11 = arith.constant 11 : index
    %back = arith.subi %c11, %d : index
    %row = arith.minsi %back, %c11 : index
    %w = arith.constant 0.5 : f32
    %1 = posenc.rel_dot %s, %q[%b, %h, %m], %r[%h] row(%row) bias(%v[%h]) weight(%w) : tensor<1x2x5x4xbf16>, tensor<12x2x4xf32>, tensor<2x4xf32>
    %2 = posenc.mask %1 at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x2x5x4xbf16>
}

// -----

/// Keys of grouped heads, dynamic extents: the head of the keys is computed for each query head.
// CHECK-LABEL: func.func @keys_of_groups(
// CHECK-SAME:    %[[K:[a-z0-9]+]]: tensor<?x?x?x?xf32>
// CHECK:         linalg.generic {{.+}} outs(%{{.+}} : tensor<?x4x?x?xf32>)
// CHECK:           %[[HEAD:.+]] = arith.divui
// CHECK:           tensor.extract %[[K]][%{{.+}}, %[[HEAD]], %{{.+}}, %{{.+}}]
// CHECK:         linalg.generic {{.+}} outs(%{{.+}} : tensor<?x17xf32>)
// CHECK:         posenc.attention
// CHECK:           %[[E:.+]] = tensor.extract %{{.+}}[%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}] : tensor<?x4x?x17xf32>
// CHECK:           %[[IF:.+]] = arith.select %{{.+}}, %[[E]], %{{.+}} : f32
func.func @keys_of_groups(%k: tensor<?x?x?x?xf32>, %q: tensor<?x4x?x?xf32>, %t: tensor<17x?xf32>, %init: tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32> {
  %o = posenc.attention scale(0.5) ins(%q, %k, %k : tensor<?x4x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) outs(%init : tensor<?x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %c2 = arith.constant 2 : index
    %hk = arith.divui %h, %c2 : index
    %1 = posenc.rel_dot %s, %k[%b, %hk, %n], %t at(%i, %j) bucket <identity, q_minus_k, extent = 17> : tensor<?x?x?x?xf32>, tensor<17x?xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<?x4x?x?xf32>
}

// -----

/// In a score_map, and with rows that batches share.
// CHECK-LABEL: func.func @map(
// CHECK:         posenc.score_map
// CHECK:           tensor.extract %{{.+}}[%{{.+}}, %{{.+}}, %{{.+}}] : tensor<2x5x9xf32>
func.func @map(%x: tensor<2x5x4xf32>, %t: tensor<9x4xf32>, %init: tensor<1x2x5x7xf32>) -> tensor<1x2x5x7xf32> {
  %r = posenc.score_map outs(%init : tensor<1x2x5x7xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.rel_dot %s, %x[%h, %m], %t at(%i, %j) bucket <clip, q_minus_k, left = 4, right = 4> : tensor<2x5x4xf32>, tensor<9x4xf32>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x2x5x7xf32>
}

// -----

// CHECK-LABEL: func.func @negative_position_index(
// CHECK:         posenc.rel_dot
// REMARK: a product of rows stays a loop per score: an index is computed from more than batch, head, query and key
func.func @negative_position_index(%x: tensor<5x4xf32>, %t: tensor<9x4xf32>, %init: tensor<1x2x5x7xf32>) -> tensor<1x2x5x7xf32> {
  %r = posenc.score_map outs(%init : tensor<1x2x5x7xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.rel_dot %s, %x[%i], %t at(%i, %j) bucket <clip, q_minus_k, left = 4, right = 4> : tensor<5x4xf32>, tensor<9x4xf32>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x2x5x7xf32>
}

// -----

// CHECK-LABEL: func.func @negative_both_sides(
// CHECK:         posenc.rel_dot
// REMARK: a product of rows stays a loop per score: it reads rows at the query and at the key
func.func @negative_both_sides(%x: tensor<5x4xf32>, %t: tensor<9x7x4xf32>, %init: tensor<1x2x5x7xf32>) -> tensor<1x2x5x7xf32> {
  %r = posenc.score_map outs(%init : tensor<1x2x5x7xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.rel_dot %s, %x[%m], %t[%n] at(%i, %j) bucket <clip, q_minus_k, left = 4, right = 4> : tensor<5x4xf32>, tensor<9x7x4xf32>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x2x5x7xf32>
}

// -----

/// 7 scores per row, 57 rows of the table: one more than eight times as many.
// CHECK-LABEL: func.func @negative_large_table(
// CHECK:         posenc.rel_dot
// REMARK: a product of rows stays a loop per score: the table has 57 rows for 7 scores of each row
func.func @negative_large_table(%x: tensor<5x4xf32>, %t: tensor<57x4xf32>, %init: tensor<1x2x5x7xf32>) -> tensor<1x2x5x7xf32> {
  %r = posenc.score_map outs(%init : tensor<1x2x5x7xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.rel_dot %s, %x[%m], %t at(%i, %j) bucket <clip, q_minus_k, left = 28, right = 28> : tensor<5x4xf32>, tensor<57x4xf32>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x2x5x7xf32>
}

// -----

// CHECK-LABEL: func.func @negative_memref(
// CHECK:         posenc.rel_dot
// REMARK: a product of rows stays a loop per score: it reads what is no tensor from outside the region
func.func @negative_memref(%x: memref<5x4xf32>, %t: memref<9x4xf32>, %init: tensor<1x2x5x7xf32>) -> tensor<1x2x5x7xf32> {
  %r = posenc.score_map outs(%init : tensor<1x2x5x7xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.rel_dot %s, %x[%m], %t at(%i, %j) bucket <clip, q_minus_k, left = 4, right = 4> : memref<5x4xf32>, memref<9x4xf32>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x2x5x7xf32>
}

// -----

/// Rows that are read behind a condition need not be there for all queries.
// CHECK-LABEL: func.func @negative_conditional(
// CHECK:         scf.if
// CHECK:           posenc.rel_dot
// REMARK: a product of rows stays a loop per score: it stands in a region of another op, which need not run
func.func @negative_conditional(%x: tensor<3x4xf32>, %t: tensor<9x4xf32>, %init: tensor<1x2x5x7xf32>) -> tensor<1x2x5x7xf32> {
  %r = posenc.score_map outs(%init : tensor<1x2x5x7xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %c3 = arith.constant 3 : index
    %has = arith.cmpi ult, %m, %c3 : index
    %1 = scf.if %has -> f32 {
      %2 = posenc.rel_dot %s, %x[%m], %t at(%i, %j) bucket <clip, q_minus_k, left = 4, right = 4> : tensor<3x4xf32>, tensor<9x4xf32>
      scf.yield %2 : f32
    } else {
      scf.yield %s : f32
    }
    posenc.yield %1 : f32
  }
  return %r : tensor<1x2x5x7xf32>
}
