// RUN: posenc-opt %s --posenc-raise --split-input-file | FileCheck %s

/// Masks become posenc.mask where that is exactly what they say, and stay code
/// elsewhere; whatever else meets the scores is code as well.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

// CHECK-LABEL: func.func @causal_lowest_number(
// CHECK:           score(%[[S:[a-z0-9]*]], %[[B:[a-z0-9]*]], %[[H:[a-z0-9]*]], %[[M:[a-z0-9]*]], %[[N:[a-z0-9]*]]) {
// CHECK:           posenc.mask %[[S]] at(%{{.*}}, %{{.*}}) <causal>
func.func @causal_lowest_number(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>) -> tensor<2x4x?x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %c2 = arith.constant 2 : index
  %t = tensor.dim %q, %c2 : tensor<2x4x?x16xf32>
  %u = tensor.dim %k, %c2 : tensor<2x4x?x16xf32>
  %e4 = tensor.empty(%t, %u) : tensor<2x4x?x?xf32>
  %e3 = tensor.empty(%t) : tensor<2x4x?xf32>
  %eo = tensor.empty(%t) : tensor<2x4x?x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x?x?xf32>) -> tensor<2x4x?x?xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x4x?xf32>) -> tensor<2x4x?xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x4x?xf32>) -> tensor<2x4x?xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x?x16xf32>) -> tensor<2x4x?x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%z4 : tensor<2x4x?x?xf32>) -> tensor<2x4x?x?xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x4x?x?xf32>) outs(%e4 : tensor<2x4x?x?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %low = arith.constant -3.40282347E+38 : f32
    %see = arith.cmpi sle, %n, %m : index
    %add = arith.select %see, %zero, %low : f32
    %r = arith.addf %in, %add : f32
    linalg.yield %r : f32
  } -> tensor<2x4x?x?xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x4x?x?xf32>) outs(%n3 : tensor<2x4x?xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x4x?x?xf32>, tensor<2x4x?xf32>) outs(%e4 : tensor<2x4x?x?xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x4x?x?xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x4x?x?xf32>) outs(%z3 : tensor<2x4x?xf32>) dimensions = [3]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x4x?x?xf32>, tensor<2x4x?xf32>) outs(%e4 : tensor<2x4x?x?xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x4x?x?xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x?x?xf32>, tensor<2x4x?x16xf32>) outs(%zo : tensor<2x4x?x16xf32>) -> tensor<2x4x?x16xf32>
  return %o : tensor<2x4x?x16xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

// CHECK-LABEL: func.func @causal_select(
// CHECK:           score(%[[S:[a-z0-9]*]], %[[B:[a-z0-9]*]], %[[H:[a-z0-9]*]], %[[M:[a-z0-9]*]], %[[N:[a-z0-9]*]]) {
// CHECK:           posenc.mask %[[S]] at(%{{.*}}, %{{.*}}) <causal>
func.func @causal_select(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %e4 = tensor.empty() : tensor<2x4x8x8xf32>
  %e3 = tensor.empty() : tensor<2x4x8xf32>
  %eo = tensor.empty() : tensor<2x4x8x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%z4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %hide = arith.cmpi sgt, %n, %m : index
    %r = arith.select %hide, %ninf, %in : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x4x8x8xf32>) outs(%n3 : tensor<2x4x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x4x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x4x8x8xf32>) outs(%z3 : tensor<2x4x8xf32>) dimensions = [3]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x4x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%zo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

// CHECK-LABEL: func.func @window(
// CHECK:           score(%[[S:[a-z0-9]*]], %[[B:[a-z0-9]*]], %[[H:[a-z0-9]*]], %[[M:[a-z0-9]*]], %[[N:[a-z0-9]*]]) {
// CHECK:           posenc.mask %[[S]] at(%{{.*}}, %{{.*}}) <window, left = 3, right = 0>
func.func @window(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %e4 = tensor.empty() : tensor<2x4x8x8xf32>
  %e3 = tensor.empty() : tensor<2x4x8xf32>
  %eo = tensor.empty() : tensor<2x4x8x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%z4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %c3 = arith.constant 3 : index
    %see = arith.cmpi ule, %n, %m : index
    %edge = arith.addi %n, %c3 : index
    %near = arith.cmpi sge, %edge, %m : index
    %both = arith.andi %see, %near : i1
    %r = arith.select %both, %in, %ninf : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x4x8x8xf32>) outs(%n3 : tensor<2x4x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x4x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x4x8x8xf32>) outs(%z3 : tensor<2x4x8xf32>) dimensions = [3]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x4x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%zo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

/// True for every query: nothing is left of it.
// CHECK-LABEL: func.func @no_mask(
// CHECK:         posenc.attention
// CHECK-NOT:     score
func.func @no_mask(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %e4 = tensor.empty() : tensor<2x4x8x8xf32>
  %e3 = tensor.empty() : tensor<2x4x8xf32>
  %eo = tensor.empty() : tensor<2x4x8x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%z4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %zero_index = arith.constant 0 : index
    %see = arith.cmpi sge, %m, %zero_index : index
    %add = arith.select %see, %zero, %ninf : f32
    %r = arith.addf %in, %add : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x4x8x8xf32>) outs(%n3 : tensor<2x4x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x4x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x4x8x8xf32>) outs(%z3 : tensor<2x4x8xf32>) dimensions = [3]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x4x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%zo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

/// Keys behind both masks tie with those behind one, which hiding would not do.
// CHECK-LABEL: func.func @two_lowest_numbers(
// CHECK:           score(%[[S:[a-z0-9]*]], %[[B:[a-z0-9]*]], %[[H:[a-z0-9]*]], %[[M:[a-z0-9]*]], %[[N:[a-z0-9]*]]) {
// CHECK-NOT:       posenc.mask
// CHECK:           arith.select
// CHECK:           arith.select
func.func @two_lowest_numbers(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %pad: tensor<2x8xi1>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %e4 = tensor.empty() : tensor<2x4x8x8xf32>
  %e3 = tensor.empty() : tensor<2x4x8xf32>
  %eo = tensor.empty() : tensor<2x4x8x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%z4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %low = arith.constant -3.40282347E+38 : f32
    %see = arith.cmpi sle, %n, %m : index
    %add = arith.select %see, %zero, %low : f32
    %1 = arith.addf %in, %add : f32
    %keep = tensor.extract %pad[%b, %n] : tensor<2x8xi1>
    %2 = arith.select %keep, %zero, %low : f32
    %r = arith.addf %1, %2 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x4x8x8xf32>) outs(%n3 : tensor<2x4x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x4x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x4x8x8xf32>) outs(%z3 : tensor<2x4x8xf32>) dimensions = [3]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x4x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%zo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

// CHECK-LABEL: func.func @capped(
// CHECK:         posenc.attention scale(2.500000e-01)
// CHECK:           score(%[[S:[a-z0-9]*]], %[[B:[a-z0-9]*]], %[[H:[a-z0-9]*]], %[[M:[a-z0-9]*]], %[[N:[a-z0-9]*]]) {
// CHECK:           %[[C:.*]] = posenc.softcap %[[S]] cap(5.000000e+00)
// CHECK:           posenc.mask %[[C]]
func.func @capped(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %e4 = tensor.empty() : tensor<2x4x8x8xf32>
  %e3 = tensor.empty() : tensor<2x4x8xf32>
  %eo = tensor.empty() : tensor<2x4x8x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%z4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %cap = arith.constant 5.0 : f32
    %scale = arith.constant 0.25 : f32
    %1 = arith.mulf %in, %scale : f32
    %2 = arith.divf %1, %cap : f32
    %3 = math.tanh %2 : f32
    %4 = arith.mulf %cap, %3 : f32
    %see = arith.cmpi sle, %n, %m : index
    %r = arith.select %see, %4, %ninf : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x4x8x8xf32>) outs(%n3 : tensor<2x4x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x4x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x4x8x8xf32>) outs(%z3 : tensor<2x4x8xf32>) dimensions = [3]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x4x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%zo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

// CHECK-LABEL: func.func @any_code(
// CHECK:           score(%[[S:[a-z0-9]*]], %[[B:[a-z0-9]*]], %[[H:[a-z0-9]*]], %[[M:[a-z0-9]*]], %[[N:[a-z0-9]*]]) {
// CHECK:           math.sin
// CHECK:           tensor.extract %{{.*}}[%[[M]], %[[N]]] : tensor<8x8xf32>
func.func @any_code(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %slope: tensor<4xf32>, %bias: tensor<8x8xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %e4 = tensor.empty() : tensor<2x4x8x8xf32>
  %e3 = tensor.empty() : tensor<2x4x8xf32>
  %eo = tensor.empty() : tensor<2x4x8x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%z4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %f = arith.index_cast %n : index to i32
    %g = arith.sitofp %f : i32 to f32
    %w = tensor.extract %slope[%h] : tensor<4xf32>
    %1 = arith.mulf %g, %w : f32
    %2 = arith.addf %in, %1 : f32
    %3 = math.sin %2 : f32
    %dense = tensor.extract %bias[%m, %n] : tensor<8x8xf32>
    %r = arith.addf %3, %dense : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x4x8x8xf32>) outs(%n3 : tensor<2x4x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x4x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x4x8x8xf32>) outs(%z3 : tensor<2x4x8xf32>) dimensions = [3]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x4x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%zo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}
