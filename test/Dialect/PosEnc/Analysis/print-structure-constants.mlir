// Constants that are functions of differences, by their elements.
// RUN: posenc-opt %s --posenc-print-structure -o /dev/null 2>&1 | FileCheck %s

// A constant of indices, as Swin's exporters write it: a window of 2 by 2.

// CHECK:      @constant_indices score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @constant_indices score_map 0 term 0 arith.addf: add, table over ((m mod 2) - (n mod 2)) and ((m floordiv 2) - (n floordiv 2)), per head, reads %arg1{{$}}
func.func @constant_indices(%init: tensor<1x4x4x4xf32>, %t: tensor<9x4xf32>) -> tensor<1x4x4x4xf32> {
  %index = arith.constant dense<[4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4]> : tensor<16xi64>
  %r = posenc.score_map outs(%init : tensor<1x4x4x4xf32>) score(%s, %b, %h, %m, %n) {
    %c4 = arith.constant 4 : index
    %row = arith.muli %m, %c4 : index
    %at = arith.addi %row, %n : index
    %e = tensor.extract %index[%at] : tensor<16xi64>
    %i = arith.index_cast %e : i64 to index
    %x = tensor.extract %t[%i, %h] : tensor<9x4xf32>
    %y = arith.addf %s, %x : f32
    posenc.yield %y : f32
  }
  return %r : tensor<1x4x4x4xf32>
}

// A whole bias that is the same along diagonals, and stays so with keys first.

// CHECK:      @constant_bias score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @constant_bias score_map 0 term 0 arith.addf: add, function of i - j{{$}}
func.func @constant_bias(%init: tensor<1x4x3x3xf32>) -> tensor<1x4x3x3xf32> {
  %bias = arith.constant dense<[[[0.0, 1.0, 2.0], [-1.0, 0.0, 1.0], [-1.0, -1.0, 0.0]]]> : tensor<1x3x3xf32>
  %r = posenc.score_map outs(%init : tensor<1x4x3x3xf32>) score(%s, %b, %h, %m, %n) {
    %c0 = arith.constant 0 : index
    %x = tensor.extract %bias[%c0, %n, %m] : tensor<1x3x3xf32>
    %y = arith.addf %s, %x : f32
    posenc.yield %y : f32
  }
  return %r : tensor<1x4x3x3xf32>
}

// One element is otherwise: dense.

// CHECK:      @constant_dense score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @constant_dense score_map 0 term 0 arith.addf: add, dense, reads %cst{{$}}
func.func @constant_dense(%init: tensor<1x4x3x3xf32>) -> tensor<1x4x3x3xf32> {
  %bias = arith.constant dense<[[0.0, 1.0, 2.0], [-1.0, 0.0, 1.0], [-1.0, -1.0, 5.0]]> : tensor<3x3xf32>
  %r = posenc.score_map outs(%init : tensor<1x4x3x3xf32>) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %bias[%m, %n] : tensor<3x3xf32>
    %y = arith.addf %s, %x : f32
    posenc.yield %y : f32
  }
  return %r : tensor<1x4x3x3xf32>
}

// A whole bias of each head, as evaluated modules keep it.

// CHECK:      @constant_bias_per_head score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @constant_bias_per_head score_map 0 term 0 arith.addf: add, function of i - j, per head{{$}}
func.func @constant_bias_per_head(%init: tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32> {
  %bias = arith.constant dense<[[[0.0, 1.0, 2.0], [-1.0, 0.0, 1.0], [-2.0, -1.0, 0.0]], [[0.0, 3.0, 6.0], [-3.0, 0.0, 3.0], [-6.0, -3.0, 0.0]]]> : tensor<2x3x3xf32>
  %r = posenc.score_map outs(%init : tensor<1x2x3x3xf32>) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %bias[%h, %m, %n] : tensor<2x3x3xf32>
    %y = arith.addf %s, %x : f32
    posenc.yield %y : f32
  }
  return %r : tensor<1x2x3x3xf32>
}

// One head's is otherwise: dense.

// CHECK:      @constant_dense_of_one_head score_map 0: 1 term, i - j = m - n; (-inf, inf) varies{{$}}
// CHECK-NEXT: @constant_dense_of_one_head score_map 0 term 0 arith.addf: add, dense, per head, reads
func.func @constant_dense_of_one_head(%init: tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32> {
  %bias = arith.constant dense<[[[0.0, 1.0, 2.0], [-1.0, 0.0, 1.0], [-2.0, -1.0, 0.0]], [[0.0, 3.0, 6.0], [-3.0, 0.5, 3.0], [-6.0, -3.0, 0.0]]]> : tensor<2x3x3xf32>
  %r = posenc.score_map outs(%init : tensor<1x2x3x3xf32>) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %bias[%h, %m, %n] : tensor<2x3x3xf32>
    %y = arith.addf %s, %x : f32
    posenc.yield %y : f32
  }
  return %r : tensor<1x2x3x3xf32>
}
