// RUN: posenc-opt %s --posenc-raise --split-input-file 2>&1 >/dev/null | FileCheck %s

/// Contractions of a softmax that have more axes than attention.

#qk0 = affine_map<(m, n, d) -> (m, d)>
#qk1 = affine_map<(m, n, d) -> (n, d)>
#qk2 = affine_map<(m, n, d) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>
#row = affine_map<(m, n) -> (m)>
#pv0 = affine_map<(m, d, e, n) -> (m, n)>
#pv1 = affine_map<(m, d, e, n) -> (n, d, e)>
#pv2 = affine_map<(m, d, e, n) -> (m, d, e)>
// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_two_channels | Reason="expected one channel axis in the contraction, but got more"
func.func @negative_two_channels(%q: tensor<8x16xf32>, %k: tensor<8x16xf32>, %v: tensor<8x4x6xf32>) -> tensor<8x4x6xf32> {
  %zero = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<8x8xf32>
  %e1 = tensor.empty() : tensor<8xf32>
  %eo = tensor.empty() : tensor<8x4x6xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %z1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<8xf32>) -> tensor<8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<8x4x6xf32>) -> tensor<8x4x6xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<8x16xf32>, tensor<8x16xf32>) outs(%z2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %e = linalg.exp ins(%s : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<8x8xf32>) outs(%z1 : tensor<8xf32>) dimensions = [1]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%e, %sum : tensor<8x8xf32>, tensor<8xf32>) outs(%e2 : tensor<8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %1 = arith.divf %in, %total : f32
    linalg.yield %1 : f32
  } -> tensor<8x8xf32>
  %o = linalg.contract indexing_maps = [#pv0, #pv1, #pv2] ins(%p, %v : tensor<8x8xf32>, tensor<8x4x6xf32>) outs(%zo : tensor<8x4x6xf32>) -> tensor<8x4x6xf32>
  return %o : tensor<8x4x6xf32>
}

// -----

#qk0 = affine_map<(a, b, c, h, m, n, d) -> (a, b, c, h, m, d)>
#qk1 = affine_map<(a, b, c, h, m, n, d) -> (a, b, c, h, n, d)>
#qk2 = affine_map<(a, b, c, h, m, n, d) -> (a, b, c, h, m, n)>
#id = affine_map<(a, b, c, h, m, n) -> (a, b, c, h, m, n)>
#row = affine_map<(a, b, c, h, m, n) -> (a, b, c, h, m)>
// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_four_batches | Reason="expected batch and head axes, but got 4 axes that probabilities and values share"
func.func @negative_four_batches(%q: tensor<2x3x2x3x8x8xf32>, %k: tensor<2x3x2x3x8x8xf32>, %v: tensor<2x3x2x3x8x8xf32>) -> tensor<2x3x2x3x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e6 = tensor.empty() : tensor<2x3x2x3x8x8xf32>
  %e5 = tensor.empty() : tensor<2x3x2x3x8xf32>
  %z6 = linalg.fill ins(%zero : f32) outs(%e6 : tensor<2x3x2x3x8x8xf32>) -> tensor<2x3x2x3x8x8xf32>
  %z5 = linalg.fill ins(%zero : f32) outs(%e5 : tensor<2x3x2x3x8xf32>) -> tensor<2x3x2x3x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x3x2x3x8x8xf32>, tensor<2x3x2x3x8x8xf32>) outs(%z6 : tensor<2x3x2x3x8x8xf32>) -> tensor<2x3x2x3x8x8xf32>
  %e = linalg.exp ins(%s : tensor<2x3x2x3x8x8xf32>) outs(%e6 : tensor<2x3x2x3x8x8xf32>) -> tensor<2x3x2x3x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x3x2x3x8x8xf32>) outs(%z5 : tensor<2x3x2x3x8xf32>) dimensions = [5]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x3x2x3x8x8xf32>, tensor<2x3x2x3x8xf32>) outs(%e6 : tensor<2x3x2x3x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %1 = arith.divf %in, %total : f32
    linalg.yield %1 : f32
  } -> tensor<2x3x2x3x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x3x2x3x8x8xf32>, tensor<2x3x2x3x8x8xf32>) outs(%z6 : tensor<2x3x2x3x8x8xf32>) -> tensor<2x3x2x3x8x8xf32>
  return %o : tensor<2x3x2x3x8x8xf32>
}

// -----

/// All queries see the same softmax of one score: nothing depends on the key.

#qk0 = affine_map<(m, n, d) -> (m, d)>
#qk1 = affine_map<(m, n, d) -> (n, d)>
#qk2 = affine_map<(m, n, d) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>
#row = affine_map<(m, n) -> (m)>
#pv0 = affine_map<(m, d, n) -> (m, n)>
#pv1 = affine_map<(m, d, n) -> (n, d)>
#pv2 = affine_map<(m, d, n) -> (m, d)>
// CHECK: remark: [Missed] attention | Category:posenc-raise | Function=negative_constant_scores | Reason="expected scores that depend on the key"
func.func @negative_constant_scores(%x: tensor<8xf32>, %v: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<8x8xf32>
  %e1 = tensor.empty() : tensor<8xf32>
  %eo = tensor.empty() : tensor<8x16xf32>
  %z1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<8xf32>) -> tensor<8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<8x16xf32>) -> tensor<8x16xf32>
  %s = linalg.broadcast ins(%x : tensor<8xf32>) outs(%e2 : tensor<8x8xf32>) dimensions = [1]
  %e = linalg.exp ins(%s : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<8x8xf32>) outs(%z1 : tensor<8xf32>) dimensions = [1]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%e, %sum : tensor<8x8xf32>, tensor<8xf32>) outs(%e2 : tensor<8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %1 = arith.divf %in, %total : f32
    linalg.yield %1 : f32
  } -> tensor<8x8xf32>
  %o = linalg.contract indexing_maps = [#pv0, #pv1, #pv2] ins(%p, %v : tensor<8x8xf32>, tensor<8x16xf32>) outs(%zo : tensor<8x16xf32>) -> tensor<8x16xf32>
  return %o : tensor<8x16xf32>
}
