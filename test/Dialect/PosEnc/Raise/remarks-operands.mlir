// RUN: posenc-opt %s --posenc-raise --split-input-file --remarks-filter=posenc-raise 2>&1 >/dev/null | FileCheck %s
// RUN: posenc-opt %s --posenc-raise --split-input-file 2>&1 >/dev/null | FileCheck %s
// RUN: posenc-opt %s --posenc-raise --split-input-file --posenc-quiet 2>&1 >/dev/null | count 0
// RUN: posenc-opt %s --split-input-file > %t.plain
// RUN: posenc-opt %s --posenc-raise --split-input-file --posenc-quiet > %t.raised
// RUN: diff %t.plain %t.raised
// RUN: not posenc-opt %s --posenc-raise=strict=true --split-input-file --posenc-quiet 2>&1 | FileCheck %s --check-prefix=STRICT

/// What feeds the softmax and what takes its result: see remarks.mlir.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

/// The distance between what two tokens are, not where they are.
// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_content_index | Reason="expected an index that is a function of position, but it reads a tensor"
// STRICT: error: softmax of a contraction is not raised: expected an index that is a function of position, but it reads a tensor
func.func @negative_content_index(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %ids: tensor<8xi64>, %table: tensor<8x4xf32>) -> tensor<2x4x8x16xf32> {
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
    %i = tensor.extract %ids[%m] : tensor<8xi64>
    %j = tensor.extract %ids[%n] : tensor<8xi64>
    %d = arith.subi %j, %i : i64
    %row = arith.index_cast %d : i64 to index
    %bias = tensor.extract %table[%row, %h] : tensor<8x4xf32>
    %r = arith.addf %in, %bias : f32
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

/// Scores that come in from outside.
// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_no_product | Reason="expected the scores to contain one product of queries and keys, but got 0"
// STRICT: error: softmax of a contraction is not raised: expected the scores to contain one product of queries and keys, but got 0
func.func @negative_no_product(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %given: tensor<8x8xf32>) -> tensor<2x4x8x16xf32> {
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
    %r = tensor.extract %given[%m, %n] : tensor<8x8xf32>
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

/// q · k plus its transpose.
// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_two_products | Reason="expected the scores to contain one product of queries and keys, but got 2"
// STRICT: error: softmax of a contraction is not raised: expected the scores to contain one product of queries and keys, but got 2
func.func @negative_two_products(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
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
    %t = tensor.extract %s[%b, %h, %n, %m] : tensor<2x4x8x8xf32>
    %r = arith.addf %in, %t : f32
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

/// A residual is the initial value.
// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_accumulates | Reason="expected the contraction to start from zero"
// STRICT: error: softmax of a contraction is not raised: expected the contraction to start from zero
func.func @negative_accumulates(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
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
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x4x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%v : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

/// A sink in the sum's initial value.
// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_sum_from_one | Reason="expected a divisor that is a sum over one axis from zero"
// STRICT: error: softmax of a contraction is not raised: expected a divisor that is a sum over one axis from zero
func.func @negative_sum_from_one(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %e4 = tensor.empty() : tensor<2x4x8x8xf32>
  %e3 = tensor.empty() : tensor<2x4x8xf32>
  %eo = tensor.empty() : tensor<2x4x8x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %one = arith.constant 1.0 : f32
  %one3 = linalg.fill ins(%one : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
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
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x4x8x8xf32>) outs(%one3 : tensor<2x4x8xf32>) dimensions = [3]
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

/// Probabilities that are gated key by key.
// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_gate | Reason="expected the probabilities to be contracted with one tensor of values"
// STRICT: error: softmax of a contraction is not raised: expected the probabilities to be contracted with one tensor of values
func.func @negative_gate(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %gate: tensor<2x4x8x8xf32>) -> tensor<2x4x8x16xf32> {
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
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x4x8x8xf32>
  %g = linalg.mul ins(%p, %gate : tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%g, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%zo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_unknown_operation | Reason="expected scores made of scalar operations, but got scf.for"
// STRICT: error: softmax of a contraction is not raised: expected scores made of scalar operations, but got scf.for
func.func @negative_unknown_operation(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
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
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %in) -> f32 {
      %next = math.sin %acc : f32
      scf.yield %next : f32
    }
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

/// f64 has no attention.

#qk0 = affine_map<(m, n, d) -> (m, d)>
#qk1 = affine_map<(m, n, d) -> (n, d)>
#qk2 = affine_map<(m, n, d) -> (m, n)>
#pv1 = affine_map<(m, d, n) -> (n, d)>
#pv0 = affine_map<(m, d, n) -> (m, n)>
#pv2 = affine_map<(m, d, n) -> (m, d)>
#row = affine_map<(m, n) -> (m)>
#id = affine_map<(m, n) -> (m, n)>
// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_f64 | Reason="expected queries, keys, values and the result of one type f32, f16 or bf16, but got f64, f64, f64 and f64"
// STRICT: error: softmax of a contraction is not raised: expected queries, keys, values and the result of one type f32, f16 or bf16, but got f64, f64, f64 and f64
func.func @negative_f64(%q: tensor<8x16xf64>, %k: tensor<8x16xf64>, %v: tensor<8x16xf64>) -> tensor<8x16xf64> {
  %zero = arith.constant 0.0 : f64
  %e2 = tensor.empty() : tensor<8x8xf64>
  %e1 = tensor.empty() : tensor<8xf64>
  %eo = tensor.empty() : tensor<8x16xf64>
  %z2 = linalg.fill ins(%zero : f64) outs(%e2 : tensor<8x8xf64>) -> tensor<8x8xf64>
  %z1 = linalg.fill ins(%zero : f64) outs(%e1 : tensor<8xf64>) -> tensor<8xf64>
  %zo = linalg.fill ins(%zero : f64) outs(%eo : tensor<8x16xf64>) -> tensor<8x16xf64>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<8x16xf64>, tensor<8x16xf64>) outs(%z2 : tensor<8x8xf64>) -> tensor<8x8xf64>
  %e = linalg.exp ins(%s : tensor<8x8xf64>) outs(%e2 : tensor<8x8xf64>) -> tensor<8x8xf64>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<8x8xf64>) outs(%z1 : tensor<8xf64>) dimensions = [1]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%e, %sum : tensor<8x8xf64>, tensor<8xf64>) outs(%e2 : tensor<8x8xf64>) {
  ^bb0(%in: f64, %total: f64, %out: f64):
    %1 = arith.divf %in, %total : f64
    linalg.yield %1 : f64
  } -> tensor<8x8xf64>
  %o = linalg.contract indexing_maps = [#pv0, #pv1, #pv2] ins(%p, %v : tensor<8x8xf64>, tensor<8x16xf64>) outs(%zo : tensor<8x16xf64>) -> tensor<8x16xf64>
  return %o : tensor<8x16xf64>
}

// -----

/// What upstream cannot lower keeps the function from being looked at.

// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_tosa | Reason="expected IR that lowers to linalg, but failed to legalize operation 'tosa.custom'
// STRICT: error: softmax of a contraction is not raised: expected IR that lowers to linalg, but failed to legalize operation 'tosa.custom'
func.func @negative_tosa(%x: tensor<1x8x4xf32>) -> tensor<1x8x4xf32> {
  %e = tosa.exp %x : (tensor<1x8x4xf32>) -> tensor<1x8x4xf32>
  %s = tosa.custom %e {domain_name = "mine", implementation_attrs = "", operator_name = "own"} : (tensor<1x8x4xf32>) -> tensor<1x8x4xf32>
  return %s : tensor<1x8x4xf32>
}

// -----

/// No softmax, no remark: an activation with an exponential, a layer norm, a
/// softmax that feeds no contraction.

#id = affine_map<(m, n) -> (m, n)>
#row = affine_map<(m, n) -> (m)>
// CHECK-NOT: Function=negative_activation
func.func @negative_activation(%x: tensor<8x16xf32>, %w: tensor<16x16xf32>) -> (tensor<8x16xf32>, tensor<8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %e2 = tensor.empty() : tensor<8x16xf32>
  %e1 = tensor.empty() : tensor<8xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<8x16xf32>) -> tensor<8x16xf32>
  %z1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<8xf32>) -> tensor<8xf32>
  %mean = linalg.reduce { arith.addf } ins(%x : tensor<8x16xf32>) outs(%z1 : tensor<8xf32>) dimensions = [1]
  %silu = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %mean : tensor<8x16xf32>, tensor<8xf32>) outs(%e2 : tensor<8x16xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %1 = arith.subf %in, %total : f32
    %2 = arith.negf %1 : f32
    %3 = math.exp %2 : f32
    %4 = arith.addf %3, %one : f32
    %5 = arith.divf %1, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<8x16xf32>
  %o = linalg.matmul ins(%silu, %w : tensor<8x16xf32>, tensor<16x16xf32>) outs(%z2 : tensor<8x16xf32>) -> tensor<8x16xf32>
  %e = linalg.exp ins(%o : tensor<8x16xf32>) outs(%e2 : tensor<8x16xf32>) -> tensor<8x16xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<8x16xf32>) outs(%z1 : tensor<8xf32>) dimensions = [1]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%e, %sum : tensor<8x16xf32>, tensor<8xf32>) outs(%e2 : tensor<8x16xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %1 = arith.divf %in, %total : f32
    linalg.yield %1 : f32
  } -> tensor<8x16xf32>
  return %o, %p : tensor<8x16xf32>, tensor<8x16xf32>
}
