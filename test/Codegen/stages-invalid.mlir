// Attention with stages that comes to buffers or kernels by hand.
// RUN: posenc-opt %s -split-input-file -verify-diagnostics --posenc-attention-to-gpu=chip=sm_90a
// RUN: posenc-opt %s -split-input-file -verify-diagnostics --pass-pipeline="builtin.module(func.func(posenc-attention-to-vector))"

func.func @memrefs(%q: memref<2x4x8x16xf32>, %o: memref<2x4x8x16xf32>) {
  // expected-error @below {{expected attention that a kernel can compute but got the stage 'posenc.row_scan' in its score region: convert it with --convert-posenc-to-linalg before bufferization}}
  posenc.attention scale(1.0) ins(%q, %q, %q : memref<2x4x8x16xf32>, memref<2x4x8x16xf32>, memref<2x4x8x16xf32>) outs(%o : memref<2x4x8x16xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.row_scan sum %s : f32
    posenc.yield %1 : f32
  }
  return
}
