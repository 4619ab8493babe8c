// RUN: posenc-opt %s --posenc-raise --split-input-file --remarks-filter=posenc-raise 2>&1 >/dev/null | FileCheck %s
// RUN: posenc-opt %s --posenc-raise --split-input-file 2>&1 >/dev/null | FileCheck %s
// RUN: posenc-opt %s --posenc-raise --split-input-file --posenc-quiet 2>&1 >/dev/null | count 0
// RUN: posenc-opt %s --split-input-file > %t.plain
// RUN: posenc-opt %s --posenc-raise --split-input-file --posenc-quiet > %t.raised
// RUN: diff %t.plain %t.raised
// RUN: not posenc-opt %s --posenc-raise=strict=true --split-input-file --posenc-quiet 2>&1 | FileCheck %s --check-prefix=STRICT

/// Each softmax that feeds a contraction is raised, or it is said why not; what
/// is not raised stays as it was, to the letter.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

/// Normalised over the queries.
// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_wrong_axis | Reason="expected the softmax's sum to be of its own numerator over the axis that the contraction sums over"
// STRICT: error: softmax of a contraction is not raised: expected the softmax's sum to be of its own numerator over the axis that the contraction sums over
func.func @negative_wrong_axis(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
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
    %r = arith.addf %in, %zero : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x4x8x8xf32>) outs(%n3 : tensor<2x4x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x4x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x4x8x8xf32>) outs(%z3 : tensor<2x4x8xf32>) dimensions = [2]
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

/// Something is added to the probabilities.
// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_bias_after_softmax | Reason="expected a product of probabilities and values"
// STRICT: error: softmax of a contraction is not raised: expected a product of probabilities and values
func.func @negative_bias_after_softmax(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
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
    %r = arith.addf %in, %zero : f32
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
    %1 = arith.divf %in, %total : f32
    %y = arith.addf %1, %in : f32
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

// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_not_normalised | Reason="expected probabilities that sum to one, but got a factor of 0.7
// STRICT: error: softmax of a contraction is not raised: expected probabilities that sum to one, but got a factor of 0.7
func.func @negative_not_normalised(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
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
    %r = arith.addf %in, %zero : f32
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
    %part = arith.constant 0.7 : f32
    %1 = arith.divf %in, %total : f32
    %y = arith.mulf %1, %part : f32
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

/// Rows are set to zero, but not those that have nothing to attend to.
// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_wrong_guard | Reason="expected a select on the probabilities to test for rows that are all -inf"
// STRICT: error: softmax of a contraction is not raised: expected a select on the probabilities to test for rows that are all -inf
func.func @negative_wrong_guard(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
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
    %r = arith.addf %in, %zero : f32
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
    %cap = arith.constant 100.0 : f32
    %1 = arith.divf %in, %total : f32
    %2 = arith.cmpf ogt, %total, %cap : f32
    %y = arith.select %2, %zero, %1 : f32
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

// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_two_divisors | Reason="expected the exponential divided by one sum, but got 2 divisors"
// STRICT: error: softmax of a contraction is not raised: expected the exponential divided by one sum, but got 2 divisors
func.func @negative_two_divisors(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
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
    %r = arith.addf %in, %zero : f32
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
    %1 = arith.divf %in, %total : f32
    %y = arith.divf %1, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x4x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%zo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

/// Heads summed in one go with the keys.

#q = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#k = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#s = affine_map<(b, h, m, n, d) -> (b, h, m, n)>

// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_two_axes | Reason="expected a contraction over the keys alone, but got one over 2 axes"
func.func @negative_two_axes(%q: tensor<1x2x6x8xf32>, %k: tensor<1x2x6x8xf32>, %v: tensor<1x2x6x8xf32>) -> tensor<1x6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e4 = tensor.empty() : tensor<1x2x6x6xf32>
  %eo = tensor.empty() : tensor<1x6x8xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<1x6x8xf32>) -> tensor<1x6x8xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<1x2x6x8xf32>, tensor<1x2x6x8xf32>) outs(%z4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %p = linalg.softmax dimension(3) ins(%s : tensor<1x2x6x6xf32>) outs(%e4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %o = linalg.contract indexing_maps = [#s, #k, affine_map<(b, h, m, n, d) -> (b, m, d)>] ins(%p, %v : tensor<1x2x6x6xf32>, tensor<1x2x6x8xf32>) outs(%zo : tensor<1x6x8xf32>) -> tensor<1x6x8xf32>
  return %o : tensor<1x6x8xf32>
}
