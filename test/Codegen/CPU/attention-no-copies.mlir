// RUN: posenc-opt --split-input-file --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" --canonicalize --cse %s | FileCheck %s --check-prefix=BUFFERS
// RUN: posenc-opt --split-input-file --pass-pipeline="builtin.module(one-shot-bufferize{bufferize-function-boundaries=true function-boundary-type-conversion=identity-layout-map},canonicalize,cse,func.func(posenc-attention-to-vector))" %s | FileCheck %s

// Operands as a projection leaves them, [B,T,H,D]: attention reads the arguments
// themselves and writes the only buffer there is.
// BUFFERS-LABEL: func @projections
//       BUFFERS:   %[[O:.*]] = memref.alloc() {{.*}} : memref<2x40x4x16xf32>
//   BUFFERS-NOT:   memref.alloc
//   BUFFERS-NOT:   memref.copy
//       BUFFERS:   posenc.attention scale({{.*}}) ins(%arg0, %arg1, %arg2 : {{.*}}) outs(%[[O]] :
//       BUFFERS:   return %[[O]]
//
// The only other buffer is the workspace.
// CHECK-LABEL: func @projections
//       CHECK:   %[[O:.*]] = memref.alloc() {{.*}} : memref<2x40x4x16xf32>
//   CHECK-NOT:   memref.alloc
//       CHECK:   memref.alloc() {{.*}}bufferization.manual_deallocation
//   CHECK-NOT:   memref.alloc
//   CHECK-NOT:   memref.copy
//       CHECK:   vector.maskedstore %[[O]]
//   CHECK-NOT:   memref.copy
//       CHECK:   return %[[O]]
func.func @projections(%q: tensor<2x40x4x16xf32>, %k: tensor<2x40x4x16xf32>, %v: tensor<2x40x4x16xf32>) -> tensor<2x40x4x16xf32> {
  %init = tensor.empty() : tensor<2x40x4x16xf32>
  %o = posenc.attention scale(0.25)
      ins(%q, %k, %v : tensor<2x40x4x16xf32>, tensor<2x40x4x16xf32>, tensor<2x40x4x16xf32>)
      outs(%init : tensor<2x40x4x16xf32>) dims(q = bthd, k = bthd, v = bthd, o = bthd)
  return %o : tensor<2x40x4x16xf32>
}

// -----

// Slices of a packed QKV projection are views.
// BUFFERS-LABEL: func @packed_qkv
//   BUFFERS-NOT:   memref.copy
//   BUFFERS-DAG:   %[[O:.*]] = memref.alloc({{.*}}) {{.*}} : memref<2x?x4x16xbf16>
//   BUFFERS-DAG:   %[[Q:.*]] = memref.subview %{{.*}}[0, 0, 0, 0, 0]
//   BUFFERS-DAG:   %[[K:.*]] = memref.subview %{{.*}}[0, 0, 1, 0, 0]
//   BUFFERS-DAG:   %[[V:.*]] = memref.subview %{{.*}}[0, 0, 2, 0, 0]
//       BUFFERS:   posenc.attention scale({{.*}}) ins(%[[Q]], %[[K]], %[[V]] : {{.*}}) outs(%[[O]] :
//   BUFFERS-NOT:   memref.copy
//
// CHECK-LABEL: func @packed_qkv
//       CHECK:   memref.alloc({{.*}}) {{.*}} : memref<2x?x4x16xbf16>
// CHECK-COUNT-2: memref.alloc({{.*}}bufferization.manual_deallocation
//   CHECK-NOT:   memref.alloc
//   CHECK-NOT:   memref.copy
//       CHECK:   return
func.func @packed_qkv(%qkv: tensor<2x?x192xbf16>) -> tensor<2x?x4x16xbf16> {
  %c1 = arith.constant 1 : index
  %t = tensor.dim %qkv, %c1 : tensor<2x?x192xbf16>
  %split = tensor.expand_shape %qkv [[0], [1], [2, 3, 4]] output_shape [2, %t, 3, 4, 16] : tensor<2x?x192xbf16> into tensor<2x?x3x4x16xbf16>
  %q = tensor.extract_slice %split[0, 0, 0, 0, 0] [2, %t, 1, 4, 16] [1, 1, 1, 1, 1] : tensor<2x?x3x4x16xbf16> to tensor<2x?x4x16xbf16>
  %k = tensor.extract_slice %split[0, 0, 1, 0, 0] [2, %t, 1, 4, 16] [1, 1, 1, 1, 1] : tensor<2x?x3x4x16xbf16> to tensor<2x?x4x16xbf16>
  %v = tensor.extract_slice %split[0, 0, 2, 0, 0] [2, %t, 1, 4, 16] [1, 1, 1, 1, 1] : tensor<2x?x3x4x16xbf16> to tensor<2x?x4x16xbf16>
  %init = tensor.empty(%t) : tensor<2x?x4x16xbf16>
  %o = posenc.attention scale(0.25)
      ins(%q, %k, %v : tensor<2x?x4x16xbf16>, tensor<2x?x4x16xbf16>, tensor<2x?x4x16xbf16>)
      outs(%init : tensor<2x?x4x16xbf16>) dims(q = bthd, k = bthd, v = bthd, o = bthd)
  return %o : tensor<2x?x4x16xbf16>
}
