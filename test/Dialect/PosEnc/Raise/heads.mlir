// RUN: posenc-opt %s --posenc-raise --split-input-file | FileCheck %s

/// Which heads share keys and values.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#shared = affine_map<(b, h, m, n, d) -> (b, n, d)>

/// All of them: the values do not tell heads and queries apart.

// CHECK-LABEL: func.func @one_key_head(
// CHECK-NOT:     linalg.
// CHECK:         posenc.attention scale(1.000000e+00) ins(%{{.+}}, %{{.+}}, %{{.+}} : tensor<2x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) outs({{.*}}) dims(k = hbtd, v = hbtd)
// CHECK-NOT:     linalg.
func.func @one_key_head(%q: tensor<2x4x3x8xf32>, %k: tensor<2x5x8xf32>, %v: tensor<2x5x8xf32>) -> tensor<2x4x3x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e4 = tensor.empty() : tensor<2x4x3x5xf32>
  %eo = tensor.empty() : tensor<2x4x3x8xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x3x8xf32>) -> tensor<2x4x3x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #shared, #qk2] ins(%q, %k : tensor<2x4x3x8xf32>, tensor<2x5x8xf32>) outs(%z4 : tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32>
  %p = linalg.softmax dimension(3) ins(%s : tensor<2x4x3x5xf32>) outs(%e4 : tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32>
  %o = linalg.contract indexing_maps = [#qk2, #shared, #qk0] ins(%p, %v : tensor<2x4x3x5xf32>, tensor<2x5x8xf32>) outs(%zo : tensor<2x4x3x8xf32>) -> tensor<2x4x3x8xf32>
  return %o : tensor<2x4x3x8xf32>
}

// -----

/// Head h + h div 2 is no group: it is read as it stands.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(b, h, n, d) -> (b, h, n, d)>

// CHECK-LABEL: func.func @no_group(
// CHECK-COUNT-2: linalg.generic
// CHECK:         posenc.attention scale(1.000000e+00) ins(%{{.+}}, %{{.+}}, %{{.+}} : tensor<2x4x3x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>)
func.func @no_group(%q: tensor<2x4x3x8xf32>, %k: tensor<2x8x5x8xf32>, %v: tensor<2x8x5x8xf32>) -> tensor<2x4x3x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e4 = tensor.empty() : tensor<2x4x3x5xf32>
  %ek = tensor.empty() : tensor<2x4x5x8xf32>
  %eo = tensor.empty() : tensor<2x4x3x8xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x3x8xf32>) -> tensor<2x4x3x8xf32>
  %k4 = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%ek : tensor<2x4x5x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %n = linalg.index 2 : index
    %d = linalg.index 3 : index
    %i = affine.apply affine_map<(h) -> (h + h floordiv 2)>(%h)
    %x = tensor.extract %k[%b, %i, %n, %d] : tensor<2x8x5x8xf32>
    linalg.yield %x : f32
  } -> tensor<2x4x5x8xf32>
  %v4 = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%ek : tensor<2x4x5x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %n = linalg.index 2 : index
    %d = linalg.index 3 : index
    %i = affine.apply affine_map<(h) -> (h + h floordiv 2)>(%h)
    %x = tensor.extract %v[%b, %i, %n, %d] : tensor<2x8x5x8xf32>
    linalg.yield %x : f32
  } -> tensor<2x4x5x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k4 : tensor<2x4x3x8xf32>, tensor<2x4x5x8xf32>) outs(%z4 : tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32>
  %p = linalg.softmax dimension(3) ins(%s : tensor<2x4x3x5xf32>) outs(%e4 : tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v4 : tensor<2x4x3x5xf32>, tensor<2x4x5x8xf32>) outs(%zo : tensor<2x4x3x8xf32>) -> tensor<2x4x3x8xf32>
  return %o : tensor<2x4x3x8xf32>
}
