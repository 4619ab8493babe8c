// RUN: posenc-opt %s -split-input-file -verify-diagnostics

/// Transforms of rows and what they read. Constraints of docs/Semantics.md.

func.func @negative_rotate_r1(%x: tensor<16xf32>, %a: tensor<1x8xf32>) {
  // expected-error @below {{(R1) expected a row with one to three indices, at(…), or a tensor of rank 2 to 4 without, but got 'tensor<16xf32>' with 0 indices}}
  %1 = posenc.rotate %x by(%a) half : tensor<16xf32>, tensor<1x8xf32>
  return
}

// -----

func.func @negative_rotate_r1_unranked(%x: tensor<*xf32>, %a: tensor<1x8xf32>) {
  // expected-error @below {{(R1) expected a row with one to three indices, at(…), or a tensor of rank 2 to 4 without, but got 'tensor<*xf32>' with 0 indices}}
  %1 = posenc.rotate %x by(%a) half : tensor<*xf32>, tensor<1x8xf32>
  return
}

// -----

func.func @negative_rotate_r1_at(%x: tensor<4x16xf32>, %i: index, %a: tensor<4x8xf32>) {
  // expected-error @below {{(R1) expected a row with one to three indices, at(…), or a tensor of rank 2 to 4 without, but got 'tensor<4x16xf32>' with 2 indices}}
  %1 = posenc.rotate %x at(%i, %i) by(%a) half : tensor<4x16xf32>, tensor<4x8xf32>
  return
}

// -----

func.func @negative_rotate_r1_row(%q: tensor<2x4x8x16xf32>, %a: tensor<8x8xf32>) {
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) k_rows(%row, %b, %h, %t) {
    // expected-error @below {{(R1) expected a row with one to three indices, at(…), or a tensor of rank 2 to 4 without, but got '!posenc.row' with 4 indices}}
    %y = posenc.rotate %row at(%t, %t, %t, %t) by(%a) half : !posenc.row, tensor<8x8xf32>
    posenc.yield %y : !posenc.row
  }
  return
}

// -----

func.func @negative_rotate_r2(%x: tensor<4x16xf32>, %a: tensor<4x8xf32>) {
  // expected-error @below {{(R2) expected one operand (angles) or two (cos, sin) of one type but got 3}}
  %1 = posenc.rotate %x by(%a, %a, %a) half : tensor<4x16xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
  return
}

// -----

func.func @negative_rotate_r2_none(%x: tensor<4x16xf32>) {
  // expected-error @below {{(R2) expected one operand (angles) or two (cos, sin) of one type but got 0}}
  %1 = "posenc.rotate"(%x) <{channel_offset = 0 : i64, dims = #posenc.dims<bhtd>, layout = #posenc<layout half>, operandSegmentSizes = array<i32: 1, 0, 0, 0>}> : (tensor<4x16xf32>) -> tensor<4x16xf32>
  return
}

// -----

func.func @negative_rotate_r2_types(%x: tensor<4x16xf32>, %a: tensor<4x8xf32>, %b: tensor<4x7xf32>) {
  // expected-error @below {{(R2) expected one operand (angles) or two (cos, sin) of one type but got 2}}
  %1 = posenc.rotate %x by(%a, %b) half : tensor<4x16xf32>, tensor<4x8xf32>, tensor<4x7xf32>
  return
}

// -----

func.func @negative_rotate_r2_rank(%x: tensor<4x16xf32>, %a: tensor<8xf32>) {
  // expected-error @below {{(R2) expected angles of rank 2 to 3 but got 'tensor<8xf32>'}}
  %1 = posenc.rotate %x by(%a) half : tensor<4x16xf32>, tensor<8xf32>
  return
}

// -----

func.func @negative_rotate_r2_unranked(%x: tensor<4x16xf32>, %a: tensor<*xf32>) {
  // expected-error @below {{(R2) expected angles of rank 2 to 3 but got 'tensor<*xf32>'}}
  %1 = posenc.rotate %x by(%a) half : tensor<4x16xf32>, tensor<*xf32>
  return
}

// -----

func.func @negative_rotate_r3(%x: tensor<2x4x16xf32>, %a: tensor<5x8xf32>) {
  // expected-error @below {{(R3) expected angles of shape [4, P] or [2, 4, P] but got 'tensor<5x8xf32>'}}
  %1 = posenc.rotate %x by(%a) half : tensor<2x4x16xf32>, tensor<5x8xf32>
  return
}

// -----

func.func @negative_rotate_r3_batch(%x: tensor<2x4x16xf32>, %a: tensor<3x4x8xf32>) {
  // expected-error @below {{(R3) expected angles of shape [4, P] or [2, 4, P] but got 'tensor<3x4x8xf32>'}}
  %1 = posenc.rotate %x by(%a) half : tensor<2x4x16xf32>, tensor<3x4x8xf32>
  return
}

// -----

func.func @negative_rotate_r3_dims(%x: tensor<2x4x6x16xf32>, %a: tensor<6x8xf32>) {
  // expected-error @below {{(R3) expected angles of shape [4, P] or [2, 4, P] but got 'tensor<6x8xf32>'}}
  %1 = posenc.rotate %x by(%a) half dims<bthd> : tensor<2x4x6x16xf32>, tensor<6x8xf32>
  return
}

// -----

func.func @negative_rotate_r4(%x: tensor<4x16xf32>, %a: tensor<4x7xf32>) {
  // expected-error @below {{(R4) expected channel_offset + 2P to be at most 16 but got 3 + 2 * 7}}
  %1 = posenc.rotate %x by(%a) half channel_offset 3 : tensor<4x16xf32>, tensor<4x7xf32>
  return
}

// -----

func.func @negative_rotate_r4_overflow(%x: tensor<4x16xf32>, %a: tensor<4x4611686018427387904xf32>) {
  // expected-error @below {{(R4) expected channel_offset + 2P to be at most 16 but got 0 + 2 * 4611686018427387904}}
  %1 = posenc.rotate %x by(%a) half : tensor<4x16xf32>, tensor<4x4611686018427387904xf32>
  return
}

// -----

func.func @negative_rotate_r4_negative(%x: tensor<4x?xf32>, %a: tensor<4x?xf32>) {
  // expected-error @below {{(R4) expected channel_offset + 2P to be at most ? but got -1 + 2 * ?}}
  %1 = posenc.rotate %x by(%a) half channel_offset -1 : tensor<4x?xf32>, tensor<4x?xf32>
  return
}

// -----

func.func @negative_rotate_r5(%x: tensor<2x4x16xf32>, %a: tensor<4x8xf32>) {
  // expected-error @below {{(R5) expected dims only on a tensor of rank 4 but got 'tensor<2x4x16xf32>'}}
  %1 = posenc.rotate %x by(%a) half dims<bthd> : tensor<2x4x16xf32>, tensor<4x8xf32>
  return
}

// -----

func.func @negative_rotate_r2_one_index(%q: tensor<2x4x8x16xf32>, %a: tensor<2x8x8xf32>) {
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) k_rows(%row, %b, %h, %t) {
    // expected-error @below {{(R2) expected angles of rank 2 but got 'tensor<2x8x8xf32>'}}
    %y = posenc.rotate %row at(%t) by(%a) half : !posenc.row, tensor<2x8x8xf32>
    posenc.yield %y : !posenc.row
  }
  return
}

// -----

func.func @negative_rotate_r3_heads(%x: tensor<2x4x6x16xf32>, %a: tensor<2x6x8xf32>) {
  // expected-error @below {{(R3) expected angles of shape [6, P] or [4, 6, P] but got 'tensor<2x6x8xf32>'}}
  %1 = posenc.rotate %x by(%a) half per_head : tensor<2x4x6x16xf32>, tensor<2x6x8xf32>
  return
}

// -----

func.func @negative_rotate_r4_trailing(%x: tensor<4x16xf32>, %a: tensor<4x6xf32>) {
  // expected-error @below {{(R4) expected trailing channels of a tensor, without channel_offset, but got 'tensor<4x16xf32>' and offset 2}}
  %1 = posenc.rotate %x by(%a) half channel_offset 2 trailing : tensor<4x16xf32>, tensor<4x6xf32>
  return
}

// -----

func.func @negative_rotate_r4_trailing_row(%q: tensor<2x4x8x16xf32>, %a: tensor<8x4xf32>) {
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) k_rows(%row, %b, %h, %t) {
    // expected-error @below {{(R4) expected trailing channels of a tensor, without channel_offset, but got '!posenc.row' and offset 0}}
    %y = posenc.rotate %row at(%t) by(%a) half trailing : !posenc.row, tensor<8x4xf32>
    posenc.yield %y : !posenc.row
  }
  return
}

// -----

func.func @negative_rotate_r6(%x: tensor<4x6x16xf32>, %a: tensor<6x8xf32>) {
  // expected-error @below {{(R6) expected per_head only on a tensor of rank 4 but got 'tensor<4x6x16xf32>'}}
  %1 = posenc.rotate %x by(%a) half per_head : tensor<4x6x16xf32>, tensor<6x8xf32>
  return
}

// -----

func.func @negative_rotate_r7_pairs(%x: tensor<6x16xf32>, %a: tensor<6x8xf32>, %m: tensor<6x7xf32>) {
  // expected-error @below {{(R7) expected an f32 or a table of 8 pairs with extents as those of the angles but got 'tensor<6x7xf32>'}}
  %1 = posenc.rotate %x by(%a) half magnitude(%m : tensor<6x7xf32>) : tensor<6x16xf32>, tensor<6x8xf32>
  return
}

// -----

func.func @negative_rotate_r7_tokens(%x: tensor<6x16xf32>, %a: tensor<6x8xf32>, %m: tensor<5x8xf32>) {
  // expected-error @below {{(R7) expected an f32 or a table of 8 pairs with extents as those of the angles but got 'tensor<5x8xf32>'}}
  %1 = posenc.rotate %x by(%a) half magnitude(%m : tensor<5x8xf32>) : tensor<6x16xf32>, tensor<6x8xf32>
  return
}

// -----

func.func @negative_rotate_r8_none(%x: tensor<6x16xf32>, %a: tensor<6x8xf32>) {
  // expected-error @below {{(R8) expected a number of blocks if and only if a layout is block_half but got none}}
  %1 = posenc.rotate %x by(%a) half out block_half : tensor<6x16xf32>, tensor<6x8xf32>
  return
}

// -----

func.func @negative_rotate_r8_superfluous(%x: tensor<6x16xf32>, %a: tensor<6x8xf32>) {
  // expected-error @below {{(R8) expected a number of blocks if and only if a layout is block_half but got one}}
  %1 = posenc.rotate %x by(%a) half = 2 : tensor<6x16xf32>, tensor<6x8xf32>
  return
}

// -----

func.func @negative_rotate_r8_divides(%x: tensor<6x16xf32>, %a: tensor<6x8xf32>) {
  // expected-error @below {{(R8) expected a number of blocks that divides 8 but got 3}}
  %1 = posenc.rotate %x by(%a) block_half = 3 : tensor<6x16xf32>, tensor<6x8xf32>
  return
}

// -----

func.func @negative_rotate_r9_angles(%x: tensor<6x16xf32>, %a: tensor<6x16xf32>) {
  // expected-error @below {{(R9) expected cos and sin of an even number of channels with per_channel but got 1 of 16}}
  %1 = posenc.rotate %x by(%a) half per_channel : tensor<6x16xf32>, tensor<6x16xf32>
  return
}

// -----

func.func @negative_rotate_r9_odd(%x: tensor<6x16xf32>, %a: tensor<6x15xf32>) {
  // expected-error @below {{(R9) expected cos and sin of an even number of channels with per_channel but got 2 of 15}}
  %1 = posenc.rotate %x by(%a, %a) half per_channel : tensor<6x16xf32>, tensor<6x15xf32>, tensor<6x15xf32>
  return
}

// -----

func.func @negative_rotate_r10(%x: tensor<6x16xf32>, %a: tensor<6x8xf32>) {
  // expected-error @below {{(R10) expected rounding to bf16 or f16 but got 'f64'}}
  %1 = posenc.rotate %x by(%a) half rounded f64 : tensor<6x16xf32>, tensor<6x8xf32>
  return
}

// -----

func.func @negative_row_scale_rs1(%x: tensor<16xf32>, %f: tensor<16xf32>) {
  // expected-error @below {{(RS1) expected a row with one to three indices, at(…), or a tensor of rank 2 to 4 without, but got 'tensor<16xf32>' with 0 indices}}
  %1 = posenc.row_scale %x by(%f) : tensor<16xf32>, tensor<16xf32>
  return
}

// -----

func.func @negative_row_scale_rs2(%x: tensor<2x4x16xf32>, %f: tensor<2x4x16xf32>) {
  // expected-error @below {{(RS2) expected a factor of rank 1 to 2 but got 'tensor<2x4x16xf32>'}}
  %1 = posenc.row_scale %x by(%f) : tensor<2x4x16xf32>, tensor<2x4x16xf32>
  return
}

// -----

func.func @negative_row_scale_rs3(%x: tensor<2x4x16xf32>, %f: tensor<5xf32>) {
  // expected-error @below {{(RS3) expected a factor of the extents of 'tensor<2x4x16xf32>' but got 'tensor<5xf32>'}}
  %1 = posenc.row_scale %x by(%f) : tensor<2x4x16xf32>, tensor<5xf32>
  return
}

// -----

func.func @negative_row_scale_rs3_channels(%x: tensor<2x4x16xf32>, %f: tensor<4x15xf32>) {
  // expected-error @below {{(RS3) expected a factor of the extents of 'tensor<2x4x16xf32>' but got 'tensor<4x15xf32>'}}
  %1 = posenc.row_scale %x by(%f) per_channel : tensor<2x4x16xf32>, tensor<4x15xf32>
  return
}

// -----

func.func @negative_row_scale_rs4(%x: tensor<2x4x16xf32>, %f: tensor<4xf32>) {
  // expected-error @below {{(RS4) expected dims only on a tensor of rank 4 but got 'tensor<2x4x16xf32>'}}
  %1 = posenc.row_scale %x by(%f) dims<bthd> : tensor<2x4x16xf32>, tensor<4xf32>
  return
}

// -----

func.func @negative_row_scale_rs5(%x: tensor<2x4x16xf32>, %f: tensor<4xf32>) {
  // expected-error @below {{(RS5) expected per_head only on a tensor of rank 4 but got 'tensor<2x4x16xf32>'}}
  %1 = posenc.row_scale %x by(%f) per_head : tensor<2x4x16xf32>, tensor<4xf32>
  return
}

// -----

func.func @negative_temperature_te1(%p: tensor<4xi64>) {
  // expected-error @below {{(TE1) expected a result of the positions' shape but got 'tensor<5xf32>' for 'tensor<4xi64>'}}
  %1 = posenc.temperature %p llama4 length 8.0 : tensor<4xi64> -> tensor<5xf32>
  return
}

// -----

func.func @negative_temperature_te2(%p: tensor<4xi64>) {
  // expected-error @below {{(TE2) expected a finite length above 0 but got 0}}
  %1 = posenc.temperature %p ministral length 0.0 : tensor<4xi64> -> tensor<4xf32>
  return
}

// -----

func.func @negative_temperature_te2_logn(%p: tensor<4xi64>) {
  // expected-error @below {{(TE2) expected a finite length above 1 but got 1}}
  %1 = posenc.temperature %p logn length 1.0 : tensor<4xi64> -> tensor<4xf32>
  return
}

// -----

func.func @negative_temperature_te2_alpha(%p: tensor<4xi64>) {
  // expected-error @below {{(TE2) expected no alpha for logn but got}}
  %1 = posenc.temperature %p logn alpha 0.5 length 8.0 : tensor<4xi64> -> tensor<4xf32>
  return
}

// -----

func.func @negative_temperature_te2_infinite(%p: tensor<4xi64>) {
  // expected-error @below {{(TE2) expected a finite alpha but got}}
  %1 = posenc.temperature %p llama4 alpha 0x7F800000 length 8.0 : tensor<4xi64> -> tensor<4xf32>
  return
}

// -----

func.func @negative_xpos_magnitude_xm1(%p: tensor<4xi64>) {
  // expected-error @below {{(XM1) expected a result of the positions' shape and a static number of pairs but got 'tensor<4x?xf32>' for 'tensor<4xi64>'}}
  %1 = posenc.xpos_magnitude %p : tensor<4xi64> -> tensor<4x?xf32>
  return
}

// -----

func.func @negative_xpos_magnitude_xm2(%p: tensor<4xi64>) {
  // expected-error @below {{(XM2) expected a finite, positive gamma and scale_base but got}}
  %1 = posenc.xpos_magnitude %p gamma -1.0 : tensor<4xi64> -> tensor<4x8xf32>
  return
}

// -----

func.func @negative_polar_pl1(%x: tensor<16xf32>, %a: tensor<4x8xf32>) {
  // expected-error @below {{(PL1) expected a tensor of rank 2 to 4 but got 'tensor<16xf32>'}}
  %1 = posenc.polar %x by(%a) concat : tensor<16xf32>, tensor<4x8xf32> -> tensor<24xf32>
  return
}

// -----

func.func @negative_polar_pl2(%x: tensor<4x16xf32>, %a: tensor<4x17xf32>) {
  // expected-error @below {{(PL2) expected angles of rank 2 to 3 with the extents of 'tensor<4x16xf32>', at most one per channel, but got 'tensor<4x17xf32>'}}
  %1 = posenc.polar %x by(%a) concat : tensor<4x16xf32>, tensor<4x17xf32> -> tensor<4x33xf32>
  return
}

// -----

func.func @negative_polar_pl3(%x: tensor<4x16xf32>, %a: tensor<4x16xf32>, %d: tensor<2x16xf32>) {
  // expected-error @below {{(PL3) expected a phase of shape [16] but got 'tensor<2x16xf32>'}}
  %1 = posenc.polar %x by(%a) phase(%d : tensor<2x16xf32>) concat : tensor<4x16xf32>, tensor<4x16xf32> -> tensor<4x32xf32>
  return
}

// -----

func.func @negative_polar_pl4(%x: tensor<4x16xf32>, %a: tensor<4x16xf32>) {
  // expected-error @below {{(PL4) expected a result of type 'tensor<4x32xf32>' but got 'tensor<4x31xf32>'}}
  %1 = posenc.polar %x by(%a) concat : tensor<4x16xf32>, tensor<4x16xf32> -> tensor<4x31xf32>
  return
}

// -----

func.func @negative_polar_pl5(%x: tensor<4x16xf32>, %a: tensor<4x16xf32>) {
  // expected-error @below {{(PL5) expected the layout concat or interleaved but got blocks}}
  %1 = posenc.polar %x by(%a) blocks : tensor<4x16xf32>, tensor<4x16xf32> -> tensor<4x32xf32>
  return
}

// -----

func.func @negative_polar_layout(%x: tensor<4x16xf32>, %a: tensor<4x16xf32>) {
  // expected-error @below {{expected concat or interleaved but got 'half'}}
  %1 = posenc.polar %x by(%a) half : tensor<4x16xf32>, tensor<4x16xf32> -> tensor<4x32xf32>
  return
}

// -----

func.func @negative_polar_pl6(%x: tensor<2x4x16xf32>, %a: tensor<4x16xf32>) {
  // expected-error @below {{(PL6) expected dims and per_head only on a tensor of rank 4 but got 'tensor<2x4x16xf32>'}}
  %1 = posenc.polar %x by(%a) concat per_head : tensor<2x4x16xf32>, tensor<4x16xf32> -> tensor<2x4x32xf32>
  return
}

// -----

func.func @negative_angles_g2_per_head(%p: tensor<4xi64>, %w: tensor<8xf32>) {
  // expected-error @below {{(G2) expected frequencies of shape [H, P] but got 'tensor<8xf32>'}}
  %1 = posenc.angles %p by(%w) per_head : tensor<4xi64>, tensor<8xf32> -> tensor<2x4x8xf32>
  return
}

// -----

func.func @negative_angles_g3_per_head(%p: tensor<4xi64>, %w: tensor<2x8xf32>, %d: tensor<3x8xf32>) {
  // expected-error @below {{(G3) expected a phase of shape [8], for each head or for all, but got 'tensor<3x8xf32>'}}
  %1 = posenc.angles %p by(%w) phase(%d) per_head : tensor<4xi64>, tensor<2x8xf32>, tensor<3x8xf32> -> tensor<2x4x8xf32>
  return
}

// -----

func.func @negative_angles_g5_per_head(%p: tensor<4xi64>, %w: tensor<2x8xf32>) {
  // expected-error @below {{(G5) expected a result of the positions' shape and 8 pairs for each head but got 'tensor<4x8xf32>' for 'tensor<4xi64>'}}
  %1 = posenc.angles %p by(%w) per_head : tensor<4xi64>, tensor<2x8xf32> -> tensor<4x8xf32>
  return
}
