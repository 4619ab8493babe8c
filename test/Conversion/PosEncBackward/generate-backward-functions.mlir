// RUN: posenc-opt %s --posenc-generate-backward=functions=rotated,gates | FileCheck %s

// (arguments, results, gradients of o alone) -> gradients of all floating arguments. The lse that @rotated returns is the saved one.

// CHECK-LABEL: func.func @rotated(
// CHECK-LABEL: func.func @rotated_backward(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<1x2x?x8xf32>, %[[P:[^:]*]]: tensor<?xi64>, %[[W:[^:]*]]: tensor<4xf32>, %{{[^:]*}}: tensor<1x2x?x8xf32>, %{{[^:]*}}: tensor<1x2x?xf32>,
// CHECK-SAME:    %{{[^:]*}}: tensor<1x2x?x8xf32>, %[[SAVED:[^:]*]]: tensor<1x2x?xf32>, %[[DO:[^:]*]]: tensor<1x2x?x8xf32>)
// CHECK-SAME:    -> (tensor<1x2x?x8xf32>, tensor<4xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?xf32>)
// CHECK-NOT:     arith.maximumf
// CHECK:         ins({{.*}}%[[SAVED]]
// CHECK:         math.exp
// CHECK-NOT:     posenc.
// CHECK:         return
func.func @rotated(%x: tensor<1x2x?x8xf32>, %p: tensor<?xi64>, %w: tensor<4xf32>, %init: tensor<1x2x?x8xf32>, %lse: tensor<1x2x?xf32>)
    -> (tensor<1x2x?x8xf32>, tensor<1x2x?xf32>) {
  %angles = posenc.angles %p by(%w) : tensor<?xi64>, tensor<4xf32> -> tensor<?x4xf32>
  %y = posenc.rotate %x by(%angles) half : tensor<1x2x?x8xf32>, tensor<?x4xf32>
  %o:2 = posenc.attention scale(0.5) ins(%y, %y, %x : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>)
      outs(%init, %lse : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>)
  return %o#0, %o#1 : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>
}

/// decay_gate states its derivative: sums from the last token to the first, whose index is counted down.

// CHECK-LABEL: func.func @gates_backward(
// CHECK-SAME:    %{{[^:]*}}: tensor<2x4x9xf32>, %{{[^:]*}}: tensor<2x4x9xf32>, %[[DC:[^:]*]]: tensor<2x4x9xf32>) -> tensor<2x4x9xf32>
// CHECK:         %[[SUMS:.*]]:2 = linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]
// CHECK:           arith.subi %{{.*}}, %{{.*}} : index
// CHECK:           tensor.extract %[[DC]]
// CHECK:         tensor.extract %[[SUMS]]#1
// CHECK:         math.exp
// CHECK:         arith.divf
// CHECK-NOT:     posenc.
// CHECK:         return
func.func @gates(%g: tensor<2x4x9xf32>) -> tensor<2x4x9xf32> {
  %c = posenc.decay_gate %g logsigmoid : tensor<2x4x9xf32> -> tensor<2x4x9xf32>
  return %c : tensor<2x4x9xf32>
}
