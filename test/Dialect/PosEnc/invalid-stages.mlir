// RUN: posenc-opt %s -split-input-file -verify-diagnostics

func.func @negative_row_scan_z1(%x: f32) -> f32 {
  // expected-error @below {{(Z1) expected to stand at the top level of the score region of attention or score_map}}
  %1 = posenc.row_scan sum %x : f32
  return %1 : f32
}

// -----

func.func @negative_row_scan_z1_nested(%e: tensor<2x4x8x8xf32>, %on: i1) -> tensor<2x4x8x8xf32> {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %1 = scf.if %on -> f32 {
      // expected-error @below {{(Z1) expected to stand at the top level of the score region of attention or score_map}}
      %2 = posenc.row_scan sum %s : f32
      scf.yield %2 : f32
    } else {
      scf.yield %s : f32
    }
    posenc.yield %1 : f32
  }
  return %map : tensor<2x4x8x8xf32>
}

// -----

func.func @negative_head_mix_z1(%x: f32, %w: tensor<4x4xf32>) -> f32 {
  // expected-error @below {{(Z1) expected to stand at the top level of the score region of attention or score_map}}
  %1 = posenc.head_mix(%x) layers(%w) : tensor<4x4xf32>
  return %1 : f32
}

// -----

func.func @negative_head_mix_z2(%e: tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32> {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %w = tensor.empty() : tensor<4x4xf32>
    // expected-error @below {{(Z2) expected a value of type 'tensor<4x4xf32>' from outside of the score region}}
    %1 = posenc.head_mix(%s) layers(%w) : tensor<4x4xf32>
    posenc.yield %1 : f32
  }
  return %map : tensor<2x4x8x8xf32>
}

// -----

func.func @negative_head_mix_h1_rank(%e: tensor<2x4x8x8xf32>, %w: tensor<4xf32>) -> tensor<2x4x8x8xf32> {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(H1) expected weights of rank 2 or 3, each with at most one bias of rank 1 behind it, but got 'tensor<4xf32>'}}
    %1 = posenc.head_mix(%s) layers(%w) : tensor<4xf32>
    posenc.yield %1 : f32
  }
  return %map : tensor<2x4x8x8xf32>
}

// -----

func.func @negative_head_mix_h1_none(%e: tensor<2x4x8x8xf32>, %w: tensor<4x4xf32>) -> tensor<2x4x8x8xf32> {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(H1) expected at least one score and one layer but got 0 and 1}}
    %1 = posenc.head_mix() layers(%w) : tensor<4x4xf32>
    posenc.yield %1 : f32
  }
  return %map : tensor<2x4x8x8xf32>
}

// -----

func.func @negative_head_mix_h2_in(%e: tensor<2x4x8x8xf32>, %w: tensor<4x4xf32>) -> tensor<2x4x8x8xf32> {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(H2) expected layer 0 to take 8 values but got 'tensor<4x4xf32>'}}
    %1 = posenc.head_mix(%s, %s) layers(%w) : tensor<4x4xf32>
    posenc.yield %1 : f32
  }
  return %map : tensor<2x4x8x8xf32>
}

// -----

func.func @negative_head_mix_h2_hidden(%e: tensor<2x4x8x8xf32>, %w: tensor<4x5xf32>, %v: tensor<6x4xf32>) -> tensor<2x4x8x8xf32> {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(H2) expected layer 1 to take 5 values but got 'tensor<6x4xf32>'}}
    %1 = posenc.head_mix(%s) layers(%w, %v) activation relu : tensor<4x5xf32>, tensor<6x4xf32>
    posenc.yield %1 : f32
  }
  return %map : tensor<2x4x8x8xf32>
}

// -----

func.func @negative_head_mix_h2_out(%e: tensor<2x4x8x8xf32>, %w: tensor<4x5xf32>) -> tensor<2x4x8x8xf32> {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(H2) expected the last layer to give 4 values, one per head, but got 'tensor<4x5xf32>'}}
    %1 = posenc.head_mix(%s) layers(%w) : tensor<4x5xf32>
    posenc.yield %1 : f32
  }
  return %map : tensor<2x4x8x8xf32>
}

// -----

func.func @negative_head_mix_h2_bias(%q: tensor<2x4x8x16xf32>, %w: tensor<4x4xf32>, %c: tensor<3xf32>) -> tensor<2x4x8x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(H2) expected a bias of 4 values but got 'tensor<3xf32>'}}
    %1 = posenc.head_mix(%s) layers(%w, %c) : tensor<4x4xf32>, tensor<3xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<2x4x8x16xf32>
}

// -----

func.func @negative_head_mix_h3_even(%e: tensor<2x4x8x8xf32>, %w: tensor<4x4x2xf32>) -> tensor<2x4x8x8xf32> {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(H3) expected a static, odd number of taps but got 2}}
    %1 = posenc.head_mix(%s) layers(%w) : tensor<4x4x2xf32>
    posenc.yield %1 : f32
  }
  return %map : tensor<2x4x8x8xf32>
}

// -----

func.func @negative_head_mix_h3_dynamic(%e: tensor<2x4x8x8xf32>, %w: tensor<4x4x?xf32>) -> tensor<2x4x8x8xf32> {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(H3) expected a static, odd number of taps but got ?}}
    %1 = posenc.head_mix(%s) layers(%w) : tensor<4x4x?xf32>
    posenc.yield %1 : f32
  }
  return %map : tensor<2x4x8x8xf32>
}

// -----

func.func @negative_head_mix_h4_missing(%e: tensor<2x4x8x8xf32>, %w: tensor<4x4xf32>) -> tensor<2x4x8x8xf32> {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(H4) expected an activation if and only if there are several layers but got none for 2}}
    %1 = posenc.head_mix(%s) layers(%w, %w) : tensor<4x4xf32>, tensor<4x4xf32>
    posenc.yield %1 : f32
  }
  return %map : tensor<2x4x8x8xf32>
}

// -----

func.func @negative_head_mix_h4_needless(%e: tensor<2x4x8x8xf32>, %w: tensor<4x4xf32>) -> tensor<2x4x8x8xf32> {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(H4) expected an activation if and only if there are several layers but got one for 1}}
    %1 = posenc.head_mix(%s) layers(%w) activation tanh : tensor<4x4xf32>
    posenc.yield %1 : f32
  }
  return %map : tensor<2x4x8x8xf32>
}
