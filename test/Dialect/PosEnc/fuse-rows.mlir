// RUN: posenc-opt %s -posenc-fuse -split-input-file | FileCheck %s
// RUN: posenc-opt %s -posenc-fuse -split-input-file --remarks-filter=posenc-fuse 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

!t = tensor<2x4x?x16xf32>
!v = tensor<2x?x4x16xf32>

/// Every form moves into the row regions: trailing channels as an offset, tables of
/// heads by the head's index, a magnitude, factors.
// CHECK-LABEL: func.func @fuse(
// CHECK-SAME:    %[[X:.+]]: tensor<2x4x?x16xf32>, %[[Y:.+]]: tensor<2x?x4x16xf32>, %[[H:.+]]: tensor<4x?x4xf32>, %[[A:.+]]: tensor<?x8xf32>, %[[F:.+]]: tensor<2x?xf32>, %[[M:.+]]: f32)
// CHECK:         posenc.attention scale(1.0{{.*}}) ins(%[[X]], %[[Y]], %[[X]] :
// CHECK:         q_rows(%[[R:.+]], %[[B:.+]], %[[HD:.+]], %[[T:.+]]) {
// CHECK-NEXT:      %[[Z:.+]] = posenc.rotate %[[R]] at(%[[B]], %[[HD]], %[[T]]) by(%[[H]]) interleaved out half channel_offset 8 : !posenc.row
// CHECK-NEXT:      %[[W:.+]] = posenc.row_scale %[[Z]] at(%[[B]], %[[T]]) by(%[[F]])
// CHECK-NEXT:      posenc.yield %[[W]]
// CHECK:         k_rows(%[[R:.+]], %[[B:.+]], %[[HD:.+]], %[[T:.+]]) {
// CHECK-NEXT:      posenc.rotate %[[R]] at(%[[B]], %[[T]]) by(%[[A]], %[[A]]) interleaved per_channel rounded bf16 magnitude(%[[M]] : f32)
// CHECK:         v_rows
// CHECK-NEXT:      posenc.rotate %{{.+}} block_half = 2
// CHECK:         o_rows
// CHECK-NEXT:      posenc.rotate %{{.+}} block_half = 2 inverse
// CHECK-NOT:     tensor<2x4x?x16xf32>, tensor<?x8xf32>
func.func @fuse(%x: !t, %y: !v, %h: tensor<4x?x4xf32>, %a: tensor<?x8xf32>, %f: tensor<2x?xf32>, %m: f32) -> !t {
  %q0 = posenc.rotate %x by(%h) interleaved out half trailing per_head : !t, tensor<4x?x4xf32>
  %q = posenc.row_scale %q0 by(%f) : !t, tensor<2x?xf32>
  %k = posenc.rotate %y by(%a, %a) interleaved per_channel rounded bf16 magnitude(%m : f32) dims<bthd> : !v, tensor<?x8xf32>, tensor<?x8xf32>
  %v = posenc.rotate %x by(%a) block_half = 2 : !t, tensor<?x8xf32>
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : !t, !v, !t) outs(%x : !t) dims(k = bthd)
  %r = posenc.rotate %o by(%a) block_half = 2 inverse : !t, tensor<?x8xf32>
  return %r : !t
}

// -----

!t = tensor<2x4x?x?xf32>

/// A row does not know where its last channels begin; another order of dimensions;
/// a factor that is computed later.
// CHECK-LABEL: func.func @no_fuse(
// CHECK:         %[[Q:.+]] = posenc.rotate
// CHECK:         %[[K:.+]] = posenc.row_scale
// CHECK:         posenc.attention scale(1.0{{.*}}) ins(%[[Q]], %[[K]],
// CHECK:         posenc.row_scale
func.func @no_fuse(%x: !t, %a: tensor<?x4xf32>, %f: tensor<?xf32>) -> !t {
  // REMARK-DAG: remark: [Missed] rotate | Category:posenc-fuse | Function=no_fuse | Reason="expected a transform of rows of known channels, stored as attention reads them"
  %q = posenc.rotate %x by(%a) half trailing : !t, tensor<?x4xf32>
  // REMARK-DAG: remark: [Missed] row_scale | Category:posenc-fuse | Function=no_fuse
  %k = posenc.row_scale %x by(%f) dims<bthd> : !t, tensor<?xf32>
  %o = posenc.attention scale(1.0) ins(%q, %k, %x : !t, !t, !t) outs(%x : !t)
  %g = arith.addf %f, %f : tensor<?xf32>
  %r = posenc.row_scale %o by(%g) : !t, tensor<?xf32>
  return %r : !t
}

// -----

/// Polar stays on tensors, and says so.
// CHECK-LABEL: func.func @polar(
// CHECK:         posenc.polar
// CHECK:         posenc.attention
func.func @polar(%x: tensor<2x4x8x16xf32>, %y: tensor<2x4x8x32xf32>, %a: tensor<8x16xf32>) -> tensor<2x4x8x16xf32> {
  // REMARK: remark: [Missed] polar | Category:posenc-fuse | Function=polar | Reason="rows of row regions keep their length, and polar makes more channels"
  %q = posenc.polar %x by(%a) concat : tensor<2x4x8x16xf32>, tensor<8x16xf32> -> tensor<2x4x8x32xf32>
  %o = posenc.attention scale(1.0) ins(%q, %y, %x : tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32>, tensor<2x4x8x16xf32>) outs(%x : tensor<2x4x8x16xf32>)
  return %o : tensor<2x4x8x16xf32>
}

// -----

/// xPos that sees the future has scores that grow with the distance: allowed, and said.
// CHECK-LABEL: func.func @xpos_of_both_directions(
// CHECK:         q_rows
// CHECK:           posenc.rotate {{.*}} magnitude
func.func @xpos_of_both_directions(%x: tensor<2x4x8x16xf32>, %a: tensor<8x8xf32>) -> tensor<2x4x8x16xf32> {
  %p = posenc.positions : tensor<8xi64>
  // REMARK: remark: [Missed] xpos_magnitude | Category:posenc-fuse | Function=xpos_of_both_directions | Reason="expected a mask known to hide keys after their query but got none: xPos lets their scores grow without bound"
  %m = posenc.xpos_magnitude %p : tensor<8xi64> -> tensor<8x8xf32>
  %i = posenc.xpos_magnitude %p inverse : tensor<8xi64> -> tensor<8x8xf32>
  %q = posenc.rotate %x by(%a) half magnitude(%m : tensor<8x8xf32>) : tensor<2x4x8x16xf32>, tensor<8x8xf32>
  %k = posenc.rotate %x by(%a) half magnitude(%i : tensor<8x8xf32>) : tensor<2x4x8x16xf32>, tensor<8x8xf32>
  %o = posenc.attention scale(1.0) ins(%q, %k, %x : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%x : tensor<2x4x8x16xf32>)
  return %o : tensor<2x4x8x16xf32>
}

// -----

// CHECK-LABEL: func.func @xpos_of_the_past(
// CHECK:           posenc.rotate {{.*}} magnitude
// REMARK-NOT:    xpos_of_the_past
func.func @xpos_of_the_past(%x: tensor<2x4x8x16xf32>, %a: tensor<8x8xf32>) -> tensor<2x4x8x16xf32> {
  %p = posenc.positions : tensor<8xi64>
  %m = posenc.xpos_magnitude %p : tensor<8xi64> -> tensor<8x8xf32>
  %q = posenc.rotate %x by(%a) half magnitude(%m : tensor<8x8xf32>) : tensor<2x4x8x16xf32>, tensor<8x8xf32>
  %o = posenc.attention scale(1.0) ins(%q, %x, %x : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%x : tensor<2x4x8x16xf32>) score(%s, %b, %h, %mm, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <window, left = 4, right = 0>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x8x16xf32>
}
