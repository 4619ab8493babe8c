// RUN: posenc-opt %s --one-shot-bufferize="bufferize-function-boundaries" -split-input-file | FileCheck %s

/// Operands in any order, slices of a packed tensor, a captured table, two
/// results: views of the buffers that come in, and no copy of anything.
// CHECK-LABEL: func.func @strided(
// CHECK-SAME:    %[[QKV:[a-z0-9]+]]: memref<2x?x3x4x16xf32, strided<[?, ?, ?, ?, ?], offset: ?>>
// CHECK-NOT:     memref.copy
// CHECK-NOT:     memref.alloc
// CHECK-COUNT-3: memref.subview %[[QKV]]
// CHECK-NOT:     memref.copy
// CHECK-NOT:     memref.alloc
// CHECK:         posenc.attention {{.*}} dims(q = bthd, k = bthd, v = bthd, o = bthd)
// CHECK:           posenc.rotate %{{.+}} by(%{{.+}}) half : !posenc.row, memref<?x8xf32, strided
// CHECK:           posenc.bias_table {{.*}} : memref<17x4xf16, strided
// CHECK:           posenc.bias_fn {{.*}} : memref<4xf32, strided
// CHECK:           memref.load
// CHECK-NOT:     memref.copy
// CHECK-NOT:     memref.alloc
// CHECK:         return
func.func @strided(%qkv: tensor<2x?x3x4x16xf32>, %n: index, %a: tensor<?x8xf32>, %t: tensor<17x4xf16>, %slopes: tensor<4xf32>, %dense: tensor<4x?x?xf32>, %o: tensor<2x?x4x16xf32> {bufferization.writable = true}, %l: tensor<2x4x?xf32> {bufferization.writable = true}) -> (tensor<2x?x4x16xf32>, tensor<2x4x?xf32>) {
  %q = tensor.extract_slice %qkv[0, 0, 0, 0, 0] [2, %n, 1, 4, 16] [1, 1, 1, 1, 1] : tensor<2x?x3x4x16xf32> to tensor<2x?x4x16xf32>
  %k = tensor.extract_slice %qkv[0, 0, 1, 0, 0] [2, %n, 1, 4, 16] [1, 1, 1, 1, 1] : tensor<2x?x3x4x16xf32> to tensor<2x?x4x16xf32>
  %v = tensor.extract_slice %qkv[0, 0, 2, 0, 0] [2, %n, 1, 4, 16] [1, 1, 1, 1, 1] : tensor<2x?x3x4x16xf32> to tensor<2x?x4x16xf32>
  %r:2 = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x?x4x16xf32>, tensor<2x?x4x16xf32>, tensor<2x?x4x16xf32>) outs(%o, %l : tensor<2x?x4x16xf32>, tensor<2x4x?xf32>) dims(q = bthd, k = bthd, v = bthd, o = bthd)
      q_rows(%row, %b, %h, %p) {
    %y = posenc.rotate %row at(%b, %p) by(%a) half : !posenc.row, tensor<?x8xf32>
    posenc.yield %y : !posenc.row
  } score(%s, %b, %h, %m, %nn) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17x4xf16>
    %2 = posenc.bias_fn %1, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<4xf32>, index
    %x = tensor.extract %dense[%h, %m, %nn] : tensor<4x?x?xf32>
    %3 = arith.addf %2, %x : f32
    posenc.yield %3 : f32
  }
  return %r#0, %r#1 : tensor<2x?x4x16xf32>, tensor<2x4x?xf32>
}

// -----

/// What outs holds is never read, so a tensor that is read later needs a new
/// buffer, but no copy into it.
// CHECK-LABEL: func.func @outs_not_read(
// CHECK:         memref.alloc
// CHECK-NOT:     memref.copy
// CHECK:         posenc.attention
// CHECK-NOT:     memref.copy
// CHECK:         return
func.func @outs_not_read(%x: tensor<1x2x8x16xf32> {bufferization.writable = false}) -> (tensor<1x2x8x16xf32>, tensor<1x2x8x16xf32>) {
  %r = posenc.attention scale(1.0) ins(%x, %x, %x : tensor<1x2x8x16xf32>, tensor<1x2x8x16xf32>, tensor<1x2x8x16xf32>) outs(%x : tensor<1x2x8x16xf32>)
  return %r, %x : tensor<1x2x8x16xf32>, tensor<1x2x8x16xf32>
}

// -----

/// The result must not overwrite what attention reads over and over.
// CHECK-LABEL: func.func @no_overwrite(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref
// CHECK:         %[[NEW:.+]] = memref.alloc
// CHECK:         posenc.attention {{.*}} outs(%[[NEW]] :
func.func @no_overwrite(%x: tensor<1x2x8x16xf32> {bufferization.writable = true}) -> tensor<1x2x8x16xf32> {
  %r = posenc.attention scale(1.0) ins(%x, %x, %x : tensor<1x2x8x16xf32>, tensor<1x2x8x16xf32>, tensor<1x2x8x16xf32>) outs(%x : tensor<1x2x8x16xf32>)
  return %r : tensor<1x2x8x16xf32>
}
