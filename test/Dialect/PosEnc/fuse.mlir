// RUN: posenc-opt %s --posenc-fuse -split-input-file | FileCheck %s
// RUN: posenc-opt %s --posenc-fuse -split-input-file | posenc-opt -split-input-file --posenc-fuse | FileCheck %s

!t = tensor<2x4x?x16xf32>

/// Two maps, added in either order and with one of them masked in the region:
/// one chain of modifiers on the score, with one pair of positions.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME:    %[[Q:[a-z0-9]+]]: tensor<2x4x?x16xf32>, %[[TABLE:[a-z0-9]+]]: tensor<17x4xf32>, %[[SLOPES:[a-z0-9]+]]: tensor<4xf32>
// CHECK-NOT:     score_map
// CHECK:         posenc.attention
// CHECK:           score(%[[S:.+]], %{{.+}}, %[[H:.+]], %{{.+}}, %{{.+}}) {
// CHECK-NEXT:        %[[I:.+]] = posenc.q_pos : index
// CHECK-NEXT:        %[[J:.+]] = posenc.k_pos : index
// CHECK-NEXT:        %[[A:.+]] = posenc.bias_table %[[S]], %[[TABLE]][%[[H]]] at(%[[I]], %[[J]])
// CHECK-NEXT:        %[[B:.+]] = posenc.mask %[[A]] at(%[[I]], %[[J]]) <causal>
// CHECK-NEXT:        %[[C:.+]] = posenc.bias_fn %[[B]], %[[SLOPES]][%[[H]]] at(%[[I]], %[[J]])
// CHECK-NEXT:        posenc.yield %[[C]] : f32
func.func @chain(%q: !t, %table: tensor<17x4xf32>, %slopes: tensor<4xf32>, %e: tensor<1x4x?x?xf32>, %init: !t) -> !t {
  %c0 = arith.constant 0 : index
  %bias = posenc.score_map outs(%e : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17x4xf32>
    posenc.yield %t : f32
  }
  %alibi = posenc.score_map outs(%e : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %j = posenc.k_pos : index
    %i = posenc.q_pos : index
    %t = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<4xf32>, index
    posenc.yield %t : f32
  }
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %bias[%c0, %h, %m, %n] : tensor<1x4x?x?xf32>
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %masked = posenc.mask %x at(%i, %j) <causal>
    %y = arith.addf %masked, %s : f32
    %z = tensor.extract %alibi[%c0, %h, %m, %n] : tensor<1x4x?x?xf32>
    %w = arith.addf %y, %z : f32
    posenc.yield %w : f32
  }
  return %o : !t
}

// -----

!t = tensor<2x4x?x16xf32>

/// Two readers, one of them through another map: inlined in each, then erased.
// CHECK-LABEL: func.func @shared_map(
// CHECK-NOT:     score_map
// CHECK-COUNT-2: posenc.bias_table
// CHECK-NOT:     score_map
// CHECK-NOT:     tensor.extract
func.func @shared_map(%q: !t, %table: tensor<17x4xf32>, %e: tensor<1x4x?x?xf32>, %init: !t) -> !t {
  %c0 = arith.constant 0 : index
  %bias = posenc.score_map outs(%e : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17x4xf32>
    posenc.yield %t : f32
  }
  %masked = posenc.score_map outs(%e : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %bias[%b, %h, %m, %n] : tensor<1x4x?x?xf32>
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.mask %x at(%i, %j) <causal>
    posenc.yield %t : f32
  }
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %bias[%c0, %h, %m, %n] : tensor<1x4x?x?xf32>
    %y = arith.addf %s, %x : f32
    posenc.yield %y : f32
  }
  %r = posenc.attention scale(1.0) ins(%o, %q, %q : !t, !t, !t) outs(%init : !t) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %masked[%c0, %h, %m, %n] : tensor<1x4x?x?xf32>
    %y = arith.addf %s, %x : f32
    posenc.yield %y : f32
  }
  return %r : !t
}

// -----

!t = tensor<2x4x?x16xf32>

/// The ops take positions from different places, or the map is read at other
/// indices: explicit positions, the same value.
// CHECK-LABEL: func.func @other_positions(
// CHECK-SAME:    %[[P:[a-z0-9]+]]: tensor<2x?xi64>, %[[OFF:[a-z0-9]+]]: index
// CHECK:         score(%[[S:.+]], %[[B:.+]], %[[H:.+]], %[[M:.+]], %[[N:.+]]) {
// CHECK-DAG:       %[[I:.+]] = arith.addi %[[M]], %[[OFF]] : index
// CHECK-DAG:       %[[E:.+]] = tensor.extract %[[P]][%[[B]], %[[M]]] : tensor<2x?xi64>
// CHECK-DAG:       %[[J:.+]] = arith.index_cast %[[E]] : i64 to index
// CHECK:           posenc.mask %[[S]] at(%[[I]], %[[J]]) <causal>
func.func @other_positions(%p: tensor<2x?xi64>, %off: index, %q: !t, %e: tensor<2x1x?x?xf32>, %init: !t) -> !t {
  %c0 = arith.constant 0 : index
  %bias = posenc.score_map outs(%e : tensor<2x1x?x?xf32>) positions(k = %p : tensor<2x?xi64>) offsets(q = %off) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %t : f32
  }
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %bias[%b, %c0, %m, %m] : tensor<2x1x?x?xf32>
    %y = arith.addf %s, %x : f32
    posenc.yield %y : f32
  }
  return %o : !t
}

// -----

!t = tensor<2x4x?x16xf32>

/// The same positions for both, per batch entry; an offset that is 0.
// CHECK-LABEL: func.func @same_positions(
// CHECK-NOT:     score_map
// CHECK:         posenc.attention
// CHECK-NOT:       tensor.extract
// CHECK-NOT:       arith.addi
// CHECK:           %[[I:.+]] = posenc.q_pos : index
// CHECK:           %[[J:.+]] = posenc.k_pos axis 1 : index
// CHECK:           posenc.mask %{{.+}} at(%[[I]], %[[J]]) <causal>
func.func @same_positions(%p: tensor<2x2x?xi64>, %q: !t, %e: tensor<2x1x?x?xf32>, %init: !t) -> !t {
  %c0 = arith.constant 0 : index
  %bias = posenc.score_map outs(%e : tensor<2x1x?x?xf32>) positions(k = %p : tensor<2x2x?xi64>) offsets(q = %c0) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos axis 1 : index
    %t = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %t : f32
  }
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t) positions(k = %p : tensor<2x2x?xi64>) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %bias[%b, %c0, %m, %n] : tensor<2x1x?x?xf32>
    %y = arith.addf %s, %x : f32
    posenc.yield %y : f32
  }
  return %o : !t
}

// -----

!t = tensor<2x4x?x16xf32>

/// The positions are those of one batch entry, but the map is read at entry 0.
// CHECK-LABEL: func.func @other_batch(
// CHECK:         tensor.extract %{{.+}}[%{{c0.*}}, %{{.+}}] : tensor<2x?xi64>
// CHECK:         posenc.mask
func.func @other_batch(%p: tensor<2x?xi64>, %q: !t, %e: tensor<2x1x?x?xf32>, %init: !t) -> !t {
  %c0 = arith.constant 0 : index
  %bias = posenc.score_map outs(%e : tensor<2x1x?x?xf32>) positions(k = %p : tensor<2x?xi64>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %t : f32
  }
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t) positions(k = %p : tensor<2x?xi64>) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %bias[%c0, %c0, %m, %n] : tensor<2x1x?x?xf32>
    %y = arith.addf %s, %x : f32
    posenc.yield %y : f32
  }
  return %o : !t
}

// -----

!t = tensor<2x4x?x16xf32>

/// softcap(0 + …) is not additive: inlined, but not merged. A map of f16
/// rounds. A read inside scf.if is inlined there.
// CHECK-LABEL: func.func @negative_merge(
// CHECK-NOT:     score_map
// CHECK:         posenc.attention
// CHECK:           %[[CAP:.+]] = posenc.softcap
// CHECK:           %[[R:.+]] = arith.truncf %[[CAP]] : f32 to f16
// CHECK:           %[[X:.+]] = arith.extf %[[R]] : f16 to f32
// CHECK:           arith.addf %{{.+}}, %[[X]] : f32
// CHECK:           scf.if
// CHECK:             posenc.softcap
func.func @negative_merge(%table: tensor<17x4xf32>, %c: i1, %q: !t, %e: tensor<1x4x?x?xf16>, %init: !t) -> !t {
  %c0 = arith.constant 0 : index
  %bias = posenc.score_map outs(%e : tensor<1x4x?x?xf16>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17x4xf32>
    %u = posenc.softcap %t cap(50.0)
    posenc.yield %u : f32
  }
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %bias[%c0, %h, %m, %n] : tensor<1x4x?x?xf16>
    %xe = arith.extf %x : f16 to f32
    %y = arith.addf %s, %xe : f32
    %z = scf.if %c -> f32 {
      %u = tensor.extract %bias[%c0, %h, %n, %m] : tensor<1x4x?x?xf16>
      %ue = arith.extf %u : f16 to f32
      scf.yield %ue : f32
    } else {
      scf.yield %y : f32
    }
    posenc.yield %z : f32
  }
  return %o : !t
}

// -----

!t = tensor<2x4x?x16xf32>

/// A dense bias that comes in stays a read; the table is added to the sum.
/// The map has another reader, so it stays too.
// CHECK-LABEL: func.func @dense_and_other_reader(
// CHECK-SAME:    %[[DENSE:[a-z0-9]+]]: tensor<2x4x?x?xf32>
// CHECK:         %[[MAP:.+]] = posenc.score_map
// CHECK:         posenc.attention
// CHECK:           score(%[[S:.+]], %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}) {
// CHECK:             %[[D:.+]] = tensor.extract %[[DENSE]]
// CHECK:             %[[A:.+]] = arith.addf %[[S]], %[[D]] : f32
// CHECK:             %[[T:.+]] = posenc.bias_table %[[A]]
// CHECK:             posenc.yield %[[T]]
// CHECK:         return %{{.+}}, %[[MAP]]
func.func @dense_and_other_reader(%dense: tensor<2x4x?x?xf32>, %table: tensor<17x4xf32>, %q: !t, %e: tensor<1x4x?x?xf32>, %init: !t) -> (!t, tensor<1x4x?x?xf32>) {
  %c0 = arith.constant 0 : index
  %bias = posenc.score_map outs(%e : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17x4xf32>
    posenc.yield %t : f32
  }
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %bias[%c0, %h, %m, %n] : tensor<1x4x?x?xf32>
    %d = tensor.extract %dense[%b, %h, %m, %n] : tensor<2x4x?x?xf32>
    %both = arith.addf %x, %d : f32
    %y = arith.addf %s, %both : f32
    posenc.yield %y : f32
  }
  return %o, %bias : !t, tensor<1x4x?x?xf32>
}
