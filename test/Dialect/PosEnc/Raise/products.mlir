// RUN: posenc-opt %s --posenc-raise --split-input-file | FileCheck %s
// RUN: posenc-opt %s --posenc-raise --posenc-verify-fused --split-input-file -o /dev/null

/// Products of rows and tables that scores read become rel_dot. Numbers, and the
/// ways that libraries write them: products.py.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#mnd = affine_map<(b, h, m, n, d) -> (m, n, d)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>

/// A table gathered by clipped distances, and a contraction with it: the table
/// itself, and the queries as the attention has them.
// CHECK-LABEL: func.func @gathered_table(
// CHECK-SAME:      %[[Q:[a-z0-9]*]]: tensor<2x4x8x16xf32>, {{.*}}, %[[TABLE:[a-z0-9]*]]: tensor<8x16xf32>)
// CHECK-DAG:     %[[W:.*]] = arith.constant 2.500000e-01 : f32
// CHECK:         posenc.attention
// CHECK:           score(%[[S:[a-z0-9]*]], %[[B:[a-z0-9]*]], %[[H:[a-z0-9]*]], %[[M:[a-z0-9]*]], %[[N:[a-z0-9]*]]) {
// CHECK-DAG:       %[[I:.*]] = posenc.q_pos
// CHECK-DAG:       %[[J:.*]] = posenc.k_pos
// CHECK:           %[[R:.*]] = posenc.rel_dot %[[S]], %[[Q]][%[[B]], %[[H]], %[[M]]], %[[TABLE]] at(%[[I]], %[[J]]) bucket <clip, k_minus_q, left = 3, right = 4> weight(%[[W]])
// CHECK-NEXT:      posenc.yield %[[R]]
// CHECK-NOT:     linalg.contract
func.func @gathered_table(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %table: tensor<8x16xf32>) -> tensor<2x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e4 = tensor.empty() : tensor<2x4x8x8xf32>
  %eo = tensor.empty() : tensor<2x4x8x16xf32>
  %eg = tensor.empty() : tensor<8x8x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%z4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %g = linalg.generic {indexing_maps = [affine_map<(m, n, d) -> (m, n, d)>], iterator_types = ["parallel", "parallel", "parallel"]} outs(%eg : tensor<8x8x16xf32>) {
  ^bb0(%out: f32):
    %m = linalg.index 0 : index
    %n = linalg.index 1 : index
    %d = linalg.index 2 : index
    %lo = arith.constant -3 : index
    %hi = arith.constant 4 : index
    %off = arith.constant 3 : index
    %0 = arith.subi %n, %m : index
    %1 = arith.maxsi %0, %lo : index
    %2 = arith.minsi %1, %hi : index
    %row = arith.addi %2, %off : index
    %t = tensor.extract %table[%row, %d] : tensor<8x16xf32>
    linalg.yield %t : f32
  } -> tensor<8x8x16xf32>
  %u = linalg.contract indexing_maps = [#qk0, #mnd, #qk2] ins(%q, %g : tensor<2x4x8x16xf32>, tensor<8x8x16xf32>) outs(%z4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %x = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %u : tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) {
  ^bb0(%in: f32, %term: f32, %out: f32):
    %c = arith.constant 4.0 : f32
    %part = arith.divf %term, %c : f32
    %r = arith.addf %in, %part : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %p = linalg.softmax dimension(3) ins(%x : tensor<2x4x8x8xf32>) outs(%e4 : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%zo : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#table = affine_map<(b, h, m, n, d) -> (d, h, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>

/// Products with a whole table whose channels come first, per head, of which each
/// pair takes one in a band: the table is turned, and has no row elsewhere.
// CHECK-LABEL: func.func @banded(
// CHECK-SAME:      %[[Q:[a-z0-9]*]]: tensor<2x4x?x16xf32>, {{.*}}, %[[TABLE:[a-z0-9]*]]: tensor<16x4x5xf32>)
// CHECK:         %[[TURNED:.*]] = linalg.transpose ins(%[[TABLE]] : tensor<16x4x5xf32>) {{.*}} permutation = [2, 1, 0]
// CHECK:         posenc.attention
// CHECK:           score(%[[S:[a-z0-9]*]], %[[B:[a-z0-9]*]], %[[H:[a-z0-9]*]], %[[M:[a-z0-9]*]], %[[N:[a-z0-9]*]]) {
// CHECK:           posenc.rel_dot %[[S]], %[[Q]][%[[B]], %[[H]], %[[M]]], %{{.*}}[%[[H]]] at(%{{.*}}, %{{.*}}) bucket <identity, q_minus_k, extent = 5> : tensor<2x4x?x16xf32>, tensor<5x4x16xf32>
func.func @banded(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %table: tensor<16x4x5xf32>) -> tensor<2x4x?x16xf32> {
  %zero = arith.constant 0.0 : f32
  %c2 = arith.constant 2 : index
  %T = tensor.dim %q, %c2 : tensor<2x4x?x16xf32>
  %e4 = tensor.empty(%T, %T) : tensor<2x4x?x?xf32>
  %ea = tensor.empty(%T) : tensor<2x4x?x5xf32>
  %eo = tensor.empty(%T) : tensor<2x4x?x16xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x?x?xf32>) -> tensor<2x4x?x?xf32>
  %za = linalg.fill ins(%zero : f32) outs(%ea : tensor<2x4x?x5xf32>) -> tensor<2x4x?x5xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x?x16xf32>) -> tensor<2x4x?x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%z4 : tensor<2x4x?x?xf32>) -> tensor<2x4x?x?xf32>
  %all = linalg.contract indexing_maps = [#qk0, #table, #qk2] ins(%q, %table : tensor<2x4x?x16xf32>, tensor<16x4x5xf32>) outs(%za : tensor<2x4x?x5xf32>) -> tensor<2x4x?x5xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x4x?x?xf32>) outs(%e4 : tensor<2x4x?x?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %c0 = arith.constant 0 : index
    %c4 = arith.constant 4 : index
    %dist = arith.subi %m, %n : index
    %low = arith.maxsi %dist, %c0 : index
    %row = arith.minsi %low, %c4 : index
    %term = tensor.extract %all[%b, %h, %m, %row] : tensor<2x4x?x5xf32>
    %inside = arith.cmpi eq, %row, %dist : index
    %some = arith.select %inside, %term, %zero : f32
    %r = arith.addf %in, %some : f32
    linalg.yield %r : f32
  } -> tensor<2x4x?x?xf32>
  %p = linalg.softmax dimension(3) ins(%x : tensor<2x4x?x?xf32>) outs(%e4 : tensor<2x4x?x?xf32>) -> tensor<2x4x?x?xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x4x?x?xf32>, tensor<2x4x?x16xf32>) outs(%zo : tensor<2x4x?x16xf32>) -> tensor<2x4x?x16xf32>
  return %o : tensor<2x4x?x16xf32>
}
