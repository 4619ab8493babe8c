// RUN: posenc-opt %s --posenc-fuse -split-input-file | FileCheck %s

!t = tensor<2x4x?x16xbf16>
!x = tensor<2x?x4x16xbf16>

/// Rotations on either side of a transpose; K's goes in front of the rotation
/// that its region already has; V and the result rotate too.
// CHECK-LABEL: func.func @all(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<2x?x4x16xbf16>, %[[A:[a-z0-9]+]]: tensor<?x8xf32>, %[[C:[a-z0-9]+]]: tensor<2x?x4xf32>
// CHECK-NOT:     posenc.rotate %{{.*}} : tensor
// CHECK:         posenc.attention
// CHECK-SAME:      ins(%[[X]], %[[X]], %[[X]] : {{.*}} dims(q = bthd, k = bthd, v = bthd, o = bthd)
// CHECK-NEXT:      q_rows(%[[R:.+]], %[[B:.+]], %{{.+}}, %[[T:.+]]) {
// CHECK-NEXT:        %[[Y:.+]] = posenc.rotate %[[R]] at(%[[B]], %[[T]]) by(%[[A]]) half
// CHECK-NEXT:        posenc.yield %[[Y]]
// CHECK:           k_rows(%[[R:.+]], %[[B:.+]], %{{.+}}, %[[T:.+]]) {
// CHECK-NEXT:        %[[Y:.+]] = posenc.rotate %[[R]] at(%[[B]], %[[T]]) by(%[[C]], %[[C]]) interleaved channel_offset 2
// CHECK-NEXT:        %[[Z:.+]] = posenc.rotate %[[Y]] at(%[[B]], %[[T]]) by(%[[A]]) half
// CHECK-NEXT:        posenc.yield %[[Z]]
// CHECK:           v_rows(%[[R:.+]], %[[B:.+]], %{{.+}}, %[[T:.+]]) {
// CHECK-NEXT:        %[[Y:.+]] = posenc.rotate %[[R]] at(%[[B]], %[[T]]) by(%[[A]]) half
// CHECK:           o_rows(%[[R:.+]], %[[B:.+]], %{{.+}}, %[[T:.+]]) {
// CHECK-NEXT:        %[[Y:.+]] = posenc.rotate %[[R]] at(%[[B]], %[[T]]) by(%[[C]], %[[C]]) half
// CHECK-NEXT:        posenc.yield %[[Y]]
// CHECK-NOT:     posenc.rotate
// CHECK:         return
func.func @all(%x: !x, %a: tensor<?x8xf32>, %c: tensor<2x?x4xf32>, %f: !t, %g: !x) -> !x {
  %qr = posenc.rotate %x by(%a) half dims<bthd> : !x, tensor<?x8xf32>
  %q = linalg.transpose ins(%qr : !x) outs(%f : !t) permutation = [0, 2, 1, 3]
  %kt = linalg.transpose ins(%x : !x) outs(%f : !t) permutation = [0, 2, 1, 3]
  %k = posenc.rotate %kt by(%c, %c) interleaved channel_offset 2 : !t, tensor<2x?x4xf32>, tensor<2x?x4xf32>
  %v = posenc.rotate %kt by(%a) half : !t, tensor<?x8xf32>
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : !t, !t, !t) outs(%f : !t)
      k_rows(%r, %b, %h, %t) {
    %y = posenc.rotate %r at(%b, %t) by(%a) half : !posenc.row, tensor<?x8xf32>
    posenc.yield %y : !posenc.row
  }
  %or = posenc.rotate %o by(%c, %c) half : !t, tensor<2x?x4xf32>, tensor<2x?x4xf32>
  %ot = linalg.transpose ins(%or : !t) outs(%g : !x) permutation = [0, 2, 1, 3]
  return %ot : !x
}

// -----

!t = tensor<2x4x?x16xf32>

/// Something else reads the rotated keys (a cache): the op stays for it, and
/// attention rotates on its own.
// CHECK-LABEL: func.func @other_reader(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<2x4x?x16xf32>
// CHECK:         %[[R:.+]] = posenc.rotate %[[X]] by
// CHECK:         posenc.attention
// CHECK-SAME:      ins(%[[X]], %[[X]], %[[X]] :
// CHECK:           k_rows
// CHECK:         return %{{.+}}, %[[R]]
func.func @other_reader(%x: !t, %a: tensor<?x8xf32>, %f: !t) -> (!t, !t) {
  %k = posenc.rotate %x by(%a) half : !t, tensor<?x8xf32>
  %o = posenc.attention scale(1.0) ins(%x, %k, %x : !t, !t, !t) outs(%f : !t)
  return %o, %k : !t, !t
}

// -----

/// [B*H,T,D] and angles without a batch: the expansion moves in front.
// CHECK-LABEL: func.func @rank_3(
// CHECK-NOT:     posenc.rotate
// CHECK:         %[[E:.+]] = tensor.expand_shape %{{.+}} {{\[}}[0, 1], [2], [3]]
// CHECK:         posenc.attention
// CHECK-SAME:      ins(%[[E]],
// CHECK:           q_rows
func.func @rank_3(%x: tensor<8x40x16xf32>, %k: tensor<2x4x40x16xf32>, %a: tensor<40x8xf32>, %f: tensor<2x4x40x16xf32>) -> tensor<2x4x40x16xf32> {
  %r = posenc.rotate %x by(%a) half : tensor<8x40x16xf32>, tensor<40x8xf32>
  %q = tensor.expand_shape %r [[0, 1], [2], [3]] output_shape [2, 4, 40, 16] : tensor<8x40x16xf32> into tensor<2x4x40x16xf32>
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>) outs(%f : tensor<2x4x40x16xf32>)
  return %o : tensor<2x4x40x16xf32>
}

// -----

!t = tensor<2x4x8x16xf32>

/// Not along attention's sequence; angles per batch entry of a merged B*H;
/// angles of the result that attention cannot see yet; a second reader of the
/// result.
// CHECK-LABEL: func.func @negative(
// CHECK:         posenc.rotate %{{.*}} dims<bthd> : tensor<2x4x8x16xf32>, tensor<4x8xf32>
// CHECK:         posenc.rotate %{{.*}} : tensor<8x8x16xf32>, tensor<8x8x8xf32>
// CHECK:         posenc.attention
// CHECK-NOT:       q_rows
// CHECK-NOT:       k_rows
// CHECK-NOT:       o_rows
// CHECK:         posenc.rotate
// CHECK:         posenc.attention
// CHECK-NOT:       o_rows
// CHECK:         posenc.rotate
func.func @negative(%x: !t, %y: tensor<8x8x16xf32>, %a: tensor<4x8xf32>, %c: tensor<8x8x8xf32>, %f: !t, %g: tensor<8x8xf32>) -> (!t, !t, !t) {
  %q = posenc.rotate %x by(%a) half dims<bthd> : !t, tensor<4x8xf32>
  %kr = posenc.rotate %y by(%c) half : tensor<8x8x16xf32>, tensor<8x8x8xf32>
  %k = tensor.expand_shape %kr [[0, 1], [2], [3]] output_shape [2, 4, 8, 16] : tensor<8x8x16xf32> into !t
  %o = posenc.attention scale(1.0) ins(%q, %k, %x : !t, !t, !t) outs(%f : !t)
  %late = linalg.exp ins(%g : tensor<8x8xf32>) outs(%g : tensor<8x8xf32>) -> tensor<8x8xf32>
  %r = posenc.rotate %o by(%late) half : !t, tensor<8x8xf32>
  %o2 = posenc.attention scale(1.0) ins(%x, %x, %x : !t, !t, !t) outs(%f : !t)
  %r2 = posenc.rotate %o2 by(%g) half : !t, tensor<8x8xf32>
  return %r, %r2, %o2 : !t, !t, !t
}
