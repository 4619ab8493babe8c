// A token that is no part of a term: its row and its column are one value each, or it is an exception of nothing.
// RUN: posenc-opt %s --posenc-print-structure -o /dev/null 2>&1 | FileCheck %s

// The value of the query's condition and of the key's, written with or, as an added value.
// CHECK:      @virtual_node score_map 0 term 0 arith.addf: add, dense, per batch, but %arg2[h] where m == 0, %arg2[h] where n == 0, %arg2[h] where m == 0 and n == 0, reads %arg2, %arg1{{$}}
func.func @virtual_node(%init: tensor<2x4x?x?xf32>, %pair: tensor<2x?x?xf32>, %t: tensor<4xf32>) -> tensor<2x4x?x?xf32> {
  %o = posenc.score_map outs(%init : tensor<2x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %zero = arith.constant 0 : index
    %x = tensor.extract %pair[%b, %m, %n] : tensor<2x?x?xf32>
    %y = tensor.extract %t[%h] : tensor<4xf32>
    %row = arith.cmpi eq, %m, %zero : index
    %column = arith.cmpi eq, %n, %zero : index
    %own = arith.ori %row, %column : i1
    %g = arith.select %own, %y, %x : f32
    %r = arith.addf %s, %g : f32
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x?xf32>
}

// Keys alone; what is left is affine.
// CHECK:      @first_keys score_map 0 term 0 arith.addf: add, affine in i - j, slope 0.5, but 0 where {{.*}}{{$}}
func.func @first_keys(%init: tensor<2x4x?x?xf32>) -> tensor<2x4x?x?xf32> {
  %o = posenc.score_map outs(%init : tensor<2x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %four = arith.constant 4 : index
    %none = arith.constant 0.0 : f32
    %half = arith.constant 0.5 : f32
    %d = arith.subi %m, %n : index
    %i = arith.index_cast %d : index to i64
    %f = arith.sitofp %i : i64 to f32
    %line = arith.mulf %f, %half : f32
    %first = arith.cmpi slt, %n, %four : index
    %g = arith.select %first, %none, %line : f32
    %r = arith.addf %s, %g : f32
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x?xf32>
}

// A row of values that differ, and two conditions of one side, are no exceptions.
// CHECK:      @row_of_its_own score_map 0 term 0 arith.addf: add, function of a dense tensor and the query and the key, reads %arg2, %arg1{{$}}
func.func @row_of_its_own(%init: tensor<2x4x?x?xf32>, %pair: tensor<?x?xf32>, %t: tensor<?xf32>) -> tensor<2x4x?x?xf32> {
  %o = posenc.score_map outs(%init : tensor<2x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %zero = arith.constant 0 : index
    %x = tensor.extract %pair[%m, %n] : tensor<?x?xf32>
    %y = tensor.extract %t[%n] : tensor<?xf32>
    %row = arith.cmpi eq, %m, %zero : index
    %g = arith.select %row, %y, %x : f32
    %r = arith.addf %s, %g : f32
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x?xf32>
}

// CHECK:      @two_rows score_map 0 term 0 arith.addf: add, function of a dense tensor and the query, reads %arg1{{$}}
func.func @two_rows(%init: tensor<2x4x?x?xf32>, %pair: tensor<?x?xf32>) -> tensor<2x4x?x?xf32> {
  %o = posenc.score_map outs(%init : tensor<2x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %zero = arith.constant 0 : index
    %five = arith.constant 5 : index
    %a = arith.constant 1.0 : f32
    %c = arith.constant 2.0 : f32
    %x = tensor.extract %pair[%m, %n] : tensor<?x?xf32>
    %first = arith.cmpi eq, %m, %zero : index
    %sixth = arith.cmpi eq, %m, %five : index
    %g0 = arith.select %first, %a, %x : f32
    %g1 = arith.select %sixth, %c, %g0 : f32
    %r = arith.addf %s, %g1 : f32
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x?xf32>
}
