// Softmax does not see what is added to a whole row.
// RUN: posenc-opt %s --posenc-drop-row-terms | FileCheck %s
// RUN: posenc-opt %s --posenc-drop-row-terms --remarks-filter-missed=posenc-drop-row-terms 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// FoX in two terms: the key's stays.
// CHECK-LABEL: func.func @fox(
// CHECK:         score(%[[S:.+]], %[[B:.+]], %[[H:.+]], %{{.+}}, %{{.+}}) {
// CHECK-NOT:       bias_dense %[[S]], %arg4[%[[B]], %[[H]], %{{i|0}}]
// CHECK:           %[[J:.+]] = posenc.k_pos
// CHECK-NEXT:      posenc.bias_dense %[[S]], %arg4[%[[B]], %[[H]], %[[J]]] weight(%{{.+}})
// CHECK-NEXT:      posenc.mask
func.func @fox(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %c: tensor<1x4x?xf32>) -> tensor<1x4x?x16xf32> {
  %minus = arith.constant -1.0 : f32
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_dense %s, %c[%b, %h, %i] : tensor<1x4x?xf32>
    %2 = posenc.bias_dense %1, %c[%b, %h, %j] weight(%minus) : tensor<1x4x?xf32>
    %3 = posenc.mask %2 at(%i, %j) <causal>
    posenc.yield %3 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// The same in one sum.
// CHECK-LABEL: func.func @fox_difference(
// CHECK:         %[[CJ:.+]] = tensor.extract
// CHECK-NEXT:    %[[NEG:.+]] = arith.negf %[[CJ]]
// CHECK-NEXT:    %[[R:.+]] = arith.addf %{{.+}}, %[[NEG]]
// CHECK-NEXT:    posenc.yield %[[R]]
func.func @fox_difference(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %c: tensor<1x4x?xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %ci = tensor.extract %c[%b, %h, %m] : tensor<1x4x?xf32>
    %cj = tensor.extract %c[%b, %h, %n] : tensor<1x4x?xf32>
    %d = arith.subf %ci, %cj : f32
    %1 = arith.addf %s, %d : f32
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// A softcap behind it sees the row's constant.
// CHECK-LABEL: func.func @negative_softcap(
// CHECK:         posenc.bias_dense
// REMARK: Function=negative_softcap {{.*}}the term of the query stays: a later step is neither an addition nor a mask of -inf
func.func @negative_softcap(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %c: tensor<1x4x?xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_dense %s, %c[%b, %h, %m] : tensor<1x4x?xf32>
    %2 = posenc.softcap %1 cap(30.0)
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// Log-sum-exp holds the row's constant.
// CHECK-LABEL: func.func @negative_lse(
// CHECK:         posenc.bias_dense
// REMARK: Function=negative_lse {{.*}}the term of the query stays: log-sum-exp is a result
func.func @negative_lse(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %lse: tensor<1x4x?xf32>, %c: tensor<1x4x?xf32>) -> (tensor<1x4x?x16xf32>, tensor<1x4x?xf32>) {
  %o:2 = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init, %lse : tensor<1x4x?x16xf32>, tensor<1x4x?xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_dense %s, %c[%b, %h, %m] : tensor<1x4x?xf32>
    posenc.yield %1 : f32
  }
  return %o#0, %o#1 : tensor<1x4x?x16xf32>, tensor<1x4x?xf32>
}

// A factor behind it makes it a function of the key; a finite fill stands beside it.
// CHECK-LABEL: func.func @negative_factor_and_fill(
// CHECK:         posenc.bias_dense %{{.+}}, %arg4[%{{.+}}, %{{.+}}, %{{.+}}] : tensor<1x4x?xf32>
// CHECK:         posenc.bias_dense {{.*}} multiply
// CHECK:         posenc.bias_dense %{{.+}}, %arg4[%{{.+}}, %{{.+}}, %{{.+}}] : tensor<1x4x?xf32>
func.func @negative_factor_and_fill(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %c: tensor<1x4x?xf32>) -> tensor<1x4x?x16xf32> {
  %low = arith.constant -1.0e4 : f32
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_dense %s, %c[%b, %h, %m] : tensor<1x4x?xf32>
    %2 = posenc.bias_dense %1, %c[%b, %h, %n] multiply : tensor<1x4x?xf32>
    %3 = posenc.bias_dense %2, %c[%b, %h, %m] : tensor<1x4x?xf32>
    %p = arith.cmpi sle, %n, %m : index
    %4 = arith.select %p, %3, %low : f32
    posenc.yield %4 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// A sink is no part of the row that is shifted.
// CHECK-LABEL: func.func @negative_sinks(
// CHECK:         posenc.bias_dense
// REMARK: Function=negative_sinks {{.*}}the term of the query stays: sinks are not shifted with the row
func.func @negative_sinks(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %z: tensor<4xf32>, %c: tensor<1x4x?xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) sinks(%z : tensor<4xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_dense %s, %c[%b, %h, %m] : tensor<1x4x?xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}
