// RUN: posenc-opt %s --posenc-raise --split-input-file | FileCheck %s --check-prefixes=CHECK,EXACT
// RUN: posenc-opt %s --posenc-raise=allow-finite-masks --split-input-file | FileCheck %s --check-prefixes=CHECK,ALLOW

/// -1e4 hides a key unless scores differ by as much. That they do not is for the
/// user to say.

#qk0 = affine_map<(m, n, d) -> (m, d)>
#qk1 = affine_map<(m, n, d) -> (n, d)>
#qk2 = affine_map<(m, n, d) -> (m, n)>

// CHECK-LABEL: func.func @causal(
// CHECK:         posenc.attention
// EXACT-NOT:       posenc.mask
// EXACT:           arith.select
// EXACT:           arith.addf
// ALLOW-NOT:       arith.select
// ALLOW:           posenc.mask %{{.*}} at(%{{.*}}, %{{.*}}) <causal>
func.func @causal(%q: tensor<8x16xf32>, %k: tensor<8x16xf32>, %v: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant -1.0e4 : f32
  %e2 = tensor.empty() : tensor<8x8xf32>
  %eo = tensor.empty() : tensor<8x16xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<8x16xf32>) -> tensor<8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<8x16xf32>, tensor<8x16xf32>) outs(%z2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %x = linalg.map ins(%s : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) (%in: f32, %out: f32) {
    %m = linalg.index 0 : index
    %n = linalg.index 1 : index
    %see = arith.cmpi sle, %n, %m : index
    %add = arith.select %see, %zero, %low : f32
    %r = arith.addf %in, %add : f32
    linalg.yield %r : f32
  }
  %p = linalg.softmax dimension(1) ins(%x : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<8x8xf32>, tensor<8x16xf32>) outs(%zo : tensor<8x16xf32>) -> tensor<8x16xf32>
  return %o : tensor<8x16xf32>
}

// -----

/// Two such terms meet in one row and tie: no mask, whoever allows it.

#qk0 = affine_map<(m, n, d) -> (m, d)>
#qk1 = affine_map<(m, n, d) -> (n, d)>
#qk2 = affine_map<(m, n, d) -> (m, n)>

// CHECK-LABEL: func.func @causal_and_padding(
// CHECK:         posenc.attention
// CHECK-NOT:       posenc.mask
// CHECK:           posenc.yield
func.func @causal_and_padding(%q: tensor<8x16xf32>, %k: tensor<8x16xf32>, %v: tensor<8x16xf32>, %padding: tensor<8xf32>) -> tensor<8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant -1.0e4 : f32
  %e2 = tensor.empty() : tensor<8x8xf32>
  %eo = tensor.empty() : tensor<8x16xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<8x16xf32>) -> tensor<8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<8x16xf32>, tensor<8x16xf32>) outs(%z2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %x = linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (n)>, affine_map<(m, n) -> (m, n)>], iterator_types = ["parallel", "parallel"]} ins(%s, %padding : tensor<8x8xf32>, tensor<8xf32>) outs(%e2 : tensor<8x8xf32>) {
  ^bb0(%in: f32, %pad: f32, %out: f32):
    %m = linalg.index 0 : index
    %n = linalg.index 1 : index
    %see = arith.cmpi sle, %n, %m : index
    %add = arith.select %see, %zero, %low : f32
    %hidden = arith.mulf %pad, %low : f32
    %both = arith.addf %in, %add : f32
    %r = arith.addf %both, %hidden : f32
    linalg.yield %r : f32
  } -> tensor<8x8xf32>
  %p = linalg.softmax dimension(1) ins(%x : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<8x8xf32>, tensor<8x16xf32>) outs(%zo : tensor<8x16xf32>) -> tensor<8x16xf32>
  return %o : tensor<8x16xf32>
}
