// RUN: posenc-opt %s --posenc-raise --split-input-file | FileCheck %s

/// Tables by distance, named by what their rows are; for dynamic lengths with a
/// proof of what lies beyond the distances evaluated.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

// CHECK-LABEL: func.func @clip_static(
// CHECK:         posenc.attention scale(1.000000e+00)
// CHECK:           score(%[[S:[a-z0-9]*]], %[[B:[a-z0-9]*]], %[[H:[a-z0-9]*]], %[[M:[a-z0-9]*]], %[[N:[a-z0-9]*]]) {
// CHECK-DAG:       %[[I:.*]] = posenc.q_pos
// CHECK-DAG:       %[[J:.*]] = posenc.k_pos
// CHECK:           posenc.bias_table %[[S]], %{{.*}}[%[[H]]] at(%[[I]], %[[J]]) bucket <clip, k_minus_q, left = 3, right = 4> : tensor<8x4xf32>
func.func @clip_static(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %table: tensor<8x4xf32>) -> tensor<2x4x8x16xf32> {
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
    %m64 = arith.index_cast %m : index to i64
    %n64 = arith.index_cast %n : index to i64
    %d = arith.subi %n64, %m64 : i64
    %lo = arith.constant -3 : i64
    %hi = arith.constant 4 : i64
    %off = arith.constant 3 : i64
    %d1 = arith.maxsi %d, %lo : i64
    %d2 = arith.minsi %d1, %hi : i64
    %d3 = arith.addi %d2, %off : i64
    %row = arith.index_cast %d3 : i64 to index
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

// CHECK-LABEL: func.func @clip_dynamic(
// CHECK:           posenc.bias_table {{.*}} bucket <clip, k_minus_q, left = 3, right = 4>
func.func @clip_dynamic(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %table: tensor<8x4xf32>) -> tensor<2x4x?x16xf32> {
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
    %m64 = arith.index_cast %m : index to i64
    %n64 = arith.index_cast %n : index to i64
    %d = arith.subi %n64, %m64 : i64
    %lo = arith.constant -3 : i64
    %hi = arith.constant 4 : i64
    %off = arith.constant 3 : i64
    %d1 = arith.maxsi %d, %lo : i64
    %d2 = arith.minsi %d1, %hi : i64
    %d3 = arith.addi %d2, %off : i64
    %row = arith.index_cast %d3 : i64 to index
    %bias = tensor.extract %table[%row, %h] : tensor<8x4xf32>
    %r = arith.addf %in, %bias : f32
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

/// The branch that is not selected takes the logarithm of zero to an integer.
// CHECK-LABEL: func.func @t5_dynamic(
// CHECK:           posenc.bias_table {{.*}} bucket <t5, k_minus_q, num_buckets = 8, max_distance = 32, bidirectional = true>
func.func @t5_dynamic(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %table: tensor<8x4xf32>) -> tensor<2x4x?x16xf32> {
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
    %m64 = arith.index_cast %m : index to i64
    %n64 = arith.index_cast %n : index to i64
    %d = arith.subi %n64, %m64 : i64
    %zero64 = arith.constant 0 : i64
    %k2 = arith.constant 2 : i64
    %k3 = arith.constant 3 : i64
    %k4 = arith.constant 4 : i64
    %half = arith.constant 2.0 : f32
    %ln = arith.constant 2.7725887222397811 : f64
    %two = arith.constant 2.0 : f32
    %pos = arith.cmpi sgt, %d, %zero64 : i64
    %posi = arith.extui %pos : i1 to i64
    %base = arith.muli %posi, %k4 : i64
    %a = math.absi %d : i64
    %small = arith.cmpi slt, %a, %k2 : i64
    %f = arith.sitofp %a : i64 to f32
    %f1 = arith.divf %f, %half : f32
    %f2 = math.log %f1 : f32
    %ln32 = arith.truncf %ln : f64 to f32
    %f3 = arith.divf %f2, %ln32 : f32
    %f4 = arith.mulf %f3, %two : f32
    %l = arith.fptosi %f4 : f32 to i64
    %l1 = arith.addi %l, %k2 : i64
    %l2 = arith.minsi %l1, %k3 : i64
    %sel = arith.select %small, %a, %l2 : i64
    %rowi = arith.addi %base, %sel : i64
    %row = arith.index_cast %rowi : i64 to index
    %bias = tensor.extract %table[%row, %h] : tensor<8x4xf32>
    %r = arith.addf %bias, %in : f32
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

// CHECK-LABEL: func.func @t5_other_sign(
// CHECK:           posenc.bias_table {{.*}} bucket <t5, q_minus_k, num_buckets = 8, max_distance = 32, bidirectional = true>
func.func @t5_other_sign(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>, %table: tensor<8x4xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %e4 = tensor.empty() : tensor<2x4x8x12xf32>
  %e3 = tensor.empty() : tensor<2x4x8xf32>
  %eo = tensor.empty() : tensor<2x4x8x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>) outs(%z4 : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x4x8x12xf32>) outs(%e4 : tensor<2x4x8x12xf32>) {
  ^bb0(%in: f32, %out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %m64 = arith.index_cast %m : index to i64
    %n64 = arith.index_cast %n : index to i64
    %d = arith.subi %m64, %n64 : i64
    %zero64 = arith.constant 0 : i64
    %k2 = arith.constant 2 : i64
    %k3 = arith.constant 3 : i64
    %k4 = arith.constant 4 : i64
    %half = arith.constant 2.0 : f32
    %ln = arith.constant 2.7725887222397811 : f64
    %two = arith.constant 2.0 : f32
    %pos = arith.cmpi sgt, %d, %zero64 : i64
    %posi = arith.extui %pos : i1 to i64
    %base = arith.muli %posi, %k4 : i64
    %a = math.absi %d : i64
    %small = arith.cmpi slt, %a, %k2 : i64
    %f = arith.sitofp %a : i64 to f32
    %f1 = arith.divf %f, %half : f32
    %f2 = math.log %f1 : f32
    %ln32 = arith.truncf %ln : f64 to f32
    %f3 = arith.divf %f2, %ln32 : f32
    %f4 = arith.mulf %f3, %two : f32
    %l = arith.fptosi %f4 : f32 to i64
    %l1 = arith.addi %l, %k2 : i64
    %l2 = arith.minsi %l1, %k3 : i64
    %sel = arith.select %small, %a, %l2 : i64
    %rowi = arith.addi %base, %sel : i64
    %row = arith.index_cast %rowi : i64 to index
    %bias = tensor.extract %table[%row, %h] : tensor<8x4xf32>
    %r = arith.addf %bias, %in : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x4x8x12xf32>) outs(%n3 : tensor<2x4x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x12xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x4x8x12xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x4x8x12xf32>) outs(%z3 : tensor<2x4x8xf32>) dimensions = [3]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%e4 : tensor<2x4x8x12xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x4x8x12xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%zo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

/// Rows that no name has; a table longer than its rows is cut.
// CHECK-LABEL: func.func @lut_dynamic(
// CHECK:           %[[CUT:.*]] = tensor.extract_slice %{{.*}}[0, 0] [4, 4] [1, 1] : tensor<8x4xf32> to tensor<4x4xf32>
// CHECK:           posenc.bias_table %{{.*}}, %[[CUT]][%{{.*}}] {{.*}} bucket <lut, k_minus_q, origin = -3, outside = clamp, rows = [3, 2, 1, 0, 1, 2, 3]>
func.func @lut_dynamic(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %table: tensor<8x4xf32>) -> tensor<2x4x?x16xf32> {
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
    %m64 = arith.index_cast %m : index to i64
    %n64 = arith.index_cast %n : index to i64
    %d = arith.subi %n64, %m64 : i64
    %c3 = arith.constant 3 : i64
    %c5 = arith.constant 5 : i64
    %lo = arith.constant -5 : i64
    %mul = arith.constant 2 : i64
    %d1 = arith.maxsi %d, %lo : i64
    %d2 = arith.minsi %d1, %c5 : i64
    %a = math.absi %d2 : i64
    %rowi = arith.minsi %a, %c3 : i64
    %row = arith.index_cast %rowi : i64 to index
    %bias = tensor.extract %table[%row, %h] : tensor<8x4xf32>
    %r = arith.addf %in, %bias : f32
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
