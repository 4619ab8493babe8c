// RUN: posenc-opt %s --posenc-raise --split-input-file | FileCheck %s

/// Constants that are nearly those of a named form are none of it.

#qk0 = affine_map<(m, n, d) -> (m, d)>
#qk1 = affine_map<(m, n, d) -> (n, d)>
#qk2 = affine_map<(m, n, d) -> (m, n)>
#row = affine_map<(m, n) -> (m)>
#id = affine_map<(m, n) -> (m, n)>

/// log2(e) as an f32, and the f32 that lies two further.

// CHECK-LABEL: func.func @log2e(
// CHECK:         posenc.attention scale(1.000000e+00)
// CHECK-NOT:     score
// CHECK:         return
func.func @log2e(%q: tensor<8x16xf32>, %k: tensor<8x16xf32>, %v: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %c = arith.constant 1.44269502 : f32
  %e2 = tensor.empty() : tensor<8x8xf32>
  %e1 = tensor.empty() : tensor<8xf32>
  %eo = tensor.empty() : tensor<8x16xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %z1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<8xf32>) -> tensor<8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<8x16xf32>) -> tensor<8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<8x16xf32>, tensor<8x16xf32>) outs(%z2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %e = linalg.map ins(%s : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) (%in: f32, %out: f32) {
    %x = arith.mulf %in, %c : f32
    %y = math.exp2 %x : f32
    linalg.yield %y : f32
  }
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<8x8xf32>) outs(%z1 : tensor<8xf32>) dimensions = [1]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%e, %sum : tensor<8x8xf32>, tensor<8xf32>) outs(%e2 : tensor<8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<8x8xf32>, tensor<8x16xf32>) outs(%zo : tensor<8x16xf32>) -> tensor<8x16xf32>
  return %o : tensor<8x16xf32>
}

// -----

#qk0 = affine_map<(m, n, d) -> (m, d)>
#qk1 = affine_map<(m, n, d) -> (n, d)>
#qk2 = affine_map<(m, n, d) -> (m, n)>
#row = affine_map<(m, n) -> (m)>
#id = affine_map<(m, n) -> (m, n)>

// CHECK-LABEL: func.func @nearly_log2e(
// CHECK:         posenc.attention scale({{1.00000|9.99999}}
// CHECK-NOT:     posenc.attention scale(1.000000e+00)
// CHECK:         return
func.func @nearly_log2e(%q: tensor<8x16xf32>, %k: tensor<8x16xf32>, %v: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %c = arith.constant 1.44270 : f32
  %e2 = tensor.empty() : tensor<8x8xf32>
  %e1 = tensor.empty() : tensor<8xf32>
  %eo = tensor.empty() : tensor<8x16xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %z1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<8xf32>) -> tensor<8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<8x16xf32>) -> tensor<8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<8x16xf32>, tensor<8x16xf32>) outs(%z2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %e = linalg.map ins(%s : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) (%in: f32, %out: f32) {
    %x = arith.mulf %in, %c : f32
    %y = math.exp2 %x : f32
    linalg.yield %y : f32
  }
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<8x8xf32>) outs(%z1 : tensor<8xf32>) dimensions = [1]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%e, %sum : tensor<8x8xf32>, tensor<8xf32>) outs(%e2 : tensor<8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<8x8xf32>, tensor<8x16xf32>) outs(%zo : tensor<8x16xf32>) -> tensor<8x16xf32>
  return %o : tensor<8x16xf32>
}

// -----

/// A cap whose product has the next number but one.

#qk0 = affine_map<(m, n, d) -> (m, d)>
#qk1 = affine_map<(m, n, d) -> (n, d)>
#qk2 = affine_map<(m, n, d) -> (m, n)>

// CHECK-LABEL: func.func @caps(
// CHECK:         posenc.attention
// CHECK-NOT:       posenc.softcap
// CHECK:           math.tanh
// CHECK:         posenc.attention
// CHECK:           posenc.softcap %{{.*}} cap(3.000000e+00)
// CHECK-NOT:       math.tanh
func.func @caps(%q: tensor<8x16xf32>, %k: tensor<8x16xf32>, %v: tensor<8x16xf32>) -> (tensor<8x16xf32>, tensor<8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %third = arith.constant 0.333333343 : f32
  %cap = arith.constant 3.0 : f32
  %other = arith.constant 3.00000048 : f32
  %e2 = tensor.empty() : tensor<8x8xf32>
  %eo = tensor.empty() : tensor<8x16xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<8x16xf32>) -> tensor<8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<8x16xf32>, tensor<8x16xf32>) outs(%z2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %x = linalg.map ins(%s : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) (%in: f32, %out: f32) {
    %a = arith.mulf %in, %third : f32
    %t = math.tanh %a : f32
    %r = arith.mulf %t, %other : f32
    linalg.yield %r : f32
  }
  %y = linalg.map ins(%s : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) (%in: f32, %out: f32) {
    %a = arith.mulf %in, %third : f32
    %t = math.tanh %a : f32
    %r = arith.mulf %t, %cap : f32
    linalg.yield %r : f32
  }
  %p0 = linalg.softmax dimension(1) ins(%x : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %o0 = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p0, %v : tensor<8x8xf32>, tensor<8x16xf32>) outs(%zo : tensor<8x16xf32>) -> tensor<8x16xf32>
  %p1 = linalg.softmax dimension(1) ins(%y : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %o1 = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p1, %v : tensor<8x8xf32>, tensor<8x16xf32>) outs(%zo : tensor<8x16xf32>) -> tensor<8x16xf32>
  return %o0, %o1 : tensor<8x16xf32>, tensor<8x16xf32>
}
