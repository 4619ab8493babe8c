// RUN: posenc-opt %s --posenc-generate-backward | FileCheck %s
// RUN: posenc-opt %s --posenc-generate-backward=lse-gradient=true | FileCheck %s --check-prefix=GRADIENT

// (q, k, v, table, bias, o, lse, do) -> (dq, dk, dv, dtable, dbias). Probabilities come from the saved lse: no maximum, no
// division by a sum. The bias that the batch shares is one parallel loop nest that is summed over b; the table is scattered to.

// CHECK-LABEL: func.func @attention(
// CHECK:         posenc.attention
// CHECK-LABEL: func.func @attention_backward(
// CHECK-SAME:    %[[Q:[^:]*]]: tensor<2x4x5x8xf32>, %{{[^:]*}}: tensor<2x2x7x8xf32>, %{{[^:]*}}: tensor<2x2x7x6xf32>, %[[T:[^:]*]]: tensor<9x4xbf16>, %[[BIAS:[^:]*]]: tensor<4x5x7xf32>,
// CHECK-SAME:    %{{[^:]*}}: tensor<2x4x5x6xf32>, %[[SAVED:[^:]*]]: tensor<2x4x5xf32>, %[[DO:[^:]*]]: tensor<2x4x5x6xf32>)
// CHECK-SAME:    -> (tensor<2x4x5x8xf32>, tensor<2x2x7x8xf32>, tensor<2x2x7x6xf32>, tensor<9x4xbf16>, tensor<4x5x7xf32>)
// CHECK-NOT:     arith.maximumf
// CHECK-NOT:     posenc.
// CHECK:         %[[P:.*]] = linalg.generic {{.*}} ins(%[[F:.*]], %[[SAVED]] :
// CHECK:           arith.subf
// CHECK-NEXT:      math.exp
// CHECK-NOT:     posenc.
// CHECK:         iterator_types = ["reduction", "parallel", "parallel", "parallel"]
// CHECK:         } -> tensor<4x5x7xf32>
// CHECK:         scf.for {{.*}} -> (tensor<9x4xf32>)
// CHECK:           scf.if {{.*}} -> (tensor<9x4xf32>)
// CHECK:             tensor.insert %{{.*}} : tensor<9x4xf32>
// CHECK:         arith.truncf %{{.*}} : f32 to bf16
// CHECK-NOT:     posenc.
// CHECK:         return

// GRADIENT-LABEL: func.func @attention_backward(
// GRADIENT-SAME:    tensor<2x4x5x6xf32>, %{{[^:]*}}: tensor<2x4x5xf32>, %{{[^:]*}}: tensor<2x4x5x6xf32>, %[[DLSE:[^:]*]]: tensor<2x4x5xf32>)
// GRADIENT:         ins({{.*}}%[[DLSE]]
func.func @attention(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x7x8xf32>, %v: tensor<2x2x7x6xf32>, %t: tensor<9x4xbf16>, %bias: tensor<4x5x7xf32>,
                     %init: tensor<2x4x5x6xf32>, %lse: tensor<2x4x5xf32>) -> (tensor<2x4x5x6xf32>, tensor<2x4x5xf32>) {
  %o:2 = posenc.attention scale(0.5) ins(%q, %k, %v : tensor<2x4x5x8xf32>, tensor<2x2x7x8xf32>, tensor<2x2x7x6xf32>)
      outs(%init, %lse : tensor<2x4x5x6xf32>, tensor<2x4x5xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <clip, q_minus_k, left = 4, right = 4> : tensor<9x4xbf16>
    %e = tensor.extract %bias[%h, %m, %n] : tensor<4x5x7xf32>
    %2 = arith.addf %1, %e : f32
    %r = posenc.mask %2 at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %o#0, %o#1 : tensor<2x4x5x6xf32>, tensor<2x4x5xf32>
}

/// Several in one function are numbered. A value that is read twice is one input with one gradient; constants and integers have none.

// CHECK-LABEL: func.func @two_backward_0(
// CHECK-SAME:    %{{[^:]*}}: tensor<1x2x4x8xf32>, %{{[^:]*}}: tensor<4xi32>, %{{[^:]*}}: index, %{{[^:]*}}: tensor<1x2x4x8xf32>, %{{[^:]*}}: tensor<1x2x4xf32>, %{{[^:]*}}: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
// CHECK-LABEL: func.func @two_backward_1(
// CHECK-SAME:    %{{[^:]*}}: tensor<1x2x4x8xf32>, %{{[^:]*}}: tensor<1x2x4x8xf32>, %{{[^:]*}}: tensor<1x2x4x8xf32>, %{{[^:]*}}: tensor<1x2x4xf32>, %{{[^:]*}}: tensor<1x2x4x8xf32>) -> (tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>)
func.func @two(%x: tensor<1x2x4x8xf32>, %p: tensor<4xi32>, %offset: index, %init: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %slopes = arith.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %o = posenc.attention scale(0.5) ins(%x, %x, %x : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>)
      outs(%init : tensor<1x2x4x8xf32>) positions(q = %p : tensor<4xi32>) offsets(k = %offset) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<2xf32>, index
    posenc.yield %r : f32
  }
  %y = posenc.attention scale(0.5) ins(%o, %x, %o : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) outs(%init : tensor<1x2x4x8xf32>)
  return %y : tensor<1x2x4x8xf32>
}

/// 1 − (s' / cap)² is stated by the op: the slope divides the result by the cap, and no tanh is differentiated.

// CHECK-LABEL: func.func @softcap_backward(
// CHECK-DAG:     %[[CAP:.*]] = arith.constant 5.000000e+00 : f32
// CHECK-DAG:     %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK:         %[[Y:.*]] = math.tanh
// CHECK:         %[[Y1:.*]] = math.tanh
// CHECK-NEXT:    %[[S:.*]] = arith.mulf %[[Y1]], %[[CAP]]
// CHECK-NEXT:    %[[R:.*]] = arith.divf %[[S]], %[[CAP]]
// CHECK-NEXT:    %[[SQ:.*]] = arith.mulf %[[R]], %[[R]]
// CHECK-NEXT:    arith.subf %[[ONE]], %[[SQ]]
func.func @softcap(%x: tensor<1x2x4x8xf32>, %init: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %o = posenc.attention scale(0.5) ins(%x, %x, %x : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) outs(%init : tensor<1x2x4x8xf32>)
      score(%s, %b, %h, %m, %n) {
    %r = posenc.softcap %s cap(5.0)
    posenc.yield %r : f32
  }
  return %o : tensor<1x2x4x8xf32>
}

/// A product through a loop: the reversed loop computes anew what each iteration was given.

// CHECK-LABEL: func.func @loop_backward(
// CHECK:         scf.for %[[T:.*]] = %{{.*}} to %[[N:.*]] step %{{.*}} iter_args(%[[G:.*]] = %{{.*}}) -> (f32)
// CHECK:           %[[LAST:.*]] = arith.subi %{{.*}}, %c1
// CHECK:           %[[K:.*]] = arith.subi %[[LAST]], %[[T]]
// CHECK:           %[[X:.*]] = scf.for %{{.*}} = %{{.*}} to %[[K]] step
// CHECK:             arith.mulf
// CHECK:           arith.mulf %[[G]], %[[X]]
func.func @loop(%x: tensor<1x2x4x8xf32>, %init: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %o = posenc.attention scale(0.5) ins(%x, %x, %x : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) outs(%init : tensor<1x2x4x8xf32>)
      score(%s, %b, %h, %m, %n) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %r = scf.for %t = %c0 to %n step %c1 iter_args(%a = %s) -> (f32) {
      %next = arith.mulf %a, %a : f32
      scf.yield %next : f32
    }
    posenc.yield %r : f32
  }
  return %o : tensor<1x2x4x8xf32>
}

/// Nothing to differentiate, nothing added.

// CHECK-LABEL: func.func @negative_no_attention(
// CHECK-NOT:     _backward
func.func @negative_no_attention(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
