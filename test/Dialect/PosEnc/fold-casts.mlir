// RUN: posenc-opt %s --canonicalize | FileCheck %s
// RUN: posenc-opt %s --posenc-cpu-pipeline | FileCheck %s --check-prefix=CPU

// CPU: llvm.func @attention_static_init
// A static extent that a cast hides moves into the op, whose regions may be
// empty, and the result is cast instead.

// CHECK-LABEL: func @attention_static_init(
// CHECK:         %[[INIT:.*]] = tensor.empty() : tensor<2x3x5x16xf32>
// CHECK:         %[[O:.*]] = posenc.attention
// CHECK-SAME:      outs(%[[INIT]] : tensor<2x3x5x16xf32>)
// CHECK:         %[[CAST:.*]] = tensor.cast %[[O]] : tensor<2x3x5x16xf32> to tensor<?x3x5x16xf32>
// CHECK:         return %[[CAST]]
func.func @attention_static_init(%q: tensor<2x3x5x8xf32>, %k: tensor<2x3x4x8xf32>, %v: tensor<2x3x4x16xf32>) -> tensor<?x3x5x16xf32> {
  %c2 = arith.constant 2 : index
  %i = tensor.empty(%c2) : tensor<?x3x5x16xf32>
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x3x5x8xf32>, tensor<2x3x4x8xf32>, tensor<2x3x4x16xf32>) outs(%i : tensor<?x3x5x16xf32>)
  return %o : tensor<?x3x5x16xf32>
}

// CHECK-LABEL: func @score_map_static_init(
// CHECK:         posenc.score_map outs(%{{.*}} : tensor<1x1x4x4xf32>)
// CHECK:           posenc.softcap
// CHECK:         tensor.cast
func.func @score_map_static_init() -> tensor<1x1x?x4xf32> {
  %c4 = arith.constant 4 : index
  %i = tensor.empty(%c4) : tensor<1x1x?x4xf32>
  %r = posenc.score_map outs(%i : tensor<1x1x?x4xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.softcap %s cap(2.0)
    posenc.yield %1 : f32
  }
  return %r : tensor<1x1x?x4xf32>
}
