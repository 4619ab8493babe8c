// RUN: posenc-opt %s --posenc-raise | FileCheck %s

/// What fusion moved into the bodies of contractions: the bias of a projection
/// in that of the scores, the division of the softmax in that of the values.

#qk0 = affine_map<(m, n, d) -> (m, d)>
#qk1 = affine_map<(m, n, d) -> (n, d)>
#qk2 = affine_map<(m, n, d) -> (m, n)>
#channel = affine_map<(m, n, d) -> (d)>
#pv0 = affine_map<(m, d, n) -> (m, n)>
#pv1 = affine_map<(m, d, n) -> (m)>
#pv2 = affine_map<(m, d, n) -> (n, d)>
#pv3 = affine_map<(m, d, n) -> (m, d)>

// CHECK-LABEL: func.func @fused(
// CHECK-SAME:    %[[Q:.*]]: tensor<8x16xf32>, %[[BIAS:.*]]: tensor<16xf32>, %[[K:.*]]: tensor<8x16xf32>, %{{.*}}: tensor<8x16xf32>)
// CHECK-NOT:     math.exp
// CHECK:         %[[SUM:.*]] = linalg.generic {{.*}} ins(%[[Q]], %[[BIAS]] : tensor<8x16xf32>, tensor<16xf32>)
// CHECK:           arith.addf
// CHECK:         posenc.attention scale(1.000000e+00)
// CHECK-NOT:     math.exp
// CHECK:         return
func.func @fused(%q: tensor<8x16xf32>, %bias: tensor<16xf32>, %k: tensor<8x16xf32>, %v: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<8x8xf32>
  %e1 = tensor.empty() : tensor<8xf32>
  %eo = tensor.empty() : tensor<8x16xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %z1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<8xf32>) -> tensor<8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<8x16xf32>) -> tensor<8x16xf32>
  %s = linalg.generic {indexing_maps = [#qk0, #channel, #qk1, #qk2], iterator_types = ["parallel", "parallel", "reduction"]} ins(%q, %bias, %k : tensor<8x16xf32>, tensor<16xf32>, tensor<8x16xf32>) outs(%z2 : tensor<8x8xf32>) {
  ^bb0(%x: f32, %b: f32, %y: f32, %out: f32):
    %a = arith.addf %x, %b : f32
    %p = arith.mulf %a, %y : f32
    %r = arith.addf %out, %p : f32
    linalg.yield %r : f32
  } -> tensor<8x8xf32>
  %e = linalg.exp ins(%s : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<8x8xf32>) outs(%z1 : tensor<8xf32>) dimensions = [1]
  %o = linalg.generic {indexing_maps = [#pv0, #pv1, #pv2, #pv3], iterator_types = ["parallel", "parallel", "reduction"]} ins(%e, %sum, %v : tensor<8x8xf32>, tensor<8xf32>, tensor<8x16xf32>) outs(%zo : tensor<8x16xf32>) {
  ^bb0(%x: f32, %total: f32, %y: f32, %out: f32):
    %d = arith.divf %x, %total : f32
    %p = arith.mulf %d, %y : f32
    %r = arith.addf %out, %p : f32
    linalg.yield %r : f32
  } -> tensor<8x16xf32>
  return %o : tensor<8x16xf32>
}
