// RUN: posenc-opt %s --posenc-expand-math -split-input-file -verify-diagnostics
// RUN: not posenc-opt %s --posenc-expand-math=target=cuda -split-input-file 2>&1 | FileCheck %s

// CHECK: error: expected target nvvm, rocdl or none but got 'cuda'
func.func @negative_wide(%x: f128) -> f128 {
  // expected-error @below {{'math.exp' op expected scalars or fixed vectors of f16, bf16, f32, f64 or integers but got 'f128'}}
  %r = math.exp %x : f128
  return %r : f128
}

// -----

func.func @negative_scalable(%x: vector<[4]xf32>) -> vector<[4]xf32> {
  // expected-error @below {{'math.exp' op expected scalars or fixed vectors of f16, bf16, f32, f64 or integers but got 'vector<[4]xf32>'}}
  %r = math.exp %x : vector<[4]xf32>
  return %r : vector<[4]xf32>
}

// -----

func.func @negative_tensor(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'math.exp' op expected scalars or fixed vectors of f16, bf16, f32, f64 or integers but got 'tensor<4xf32>'}}
  %r = math.exp %x : tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

func.func @negative_integer_tensor(%x: tensor<4xi32>) -> tensor<4xi32> {
  // expected-error @below {{'math.absi' op expected scalars or fixed vectors of f16, bf16, f32, f64 or integers but got 'tensor<4xi32>'}}
  %r = math.absi %x : tensor<4xi32>
  return %r : tensor<4xi32>
}
