// RUN: posenc-opt %s --split-input-file --verify-diagnostics

func.func @negative_bias_lowrank_n1(%s: f32, %i: index, %u: tensor<8x4xf32>, %v: tensor<4xf32>) {
  // expected-error @below {{(N1) expected v of rank 2 for 1 indices but got 'tensor<4xf32>'}}
  %1 = posenc.bias_lowrank %s, %u[%i], %v[%i] : tensor<8x4xf32>, tensor<4xf32>
  return
}

// -----

func.func @negative_bias_lowrank_n1_unranked(%s: f32, %i: index, %u: tensor<*xf32>, %v: tensor<8x4xf32>) {
  // expected-error @below {{(N1) expected u of rank 2 for 1 indices but got 'tensor<*xf32>'}}
  %1 = posenc.bias_lowrank %s, %u[%i], %v[%i] : tensor<*xf32>, tensor<8x4xf32>
  return
}

// -----

func.func @negative_bias_lowrank_n2(%s: f32, %i: index, %u: tensor<8x4xf32>, %v: tensor<8x5xf32>) {
  // expected-error @below {{(N2) expected u and v to agree in the last extent but got 4 and 5}}
  %1 = posenc.bias_lowrank %s, %u[%i], %v[%i] : tensor<8x4xf32>, tensor<8x5xf32>
  return
}

// -----

func.func @negative_bias_dense_o1(%s: f32, %i: index, %t: tensor<8x4xf32>) {
  // expected-error @below {{(O1) expected a tensor of rank 1 for 1 indices but got 'tensor<8x4xf32>'}}
  %1 = posenc.bias_dense %s, %t[%i] : tensor<8x4xf32>
  return
}
