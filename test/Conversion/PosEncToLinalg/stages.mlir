// Attention with stages: what crosses a stage becomes a tensor.
// RUN: posenc-opt %s --convert-posenc-to-linalg --canonicalize --cse | FileCheck %s
// RUN: posenc-opt %s --convert-posenc-to-linalg=keep-attention=true --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,KEEP
// RUN: posenc-opt %s --convert-posenc-to-linalg=keep-attention=true --remarks-filter=posenc-decompose -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: posenc-opt %s --convert-posenc-to-linalg --remarks-filter=posenc-decompose -o /dev/null 2>&1 | FileCheck %s --check-prefix=QUIET --allow-empty

!q = tensor<2x4x8x16xf32>
!d = tensor<?x?x?x16xbf16>

// The column behind the loop's is added first, whole columns at a time.
// REMARK: stages.mlir:[[#@LINE+23]]:{{.*}}remark: [Missed] attention | Category:posenc-decompose
// REMARK-SAME: Function=reverse
// REMARK-SAME: computed in parts, not by one kernel: no kernel computes the stage 'posenc.row_scan' in its score region
// QUIET-NOT: remark
// CHECK-LABEL: func @reverse
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : index
// CHECK-DAG: %[[C7:.+]] = arith.constant 7 : index
// CHECK-DAG: %[[C8:.+]] = arith.constant 8 : index
// CHECK: math.exp
// CHECK: } -> tensor<2x4x8x8xf32>
// CHECK: %[[SUM:.+]] = linalg.fill {{.*}} -> tensor<2x4x8x1xf32>
// CHECK: scf.for %[[I:.+]] = %[[C0]] to %[[C8]] step %[[C1]] iter_args(%[[ACC:.+]] = %[[SUM]], %[[OUT:.+]] = %{{.+}})
// CHECK: %[[N:.+]] = arith.subi %[[C7]], %[[I]]
// CHECK-DAG: tensor.extract_slice %{{.+}}[0, 0, 0, %[[N]]] [2, 4, 8, 1]
// CHECK-DAG: tensor.extract_slice %[[OUT]][0, 0, 0, %[[N]]] [2, 4, 8, 1]
// CHECK: %[[STEP:.+]]:2 = linalg.generic
// CHECK: %[[NEXT:.+]] = arith.addf
// CHECK: linalg.yield %[[NEXT]], %[[NEXT]]
// CHECK: tensor.insert_slice %[[STEP]]#1 into %[[OUT]][0, 0, 0, %[[N]]] [2, 4, 8, 1]
// CHECK: arith.maximumf
// CHECK-NOT: posenc.attention
func.func @reverse(%q: !q, %init: !q) -> !q {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %e = math.exp %s : f32
    %1 = posenc.row_scan sum reverse %e : f32
    %2 = arith.addf %s, %1 : f32
    posenc.yield %2 : f32
  }
  return %o : !q
}

// The sum in front of this key is the result.
// CHECK-LABEL: func @exclusive
// CHECK: scf.for
// CHECK: ^bb0(%[[X:.+]]: f32, %[[BEFORE:.+]]: f32, %{{.+}}: f32):
// CHECK: %[[AFTER:.+]] = arith.addf %[[BEFORE]], %[[X]]
// CHECK: linalg.yield %[[AFTER]], %[[BEFORE]]
func.func @exclusive(%q: !d, %init: !d) -> !d {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !d, !d, !d) outs(%init : !d) score(%s, %b, %h, %m, %n) {
    %1 = posenc.row_scan sum exclusive %s : f32
    posenc.yield %1 : f32
  }
  return %o : !d
}

// Scores and biases meet the halves of the weights; the second layer has taps.
// CHECK-LABEL: func @network
// CHECK-SAME: %[[W1:[a-z0-9]+]]: tensor<8x6xbf16>, %[[B1:[a-z0-9]+]]: tensor<6xf32>, %[[W2:[a-z0-9]+]]: tensor<6x4x3xf32>
// CHECK: ins(%[[B1]] : tensor<6xf32>)
// CHECK: %[[FIRST:.+]] = tensor.extract_slice %[[W1]][0, 0] [4, 6]
// CHECK: ins(%{{.+}}, %[[FIRST]] :
// CHECK: %[[SECOND:.+]] = tensor.extract_slice %[[W1]][4, 0] [4, 6]
// CHECK: ins(%{{.+}}, %[[SECOND]] :
// CHECK: arith.maximumf
// CHECK: ins(%[[W2]] : tensor<6x4x3xf32>)
// CHECK: arith.cmpi ult
// CHECK: arith.select
func.func @network(%q: !q, %init: !q, %w1: tensor<8x6xbf16>, %b1: tensor<6xf32>, %w2: tensor<6x4x3xf32>) -> !q {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %e = math.exp %s : f32
    %1 = posenc.head_mix(%s, %e) layers(%w1, %b1, %w2) activation relu : tensor<8x6xbf16>, tensor<6xf32>, tensor<6x4x3xf32>
    posenc.yield %1 : f32
  }
  return %o : !q
}

// A map: its score is 0.
// CHECK-LABEL: func @map
// CHECK-NOT: posenc.score_map
// CHECK: scf.for
func.func @map(%e: tensor<?x4x8x?xf16>) -> tensor<?x4x8x?xf16> {
  %map = posenc.score_map outs(%e : tensor<?x4x8x?xf16>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.row_scan sum %s : f32
    posenc.yield %1 : f32
  }
  return %map : tensor<?x4x8x?xf16>
}

// What kernels compute stays with them.
// KEEP-LABEL: func @fused
// KEEP: posenc.attention
func.func @fused(%q: !q, %init: !q, %z: tensor<4xf32>) -> !q {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !q, !q, !q) outs(%init : !q) sinks(%z : tensor<4xf32>)
  return %o : !q
}
