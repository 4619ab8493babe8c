// A prefix sum is one generic with the sequence as its reduction.
// RUN: posenc-opt %s --convert-posenc-to-linalg | FileCheck %s

// CHECK: #[[$ALL:.+]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK: #[[$ROWS:.+]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-LABEL: func.func @padded(
// CHECK-SAME:    %[[X:.+]]: tensor<2x?x8xbf16>, %[[START:.+]]: tensor<2xi64>
// CHECK:         %[[RUNNING:.+]] = linalg.fill ins(%{{.+}} : f32) outs(%{{.+}} : tensor<2x8xf32>)
// CHECK:         %[[C:.+]]:2 = linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROWS]], #[[$ALL]]], iterator_types = ["parallel", "reduction", "parallel"]}
// CHECK-SAME:      ins(%[[X]] : tensor<2x?x8xbf16>) outs(%[[RUNNING]], %{{.+}} : tensor<2x8xf32>, tensor<2x?x8xf32>)
// CHECK:           math.log1p
// CHECK:           tensor.extract %[[START]]
// CHECK:           %[[SUM:.+]] = arith.addf
// CHECK:           linalg.yield %[[SUM]], %[[SUM]] : f32, f32
// CHECK:         return %[[C]]#1
func.func @padded(%x: tensor<2x?x8xbf16>, %n: tensor<2xi64>) -> tensor<2x?x8xf32> {
  %1 = posenc.decay_gate %x logsigmoid axis 1 start(%n) : tensor<2x?x8xbf16>, tensor<2xi64> -> tensor<2x?x8xf32>
  return %1 : tensor<2x?x8xf32>
}

// Logarithms are taken as they are.
// CHECK-LABEL: func.func @logarithms(
// CHECK-NOT:     math.
// CHECK:         return
func.func @logarithms(%x: tensor<?xf32>) -> tensor<?xf32> {
  %1 = posenc.decay_gate %x : tensor<?xf32> -> tensor<?xf32>
  return %1 : tensor<?xf32>
}
