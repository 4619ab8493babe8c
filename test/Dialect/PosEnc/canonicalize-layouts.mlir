// RUN: posenc-opt %s -canonicalize -split-input-file | FileCheck %s

/// Even channels first, odd ones behind them: halves of that are interleaved pairs of
/// what was there before.
// CHECK-LABEL: func.func @half_to_interleaved(
// CHECK-SAME:    %[[X:.+]]: tensor<2x4x?x16xf32>, %[[A:.+]]: tensor<?x8xf32>
// CHECK-NEXT:    %[[Y:.+]] = posenc.rotate %[[X]] by(%[[A]]) interleaved out half :
// CHECK-NEXT:    return %[[Y]]
func.func @half_to_interleaved(%x: tensor<2x4x?x16xf32>, %a: tensor<?x8xf32>) -> tensor<2x4x?x16xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c2 : tensor<2x4x?x16xf32>
  %0 = tensor.expand_shape %x [[0], [1], [2], [3, 4]] output_shape [2, 4, %n, 8, 2] : tensor<2x4x?x16xf32> into tensor<2x4x?x8x2xf32>
  %e = tensor.empty(%n) : tensor<2x4x?x2x8xf32>
  %1 = linalg.transpose ins(%0 : tensor<2x4x?x8x2xf32>) outs(%e : tensor<2x4x?x2x8xf32>) permutation = [0, 1, 2, 4, 3]
  %2 = tensor.collapse_shape %1 [[0], [1], [2], [3, 4]] : tensor<2x4x?x2x8xf32> into tensor<2x4x?x16xf32>
  %3 = posenc.rotate %2 by(%a) half : tensor<2x4x?x16xf32>, tensor<?x8xf32>
  return %3 : tensor<2x4x?x16xf32>
}

/// And back; what is written in the other layout again is in its own.
// CHECK-LABEL: func.func @interleaved_to_half(
// CHECK-SAME:    %[[X:.+]]: tensor<4x16xbf16>
// CHECK-DAG:     posenc.rotate %[[X]] by(%{{.+}}) half out interleaved inverse :
// CHECK-DAG:     posenc.rotate %[[X]] by(%{{.+}}) half :
// CHECK-NOT:     linalg.transpose
func.func @interleaved_to_half(%x: tensor<4x16xbf16>, %a: tensor<4x8xf32>) -> (tensor<4x16xbf16>, tensor<4x16xbf16>) {
  %0 = tensor.expand_shape %x [[0], [1, 2]] output_shape [4, 2, 8] : tensor<4x16xbf16> into tensor<4x2x8xbf16>
  %e = tensor.empty() : tensor<4x8x2xbf16>
  %1 = linalg.transpose ins(%0 : tensor<4x2x8xbf16>) outs(%e : tensor<4x8x2xbf16>) permutation = [0, 2, 1]
  %2 = tensor.collapse_shape %1 [[0], [1, 2]] : tensor<4x8x2xbf16> into tensor<4x16xbf16>
  %3 = posenc.rotate %2 by(%a) interleaved inverse : tensor<4x16xbf16>, tensor<4x8xf32>
  %4 = posenc.rotate %2 by(%a) interleaved out half : tensor<4x16xbf16>, tensor<4x8xf32>
  return %3, %4 : tensor<4x16xbf16>, tensor<4x16xbf16>
}

// -----

/// D.5: another permutation, a part of the channels, tables per channel, other
/// dimensions.
// CHECK-LABEL: func.func @no_layout(
// CHECK-COUNT-4: posenc.rotate %{{.+}} half
// CHECK-NOT:     interleaved
func.func @no_layout(%x: tensor<4x16xf32>, %a: tensor<4x8xf32>, %p: tensor<4x4xf32>, %c: tensor<4x16xf32>, %t: tensor<1x16x4x4xf32>, %b: tensor<4x8xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<1x16x4x4xf32>) {
  %halves = tensor.expand_shape %x [[0], [1, 2]] output_shape [4, 2, 8] : tensor<4x16xf32> into tensor<4x2x8xf32>
  %e0 = tensor.empty() : tensor<4x8x2xf32>
  %t0 = linalg.transpose ins(%halves : tensor<4x2x8xf32>) outs(%e0 : tensor<4x8x2xf32>) permutation = [0, 2, 1]
  %wrong = tensor.collapse_shape %t0 [[0], [1, 2]] : tensor<4x8x2xf32> into tensor<4x16xf32>
  %0 = posenc.rotate %wrong by(%a) half : tensor<4x16xf32>, tensor<4x8xf32>
  %pairs = tensor.expand_shape %x [[0], [1, 2]] output_shape [4, 8, 2] : tensor<4x16xf32> into tensor<4x8x2xf32>
  %e1 = tensor.empty() : tensor<4x2x8xf32>
  %t1 = linalg.transpose ins(%pairs : tensor<4x8x2xf32>) outs(%e1 : tensor<4x2x8xf32>) permutation = [0, 2, 1]
  %right = tensor.collapse_shape %t1 [[0], [1, 2]] : tensor<4x2x8xf32> into tensor<4x16xf32>
  %1 = posenc.rotate %right by(%p) half : tensor<4x16xf32>, tensor<4x4xf32>
  %2 = posenc.rotate %right by(%c, %c) half per_channel : tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>
  %last = tensor.expand_shape %t [[0], [1], [2], [3, 4]] output_shape [1, 16, 4, 2, 2] : tensor<1x16x4x4xf32> into tensor<1x16x4x2x2xf32>
  %e3 = tensor.empty() : tensor<1x16x4x2x2xf32>
  %t3 = linalg.transpose ins(%last : tensor<1x16x4x2x2xf32>) outs(%e3 : tensor<1x16x4x2x2xf32>) permutation = [0, 1, 2, 4, 3]
  %rows = tensor.collapse_shape %t3 [[0], [1], [2], [3, 4]] : tensor<1x16x4x2x2xf32> into tensor<1x16x4x4xf32>
  %3 = posenc.rotate %rows by(%b) half dims<bdht> : tensor<1x16x4x4xf32>, tensor<4x8xf32>
  return %0, %1, %2, %3 : tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<1x16x4x4xf32>
}
