// RUN: posenc-opt %s --posenc-generate-backward=functions=f -split-input-file -verify-diagnostics

// expected-error @below {{expected a function with a body of the name @f but got none}}
module {
  func.func private @f(tensor<4xf32>) -> tensor<4xf32>
}

// -----

// expected-error @below {{expected a function with a body of the name @f but got none}}
module {
}

// -----

// expected-error @below {{expected a body of one block but got 2}}
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  cf.br ^bb1
^bb1:
  return %x : tensor<4xf32>
}

// -----

// expected-error @below {{expected ranked tensors but got 'tensor<*xf32>', which cannot have a gradient}}
func.func @f(%x: tensor<*xf32>) -> tensor<*xf32> {
  return %x : tensor<*xf32>
}

// -----

func.func @f(%x: tensor<4xf32>, %init: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{expected a reduction that is a sum: others have no derivative}}
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%x : tensor<4xf32>) outs(%init : tensor<f32>) {
  ^bb0(%in: f32, %out: f32):
    %r = arith.maximumf %in, %out : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  return %y : tensor<f32>
}

// -----

func.func private @unknown(tensor<4xf32>) -> tensor<4xf32>

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'func.call' op has no derivative}}
  %y = func.call @unknown(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @f(%x: tensor<2x4xf32>, %init: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // expected-error @below {{'linalg.softmax' op has no derivative}}
  %y = linalg.softmax dimension(1) ins(%x : tensor<2x4xf32>) outs(%init : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
