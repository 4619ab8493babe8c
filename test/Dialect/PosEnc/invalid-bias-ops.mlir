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

// -----

func.func @negative_bias_mlp_y1_empty(%s: f32, %x: f32) {
  // expected-error @below {{(Y1) expected at least one feature and one layer but got 1 and 0}}
  %1 = "posenc.bias_mlp"(%s, %x) <{activation = #posenc<activation relu>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0>}> : (f32, f32) -> f32
  return
}

// -----

func.func @negative_bias_mlp_y1_first(%s: f32, %x: f32, %b: tensor<4xf32>) {
  // expected-error @below {{(Y1) expected a weight of rank 2 as layer operand 0 but got 'tensor<4xf32>'}}
  %1 = posenc.bias_mlp %s, (%x) layers(%b) relu : tensor<4xf32>
  return
}

// -----

func.func @negative_bias_mlp_y1_two_biases(%s: f32, %x: f32, %w: tensor<1x4xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{(Y1) expected a weight of rank 2 as layer operand 2 but got 'tensor<4xf32>'}}
  %1 = posenc.bias_mlp %s, (%x) layers(%w, %b, %b) relu : tensor<1x4xf32>, tensor<4xf32>, tensor<4xf32>
  return
}

// -----

func.func @negative_bias_mlp_y1_rank(%s: f32, %x: f32, %w: tensor<1x4xf32>, %t: tensor<1x4x4xf32>) {
  // expected-error @below {{(Y1) expected a weight of rank 2 or a bias of rank 1 as layer operand 1 but got 'tensor<1x4x4xf32>'}}
  %1 = posenc.bias_mlp %s, (%x) layers(%w, %t) relu : tensor<1x4xf32>, tensor<1x4x4xf32>
  return
}

// -----

func.func @negative_bias_mlp_y2_features(%s: f32, %x: f32, %w: tensor<2x4xf32>) {
  // expected-error @below {{(Y2) expected a weight of 1 rows as layer operand 0 but got 'tensor<2x4xf32>'}}
  %1 = posenc.bias_mlp %s, (%x) layers(%w) relu : tensor<2x4xf32>
  return
}

// -----

func.func @negative_bias_mlp_y2_unknown_features(%s: f32, %x: f32, %w: tensor<?x4xf32>) {
  // expected-error @below {{(Y2) expected a weight of 1 rows as layer operand 0 but got 'tensor<?x4xf32>'}}
  %1 = posenc.bias_mlp %s, (%x) layers(%w) relu : tensor<?x4xf32>
  return
}

// -----

func.func @negative_bias_mlp_y2_layers(%s: f32, %x: f32, %w: tensor<1x4xf32>, %w2: tensor<5x1xf32>) {
  // expected-error @below {{(Y2) expected a weight of 4 rows as layer operand 1 but got 'tensor<5x1xf32>'}}
  %1 = posenc.bias_mlp %s, (%x) layers(%w, %w2) relu : tensor<1x4xf32>, tensor<5x1xf32>
  return
}

// -----

func.func @negative_bias_mlp_y2_bias(%s: f32, %x: f32, %w: tensor<1x4xf32>, %b: tensor<5xf32>) {
  // expected-error @below {{(Y2) expected a bias of 4 elements as layer operand 1 but got 'tensor<5xf32>'}}
  %1 = posenc.bias_mlp %s, (%x) layers(%w, %b) relu : tensor<1x4xf32>, tensor<5xf32>
  return
}

// -----

func.func @negative_bias_mlp_y3(%s: f32, %x: f32, %w: tensor<1x4xf32>) {
  // expected-error @below {{(Y3) expected a last layer of one column without a head but got 4}}
  %1 = posenc.bias_mlp %s, (%x) layers(%w) relu : tensor<1x4xf32>
  return
}

// -----

func.func @negative_bias_mlp_y4(%s: f32, %x: f32, %w: tensor<1x1xf32>) {
  // expected-error @below {{(Y4) expected a finite factor of the sigmoid but got 0x7F800000}}
  %1 = posenc.bias_mlp %s, (%x) layers(%w) relu sigmoid(0x7F800000) : tensor<1x1xf32>
  return
}

// -----

func.func @negative_decay_gate_d1(%f: tensor<f32>) {
  // expected-error @below {{(D1) expected gates with a dimension to sum over but got 'tensor<f32>'}}
  %1 = posenc.decay_gate %f : tensor<f32> -> tensor<f32>
  return
}

// -----

func.func @negative_decay_gate_d1_axis(%f: tensor<2x8xf32>) {
  // expected-error @below {{(D1) expected gates with a dimension 2 to sum over but got 'tensor<2x8xf32>'}}
  %1 = posenc.decay_gate %f axis 2 : tensor<2x8xf32> -> tensor<2x8xf32>
  return
}

// -----

func.func @negative_decay_gate_d2(%f: tensor<2x8xf32>) {
  // expected-error @below {{(D2) expected a result of the shape of 'tensor<2x8xf32>' but got 'tensor<2x9xf32>'}}
  %1 = posenc.decay_gate %f : tensor<2x8xf32> -> tensor<2x9xf32>
  return
}

// -----

func.func @negative_decay_gate_d3(%f: tensor<2x8xf32>, %n: tensor<3xi64>) {
  // expected-error @below {{(D3) expected a start for each element of the first dimension of 'tensor<2x8xf32>', which is not summed over, but got 'tensor<3xi64>' and axis 1}}
  %1 = posenc.decay_gate %f start(%n) : tensor<2x8xf32>, tensor<3xi64> -> tensor<2x8xf32>
  return
}

// -----

func.func @negative_decay_gate_d3_axis(%f: tensor<2x8xf32>, %n: tensor<2xi64>) {
  // expected-error @below {{(D3) expected a start for each element of the first dimension of 'tensor<2x8xf32>', which is not summed over, but got 'tensor<2xi64>' and axis 0}}
  %1 = posenc.decay_gate %f axis 0 start(%n) : tensor<2x8xf32>, tensor<2xi64> -> tensor<2x8xf32>
  return
}
