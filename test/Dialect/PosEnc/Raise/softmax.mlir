// RUN: posenc-opt %s --posenc-raise --split-input-file | FileCheck %s

/// Softmax in the spellings that exporters use, the scale wherever it may
/// stand, and the tensors in any storage order.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>

// CHECK-LABEL: func.func @scale_on_scores(
// CHECK-SAME:    %[[Q:.*]]: tensor<2x4x8x16xf32>, %[[K:.*]]: tensor<2x4x8x16xf32>, %[[V:.*]]: tensor<2x4x8x16xf32>)
// CHECK-NOT:     math.exp
// CHECK:         %[[INIT:.*]] = tensor.empty() : tensor<2x4x8x16xf32>
// CHECK:         %[[O:.*]] = posenc.attention scale(2.500000e-01) ins(%[[Q]], %[[K]], %[[V]] : {{.*}}) outs(%[[INIT]] : tensor<2x4x8x16xf32>)
// CHECK-NOT:     score
// CHECK:         return %[[O]]
func.func @scale_on_scores(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %quarter = arith.constant dense<0.25> : tensor<2x4x8x8xf32>
  %e4 = tensor.empty() : tensor<2x4x8x8xf32>
  %e3 = tensor.empty() : tensor<2x4x8xf32>
  %eo = tensor.empty() : tensor<2x4x8x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%z4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %x = linalg.mul ins(%s, %quarter : tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x4x8x8xf32>) outs(%n3 : tensor<2x4x8xf32>) dimensions = [3]
  %maxb = linalg.broadcast ins(%max : tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) dimensions = [3]
  %d = linalg.sub ins(%x, %maxb : tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %e = linalg.exp ins(%d : tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x4x8x8xf32>) outs(%z3 : tensor<2x4x8xf32>) dimensions = [3]
  %sumb = linalg.broadcast ins(%sum : tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) dimensions = [3]
  %p = linalg.div ins(%e, %sumb : tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, affine_map<(b, h, m, n, d) -> (b, h, n, d)>, affine_map<(b, h, m, n, d) -> (b, h, m, d)>] ins(%p, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%zo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

/// The square root of the scale on both sides; exp2; a reciprocal; the maximum
/// with an index that nobody reads; batch and heads in one dimension.

#map = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>

// CHECK-LABEL: func.func @scale_on_both_exp2(
// CHECK:         posenc.attention scale(2.500000e-01) ins(%{{.*}}, %{{.*}}, %{{.*}} : tensor<1x8x10x16xf32>, tensor<1x8x12x16xf32>, tensor<1x8x12x24xf32>)
// CHECK-NOT:     score
func.func @scale_on_both_exp2(%q: tensor<8x10x16xf32>, %k: tensor<8x12x16xf32>, %v: tensor<8x12x24xf32>) -> tensor<8x10x24xf32> {
  %zero = arith.constant 0.0 : f32
  %zero_i64 = arith.constant 0 : i64
  %ninf = arith.constant 0xFF800000 : f32
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %log2e = arith.constant 1.44269504 : f32
  %eq = tensor.empty() : tensor<8x10x16xf32>
  %ek = tensor.empty() : tensor<8x12x16xf32>
  %ekt = tensor.empty() : tensor<8x16x12xf32>
  %es = tensor.empty() : tensor<8x10x12xf32>
  %er = tensor.empty() : tensor<8x10xf32>
  %ei = tensor.empty() : tensor<8x10xi64>
  %eo = tensor.empty() : tensor<8x10x24xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<8x10x12xf32>) -> tensor<8x10x12xf32>
  %zr = linalg.fill ins(%zero : f32) outs(%er : tensor<8x10xf32>) -> tensor<8x10xf32>
  %nr = linalg.fill ins(%ninf : f32) outs(%er : tensor<8x10xf32>) -> tensor<8x10xf32>
  %ir = linalg.fill ins(%zero_i64 : i64) outs(%ei : tensor<8x10xi64>) -> tensor<8x10xi64>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<8x10x24xf32>) -> tensor<8x10x24xf32>
  %qs = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%q : tensor<8x10x16xf32>) outs(%eq : tensor<8x10x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = arith.mulf %half, %in : f32
    linalg.yield %1 : f32
  } -> tensor<8x10x16xf32>
  %ks = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%k : tensor<8x12x16xf32>) outs(%ek : tensor<8x12x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = arith.mulf %in, %half : f32
    linalg.yield %1 : f32
  } -> tensor<8x12x16xf32>
  %kt = linalg.transpose ins(%ks : tensor<8x12x16xf32>) outs(%ekt : tensor<8x16x12xf32>) permutation = [0, 2, 1]
  %x = linalg.batch_matmul ins(%qs, %kt : tensor<8x10x16xf32>, tensor<8x16x12xf32>) outs(%zs : tensor<8x10x12xf32>) -> tensor<8x10x12xf32>
  %max:2 = linalg.generic {indexing_maps = [#map, #row, #row], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x : tensor<8x10x12xf32>) outs(%nr, %ir : tensor<8x10xf32>, tensor<8x10xi64>) {
  ^bb0(%in: f32, %out: f32, %at: i64):
    %i = linalg.index 2 : index
    %i64 = arith.index_cast %i : index to i64
    %1 = arith.maximumf %in, %out : f32
    %2 = arith.cmpf ogt, %in, %out : f32
    %3 = arith.select %2, %i64, %at : i64
    linalg.yield %1, %3 : f32, i64
  } -> (tensor<8x10xf32>, tensor<8x10xi64>)
  %e = linalg.generic {indexing_maps = [#map, #row, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x, %max#0 : tensor<8x10x12xf32>, tensor<8x10xf32>) outs(%es : tensor<8x10x12xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = arith.mulf %1, %log2e : f32
    %3 = math.exp2 %2 : f32
    linalg.yield %3 : f32
  } -> tensor<8x10x12xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<8x10x12xf32>) outs(%zr : tensor<8x10xf32>) dimensions = [2]
  %p = linalg.generic {indexing_maps = [#map, #row, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<8x10x12xf32>, tensor<8x10xf32>) outs(%es : tensor<8x10x12xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %1 = arith.divf %one, %total : f32
    %2 = arith.mulf %1, %in : f32
    linalg.yield %2 : f32
  } -> tensor<8x10x12xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<8x10x12xf32>, tensor<8x12x24xf32>) outs(%zo : tensor<8x10x24xf32>) -> tensor<8x10x24xf32>
  return %o : tensor<8x10x24xf32>
}

// -----

/// Grouped heads repeated by a broadcast; everything dynamic; projections in
/// the order b t h d, and the result back in it: no transpose stays.

#id5 = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>
#rep = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3, d4)>
#id4 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

// CHECK-LABEL: func.func @grouped_heads_dynamic(
// CHECK-SAME:    %[[Q:.*]]: tensor<?x?x4x16xf32>, %[[K:.*]]: tensor<?x?x2x16xf32>, %[[V:.*]]: tensor<?x?x2x16xf32>)
// CHECK-NOT:     linalg.transpose
// CHECK:         posenc.attention scale(1.000000e+00) ins(%[[Q]], %[[K]], %[[V]] : {{.*}}) outs(%{{.*}} : tensor<?x?x4x16xf32>) dims(q = bthd, k = bthd, v = bthd, o = bthd)
// CHECK-NOT:     linalg.transpose
func.func @grouped_heads_dynamic(%q: tensor<?x?x4x16xf32>, %k: tensor<?x?x2x16xf32>, %v: tensor<?x?x2x16xf32>) -> tensor<?x?x4x16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %b = tensor.dim %q, %c0 : tensor<?x?x4x16xf32>
  %t = tensor.dim %q, %c1 : tensor<?x?x4x16xf32>
  %u = tensor.dim %k, %c1 : tensor<?x?x2x16xf32>
  %eq = tensor.empty(%b, %t) : tensor<?x4x?x16xf32>
  %qt = linalg.transpose ins(%q : tensor<?x?x4x16xf32>) outs(%eq : tensor<?x4x?x16xf32>) permutation = [0, 2, 1, 3]
  %ek = tensor.empty(%b, %u) : tensor<?x2x?x16xf32>
  %kt = linalg.transpose ins(%k : tensor<?x?x2x16xf32>) outs(%ek : tensor<?x2x?x16xf32>) permutation = [0, 2, 1, 3]
  %vt = linalg.transpose ins(%v : tensor<?x?x2x16xf32>) outs(%ek : tensor<?x2x?x16xf32>) permutation = [0, 2, 1, 3]
  %er = tensor.empty(%b, %u) : tensor<?x2x2x?x16xf32>
  %kr = linalg.generic {indexing_maps = [#rep, #id5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%kt : tensor<?x2x?x16xf32>) outs(%er : tensor<?x2x2x?x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<?x2x2x?x16xf32>
  %vr = linalg.generic {indexing_maps = [#rep, #id5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%vt : tensor<?x2x?x16xf32>) outs(%er : tensor<?x2x2x?x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<?x2x2x?x16xf32>
  %k4 = tensor.collapse_shape %kr [[0], [1, 2], [3], [4]] : tensor<?x2x2x?x16xf32> into tensor<?x4x?x16xf32>
  %v4 = tensor.collapse_shape %vr [[0], [1, 2], [3], [4]] : tensor<?x2x2x?x16xf32> into tensor<?x4x?x16xf32>
  %ekt = tensor.empty(%b, %u) : tensor<?x4x16x?xf32>
  %ktr = linalg.transpose ins(%k4 : tensor<?x4x?x16xf32>) outs(%ekt : tensor<?x4x16x?xf32>) permutation = [0, 1, 3, 2]
  %q3 = tensor.collapse_shape %qt [[0, 1], [2], [3]] : tensor<?x4x?x16xf32> into tensor<?x?x16xf32>
  %k3 = tensor.collapse_shape %ktr [[0, 1], [2], [3]] : tensor<?x4x16x?xf32> into tensor<?x16x?xf32>
  %v3 = tensor.collapse_shape %v4 [[0, 1], [2], [3]] : tensor<?x4x?x16xf32> into tensor<?x?x16xf32>
  %c4 = arith.constant 4 : index
  %bh = arith.muli %b, %c4 : index
  %es3 = tensor.empty(%bh, %t, %u) : tensor<?x?x?xf32>
  %zs3 = linalg.fill ins(%zero : f32) outs(%es3 : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %s3 = linalg.batch_matmul ins(%q3, %k3 : tensor<?x?x16xf32>, tensor<?x16x?xf32>) outs(%zs3 : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %x = tensor.expand_shape %s3 [[0, 1], [2], [3]] output_shape [%b, 4, %t, %u] : tensor<?x?x?xf32> into tensor<?x4x?x?xf32>
  %e3 = tensor.empty(%b, %t) : tensor<?x4x?xf32>
  %e4 = tensor.empty(%b, %t, %u) : tensor<?x4x?x?xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<?x4x?xf32>) -> tensor<?x4x?xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<?x4x?xf32>) -> tensor<?x4x?xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<?x4x?x?xf32>) outs(%n3 : tensor<?x4x?xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id4, #row, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<?x4x?x?xf32>, tensor<?x4x?xf32>) outs(%e4 : tensor<?x4x?x?xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<?x4x?x?xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<?x4x?x?xf32>) outs(%z3 : tensor<?x4x?xf32>) dimensions = [3]
  %p = linalg.generic {indexing_maps = [#id4, #row, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<?x4x?x?xf32>, tensor<?x4x?xf32>) outs(%e4 : tensor<?x4x?x?xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %1 = arith.divf %in, %total : f32
    linalg.yield %1 : f32
  } -> tensor<?x4x?x?xf32>
  %p3 = tensor.collapse_shape %p [[0, 1], [2], [3]] : tensor<?x4x?x?xf32> into tensor<?x?x?xf32>
  %eo3 = tensor.empty(%bh, %t) : tensor<?x?x16xf32>
  %zo3 = linalg.fill ins(%zero : f32) outs(%eo3 : tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %o3 = linalg.batch_matmul ins(%p3, %v3 : tensor<?x?x?xf32>, tensor<?x?x16xf32>) outs(%zo3 : tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %o4 = tensor.expand_shape %o3 [[0, 1], [2], [3]] output_shape [%b, 4, %t, 16] : tensor<?x?x16xf32> into tensor<?x4x?x16xf32>
  %eo = tensor.empty(%b, %t) : tensor<?x?x4x16xf32>
  %o = linalg.transpose ins(%o4 : tensor<?x4x?x16xf32>) outs(%eo : tensor<?x?x4x16xf32>) permutation = [0, 2, 1, 3]
  return %o : tensor<?x?x4x16xf32>
}

// -----

/// bf16 around a softmax in f32; rows that are all -inf give zero, as posenc
/// says; values that meet the probabilities from the left.

#pv0 = affine_map<(b, h, m, d, n) -> (b, h, n, d)>
#pv1 = affine_map<(b, h, m, d, n) -> (b, h, m, n)>
#pv2 = affine_map<(b, h, m, d, n) -> (b, h, m, d)>
#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id4 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

// CHECK-LABEL: func.func @guarded_bf16(
// CHECK-NOT:     math.exp
// CHECK:         posenc.attention scale(1.250000e-01) ins({{.*}}) outs(%{{.*}} : tensor<1x2x8x16xbf16>)
// CHECK:           score(%[[S:.*]], %[[B:.*]], %{{.*}}, %[[M:.*]], %[[N:.*]]) {
// CHECK:           %[[MASK:.*]] = tensor.extract %{{.*}}[%{{.*}}, %[[M]], %[[N]]] : tensor<1x8x8xi1>
// CHECK:           arith.select %[[MASK]]
func.func @guarded_bf16(%q: tensor<1x2x8x16xbf16>, %k: tensor<1x2x8x16xbf16>, %v: tensor<1x2x8x16xbf16>, %mask: tensor<1x8x8xi1>) -> tensor<1x2x8x16xbf16> {
  %zero = arith.constant 0.0 : f32
  %zero_bf16 = arith.constant 0.0 : bf16
  %false = arith.constant false
  %scale = arith.constant 0.125 : bf16
  %ninf = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<1x2x8x8xbf16>
  %e4 = tensor.empty() : tensor<1x2x8x8xf32>
  %e3 = tensor.empty() : tensor<1x2x8xf32>
  %eb = tensor.empty() : tensor<1x2x8xi1>
  %eo = tensor.empty() : tensor<1x2x8x16xbf16>
  %zs = linalg.fill ins(%zero_bf16 : bf16) outs(%es : tensor<1x2x8x8xbf16>) -> tensor<1x2x8x8xbf16>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<1x2x8xf32>) -> tensor<1x2x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<1x2x8xf32>) -> tensor<1x2x8xf32>
  %f3 = linalg.fill ins(%false : i1) outs(%eb : tensor<1x2x8xi1>) -> tensor<1x2x8xi1>
  %zo = linalg.fill ins(%zero_bf16 : bf16) outs(%eo : tensor<1x2x8x16xbf16>) -> tensor<1x2x8x16xbf16>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<1x2x8x16xbf16>, tensor<1x2x8x16xbf16>) outs(%zs : tensor<1x2x8x8xbf16>) -> tensor<1x2x8x8xbf16>
  %x = linalg.generic {indexing_maps = [#id4, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %mask : tensor<1x2x8x8xbf16>, tensor<1x8x8xi1>) outs(%e4 : tensor<1x2x8x8xf32>) {
  ^bb0(%in: bf16, %see: i1, %out: f32):
    %1 = arith.mulf %in, %scale : bf16
    %2 = arith.extf %1 : bf16 to f32
    %3 = arith.select %see, %2, %ninf : f32
    linalg.yield %3 : f32
  } -> tensor<1x2x8x8xf32>
  %any = linalg.generic {indexing_maps = [#id4, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x : tensor<1x2x8x8xf32>) outs(%f3 : tensor<1x2x8xi1>) {
  ^bb0(%in: f32, %out: i1):
    %1 = arith.cmpf une, %in, %ninf : f32
    %2 = arith.ori %1, %out : i1
    linalg.yield %2 : i1
  } -> tensor<1x2x8xi1>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<1x2x8x8xf32>) outs(%n3 : tensor<1x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id4, #row, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<1x2x8x8xf32>, tensor<1x2x8xf32>) outs(%e4 : tensor<1x2x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<1x2x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<1x2x8x8xf32>) outs(%z3 : tensor<1x2x8xf32>) dimensions = [3]
  %p = linalg.generic {indexing_maps = [#id4, #row, #row, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum, %any : tensor<1x2x8x8xf32>, tensor<1x2x8xf32>, tensor<1x2x8xi1>) outs(%es : tensor<1x2x8x8xbf16>) {
  ^bb0(%in: f32, %total: f32, %seen: i1, %out: bf16):
    %1 = arith.divf %in, %total : f32
    %2 = arith.select %seen, %1, %zero : f32
    %3 = arith.truncf %2 : f32 to bf16
    linalg.yield %3 : bf16
  } -> tensor<1x2x8x8xbf16>
  %o = linalg.contract indexing_maps = [#pv0, #pv1, #pv2] ins(%v, %p : tensor<1x2x8x16xbf16>, tensor<1x2x8x8xbf16>) outs(%zo : tensor<1x2x8x16xbf16>) -> tensor<1x2x8x16xbf16>
  return %o : tensor<1x2x8x16xbf16>
}

// -----

/// linalg.softmax is one spelling more.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>

// CHECK-LABEL: func.func @softmax_op(
// CHECK-NOT:     linalg.softmax
// CHECK:         posenc.attention scale(1.000000e+00)
// CHECK-NOT:     math.exp
func.func @softmax_op(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e4 = tensor.empty() : tensor<2x4x8x8xf32>
  %eo = tensor.empty() : tensor<2x4x8x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%z4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %p = linalg.softmax dimension(3) ins(%s : tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%zo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}
