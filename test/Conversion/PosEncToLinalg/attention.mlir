// RUN: posenc-opt %s --convert-posenc-to-linalg --canonicalize --cse | FileCheck %s
// RUN: posenc-opt %s --convert-posenc-to-linalg="keep-attention=true" | FileCheck %s --check-prefix=KEEP

// Rows, products, scores, maximum, exponentials, sum, probabilities, values,
// output: in this order, and nothing of posenc is left.

// CHECK-LABEL: func @attention_static(
// CHECK-SAME:    %[[Q:.*]]: tensor<2x4x10x8xf32>, %[[K:.*]]: tensor<2x4x12x8xf32>, %[[V:.*]]: tensor<2x4x12x16xf32>, %[[INIT:.*]]: tensor<2x4x10x16xf32>)
// CHECK:         tensor.extract %[[Q]]
// CHECK:         tensor.extract %[[K]]
// CHECK:         tensor.extract %[[V]]
// CHECK:         iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]
// CHECK:           arith.mulf
// CHECK:         } -> tensor<2x4x10x12xf32>
// CHECK:         arith.mulf %{{.*}}, %{{.*}} : f32
// CHECK:         arith.maximumf
// CHECK:         } -> tensor<2x4x10xf32>
// CHECK:         arith.cmpf oeq
// CHECK:         math.exp
// CHECK:         arith.addf
// CHECK:         arith.divf
// CHECK:         iterator_types = ["parallel", "parallel", "parallel", "reduction", "parallel"]
// CHECK:         outs(%[[INIT]] : tensor<2x4x10x16xf32>)
// CHECK-NOT:     = posenc.
// KEEP-LABEL: func @attention_static(
// KEEP:         posenc.attention
func.func @attention_static(%q: tensor<2x4x10x8xf32>, %k: tensor<2x4x12x8xf32>, %v: tensor<2x4x12x16xf32>, %init: tensor<2x4x10x16xf32>) -> tensor<2x4x10x16xf32> {
  %o = posenc.attention scale(0.5) ins(%q, %k, %v : tensor<2x4x10x8xf32>, tensor<2x4x12x8xf32>, tensor<2x4x12x16xf32>) outs(%init : tensor<2x4x10x16xf32>)
  return %o : tensor<2x4x10x16xf32>
}

// Query heads find their key head by division; an absent head divides by one.

// CHECK-LABEL: func @attention_gqa_static(
// CHECK:         %[[H:.*]] = linalg.index 1
// CHECK:         arith.divsi %[[H]], %c4
func.func @attention_gqa_static(%q: tensor<1x8x3x8xf16>, %k: tensor<1x2x5x8xf16>, %v: tensor<1x2x5x8xf16>, %init: tensor<1x8x3x8xf16>) -> tensor<1x8x3x8xf16> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x8x3x8xf16>, tensor<1x2x5x8xf16>, tensor<1x2x5x8xf16>) outs(%init : tensor<1x8x3x8xf16>)
  return %o : tensor<1x8x3x8xf16>
}

// CHECK-LABEL: func @attention_gqa_dynamic(
// CHECK-DAG:     %[[C1:.*]] = arith.constant 1 : index
// CHECK:         %[[HK:.*]] = arith.maxsi %{{.*}}, %[[C1]] : index
// CHECK:         %[[RATIO:.*]] = arith.divsi %{{.*}}, %[[HK]] : index
// CHECK:         %[[GROUP:.*]] = arith.maxsi %[[RATIO]], %[[C1]] : index
// CHECK:         arith.divsi %{{.*}}, %[[GROUP]] : index
func.func @attention_gqa_dynamic(%q: tensor<?x?x?x?xf32>, %k: tensor<?x?x?x?xf32>, %v: tensor<?x?x?x?xf32>, %init: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) outs(%init : tensor<?x?x?x?xf32>)
  return %o : tensor<?x?x?x?xf32>
}

// Storage orders become the order of indices; narrow floats are widened once
// read and rounded once written. A static extent of one operand serves all.

// CHECK-LABEL: func @attention_layout(
// CHECK-SAME:    %[[Q:[a-z0-9]*]]: tensor<2x?x4x8xbf16>
// CHECK:         %[[B:.*]] = linalg.index 0
// CHECK:         %[[H:.*]] = linalg.index 1
// CHECK:         %[[T:.*]] = linalg.index 2
// CHECK:         %[[D:.*]] = linalg.index 3
// CHECK:         %[[E:.*]] = tensor.extract %[[Q]][%[[B]], %[[T]], %[[H]], %[[D]]]
// CHECK:         arith.extf %[[E]] : bf16 to f32
// CHECK:         } -> tensor<2x4x10x8xf32>
// CHECK:         arith.truncf %{{.*}} : f32 to bf16
// CHECK:         } -> tensor<2x10x4x8xbf16>
// CHECK:         math.log
// CHECK:         arith.select
// CHECK:         } -> tensor<2x4x10xf32>
func.func @attention_layout(%q: tensor<2x?x4x8xbf16>, %k: tensor<2x4x6x8xbf16>, %v: tensor<2x4x6x8xbf16>, %init: tensor<2x10x4x8xbf16>, %lse: tensor<2x4x10xf32>) -> (tensor<2x10x4x8xbf16>, tensor<2x4x10xf32>) {
  %o:2 = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x?x4x8xbf16>, tensor<2x4x6x8xbf16>, tensor<2x4x6x8xbf16>) outs(%init, %lse : tensor<2x10x4x8xbf16>, tensor<2x4x10xf32>) dims(q = bthd, o = bthd)
  return %o#0, %o#1 : tensor<2x10x4x8xbf16>, tensor<2x4x10xf32>
}

// A row region is evaluated while its operand is materialised, the score region
// on the scaled products; modifiers below an scf.if expand as well.

// CHECK-LABEL: func @attention_regions(
// CHECK:         math.sin
// CHECK:         math.cos
// CHECK:         scf.if
// CHECK:           math.tanh
// CHECK:         arith.maximumf
// CHECK-NOT:     = posenc.
// KEEP-LABEL: func @attention_regions(
// KEEP:         posenc.rotate
// KEEP:         posenc.softcap
func.func @attention_regions(%q: tensor<1x1x4x8xf32>, %k: tensor<1x1x4x8xf32>, %v: tensor<1x1x4x8xf32>, %a: tensor<4x4xf32>, %init: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  %c2 = arith.constant 2 : index
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>) outs(%init : tensor<1x1x4x8xf32>)
    q_rows(%row, %b, %h, %t) {
      %y = posenc.rotate %row at(%b, %t) by(%a) half : !posenc.row, tensor<4x4xf32>
      posenc.yield %y : !posenc.row
    }
    score(%s, %b, %h, %m, %n) {
      %far = arith.cmpi sgt, %n, %c2 : index
      %r = scf.if %far -> f32 {
        %1 = posenc.softcap %s cap(2.0)
        scf.yield %1 : f32
      } else {
        scf.yield %s : f32
      }
      posenc.yield %r : f32
    }
  return %o : tensor<1x1x4x8xf32>
}
