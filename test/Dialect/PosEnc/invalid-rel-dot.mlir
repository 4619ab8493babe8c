// RUN: posenc-opt %s --split-input-file --verify-diagnostics

func.func @negative_rel_dot_rd1_both(%s: f32, %i: index, %x: tensor<4x16xf32>, %t: tensor<17x16xf32>) {
  // expected-error @below {{(RD1) expected either positions and a bucket or a row but got positions, a bucket and a row}}
  %1 = posenc.rel_dot %s, %x[%i], %t at(%i, %i) bucket <clip, q_minus_k, left = 8, right = 8> row(%i) : tensor<4x16xf32>, tensor<17x16xf32>
  return
}

// -----

func.func @negative_rel_dot_rd1_neither(%s: f32, %i: index, %x: tensor<4x16xf32>, %t: tensor<17x16xf32>) {
  // expected-error @below {{(RD1) expected either positions and a bucket or a row but got no positions, no bucket and no row}}
  %1 = posenc.rel_dot %s, %x[%i], %t : tensor<4x16xf32>, tensor<17x16xf32>
  return
}

// -----

func.func @negative_rel_dot_rd1_no_bucket(%s: f32, %i: index, %x: tensor<4x16xf32>, %t: tensor<17x16xf32>) {
  // expected-error @below {{(RD1) expected either positions and a bucket or a row but got positions, no bucket and no row}}
  %1 = posenc.rel_dot %s, %x[%i], %t at(%i, %i) : tensor<4x16xf32>, tensor<17x16xf32>
  return
}

// -----

func.func @negative_rel_dot_rd2_rows(%s: f32, %i: index, %x: tensor<4x16xf32>, %t: tensor<17x16xf32>) {
  // expected-error @below {{(RD2) expected rows of rank 3 but got 'tensor<4x16xf32>'}}
  %1 = posenc.rel_dot %s, %x[%i, %i], %t row(%i) : tensor<4x16xf32>, tensor<17x16xf32>
  return
}

// -----

func.func @negative_rel_dot_rd2_table(%s: f32, %i: index, %x: tensor<4x16xf32>, %t: tensor<17x16xf32>) {
  // expected-error @below {{(RD2) expected a table of rank 3 but got 'tensor<17x16xf32>'}}
  %1 = posenc.rel_dot %s, %x[%i], %t[%i] row(%i) : tensor<4x16xf32>, tensor<17x16xf32>
  return
}

// -----

func.func @negative_rel_dot_rd2_bias(%s: f32, %i: index, %x: tensor<4x16xf32>, %t: tensor<17x16xf32>, %u: tensor<16xf32>) {
  // expected-error @below {{(RD2) expected a bias of rank 2 but got 'tensor<16xf32>'}}
  %1 = posenc.rel_dot %s, %x[%i], %t row(%i) bias(%u[%i]) : tensor<4x16xf32>, tensor<17x16xf32>, tensor<16xf32>
  return
}

// -----

func.func @negative_rel_dot_rd2_unranked(%s: f32, %i: index, %x: tensor<*xf32>, %t: tensor<17x16xf32>) {
  // expected-error @below {{(RD2) expected rows of rank 2 but got 'tensor<*xf32>'}}
  %1 = posenc.rel_dot %s, %x[%i], %t row(%i) : tensor<*xf32>, tensor<17x16xf32>
  return
}

// -----

func.func @negative_rel_dot_rd3(%s: f32, %i: index, %x: tensor<4x16xf32>, %t: tensor<17x8xf32>) {
  // expected-error @below {{(RD3) expected a table of 16 channels but got 8}}
  %1 = posenc.rel_dot %s, %x[%i], %t row(%i) : tensor<4x16xf32>, tensor<17x8xf32>
  return
}

// -----

func.func @negative_rel_dot_rd4(%s: f32, %i: index, %x: tensor<4x16xf32>, %t: tensor<18x16xf32>) {
  // expected-error @below {{(RD4) expected a table of 17 rows but got 18}}
  %1 = posenc.rel_dot %s, %x[%i], %t at(%i, %i) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<4x16xf32>, tensor<18x16xf32>
  return
}

// -----

func.func @negative_value_rel_a16(%q: tensor<2x4x5x16xf32>, %t: tensor<17x8xf32>) {
  // expected-error @below {{(A16) expected a table of value_rel of shape [R, 16] or [R, 4, 16] but got 'tensor<17x8xf32>'}}
  %0 = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>) outs(%q : tensor<2x4x5x16xf32>) value_rel(%t : tensor<17x8xf32>) bucket <clip, q_minus_k, left = 8, right = 8>
  return
}

// -----

func.func @negative_value_rel_a16_heads(%q: tensor<2x4x5x16xf32>, %t: tensor<17x2x16xf32>) {
  // expected-error @below {{(A16) expected a table of value_rel of shape [R, 16] or [R, 4, 16] but got 'tensor<17x2x16xf32>'}}
  %0 = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>) outs(%q : tensor<2x4x5x16xf32>) value_rel(%t : tensor<17x2x16xf32>) bucket <clip, q_minus_k, left = 8, right = 8>
  return
}

// -----

func.func @negative_value_rel_a16_element(%q: tensor<2x4x5x16xbf16>, %t: tensor<17x16xf16>) {
  // expected-error @below {{(A16) expected a table of value_rel of element type f32 or 'bf16' but got 'f16'}}
  %0 = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x5x16xbf16>, tensor<2x4x5x16xbf16>, tensor<2x4x5x16xbf16>) outs(%q : tensor<2x4x5x16xbf16>) value_rel(%t : tensor<17x16xf16>) bucket <clip, q_minus_k, left = 8, right = 8>
  return
}

// -----

func.func @negative_value_rel_a17(%q: tensor<2x4x5x16xf32>, %t: tensor<16x16xf32>) {
  // expected-error @below {{(A17) expected a table of value_rel of 17 rows but got 16}}
  %0 = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>) outs(%q : tensor<2x4x5x16xf32>) value_rel(%t : tensor<16x16xf32>) bucket <clip, q_minus_k, left = 8, right = 8>
  return
}

// -----

func.func @negative_value_rel_a17_no_bucket(%q: tensor<2x4x5x16xf32>) {
  // expected-error @below {{(A17) expected a bucket if and only if there is value_rel but got one}}
  %0 = "posenc.attention"(%q, %q, %q, %q) <{scale = 1.0 : f32, value_bucket = #posenc.bucket<clip, q_minus_k, left = 8, right = 8>, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0>}> ({}, {}, {}, {}, {}) : (tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>) -> tensor<2x4x5x16xf32>
  return
}

// -----

func.func @negative_value_rel_a18(%q: tensor<2x4x5x16xf32>, %t: tensor<17x16xf32>, %p: tensor<5xf32>) {
  // expected-error @below {{(A18) expected integer positions without axes with value_rel but got 'tensor<5xf32>'}}
  %0 = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>) outs(%q : tensor<2x4x5x16xf32>) positions(q = %p : tensor<5xf32>) value_rel(%t : tensor<17x16xf32>) bucket <clip, q_minus_k, left = 8, right = 8>
  return
}

// -----

func.func @negative_value_rel_a18_axes(%q: tensor<2x4x5x16xf32>, %t: tensor<17x16xf32>, %p: tensor<2x2x5xi64>) {
  // expected-error @below {{(A18) expected integer positions without axes with value_rel but got 'tensor<2x2x5xi64>'}}
  %0 = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>) outs(%q : tensor<2x4x5x16xf32>) positions(k = %p : tensor<2x2x5xi64>) value_rel(%t : tensor<17x16xf32>) bucket <clip, q_minus_k, left = 8, right = 8>
  return
}
