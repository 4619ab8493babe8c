// One function per constraint; its name carries the id that the op's
// documentation, the verifier and the message carry.
// RUN: posenc-opt %s -split-input-file -verify-diagnostics

func.func @negative_q_pos_p1() {
  // expected-error @below {{(P1) expected to stand in the score region of attention or score_map}}
  %i = posenc.q_pos : index
  return
}

// -----

func.func @negative_k_pos_p1_rows(%q: tensor<2x4x8x16xf32>) {
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) k_rows(%row, %b, %h, %t) {
    // expected-error @below {{(P1) expected to stand in the score region of attention or score_map}}
    %i = posenc.k_pos : index
    posenc.yield %row : !posenc.row
  }
  return
}

// -----

func.func @negative_q_pos_p2_given(%x: tensor<1x4x8x9xf32>, %p: tensor<1x8xi64>) {
  %r = posenc.score_map outs(%x : tensor<1x4x8x9xf32>) positions(q = %p : tensor<1x8xi64>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(P2) expected an axis if and only if the positions have shape [axes, B, T] but got one}}
    %i = posenc.q_pos axis 0 : index
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @negative_q_pos_p2_missing(%x: tensor<1x4x8x9xf32>, %p: tensor<2x1x8xi64>) {
  %r = posenc.score_map outs(%x : tensor<1x4x8x9xf32>) positions(q = %p : tensor<2x1x8xi64>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(P2) expected an axis if and only if the positions have shape [axes, B, T] but got none}}
    %i = posenc.q_pos : index
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @negative_q_pos_p2_range(%x: tensor<1x4x8x9xf32>, %p: tensor<2x1x8xi64>) {
  %r = posenc.score_map outs(%x : tensor<1x4x8x9xf32>) positions(q = %p : tensor<2x1x8xi64>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(P2) expected an axis below 2 but got 2}}
    %i = posenc.q_pos axis 2 : index
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @negative_q_pos_p2_negative(%x: tensor<1x4x8x9xf32>, %p: tensor<?x1x8xi64>) {
  %r = posenc.score_map outs(%x : tensor<1x4x8x9xf32>) positions(q = %p : tensor<?x1x8xi64>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(P2) expected an axis below ? but got -1}}
    %i = posenc.q_pos axis -1 : index
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @negative_k_pos_p2_default(%x: tensor<1x4x8x9xf32>, %p: tensor<8xi64>) {
  %r = posenc.score_map outs(%x : tensor<1x4x8x9xf32>) positions(q = %p : tensor<8xi64>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(P2) expected an axis if and only if the positions have shape [axes, B, T] but got one}}
    %i = posenc.k_pos axis 0 : index
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @negative_q_pos_p3(%x: tensor<1x4x8x9xf32>, %p: tensor<8xf32>) {
  %r = posenc.score_map outs(%x : tensor<1x4x8x9xf32>) positions(q = %p : tensor<8xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(P3) expected a position of type 'f32' but got 'index'}}
    %i = posenc.q_pos : index
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @negative_k_pos_p3(%x: tensor<1x4x8x9xf32>, %p: tensor<8xf32>) {
  %r = posenc.score_map outs(%x : tensor<1x4x8x9xf32>) positions(q = %p : tensor<8xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{(P3) expected a position of type 'index' but got 'f32'}}
    %i = posenc.k_pos : f32
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @negative_bias_table_t1(%s: f32, %i: index, %t: tensor<3x4xf32>) {
  // expected-error @below {{(T1) expected a table of rank 1 without a head but got 'tensor<3x4xf32>'}}
  %1 = posenc.bias_table %s, %t at(%i, %i) bucket <clip, q_minus_k, left = 1, right = 1> : tensor<3x4xf32>
  return
}

// -----

func.func @negative_bias_table_t1_head(%s: f32, %i: index, %t: tensor<3xf32>) {
  // expected-error @below {{(T1) expected a table of rank 2 with a head but got 'tensor<3xf32>'}}
  %1 = posenc.bias_table %s, %t[%i] at(%i, %i) bucket <clip, q_minus_k, left = 1, right = 1> : tensor<3xf32>
  return
}

// -----

func.func @negative_bias_table_t1_unranked(%s: f32, %i: index, %t: tensor<*xf32>) {
  // expected-error @below {{(T1) expected a table of rank 1 without a head but got 'tensor<*xf32>'}}
  %1 = posenc.bias_table %s, %t at(%i, %i) bucket <clip, q_minus_k, left = 1, right = 1> : tensor<*xf32>
  return
}

// -----

func.func @negative_bias_table_t2(%s: f32, %i: index, %t: tensor<4xf32>) {
  // expected-error @below {{(T2) expected a table of 3 rows but got 4}}
  %1 = posenc.bias_table %s, %t at(%i, %i) bucket <clip, q_minus_k, left = 1, right = 1> : tensor<4xf32>
  return
}

// -----

func.func @negative_bias_table_t2_t5(%s: f32, %i: index, %t: tensor<16xf32>) {
  // expected-error @below {{(T2) expected a table of 32 rows but got 16}}
  %1 = posenc.bias_table %s, %t at(%i, %i) bucket <t5, q_minus_k, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<16xf32>
  return
}

// -----

func.func @negative_bias_table_t2_lut(%s: f32, %i: index, %t: tensor<4xf32>) {
  // expected-error @below {{(T2) expected a table of 6 rows but got 4}}
  %1 = posenc.bias_table %s, %t at(%i, %i) bucket <lut, q_minus_k, origin = 0, outside = clamp, rows = [0, 5]> : tensor<4xf32>
  return
}

// -----

func.func @negative_bias_fn_f1(%s: f32, %i: index, %t: tensor<4xf32>) {
  // expected-error @below {{(F1) expected parameters of rank 0 without a head but got 'tensor<4xf32>'}}
  %1 = posenc.bias_fn %s, %t at(%i, %i) linear absolute : tensor<4xf32>, index
  return
}

// -----

func.func @negative_bias_fn_f1_head(%s: f32, %i: index, %t: tensor<f32>) {
  // expected-error @below {{(F1) expected parameters of rank 1 with a head but got 'tensor<f32>'}}
  %1 = posenc.bias_fn %s, %t[%i] at(%i, %i) linear absolute : tensor<f32>, index
  return
}

// -----

func.func @negative_bias_fn_f2(%s: f32, %i: index, %f: f32, %t: tensor<f32>) {
  // expected-error @below {{(F2) both positions have one type}}
  %1 = "posenc.bias_fn"(%s, %t, %i, %f) <{distance = #posenc<distance absolute>, fn = #posenc<bias_fn_kind linear>}> : (f32, tensor<f32>, index, f32) -> f32
  return
}

// -----

func.func @negative_mask_m1(%s: f32, %i: index) {
  // expected-error @below {{(M1) expected left of at least 0 but got -3}}
  %1 = posenc.mask %s at(%i, %i) <window, left = -3>
  return
}

// -----

func.func @negative_mask_m1_none(%s: f32, %i: index) {
  // expected-error @below {{(M1) expected left or right but got neither}}
  %1 = posenc.mask %s at(%i, %i) <window>
  return
}

// -----

func.func @negative_softcap_c1(%s: f32) {
  // expected-error @below {{(C1) expected a finite positive cap but got 0.000000e+00 : f32}}
  %1 = posenc.softcap %s cap(0.0)
  return
}

// -----

func.func @negative_softcap_c1_negative(%s: f32) {
  // expected-error @below {{(C1) expected a finite positive cap but got -2.000000e+00 : f32}}
  %1 = posenc.softcap %s cap(-2.0)
  return
}

// -----

func.func @negative_softcap_c1_infinite(%s: f32) {
  // expected-error @below {{(C1) expected a finite positive cap but got 0x7F800000 : f32}}
  %1 = posenc.softcap %s cap(0x7F800000)
  return
}

// -----

// expected-error @below {{(K1) expected num_buckets to be a multiple of 4 from 4 to 1024 but got 30}}
func.func private @negative_bucket_k1() attributes {a = #posenc.bucket<t5, k_minus_q, num_buckets = 30, max_distance = 128, bidirectional = true>}

// -----

// expected-error @below {{(K1) expected num_buckets to be a multiple of 2 from 4 to 1024 but got 7}}
func.func private @negative_bucket_k1_odd() attributes {a = #posenc.bucket<t5, k_minus_q, num_buckets = 7, max_distance = 128, bidirectional = false>}

// -----

// expected-error @below {{(K1) expected num_buckets to be a multiple of 2 from 4 to 1024 but got -2}}
func.func private @negative_bucket_k1_small() attributes {a = #posenc.bucket<t5, k_minus_q, num_buckets = -2, max_distance = 128, bidirectional = false>}

// -----

// expected-error @below {{(K1) expected num_buckets to be a multiple of 2 from 4 to 1024 but got 1000000}}
func.func private @negative_bucket_k1_large() attributes {a = #posenc.bucket<t5, k_minus_q, num_buckets = 1000000, max_distance = 2000000, bidirectional = false>}

// -----

// expected-error @below {{(K2) expected max_distance to be more than 8 and below 2^31 but got 8}}
func.func private @negative_bucket_k2() attributes {a = #posenc.bucket<t5, k_minus_q, num_buckets = 32, max_distance = 8, bidirectional = true>}

// -----

// expected-error @below {{(K2) expected max_distance to be more than 8 and below 2^31 but got 9000000000000000000}}
func.func private @negative_bucket_k2_large() attributes {a = #posenc.bucket<t5, k_minus_q, num_buckets = 32, max_distance = 9000000000000000000, bidirectional = true>}

// -----

// expected-error @below {{(K3) expected left + right to be at least 0 but got left = -2, right = 1}}
func.func private @negative_bucket_k3() attributes {a = #posenc.bucket<clip, k_minus_q, left = -2, right = 1>}

// -----

// expected-error @below {{(K4) expected at least one row but got none}}
func.func private @negative_bucket_k4() attributes {a = #posenc.bucket<lut, k_minus_q, origin = 0, outside = clamp, rows = []>}

// -----

// expected-error @below {{(K4) expected rows of at least 0 but got -1}}
func.func private @negative_bucket_k4_negative() attributes {a = #posenc.bucket<lut, k_minus_q, origin = 0, outside = clamp, rows = [0, -1]>}

// -----

/// Their sum would overflow to a positive number of rows.
// expected-error @below {{(K3) expected |left| and |right| below 2^31 but got left = -9223372036854775808, right = -1}}
func.func private @negative_bucket_k3_overflow() attributes {a = #posenc.bucket<clip, k_minus_q, left = -9223372036854775808, right = -1>}

// -----

// expected-error @below {{(K3) expected |left| and |right| below 2^31 but got left = 1, right = 2147483648}}
func.func private @negative_bucket_k3_large() attributes {a = #posenc.bucket<clip, k_minus_q, left = 1, right = 2147483648>}

// -----

// expected-error @below {{(K4) expected |origin| below 2^31 but got 9223372036854775807}}
func.func private @negative_bucket_k4_origin() attributes {a = #posenc.bucket<lut, k_minus_q, origin = 9223372036854775807, outside = clamp, rows = [1, 0]>}

// -----

// expected-error @below {{(K4) expected rows below 2^31 but got 9223372036854775807}}
func.func private @negative_bucket_k4_large() attributes {a = #posenc.bucket<lut, k_minus_q, origin = 0, outside = clamp, rows = [9223372036854775807, 0]>}

// -----

func.func @negative_positions_i1() {
  // expected-error @below {{(I1) expected a result of rank 1 but got 'tensor<2x8xi64>'}}
  %1 = posenc.positions : tensor<2x8xi64>
  return
}

// -----

func.func @negative_positions_i1_unranked() {
  // expected-error @below {{(I1) expected a result of rank 1 but got 'tensor<*xi64>'}}
  %1 = posenc.positions : tensor<*xi64>
  return
}

// -----

func.func @negative_positions_i2(%n: index) {
  // expected-error @below {{(I2) expected a size if and only if the result is dynamic but got one for 'tensor<8xi64>'}}
  %1 = posenc.positions size(%n) : tensor<8xi64>
  return
}

// -----

func.func @negative_positions_i2_missing() {
  // expected-error @below {{(I2) expected a size if and only if the result is dynamic but got none for 'tensor<?xi64>'}}
  %1 = posenc.positions : tensor<?xi64>
  return
}

// -----

func.func @negative_lookup_l1(%t: tensor<8xf32>, %p: tensor<4xi64>) {
  // expected-error @below {{(L1) expected a table of rank 2 but got 'tensor<8xf32>'}}
  %1 = posenc.lookup %t[%p] clamp : tensor<8xf32>, tensor<4xi64> -> tensor<4x8xf32>
  return
}

// -----

func.func @negative_lookup_l1_unranked(%t: tensor<*xf32>, %p: tensor<4xi64>) {
  // expected-error @below {{(L1) expected a table of rank 2 but got 'tensor<*xf32>'}}
  %1 = posenc.lookup %t[%p] clamp : tensor<*xf32>, tensor<4xi64> -> tensor<4x8xf32>
  return
}

// -----

func.func @negative_lookup_l2(%t: tensor<8x16xf32>, %p: tensor<4xi64>) {
  // expected-error @below {{(L2) expected a result of the positions' shape and 16 columns but got 'tensor<4x8xf32>' for positions 'tensor<4xi64>'}}
  %1 = posenc.lookup %t[%p] clamp : tensor<8x16xf32>, tensor<4xi64> -> tensor<4x8xf32>
  return
}

// -----

func.func @negative_lookup_l2_shape(%t: tensor<8x16xf32>, %p: tensor<4xi64>) {
  // expected-error @below {{(L2) expected a result of the positions' shape and 16 columns but got 'tensor<5x16xf32>' for positions 'tensor<4xi64>'}}
  %1 = posenc.lookup %t[%p] clamp : tensor<8x16xf32>, tensor<4xi64> -> tensor<5x16xf32>
  return
}

// -----

func.func @negative_lookup_l2_unranked(%t: tensor<8x16xf32>, %p: tensor<*xi64>) {
  // expected-error @below {{(L2) expected a result of the positions' shape and 16 columns but got 'tensor<4x16xf32>' for positions 'tensor<*xi64>'}}
  %1 = posenc.lookup %t[%p] clamp : tensor<8x16xf32>, tensor<*xi64> -> tensor<4x16xf32>
  return
}

// -----

func.func @negative_lookup_l3(%t: tensor<8x16xf32>, %p: tensor<4xf32>) {
  // expected-error @below {{operand #1 must be tensor of 32-bit signless integer or 64-bit signless integer or index values, but got 'tensor<4xf32>'}}
  %1 = posenc.lookup %t[%p] clamp : tensor<8x16xf32>, tensor<4xf32> -> tensor<4x16xf32>
  return
}

// -----

func.func @negative_lookup_l4(%t: tensor<8x16xf32>, %p: tensor<4xi64>) {
  // expected-error @below {{(L4) expected a result of element type 'f32' but got 'f16'}}
  %1 = posenc.lookup %t[%p] clamp : tensor<8x16xf32>, tensor<4xi64> -> tensor<4x16xf16>
  return
}
