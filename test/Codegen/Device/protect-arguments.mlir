// RUN: posenc-opt %s --posenc-protect-arguments | FileCheck %s

// CHECK-LABEL: func.func @public
// CHECK-SAME: %{{.*}}: tensor<4xf32> {bufferization.writable = false}, %{{.*}}: index,
// CHECK-SAME: %{{.*}}: tensor<4xf32> {bufferization.writable = true}
func.func @public(%x: tensor<4xf32>, %n: index, %y: tensor<4xf32> {bufferization.writable = true}) {
  return
}

// CHECK-LABEL: func.func private @negative_private
// CHECK-NOT: writable
func.func private @negative_private(%x: tensor<4xf32>) {
  return
}
