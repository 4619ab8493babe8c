// RUN: posenc-opt %s --posenc-fuse -split-input-file | FileCheck %s

/// Whole transposes of all operands and of the result, one of them a generic.
// CHECK-LABEL: func.func @all(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<2x?x4x16xf16>, %[[KT:[a-z0-9]+]]: tensor<2x4x16x?xf16>
// CHECK-NOT:     transpose
// CHECK-NOT:     linalg.generic
// CHECK:         %[[E:.+]] = tensor.empty(%{{.+}}) : tensor<2x?x4x16xf16>
// CHECK:         %[[O:.+]]:2 = posenc.attention
// CHECK-SAME:      ins(%[[X]], %[[KT]], %[[X]] : {{.*}}) outs(%[[E]], %{{.+}} : tensor<2x?x4x16xf16>, tensor<2x4x?xf32>) dims(q = bthd, k = bhdt, v = bthd, o = bthd)
// CHECK-NOT:     transpose
// CHECK:         return %[[O]]#0
func.func @all(%x: tensor<2x?x4x16xf16>, %kt: tensor<2x4x16x?xf16>, %f: tensor<2x4x?x16xf16>, %g: tensor<2x?x4x16xf16>, %lse: tensor<2x4x?xf32>) -> (tensor<2x?x4x16xf16>, tensor<2x4x?xf32>) {
  %q = linalg.transpose ins(%x : tensor<2x?x4x16xf16>) outs(%f : tensor<2x4x?x16xf16>) permutation = [0, 2, 1, 3]
  %k = linalg.transpose ins(%kt : tensor<2x4x16x?xf16>) outs(%f : tensor<2x4x?x16xf16>) permutation = [0, 1, 3, 2]
  %v = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d2, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : tensor<2x?x4x16xf16>) outs(%f : tensor<2x4x?x16xf16>) {
  ^bb0(%in: f16, %out: f16):
    linalg.yield %in : f16
  } -> tensor<2x4x?x16xf16>
  %o:2 = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf16>, tensor<2x4x?x16xf16>, tensor<2x4x?x16xf16>) outs(%f, %lse : tensor<2x4x?x16xf16>, tensor<2x4x?xf32>)
  %t = linalg.transpose ins(%o#0 : tensor<2x4x?x16xf16>) outs(%g : tensor<2x?x4x16xf16>) permutation = [0, 2, 1, 3]
  return %t, %o#1 : tensor<2x?x4x16xf16>, tensor<2x4x?xf32>
}

// -----

/// Permutations of three cycles, one after the other: composed, not inverted.
// CHECK-LABEL: func.func @cycles(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<5x16x2x4xf32>
// CHECK:         posenc.attention
// CHECK-SAME:      ins(%[[X]], %[[X]], %[[X]] : {{.*}}) outs(%{{.+}} : tensor<5x16x2x4xf32>) dims(q = tdbh, k = tdbh, v = tdbh, o = tdbh)
// CHECK-NOT:     transpose
func.func @cycles(%x: tensor<5x16x2x4xf32>) -> tensor<5x16x2x4xf32> {
  %f = tensor.empty() : tensor<2x4x5x16xf32>
  %g = tensor.empty() : tensor<16x2x4x5xf32>
  %y = tensor.empty() : tensor<5x16x2x4xf32>
  %1 = linalg.transpose ins(%x : tensor<5x16x2x4xf32>) outs(%g : tensor<16x2x4x5xf32>) permutation = [1, 2, 3, 0]
  %2 = linalg.transpose ins(%1 : tensor<16x2x4x5xf32>) outs(%f : tensor<2x4x5x16xf32>) permutation = [1, 2, 3, 0]
  %o = posenc.attention scale(1.0) ins(%2, %2, %2 : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>) outs(%f : tensor<2x4x5x16xf32>)
  %3 = linalg.transpose ins(%o : tensor<2x4x5x16xf32>) outs(%g : tensor<16x2x4x5xf32>) permutation = [3, 0, 1, 2]
  %4 = linalg.transpose ins(%3 : tensor<16x2x4x5xf32>) outs(%y : tensor<5x16x2x4xf32>) permutation = [3, 0, 1, 2]
  return %4 : tensor<5x16x2x4xf32>
}

// -----

/// Packed QKV, permuted as a whole and then sliced: three slices of the
/// packed tensor, no transpose.
// CHECK-LABEL: func.func @packed(
// CHECK-SAME:    %[[QKV:[a-z0-9]+]]: tensor<2x?x3x4x16xf32>
// CHECK-NOT:     transpose
// CHECK-DAG:     %[[QS:.+]] = tensor.extract_slice %[[QKV]][0, 0, 0, 0, 0] [2, %{{.+}}, 1, 4, 16] [1, 1, 1, 1, 1] : tensor<2x?x3x4x16xf32> to tensor<2x?x1x4x16xf32>
// CHECK-DAG:     %[[Q:.+]] = tensor.collapse_shape %[[QS]] {{\[}}[0], [1], [2, 3], [4]] : tensor<2x?x1x4x16xf32> into tensor<2x?x4x16xf32>
// CHECK-DAG:     %[[K:.+]] = tensor.extract_slice %[[QKV]][0, 0, 1, 0, 0] [2, %{{.+}}, 1, 4, 16] [1, 1, 1, 1, 1] : tensor<2x?x3x4x16xf32> to tensor<2x?x4x16xf32>
// CHECK-DAG:     %[[V:.+]] = tensor.extract_slice %[[QKV]][0, 0, 2, 0, 0] [2, %{{.+}}, 1, 4, 16] [1, 1, 1, 1, 1] : tensor<2x?x3x4x16xf32> to tensor<2x?x4x16xf32>
// CHECK:         posenc.attention
// CHECK-SAME:      ins(%[[Q]], %[[K]], %[[V]] : {{.*}} dims(q = bthd, k = bthd, v = bthd)
func.func @packed(%qkv: tensor<2x?x3x4x16xf32>, %n: index, %f: tensor<3x2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>) -> tensor<2x4x?x16xf32> {
  %t = linalg.transpose ins(%qkv : tensor<2x?x3x4x16xf32>) outs(%f : tensor<3x2x4x?x16xf32>) permutation = [2, 0, 3, 1, 4]
  %qs = tensor.extract_slice %t[0, 0, 0, 0, 0] [1, 2, 4, %n, 16] [1, 1, 1, 1, 1] : tensor<3x2x4x?x16xf32> to tensor<1x2x4x?x16xf32>
  %q = tensor.collapse_shape %qs [[0, 1], [2], [3], [4]] : tensor<1x2x4x?x16xf32> into tensor<2x4x?x16xf32>
  %k = tensor.extract_slice %t[1, 0, 0, 0, 0] [1, 2, 4, %n, 16] [1, 1, 1, 1, 1] : tensor<3x2x4x?x16xf32> to tensor<2x4x?x16xf32>
  %v = tensor.extract_slice %t[2, 0, 0, 0, 0] [1, 2, 4, %n, 16] [1, 1, 1, 1, 1] : tensor<3x2x4x?x16xf32> to tensor<2x4x?x16xf32>
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>)
  return %o : tensor<2x4x?x16xf32>
}

// -----

/// [B*H,T,D] around batch_matmul: collapse and expand cancel; K arrives as
/// [B*H,D,T] through a transpose of rank 3; the result's transpose folds too.
// CHECK-LABEL: func.func @batch_matmul_form(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<2x40x4x16xf32>, %[[Y:[a-z0-9]+]]: tensor<8x16x40xf32>
// CHECK-NOT:     transpose
// CHECK-NOT:     collapse_shape
// CHECK:         %[[K:.+]] = tensor.expand_shape %[[Y]] {{\[}}[0, 1], [2], [3]] output_shape [2, 4, 16, 40]
// CHECK:         posenc.attention
// CHECK-SAME:      ins(%[[X]], %[[K]], %[[X]] : {{.*}} dims(q = bthd, k = bhdt, v = bthd, o = bthd)
// CHECK-NOT:     transpose
func.func @batch_matmul_form(%x: tensor<2x40x4x16xf32>, %y: tensor<8x16x40xf32>) -> tensor<2x40x4x16xf32> {
  %f = tensor.empty() : tensor<2x4x40x16xf32>
  %g = tensor.empty() : tensor<8x40x16xf32>
  %init = tensor.empty() : tensor<2x40x4x16xf32>
  %t = linalg.transpose ins(%x : tensor<2x40x4x16xf32>) outs(%f : tensor<2x4x40x16xf32>) permutation = [0, 2, 1, 3]
  %c = tensor.collapse_shape %t [[0, 1], [2], [3]] : tensor<2x4x40x16xf32> into tensor<8x40x16xf32>
  %q = tensor.expand_shape %c [[0, 1], [2], [3]] output_shape [2, 4, 40, 16] : tensor<8x40x16xf32> into tensor<2x4x40x16xf32>
  %kt = linalg.transpose ins(%y : tensor<8x16x40xf32>) outs(%g : tensor<8x40x16xf32>) permutation = [0, 2, 1]
  %k = tensor.expand_shape %kt [[0, 1], [2], [3]] output_shape [2, 4, 40, 16] : tensor<8x40x16xf32> into tensor<2x4x40x16xf32>
  %o = posenc.attention scale(1.0) ins(%q, %k, %q : tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>) outs(%f : tensor<2x4x40x16xf32>)
  %oc = tensor.collapse_shape %o [[0, 1], [2], [3]] : tensor<2x4x40x16xf32> into tensor<8x40x16xf32>
  %oe = tensor.expand_shape %oc [[0, 1], [2], [3]] output_shape [2, 4, 40, 16] : tensor<8x40x16xf32> into tensor<2x4x40x16xf32>
  %ot = linalg.transpose ins(%oe : tensor<2x4x40x16xf32>) outs(%init : tensor<2x40x4x16xf32>) permutation = [0, 2, 1, 3]
  return %ot : tensor<2x40x4x16xf32>
}

// -----

/// A batch of one that the model never had: the unit dimension is dropped
/// before the transpose of rank 3.
// CHECK-LABEL: func.func @unit_batch(
// CHECK:         %[[O:.+]] = posenc.attention
// CHECK-SAME:      dims(o = bthd)
// CHECK:         tensor.collapse_shape %[[O]] {{\[}}[0, 1], [2], [3]] : tensor<1x40x4x16xf32> into tensor<40x4x16xf32>
// CHECK-NOT:     transpose
func.func @unit_batch(%q: tensor<1x4x40x16xf32>) -> tensor<40x4x16xf32> {
  %f = tensor.empty() : tensor<1x4x40x16xf32>
  %g = tensor.empty() : tensor<40x4x16xf32>
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x40x16xf32>, tensor<1x4x40x16xf32>, tensor<1x4x40x16xf32>) outs(%f : tensor<1x4x40x16xf32>)
  %c = tensor.collapse_shape %o [[0, 1], [2], [3]] : tensor<1x4x40x16xf32> into tensor<4x40x16xf32>
  %t = linalg.transpose ins(%c : tensor<4x40x16xf32>) outs(%g : tensor<40x4x16xf32>) permutation = [1, 0, 2]
  return %t : tensor<40x4x16xf32>
}

// -----

/// A permutation spelt as a gather of the generic's own indices, and a cast.
// CHECK-LABEL: func.func @gather(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<2x?x4x16xf32>
// CHECK-NOT:     linalg.generic
// CHECK:         %[[C:.+]] = tensor.cast %[[X]] : tensor<2x?x4x16xf32> to tensor<2x40x4x16xf32>
// CHECK:         posenc.attention
// CHECK-SAME:      ins(%[[C]], {{.*}} dims(q = bthd, k = bthd, v = bthd)
func.func @gather(%x: tensor<2x?x4x16xf32>, %init: tensor<2x4x40x16xf32>) -> tensor<2x4x40x16xf32> {
  %c1 = arith.constant 1 : index
  %d = tensor.dim %x, %c1 : tensor<2x?x4x16xf32>
  %e = tensor.empty(%d) : tensor<2x4x?x16xf32>
  %g = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%e : tensor<2x4x?x16xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %t = linalg.index 2 : index
    %c = linalg.index 3 : index
    %v = tensor.extract %x[%b, %t, %h, %c] : tensor<2x?x4x16xf32>
    linalg.yield %v : f32
  } -> tensor<2x4x?x16xf32>
  %q = tensor.cast %g : tensor<2x4x?x16xf32> to tensor<2x4x40x16xf32>
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>) outs(%init : tensor<2x4x40x16xf32>)
  return %o : tensor<2x4x40x16xf32>
}

// -----

/// An assertion in the body must stay.
// CHECK-LABEL: func.func @negative_assert(
// CHECK:         cf.assert
// CHECK:         posenc.attention
// CHECK-NOT:     dims
// CHECK:         return
func.func @negative_assert(%x: tensor<2x40x4x16xf32>, %c: i1) -> tensor<2x4x40x16xf32> {
  %e = tensor.empty() : tensor<2x4x40x16xf32>
  %q = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d2, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : tensor<2x40x4x16xf32>) outs(%e : tensor<2x4x40x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    cf.assert %c, "no"
    linalg.yield %in : f32
  } -> tensor<2x4x40x16xf32>
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>) outs(%e : tensor<2x4x40x16xf32>)
  return %o : tensor<2x4x40x16xf32>
}

// -----

/// Not transposes: a gather of a part only, a broadcast, a generic that also
/// computes. A result that two ops read keeps its order.
// CHECK-LABEL: func.func @negative(
// CHECK-COUNT-3: linalg.generic
// CHECK:         posenc.attention
// CHECK-NOT:     dims
// CHECK:         linalg.transpose
func.func @negative(%x: tensor<2x50x4x16xf32>, %y: tensor<2x40x16xf32>) -> (tensor<2x40x4x16xf32>, tensor<2x4x40x16xf32>) {
  %e = tensor.empty() : tensor<2x4x40x16xf32>
  %g = tensor.empty() : tensor<2x40x4x16xf32>
  %q = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%e : tensor<2x4x40x16xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %t = linalg.index 2 : index
    %c = linalg.index 3 : index
    %v = tensor.extract %x[%b, %t, %h, %c] : tensor<2x50x4x16xf32>
    linalg.yield %v : f32
  } -> tensor<2x4x40x16xf32>
  %k = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%y : tensor<2x40x16xf32>) outs(%e : tensor<2x4x40x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<2x4x40x16xf32>
  %v = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%q : tensor<2x4x40x16xf32>) outs(%e : tensor<2x4x40x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %n = arith.negf %in : f32
    linalg.yield %n : f32
  } -> tensor<2x4x40x16xf32>
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>) outs(%e : tensor<2x4x40x16xf32>)
  %t = linalg.transpose ins(%o : tensor<2x4x40x16xf32>) outs(%g : tensor<2x40x4x16xf32>) permutation = [0, 2, 1, 3]
  return %t, %o : tensor<2x40x4x16xf32>, tensor<2x4x40x16xf32>
}
