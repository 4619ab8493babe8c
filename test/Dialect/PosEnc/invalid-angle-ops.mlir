// RUN: posenc-opt %s -split-input-file -verify-diagnostics

func.func @i3(%n: index) {
  // expected-error @below {{(I3) expected offset or bottom_right but got both}}
  %p = posenc.positions size(%n) offset(%n) bottom_right(%n) : tensor<?xi64>
  return
}

// -----

func.func @w1(%m: tensor<1x2x3xi1>) {
  // expected-error @below {{(W1) expected a mask of rank 1 or 2 but got 'tensor<1x2x3xi1>'}}
  %p = posenc.mask_positions %m : tensor<1x2x3xi1> -> tensor<1x2x3xi64>
  return
}

// -----

func.func @w1_rank(%m: tensor<*xi1>) {
  // expected-error @below {{(W1) expected a mask of rank 1 or 2 but got 'tensor<*xi1>'}}
  %p = posenc.mask_positions %m : tensor<*xi1> -> tensor<3xi64>
  return
}

// -----

func.func @w2(%m: tensor<2x3xi1>) {
  // expected-error @below {{(W2) expected a result of the mask's shape but got 'tensor<2x4xi64>' for 'tensor<2x3xi1>'}}
  %p = posenc.mask_positions %m : tensor<2x3xi1> -> tensor<2x4xi64>
  return
}

// -----

func.func @x1(%n: index) {
  // expected-error @below {{(X1) expected a result of shape [A, T] for 2 sizes, at least one, but got 'tensor<3x?xi64>'}}
  %p = posenc.grid_positions sizes(%n, %n) : tensor<3x?xi64>
  return
}

// -----

func.func @x1_none(%n: index) {
  // expected-error @below {{(X1) expected a result of shape [A, T] for 0 sizes, at least one, but got 'tensor<0x4xi64>'}}
  %p = posenc.grid_positions sizes() : tensor<0x4xi64>
  return
}

// -----

func.func @x2(%n: index) {
  // expected-error @below {{(X2) expected centered positions in f32 without an offset but got 'tensor<1x?xi64>'}}
  %p = posenc.grid_positions sizes(%n) centered : tensor<1x?xi64>
  return
}

// -----

func.func @x2_offset(%n: index) {
  // expected-error @below {{(X2) expected centered positions in f32 without an offset but got 'tensor<1x?xf32>' with one}}
  %p = posenc.grid_positions sizes(%n) offset(%n) centered : tensor<1x?xf32>
  return
}

// -----

func.func @v1(%n: index) {
  // expected-error @below {{(V1) expected a result of shape [4] or [2, 4] but got 'tensor<3x4xf32>'}}
  %r = posenc.inv_freq <default, dim = 8> : tensor<3x4xf32>
  return
}

// -----

func.func @v1_dynamic(%n: index) {
  // expected-error @below {{(V1) expected a result of shape [4] or [2, 4] but got 'tensor<?xf32>'}}
  %r = posenc.inv_freq <default, dim = 8> : tensor<?xf32>
  return
}

// -----

func.func @v2(%n: index) {
  // expected-error @below {{(V2) expected a length only for dynamic_ntk and longrope but got one for linear}}
  %r = posenc.inv_freq <linear, dim = 8, factor = 2.0> length(%n) : tensor<4xf32>
  return
}

// -----

func.func @v3(%n: index) {
  // expected-error @below {{(V3) expected a result of rank 1 where the length is not constant but got 'tensor<2x4xf32>'}}
  %r = posenc.inv_freq <dynamic_ntk, dim = 8, factor = 2.0, max_position = 9> length(%n) : tensor<2x4xf32>
  return
}

// -----

func.func @g1(%p: tensor<2x3x4xi64>, %w: tensor<4xf32>) {
  // expected-error @below {{(G1) expected positions of rank 1 or 2 but got 'tensor<2x3x4xi64>'}}
  %r = posenc.angles %p by(%w) : tensor<2x3x4xi64>, tensor<4xf32> -> tensor<2x3x4x4xf32>
  return
}

// -----

func.func @g1_axes(%p: tensor<2xi64>, %w: tensor<4xf32>) {
  // expected-error @below {{(G1) expected positions of rank 2 or 3 but got 'tensor<2xi64>'}}
  %r = posenc.angles %p by(%w) axes <sections, [4]> : tensor<2xi64>, tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @g2(%p: tensor<2xi64>, %w: tensor<2x4xf32>) {
  // expected-error @below {{(G2) expected frequencies of shape [P] but got 'tensor<2x4xf32>'}}
  %r = posenc.angles %p by(%w) : tensor<2xi64>, tensor<2x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @g2_precise(%p: tensor<2xi64>, %w: tensor<3x4xf32>) {
  // expected-error @below {{(G2) expected frequencies of shape [P] or [2, P] but got 'tensor<3x4xf32>'}}
  %r = posenc.angles %p by(%w) precise : tensor<2xi64>, tensor<3x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @g3(%p: tensor<2xi64>, %w: tensor<4xf32>, %x: tensor<3xf32>) {
  // expected-error @below {{(G3) expected a phase of shape [4] but got 'tensor<3xf32>'}}
  %r = posenc.angles %p by(%w) phase(%x) : tensor<2xi64>, tensor<4xf32>, tensor<3xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @g4_pairs(%p: tensor<2x5xi64>, %w: tensor<4xf32>) {
  // expected-error @below {{(G4) expected axes for each of 4 pairs and a static number of axes but got axes for 3 of positions with 2}}
  %r = posenc.angles %p by(%w) axes <sections, [2, 1]> : tensor<2x5xi64>, tensor<4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @g4_dynamic(%p: tensor<?x5xi64>, %w: tensor<4xf32>) {
  // expected-error @below {{(G4) expected axes for each of 4 pairs and a static number of axes but got axes for 4 of positions with ?}}
  %r = posenc.angles %p by(%w) axes <sections, [2, 2]> : tensor<?x5xi64>, tensor<4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @g4_axis(%p: tensor<2x5xi64>, %w: tensor<4xf32>) {
  // expected-error @below {{(G4) expected axes below 2 but got 2}}
  %r = posenc.angles %p by(%w) axes <list, [0, 1, 2, 0]> : tensor<2x5xi64>, tensor<4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @g5(%p: tensor<2x5xi64>, %w: tensor<4xf32>) {
  // expected-error @below {{(G5) expected a result of the positions' shape and 4 pairs but got 'tensor<5x4xf32>' for 'tensor<2x5xi64>'}}
  %r = posenc.angles %p by(%w) : tensor<2x5xi64>, tensor<4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @u1(%a: tensor<5x4xf32>) {
  // expected-error @below {{(U1) expected a result of the angles' shape but for the last extent but got 'tensor<6x8xf32>' for 'tensor<5x4xf32>'}}
  %r = posenc.sincos %a concat : tensor<5x4xf32> -> tensor<6x8xf32>
  return
}

// -----

func.func @u1_rank(%a: tensor<f32>) {
  // expected-error @below {{(U1) expected a result of the angles' shape but for the last extent but got 'tensor<f32>' for 'tensor<f32>'}}
  %r = posenc.sincos %a concat : tensor<f32> -> tensor<f32>
  return
}

// -----

func.func @u2(%a: tensor<5x4xf32>) {
  // expected-error @below {{(U2) expected at least one pair and 2 * 4 channels but got 7}}
  %r = posenc.sincos %a interleaved : tensor<5x4xf32> -> tensor<5x7xf32>
  return
}

// -----

func.func @u2_concat(%a: tensor<5x4xf32>) {
  // expected-error @below {{(U2) expected at least one pair and 2 * 4 channels but got 6}}
  %r = posenc.sincos %a concat : tensor<5x4xf32> -> tensor<5x6xf32>
  return
}

// -----

func.func @u2_dynamic(%a: tensor<5x?xf32>) {
  // expected-error @below {{(U2) expected at least one pair and 2 * ? channels but got 7}}
  %r = posenc.sincos %a concat : tensor<5x?xf32> -> tensor<5x7xf32>
  return
}

// -----

func.func @u2_none(%a: tensor<5x0xf32>) {
  // expected-error @below {{(U2) expected at least one pair and 2 * 0 channels but got 7}}
  %r = posenc.sincos %a concat : tensor<5x0xf32> -> tensor<5x7xf32>
  return
}

// -----

func.func @u3(%a: tensor<5x4xf32>) {
  // expected-error @below {{(U3) expected a number of blocks if and only if the layout is blocks but got one}}
  %r = posenc.sincos %a concat = 2 : tensor<5x4xf32> -> tensor<5x8xf32>
  return
}

// -----

func.func @u3_missing(%a: tensor<5x4xf32>) {
  // expected-error @below {{(U3) expected a number of blocks if and only if the layout is blocks but got none}}
  %r = posenc.sincos %a blocks : tensor<5x4xf32> -> tensor<5x8xf32>
  return
}

// -----

func.func @u3_divides(%a: tensor<5x4xf32>) {
  // expected-error @below {{(U3) expected a number of blocks that divides 4 but got 3}}
  %r = posenc.sincos %a blocks = 3 : tensor<5x4xf32> -> tensor<5x8xf32>
  return
}

// -----

func.func @u3_positive(%a: tensor<5x?xf32>) {
  // expected-error @below {{(U3) expected a number of blocks that divides ? but got 0}}
  %r = posenc.sincos %a blocks = 0 : tensor<5x?xf32> -> tensor<5x?xf32>
  return
}
