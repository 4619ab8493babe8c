// RUN: posenc-opt %s --posenc-raise --split-input-file | FileCheck %s

/// Integers that exporters compute by reductions and scatters, understood for all
/// elements at once.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// Position ids that count leave one document: its test vanishes.
// CHECK-LABEL: func.func @packed(
// CHECK:         posenc.attention
// CHECK:         %[[I:.*]] = posenc.q_pos
// CHECK-NEXT:    %[[J:.*]] = posenc.k_pos
// CHECK-NEXT:    %[[M:.*]] = posenc.mask %{{.*}} at(%[[I]], %[[J]]) <causal>
// CHECK-NEXT:    posenc.yield %[[M]]
func.func @packed(%q: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x8x8xf32>
  %ec = tensor.empty() : tensor<2x2x8x8xf32>
  %e3 = tensor.empty() : tensor<2x2x8xf32>
  %eo = tensor.empty() : tensor<2x2x8x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %ei = tensor.empty() : tensor<2x8xi64>
  %ids = linalg.generic {indexing_maps = [affine_map<(b, t) -> (b, t)>], iterator_types = ["parallel", "parallel"]} outs(%ei : tensor<2x8xi64>) {
  ^bb0(%out: i64):
    %t = linalg.index 1 : index
    %i = arith.index_cast %t : index to i64
    linalg.yield %i : i64
  } -> tensor<2x8xi64>
  %c1i = arith.constant 1 : i64
  %c0i = arith.constant 0 : i64
  %ej = tensor.empty() : tensor<2x8xi64>
  %first = tensor.extract_slice %ids[0, 0] [2, 1] [1, 1] : tensor<2x8xi64> to tensor<2x1xi64>
  %e1 = tensor.empty() : tensor<2x1xi64>
  %before = linalg.generic {indexing_maps = [affine_map<(b, t) -> (b, t)>, affine_map<(b, t) -> (b, t)>], iterator_types = ["parallel", "parallel"]} ins(%first : tensor<2x1xi64>) outs(%e1 : tensor<2x1xi64>) {
  ^bb0(%in: i64, %out: i64):
    %less = arith.subi %in, %c1i : i64
    linalg.yield %less : i64
  } -> tensor<2x1xi64>
  %all = tensor.concat dim(1) %before, %ids : (tensor<2x1xi64>, tensor<2x8xi64>) -> tensor<2x9xi64>
  %now = tensor.extract_slice %all[0, 1] [2, 8] [1, 1] : tensor<2x9xi64> to tensor<2x8xi64>
  %last = tensor.extract_slice %all[0, 0] [2, 8] [1, 1] : tensor<2x9xi64> to tensor<2x8xi64>
  %z2i = linalg.fill ins(%c0i : i64) outs(%ej : tensor<2x8xi64>) -> tensor<2x8xi64>
  %document = linalg.generic {indexing_maps = [affine_map<(b, t, u) -> (b, u)>, affine_map<(b, t, u) -> (b, u)>, affine_map<(b, t, u) -> (b, t)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%now, %last : tensor<2x8xi64>, tensor<2x8xi64>) outs(%z2i : tensor<2x8xi64>) {
  ^bb0(%in: i64, %prev: i64, %acc: i64):
    %t = linalg.index 1 : index
    %u = linalg.index 2 : index
    %step = arith.subi %in, %prev : i64
    %jumps = arith.cmpi ne, %step, %c1i : i64
    %upto = arith.cmpi sle, %u, %t : index
    %one1 = arith.extui %jumps : i1 to i64
    %counted = arith.select %upto, %one1, %c0i : i64
    %next = arith.addi %acc, %counted : i64
    linalg.yield %next : i64
  } -> tensor<2x8xi64>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x2x8x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %b = linalg.index 0 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %dm = tensor.extract %document[%b, %m] : tensor<2x8xi64>
    %dn = tensor.extract %document[%b, %n] : tensor<2x8xi64>
    %same = arith.cmpi eq, %dm, %dn : i64
    %past = arith.cmpi sle, %n, %m : index
    %see = arith.andi %same, %past : i1
    %add = arith.select %see, %zero, %low : f32
    %r = arith.addf %in, %add : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x2x8x8xf32>) outs(%n3 : tensor<2x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x8x8xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%pc, %v : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  return %o : tensor<2x2x8x8xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// Those that a caller passes may jump.
// CHECK-LABEL: func.func @negative_packed_by_argument(
// CHECK:         posenc.attention
// CHECK-NOT:     posenc.mask
// CHECK:         arith.cmpi eq
func.func @negative_packed_by_argument(%q: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>, %ids: tensor<2x8xi64>) -> tensor<2x2x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x8x8xf32>
  %ec = tensor.empty() : tensor<2x2x8x8xf32>
  %e3 = tensor.empty() : tensor<2x2x8xf32>
  %eo = tensor.empty() : tensor<2x2x8x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %c1i = arith.constant 1 : i64
  %c0i = arith.constant 0 : i64
  %ej = tensor.empty() : tensor<2x8xi64>
  %first = tensor.extract_slice %ids[0, 0] [2, 1] [1, 1] : tensor<2x8xi64> to tensor<2x1xi64>
  %e1 = tensor.empty() : tensor<2x1xi64>
  %before = linalg.generic {indexing_maps = [affine_map<(b, t) -> (b, t)>, affine_map<(b, t) -> (b, t)>], iterator_types = ["parallel", "parallel"]} ins(%first : tensor<2x1xi64>) outs(%e1 : tensor<2x1xi64>) {
  ^bb0(%in: i64, %out: i64):
    %less = arith.subi %in, %c1i : i64
    linalg.yield %less : i64
  } -> tensor<2x1xi64>
  %all = tensor.concat dim(1) %before, %ids : (tensor<2x1xi64>, tensor<2x8xi64>) -> tensor<2x9xi64>
  %now = tensor.extract_slice %all[0, 1] [2, 8] [1, 1] : tensor<2x9xi64> to tensor<2x8xi64>
  %last = tensor.extract_slice %all[0, 0] [2, 8] [1, 1] : tensor<2x9xi64> to tensor<2x8xi64>
  %z2i = linalg.fill ins(%c0i : i64) outs(%ej : tensor<2x8xi64>) -> tensor<2x8xi64>
  %document = linalg.generic {indexing_maps = [affine_map<(b, t, u) -> (b, u)>, affine_map<(b, t, u) -> (b, u)>, affine_map<(b, t, u) -> (b, t)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%now, %last : tensor<2x8xi64>, tensor<2x8xi64>) outs(%z2i : tensor<2x8xi64>) {
  ^bb0(%in: i64, %prev: i64, %acc: i64):
    %t = linalg.index 1 : index
    %u = linalg.index 2 : index
    %step = arith.subi %in, %prev : i64
    %jumps = arith.cmpi ne, %step, %c1i : i64
    %upto = arith.cmpi sle, %u, %t : index
    %one1 = arith.extui %jumps : i1 to i64
    %counted = arith.select %upto, %one1, %c0i : i64
    %next = arith.addi %acc, %counted : i64
    linalg.yield %next : i64
  } -> tensor<2x8xi64>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x2x8x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %b = linalg.index 0 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %dm = tensor.extract %document[%b, %m] : tensor<2x8xi64>
    %dn = tensor.extract %document[%b, %n] : tensor<2x8xi64>
    %same = arith.cmpi eq, %dm, %dn : i64
    %past = arith.cmpi sle, %n, %m : index
    %see = arith.andi %same, %past : i1
    %add = arith.select %see, %zero, %low : f32
    %r = arith.addf %in, %add : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x2x8x8xf32>) outs(%n3 : tensor<2x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x8x8xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%pc, %v : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  return %o : tensor<2x2x8x8xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// A running sum of ones counts positions from 1, and a window is one of its differences.
// CHECK-LABEL: func.func @counted_positions(
// CHECK:         posenc.mask %{{.*}} at(%{{.*}}, %{{.*}}) <window, left = 2, right = 0>
// CHECK-NEXT:    posenc.yield
func.func @counted_positions(%q: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x8x8xf32>
  %ec = tensor.empty() : tensor<2x2x8x8xf32>
  %e3 = tensor.empty() : tensor<2x2x8xf32>
  %eo = tensor.empty() : tensor<2x2x8x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %ei = tensor.empty() : tensor<2x8xi64>
  %c0i = arith.constant 0 : i64
  %c1i = arith.constant 1 : i64
  %e8 = tensor.empty() : tensor<8xi64>
  %eu = linalg.fill ins(%c0i : i64) outs(%e8 : tensor<8xi64>) -> tensor<8xi64>
  %z2i = linalg.fill ins(%c0i : i64) outs(%ei : tensor<2x8xi64>) -> tensor<2x8xi64>
  %count = linalg.generic {indexing_maps = [affine_map<(b, u, t) -> (u)>, affine_map<(b, u, t) -> (b, t)>], iterator_types = ["parallel", "reduction", "parallel"]} ins(%eu : tensor<8xi64>) outs(%z2i : tensor<2x8xi64>) {
  ^bb0(%unused: i64, %acc: i64):
    %u = linalg.index 1 : index
    %t = linalg.index 2 : index
    %upto = arith.cmpi sle, %u, %t : index
    %counted = arith.select %upto, %c1i, %c0i : i64
    %next = arith.addi %acc, %counted : i64
    linalg.yield %next : i64
  } -> tensor<2x8xi64>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x2x8x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %b = linalg.index 0 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %pm = tensor.extract %count[%b, %m] : tensor<2x8xi64>
    %pn = tensor.extract %count[%b, %n] : tensor<2x8xi64>
    %d = arith.subi %pm, %pn : i64
    %c3i = arith.constant 3 : i64
    %near = arith.cmpi slt, %d, %c3i : i64
    %past = arith.cmpi sge, %d, %c0i : i64
    %see = arith.andi %near, %past : i1
    %add = arith.select %see, %zero, %low : f32
    %r = arith.addf %in, %add : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x2x8x8xf32>) outs(%n3 : tensor<2x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x8x8xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%pc, %v : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  return %o : tensor<2x2x8x8xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// Position ids in the order in which a scatter writes them: 0 3 6 … of 24, every third.
// CHECK-LABEL: func.func @scattered(
// CHECK:         posenc.mask %{{.*}} at(%{{.*}}, %{{.*}}) <causal>
// CHECK-NEXT:    posenc.yield
func.func @scattered(%q: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x8x8xf32>
  %ec = tensor.empty() : tensor<2x2x8x8xf32>
  %e3 = tensor.empty() : tensor<2x2x8xf32>
  %eo = tensor.empty() : tensor<2x2x8x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %c0i = arith.constant 0 : i64
  %blank = arith.constant dense<0> : tensor<1x24x1xi64>
  %at = arith.constant dense<[[0, 3, 6, 9, 12, 15, 18, 21]]> : tensor<1x8xi32>
  %what = arith.constant dense<[[[0], [1], [2], [3], [4], [5], [6], [7]]]> : tensor<1x8x1xi64>
  %wide = tosa.scatter %blank, %at, %what : (tensor<1x24x1xi64>, tensor<1x8xi32>, tensor<1x8x1xi64>) -> tensor<1x24x1xi64>
  %flat = tensor.collapse_shape %wide [[0, 1, 2]] : tensor<1x24x1xi64> into tensor<24xi64>
  %ids = tensor.extract_slice %flat[0] [8] [3] : tensor<24xi64> to tensor<8xi64>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x2x8x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %b = linalg.index 0 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %pm = tensor.extract %ids[%m] : tensor<8xi64>
    %pn = tensor.extract %ids[%n] : tensor<8xi64>
    %see = arith.cmpi sge, %pm, %pn : i64
    %add = arith.select %see, %zero, %low : f32
    %r = arith.addf %in, %add : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x2x8x8xf32>) outs(%n3 : tensor<2x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x8x8xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%pc, %v : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  return %o : tensor<2x2x8x8xf32>
}
