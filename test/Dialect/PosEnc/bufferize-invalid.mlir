// RUN: posenc-opt %s --one-shot-bufferize="bufferize-function-boundaries" -verify-diagnostics

func.func @rotate(%x: tensor<4x16xf32>, %a: tensor<4x8xf32>) -> tensor<4x16xf32> {
  // expected-error @below {{failed to bufferize op}}
  // expected-error @below {{is on tensors: convert it with --convert-posenc-to-linalg before bufferization}}
  %1 = posenc.rotate %x by(%a) half : tensor<4x16xf32>, tensor<4x8xf32>
  return %1 : tensor<4x16xf32>
}
