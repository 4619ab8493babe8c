// RUN: posenc-opt %s -split-input-file -verify-diagnostics

func.func @q1(%n: index) {
  // expected-error @below {{(Q1) expected dim to be even and from 2 to 1048576 but got 7}}
  %r = posenc.inv_freq <default, dim = 7> : tensor<4xf32>
  return
}

// -----

func.func @q1_least(%n: index) {
  // expected-error @below {{(Q1) expected dim to be even and from 4 to 1048576 but got 2}}
  %r = posenc.inv_freq <ntk, dim = 2, alpha = 2.0> : tensor<4xf32>
  return
}

// -----

func.func @q1_most(%n: index) {
  // expected-error @below {{(Q1) expected dim to be even and from 2 to 1048576 but got 1048578}}
  %r = posenc.inv_freq <default, dim = 1048578> : tensor<4xf32>
  return
}

// -----

func.func @q2(%n: index) {
  // expected-error @below {{(Q2) expected base to be finite and more than 1 but got 1.000000e+00}}
  %r = posenc.inv_freq <default, dim = 8, base = 1.0> : tensor<4xf32>
  return
}

// -----

func.func @q3(%n: index) {
  // expected-error @below {{(Q3) expected factor to be finite and positive but got 0.000000e+00}}
  %r = posenc.inv_freq <linear, dim = 8, factor = 0.0> : tensor<4xf32>
  return
}

// -----

func.func @q3_integer(%n: index) {
  // expected-error @below {{(Q3) expected max_position to be finite and positive but got -4.000000e+00}}
  %r = posenc.inv_freq <dynamic_ntk, dim = 8, factor = 1.0, max_position = -4> : tensor<4xf32>
  return
}

// -----

func.func @q3_list(%n: index) {
  // expected-error @below {{(Q3) expected short to be finite and positive but got -1.000000e+00}}
  %r = posenc.inv_freq <longrope, dim = 4, factor = 2.0, original_length = 8, short = [1.0, -1.0], long = [1.0, 1.0]> : tensor<4xf32>
  return
}

// -----

func.func @q4(%n: index) {
  // expected-error @below {{(Q4) expected long to have 2 entries but got 1}}
  %r = posenc.inv_freq <longrope, dim = 4, factor = 2.0, original_length = 8, short = [1.0, 1.0], long = [1.0]> : tensor<4xf32>
  return
}

// -----

func.func @q4_length(%n: index) {
  // expected-error @below {{(Q4) expected original_length to be at least 2 but got 1}}
  %r = posenc.inv_freq <longrope, dim = 4, factor = 2.0, original_length = 1, short = [1.0, 1.0], long = [1.0, 1.0]> : tensor<4xf32>
  return
}

// -----

func.func @q5(%n: index) {
  // expected-error @below {{(Q5) expected low_freq_factor to be below high_freq_factor but got 4.000000e+00 and 4.000000e+00}}
  %r = posenc.inv_freq <llama3, dim = 8, factor = 8.0, low_freq_factor = 4.0, high_freq_factor = 4.0, original_length = 8192> : tensor<4xf32>
  return
}

// -----

func.func @q5_yarn(%n: index) {
  // expected-error @below {{(Q5) expected beta_slow to be at most beta_fast but got 1.000000e+00 and 5.000000e-01}}
  %r = posenc.inv_freq <yarn, dim = 8, factor = 8.0, original_length = 8192, beta_fast = 0.5> : tensor<4xf32>
  return
}

// -----

func.func @q6(%n: index) {
  // expected-error @below {{(Q6) expected proportion to be at most 1 but got 1.500000e+00}}
  %r = posenc.inv_freq <proportional, dim = 8, proportion = 1.5> : tensor<4xf32>
  return
}

// -----

func.func @q7(%n: index) {
  // expected-error @below {{(Q7) expected mscale and mscale_all_dim or neither but got one}}
  %r = posenc.inv_freq <yarn, dim = 8, factor = 8.0, original_length = 8192, mscale = 0.5> : tensor<4xf32>
  return
}

// -----

func.func @kind(%n: index) {
  // expected-error @below {{expected a kind of frequencies but got 'cubic'}}
  %r = posenc.inv_freq <cubic, dim = 8> : tensor<4xf32>
  return
}

// -----

func.func @unknown(%n: index) {
  // expected-error @below {{expected a field of default but got 'factor'}}
  %r = posenc.inv_freq <default, dim = 8, factor = 2.0> : tensor<4xf32>
  return
}

// -----

func.func @twice(%n: index) {
  // expected-error @below {{expected the field 'dim' once}}
  %r = posenc.inv_freq <default, dim = 8, dim = 8> : tensor<4xf32>
  return
}

// -----

func.func @missing(%n: index) {
  // expected-error @below {{expected the field 'factor' of linear}}
  %r = posenc.inv_freq <linear, dim = 8> : tensor<4xf32>
  return
}

// -----

func.func @flag(%n: index) {
  // expected-error @below {{expected true or false but got 'maybe'}}
  %r = posenc.inv_freq <yarn, dim = 8, truncate = maybe> : tensor<4xf32>
  return
}

// -----

func.func @generic_field() {
  // expected-error @below {{expected the field 'dim' of default}}
  %r = "posenc.inv_freq"() <{freq = #posenc.freq<default>}> : () -> tensor<4xf32>
  return
}

// -----

func.func @j1(%p: tensor<2x5xi64>, %w: tensor<4xf32>) {
  // expected-error @below {{(J1) expected numbers of at least 0 but got -2}}
  %r = posenc.angles %p by(%w) axes <sections, [-2, 6]> : tensor<2x5xi64>, tensor<4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @j1_none(%p: tensor<2x5xi64>, %w: tensor<4xf32>) {
  // expected-error @below {{(J1) expected from 1 to 1048576 pairs but got none}}
  %r = posenc.angles %p by(%w) axes <list, []> : tensor<2x5xi64>, tensor<4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @j1_more(%p: tensor<2x5xi64>, %w: tensor<4xf32>) {
  // expected-error @below {{(J1) expected from 1 to 1048576 pairs but got more}}
  %r = posenc.angles %p by(%w) axes <sections, [9223372036854775807, 9223372036854775807]> : tensor<2x5xi64>, tensor<4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @axes_kind(%p: tensor<2x5xi64>, %w: tensor<4xf32>) {
  // expected-error @below {{expected sections, interleaved or list but got 'chunks'}}
  %r = posenc.angles %p by(%w) axes <chunks, [4]> : tensor<2x5xi64>, tensor<4xf32> -> tensor<5x4xf32>
  return
}
