// RUN: posenc-opt %s --posenc-raise --split-input-file | FileCheck %s

/// Scores that look like something simpler than they are.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(b, h, m, n) -> (b, h, m, n)>
#mn = affine_map<(b, h, m, n) -> (m, n)>

/// A write along the diagonal leaves the rest: it is no function of one index.

// CHECK-LABEL: func.func @diagonal_write(
// CHECK:         %[[BIAS:.+]] = linalg.generic {{.*}} outs(%{{.+}} : tensor<6x6xf32>)
// CHECK:         posenc.attention
// CHECK:           tensor.extract %[[BIAS]][%{{.+}}, %{{.+}}] : tensor<6x6xf32>
func.func @diagonal_write(%q: tensor<1x2x6x8xf32>, %k: tensor<1x2x6x8xf32>, %v: tensor<1x2x6x8xf32>) -> tensor<1x2x6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %e2 = tensor.empty() : tensor<6x6xf32>
  %e4 = tensor.empty() : tensor<1x2x6x6xf32>
  %eo = tensor.empty() : tensor<1x2x6x8xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<1x2x6x8xf32>) -> tensor<1x2x6x8xf32>
  %hidden = linalg.fill ins(%ninf : f32) outs(%e2 : tensor<6x6xf32>) -> tensor<6x6xf32>
  %bias = linalg.generic {indexing_maps = [affine_map<(i) -> (i, i)>], iterator_types = ["parallel"]} outs(%hidden : tensor<6x6xf32>) {
  ^bb0(%out: f32):
    linalg.yield %zero : f32
  } -> tensor<6x6xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<1x2x6x8xf32>, tensor<1x2x6x8xf32>) outs(%z4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %x = linalg.generic {indexing_maps = [#id, #mn, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %bias : tensor<1x2x6x6xf32>, tensor<6x6xf32>) outs(%e4 : tensor<1x2x6x6xf32>) {
  ^bb0(%in: f32, %add: f32, %out: f32):
    %r = arith.addf %in, %add : f32
    linalg.yield %r : f32
  } -> tensor<1x2x6x6xf32>
  %p = linalg.softmax dimension(3) ins(%x : tensor<1x2x6x6xf32>) outs(%e4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<1x2x6x6xf32>, tensor<1x2x6x8xf32>) outs(%zo : tensor<1x2x6x8xf32>) -> tensor<1x2x6x8xf32>
  return %o : tensor<1x2x6x8xf32>
}

// -----

/// A causal select of the lowest number is no mask where a padding mask may
/// add such a number too: in a row whose visible keys are all padding, hidden
/// ones tie with them.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(b, h, m, n) -> (b, h, m, n)>
#key = affine_map<(b, h, m, n) -> (b, n)>

// CHECK-LABEL: func.func @lowest_number_and_padding(
// CHECK:         posenc.attention
// CHECK-NOT:       posenc.mask
// CHECK:           arith.select
// CHECK:           tensor.extract %{{.+}}[%{{.+}}, %{{.+}}] : tensor<1x6xf32>
// CHECK:           posenc.yield
func.func @lowest_number_and_padding(%q: tensor<1x2x6x8xf32>, %k: tensor<1x2x6x8xf32>, %v: tensor<1x2x6x8xf32>, %padding: tensor<1x6xf32>) -> tensor<1x2x6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %e4 = tensor.empty() : tensor<1x2x6x6xf32>
  %eo = tensor.empty() : tensor<1x2x6x8xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<1x2x6x8xf32>) -> tensor<1x2x6x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<1x2x6x8xf32>, tensor<1x2x6x8xf32>) outs(%z4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %x = linalg.generic {indexing_maps = [#id, #key, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %padding : tensor<1x2x6x6xf32>, tensor<1x6xf32>) outs(%e4 : tensor<1x2x6x6xf32>) {
  ^bb0(%in: f32, %add: f32, %out: f32):
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %see = arith.cmpi sle, %n, %m : index
    %seen = arith.select %see, %in, %low : f32
    %r = arith.addf %seen, %add : f32
    linalg.yield %r : f32
  } -> tensor<1x2x6x6xf32>
  %p = linalg.softmax dimension(3) ins(%x : tensor<1x2x6x6xf32>) outs(%e4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<1x2x6x6xf32>, tensor<1x2x6x8xf32>) outs(%zo : tensor<1x2x6x8xf32>) -> tensor<1x2x6x8xf32>
  return %o : tensor<1x2x6x8xf32>
}

// -----

/// The same, where the padding is a product with that number.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(b, h, m, n) -> (b, h, m, n)>
#key = affine_map<(b, h, m, n) -> (b, n)>

// CHECK-LABEL: func.func @lowest_number_twice(
// CHECK:         posenc.attention
// CHECK-NOT:       posenc.mask
// CHECK:           posenc.yield
func.func @lowest_number_twice(%q: tensor<1x2x6x8xf32>, %k: tensor<1x2x6x8xf32>, %v: tensor<1x2x6x8xf32>, %padding: tensor<1x6xf32>) -> tensor<1x2x6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %e4 = tensor.empty() : tensor<1x2x6x6xf32>
  %eo = tensor.empty() : tensor<1x2x6x8xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<1x2x6x8xf32>) -> tensor<1x2x6x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<1x2x6x8xf32>, tensor<1x2x6x8xf32>) outs(%z4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %x = linalg.generic {indexing_maps = [#id, #key, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %padding : tensor<1x2x6x6xf32>, tensor<1x6xf32>) outs(%e4 : tensor<1x2x6x6xf32>) {
  ^bb0(%in: f32, %pad: f32, %out: f32):
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %see = arith.cmpi sle, %n, %m : index
    %seen = arith.select %see, %in, %low : f32
    %add = arith.mulf %pad, %low : f32
    %r = arith.addf %seen, %add : f32
    linalg.yield %r : f32
  } -> tensor<1x2x6x6xf32>
  %p = linalg.softmax dimension(3) ins(%x : tensor<1x2x6x6xf32>) outs(%e4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<1x2x6x6xf32>, tensor<1x2x6x8xf32>) outs(%zo : tensor<1x2x6x8xf32>) -> tensor<1x2x6x8xf32>
  return %o : tensor<1x2x6x8xf32>
}

// -----

/// Bits of an integer as a float are as many as the float's.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(b, h, m, n) -> (b, h, m, n)>

// CHECK-LABEL: func.func @bits(
// CHECK:         posenc.attention
// CHECK:           arith.bitcast %{{.+}} : i32 to f32
func.func @bits(%q: tensor<1x2x6x8xf32>, %k: tensor<1x2x6x8xf32>, %v: tensor<1x2x6x8xf32>) -> tensor<1x2x6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 0x3F800000 : i32
  %twenty = arith.constant 20 : i32
  %e4 = tensor.empty() : tensor<1x2x6x6xf32>
  %eo = tensor.empty() : tensor<1x2x6x8xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<1x2x6x8xf32>) -> tensor<1x2x6x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<1x2x6x8xf32>, tensor<1x2x6x8xf32>) outs(%z4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<1x2x6x6xf32>) outs(%e4 : tensor<1x2x6x6xf32>) {
  ^bb0(%in: f32, %out: f32):
    %n = linalg.index 3 : index
    %i = arith.index_cast %n : index to i32
    %mantissa = arith.shli %i, %twenty : i32
    %word = arith.addi %mantissa, %one : i32
    %f = arith.bitcast %word : i32 to f32
    %r = arith.addf %in, %f : f32
    linalg.yield %r : f32
  } -> tensor<1x2x6x6xf32>
  %p = linalg.softmax dimension(3) ins(%x : tensor<1x2x6x6xf32>) outs(%e4 : tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<1x2x6x6xf32>, tensor<1x2x6x8xf32>) outs(%zo : tensor<1x2x6x8xf32>) -> tensor<1x2x6x8xf32>
  return %o : tensor<1x2x6x8xf32>
}
