// RUN: posenc-opt %s --convert-posenc-to-linalg="keep-attention=true" | FileCheck %s

// Kept attention may be bufferized already.

// CHECK-LABEL: func @attention_memref(
// CHECK:         posenc.attention
func.func @attention_memref(%q: memref<1x1x4x8xf32>, %o: memref<1x1x4x8xf32>) {
  posenc.attention scale(1.0) ins(%q, %q, %q : memref<1x1x4x8xf32>, memref<1x1x4x8xf32>, memref<1x1x4x8xf32>) outs(%o : memref<1x1x4x8xf32>)
  return
}
