// RUN: posenc-opt %s --posenc-raise --split-input-file 2>&1 | FileCheck %s

/// Masks as libraries spell them: a mask that is asked whether it is zero, positions that are floats, a term that is added
/// where a key is visible, and a test for rows that see no key.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

// CHECK-LABEL: func.func @mask_asked_whether_it_is_zero(
// CHECK:           score(%[[S:[a-z0-9]*]],
// CHECK:           posenc.mask %[[S]] at(%{{.*}}, %{{.*}}) <causal>
// CHECK-NEXT:      posenc.yield
func.func @mask_asked_whether_it_is_zero(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
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
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %see = arith.cmpi sle, %n, %m : index
    %mask = arith.select %see, %zero, %low : f32
    %hidden = arith.cmpf une, %mask, %zero : f32
    %r = arith.select %hidden, %low, %in : f32
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

// CHECK-LABEL: func.func @float_positions(
// CHECK:           score(%[[S:[a-z0-9]*]],
// CHECK:           posenc.mask %[[S]] at(%{{.*}}, %{{.*}}) <causal>
// CHECK-NEXT:      posenc.yield
func.func @float_positions(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
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
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %mi = arith.index_cast %m : index to i64
    %ni = arith.index_cast %n : index to i64
    %mf = arith.sitofp %mi : i64 to f32
    %nf = arith.sitofp %ni : i64 to f32
    %m0 = arith.addf %mf, %zero : f32
    %see = arith.cmpf oge, %m0, %nf : f32
    %add = arith.select %see, %zero, %low : f32
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

// CHECK-LABEL: func.func @negative_rounded_positions(
// bf16 holds no position above 256 exactly: two may compare equal.
// CHECK-NOT:       posenc.mask
// CHECK:           arith.cmpf oge, %{{.*}}, %{{.*}} : bf16
// CHECK-NOT:       posenc.mask
func.func @negative_rounded_positions(%q: tensor<2x4x300x16xf32>, %k: tensor<2x4x300x16xf32>, %v: tensor<2x4x300x16xf32>) -> tensor<2x4x300x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %e4 = tensor.empty() : tensor<2x4x300x300xf32>
  %e3 = tensor.empty() : tensor<2x4x300xf32>
  %eo = tensor.empty() : tensor<2x4x300x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x300x300xf32>) -> tensor<2x4x300x300xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x4x300xf32>) -> tensor<2x4x300xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x4x300xf32>) -> tensor<2x4x300xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x300x16xf32>) -> tensor<2x4x300x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x4x300x16xf32>, tensor<2x4x300x16xf32>) outs(%z4 : tensor<2x4x300x300xf32>) -> tensor<2x4x300x300xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x4x300x300xf32>) outs(%e4 : tensor<2x4x300x300xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %mi = arith.index_cast %m : index to i64
    %ni = arith.index_cast %n : index to i64
    %mf = arith.sitofp %mi : i64 to bf16
    %nf = arith.sitofp %ni : i64 to bf16
    %see = arith.cmpf oge, %mf, %nf : bf16
    %add = arith.select %see, %zero, %low : f32
    %r = arith.addf %in, %add : f32
    linalg.yield %r : f32
  } -> tensor<2x4x300x300xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x4x300x300xf32>) outs(%n3 : tensor<2x4x300xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x4x300x300xf32>, tensor<2x4x300xf32>) outs(%e4 : tensor<2x4x300x300xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x4x300x300xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x4x300x300xf32>) outs(%z3 : tensor<2x4x300xf32>) dimensions = [3]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x4x300x300xf32>, tensor<2x4x300xf32>) outs(%e4 : tensor<2x4x300x300xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x4x300x300xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x300x300xf32>, tensor<2x4x300x16xf32>) outs(%zo : tensor<2x4x300x16xf32>) -> tensor<2x4x300x16xf32>
  return %o : tensor<2x4x300x16xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

// CHECK-LABEL: func.func @term_where_visible(
// CHECK:           score(%[[S:[a-z0-9]*]],
// CHECK:           %[[SUM:.*]] = arith.addf %[[S]], %
// CHECK:           posenc.mask %[[SUM]] at(%{{.*}}, %{{.*}}) <causal>
// CHECK-NEXT:      posenc.yield
func.func @term_where_visible(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
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
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %see = arith.cmpi sle, %n, %m : index
    %ni = arith.index_cast %n : index to i64
    %nf = arith.sitofp %ni : i64 to f32
    %term = math.sin %nf : f32
    %add = arith.select %see, %term, %low : f32
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

// CHECK-LABEL: func.func @every_row_sees_its_own_key(
// CHECK:           score(%[[S:[a-z0-9]*]],
// CHECK:           posenc.mask %[[S]] at(%{{.*}}, %{{.*}}) <causal>
// CHECK-NEXT:      posenc.yield
func.func @every_row_sees_its_own_key(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
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
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %see = arith.cmpi sle, %n, %m : index
    %r = arith.select %see, %in, %low : f32
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
  %eb = tensor.empty() : tensor<2x4x8x8xi1>
  %visible = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%eb : tensor<2x4x8x8xi1>) {
  ^bb0(%out: i1):
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %see = arith.cmpi sle, %n, %m : index
    linalg.yield %see : i1
  } -> tensor<2x4x8x8xi1>
  %eb3 = tensor.empty() : tensor<2x4x8xi1>
  %false = arith.constant false
  %f3 = linalg.fill ins(%false : i1) outs(%eb3 : tensor<2x4x8xi1>) -> tensor<2x4x8xi1>
  %any = linalg.reduce { arith.ori } ins(%visible : tensor<2x4x8x8xi1>) outs(%f3 : tensor<2x4x8xi1>) dimensions = [3]
  %p = linalg.generic {indexing_maps = [#id, #row, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum, %any : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xi1>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %some: i1, %out: f32):
    %y = arith.divf %in, %total : f32
    %g = arith.select %some, %y, %zero : f32
    linalg.yield %g : f32
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

// CHECK-LABEL: func.func @negative_a_row_may_see_no_key(
// CHECK-NOT:       posenc.attention
// CHECK:           return
func.func @negative_a_row_may_see_no_key(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
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
  %eb = tensor.empty() : tensor<2x4x8x8xi1>
  %visible = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%eb : tensor<2x4x8x8xi1>) {
  ^bb0(%out: i1):
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %see = arith.cmpi slt, %n, %m : index
    linalg.yield %see : i1
  } -> tensor<2x4x8x8xi1>
  %eb3 = tensor.empty() : tensor<2x4x8xi1>
  %false = arith.constant false
  %f3 = linalg.fill ins(%false : i1) outs(%eb3 : tensor<2x4x8xi1>) -> tensor<2x4x8xi1>
  %any = linalg.reduce { arith.ori } ins(%visible : tensor<2x4x8x8xi1>) outs(%f3 : tensor<2x4x8xi1>) dimensions = [3]
  %p = linalg.generic {indexing_maps = [#id, #row, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum, %any : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xi1>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %some: i1, %out: f32):
    %y = arith.divf %in, %total : f32
    %g = arith.select %some, %y, %zero : f32
    linalg.yield %g : f32
  } -> tensor<2x4x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%zo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}
