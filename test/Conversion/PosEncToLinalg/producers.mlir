// RUN: posenc-opt %s --convert-posenc-to-linalg --canonicalize --cse | FileCheck %s
// RUN: posenc-opt %s --convert-posenc-to-linalg="keep-attention=true" | FileCheck %s --check-prefix=KEEP

// KEEP-NOT: = posenc.

// CHECK-LABEL: func @positions(
// CHECK-SAME:    %[[LEN:.*]]: index, %[[OFF:.*]]: index)
// CHECK:         tensor.empty(%[[LEN]]) : tensor<?xi64>
// CHECK:         %[[I:.*]] = linalg.index 0
// CHECK:         %[[P:.*]] = arith.addi %[[I]], %[[OFF]]
// CHECK:         arith.index_cast %[[P]] : index to i64
func.func @positions(%len: index, %off: index) -> tensor<?xi64> {
  %p = posenc.positions size(%len) offset(%off) : tensor<?xi64>
  return %p : tensor<?xi64>
}

// CHECK-LABEL: func @positions_f32(
// CHECK:         arith.sitofp %{{.*}} : i64 to f32
func.func @positions_f32() -> tensor<7xf32> {
  %p = posenc.positions : tensor<7xf32>
  return %p : tensor<7xf32>
}

// CHECK-LABEL: func @positions_index(
// CHECK:         %[[I:.*]] = linalg.index 0
// CHECK-NEXT:    linalg.yield %[[I]] : index
func.func @positions_index() -> tensor<7xindex> {
  %p = posenc.positions : tensor<7xindex>
  return %p : tensor<7xindex>
}

// CHECK-LABEL: func @lookup_clamp(
// CHECK-SAME:    %[[TABLE:.*]]: tensor<?x8xf16>, %[[P:.*]]: tensor<2x?xi32>)
// CHECK:         tensor.dim %[[TABLE]]
// CHECK-NOT:     cf.assert
// CHECK:         %[[ROW:.*]] = arith.maxsi
// CHECK:         tensor.extract %[[TABLE]][%[[ROW]], %{{.*}}] : tensor<?x8xf16>
func.func @lookup_clamp(%table: tensor<?x8xf16>, %p: tensor<2x?xi32>) -> tensor<2x?x8xf16> {
  %e = posenc.lookup %table[%p] clamp : tensor<?x8xf16>, tensor<2x?xi32> -> tensor<2x?x8xf16>
  return %e : tensor<2x?x8xf16>
}

// CHECK-LABEL: func @lookup_assert(
// CHECK:         %[[IN:.*]] = arith.cmpi ult
// CHECK:         cf.assert %[[IN]], "posenc.lookup: position outside the table"
func.func @lookup_assert(%table: tensor<4x8xf32>, %p: tensor<3xi64>) -> tensor<3x8xf32> {
  %e = posenc.lookup %table[%p] assert : tensor<4x8xf32>, tensor<3xi64> -> tensor<3x8xf32>
  return %e : tensor<3x8xf32>
}

// CHECK-LABEL: func @rotate_4d(
// CHECK-SAME:    %[[X:.*]]: tensor<2x?x4x8xf16>, %[[A:.*]]: tensor<2x?x4xf32>)
// CHECK:         %[[B:.*]] = linalg.index 0
// CHECK:         %[[T:.*]] = linalg.index 1
// CHECK:         tensor.extract %[[A]][%[[B]], %[[T]], %{{.*}}]
// CHECK:         math.sin
// CHECK:         arith.truncf %{{.*}} : f32 to f16
func.func @rotate_4d(%x: tensor<2x?x4x8xf16>, %a: tensor<2x?x4xf32>) -> tensor<2x?x4x8xf16> {
  %y = posenc.rotate %x by(%a) interleaved dims<bthd> : tensor<2x?x4x8xf16>, tensor<2x?x4xf32>
  return %y : tensor<2x?x4x8xf16>
}

// CHECK-LABEL: func @rotate_3d(
// CHECK-NOT:     math.sin
// CHECK:         -> tensor<2x5x8xf32>
func.func @rotate_3d(%x: tensor<2x5x8xf32>, %c: tensor<5x2xf32>) -> tensor<2x5x8xf32> {
  %y = posenc.rotate %x by(%c, %c) half channel_offset 4 : tensor<2x5x8xf32>, tensor<5x2xf32>, tensor<5x2xf32>
  return %y : tensor<2x5x8xf32>
}

// CHECK-LABEL: func @rotate_2d(
// CHECK:         tensor.extract %{{.*}}[%c0, %{{.*}}, %{{.*}}] : tensor<1x?x?xf32>
func.func @rotate_2d(%x: tensor<?x?xf32>, %a: tensor<1x?x?xf32>) -> tensor<?x?xf32> {
  %y = posenc.rotate %x by(%a) half : tensor<?x?xf32>, tensor<1x?x?xf32>
  return %y : tensor<?x?xf32>
}

// CHECK-LABEL: func @score_map(
// CHECK-SAME:    %[[OFF:.*]]: index, %[[INIT:.*]]: tensor<1x2x?x?xbf16>)
// CHECK:         outs(%[[INIT]] : tensor<1x2x?x?xbf16>)
// CHECK:         arith.addi %{{.*}}, %[[OFF]] : index
// CHECK:         arith.select
// CHECK:         arith.truncf %{{.*}} : f32 to bf16
func.func @score_map(%off: index, %init: tensor<1x2x?x?xbf16>) -> tensor<1x2x?x?xbf16> {
  %r = posenc.score_map outs(%init : tensor<1x2x?x?xbf16>) offsets(q = %off) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x2x?x?xbf16>
}
