// RUN: posenc-opt %s -split-input-file --one-shot-bufferize="bufferize-function-boundaries" -verify-diagnostics

func.func @rotate(%x: tensor<4x16xf32>, %a: tensor<4x8xf32>) -> tensor<4x16xf32> {
  // expected-error @below {{failed to bufferize op}}
  // expected-error @below {{is on tensors: convert it with --convert-posenc-to-linalg before bufferization}}
  %1 = posenc.rotate %x by(%a) half : tensor<4x16xf32>, tensor<4x8xf32>
  return %1 : tensor<4x16xf32>
}

// -----

func.func @stage(%q: tensor<2x4x8x16xf32>, %o: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  // expected-error @below {{failed to bufferize op}}
  // expected-error @below {{expected attention that a kernel can compute but got the stage 'posenc.row_scan' in its score region: convert it with --convert-posenc-to-linalg before bufferization}}
  %1 = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%o : tensor<2x4x8x16xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.row_scan sum %s : f32
    posenc.yield %1 : f32
  }
  return %1 : tensor<2x4x8x16xf32>
}
