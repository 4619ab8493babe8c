// RUN: posenc-opt %s --split-input-file --verify-diagnostics

func.func @negative_bias_fn_f1_count(%s: f32, %i: index, %t: tensor<3x8xf32>) {
  // expected-error @below {{(F1) expected 2 parameters for power but got 'tensor<3x8xf32>'}}
  %1 = posenc.bias_fn %s, %t[%i] at(%i, %i) power absolute : tensor<3x8xf32>, index
  return
}

// -----

/// An unknown number of parameters could be read past its end.
func.func @negative_bias_fn_f1_dynamic(%s: f32, %i: index, %t: tensor<?x8xf32>) {
  // expected-error @below {{(F1) expected 3 parameters for exp_power but got 'tensor<?x8xf32>'}}
  %1 = posenc.bias_fn %s, %t[%i] at(%i, %i) exp_power absolute : tensor<?x8xf32>, index
  return
}

// -----

func.func @negative_bias_fn_f1_rank(%s: f32, %i: index, %t: tensor<2xf32>) {
  // expected-error @below {{(F1) expected parameters of rank 2 with a head but got 'tensor<2xf32>'}}
  %1 = posenc.bias_fn %s, %t[%i] at(%i, %i) log absolute : tensor<2xf32>, index
  return
}

// -----

func.func @negative_bias_fn_f3(%s: f32, %i: index, %t: tensor<2xf32>) {
  // expected-error @below {{(F3) expected the absolute distance for log but got q_minus_k}}
  %1 = posenc.bias_fn %s, %t at(%i, %i) log q_minus_k : tensor<2xf32>, index
  return
}

// -----

func.func @negative_bias_fn_f4_missing(%s: f32, %i: index, %t: tensor<f32>) {
  // expected-error @below {{(F4) expected terms if and only if the kind is cosine_sum but got none for cosine_sum}}
  %1 = posenc.bias_fn %s, %t at(%i, %i) cosine_sum absolute : tensor<f32>, index
  return
}

// -----

func.func @negative_bias_fn_f4_superfluous(%s: f32, %i: index, %t: tensor<f32>) {
  // expected-error @below {{(F4) expected terms if and only if the kind is cosine_sum but got some for linear}}
  %1 = posenc.bias_fn %s, %t at(%i, %i) linear absolute terms 3 : tensor<f32>, index
  return
}

// -----

func.func @negative_bias_fn_f4_range(%s: f32, %i: index, %t: tensor<f32>) {
  // expected-error @below {{(F4) expected from 1 to 4096 terms but got 0}}
  %1 = posenc.bias_fn %s, %t at(%i, %i) cosine_sum absolute terms 0 : tensor<f32>, index
  return
}

// -----

func.func @negative_bias_fn_f5(%s: f32, %i: index, %t: tensor<f32>) {
  // expected-error @below {{(F5) expected a finite positive base but got -2.000000e+00 : f32}}
  %1 = posenc.bias_fn %s, %t at(%i, %i) cosine_sum absolute terms 8 base -2.0 : tensor<f32>, index
  return
}

// -----

func.func @negative_bias_fn_kind(%s: f32, %i: index, %t: tensor<f32>) {
  // expected-error @below {{expected one of linear, power, log, exponential, exp_power, cosine_sum but got 'square'}}
  %1 = posenc.bias_fn %s, %t at(%i, %i) square absolute : tensor<f32>, index
  return
}

// -----

func.func @negative_alibi_slopes_b1() {
  // expected-error @below {{(B1) expected a result of rank 1 and a static extent of at least 1 but got 'tensor<?xf32>'}}
  %0 = posenc.alibi_slopes press : tensor<?xf32>
  return
}

// -----

func.func @negative_alibi_slopes_b1_none() {
  // expected-error @below {{(B1) expected a result of rank 1 and a static extent of at least 1 but got 'tensor<0xf32>'}}
  %0 = posenc.alibi_slopes press : tensor<0xf32>
  return
}

// -----

func.func @negative_alibi_slopes_b2_max() {
  // expected-error @below {{(B2) expected a finite positive max but got 0.000000e+00 : f32}}
  %0 = posenc.alibi_slopes press max 0.0 : tensor<4xf32>
  return
}

// -----

func.func @negative_alibi_slopes_b2_scale() {
  // expected-error @below {{(B2) expected a finite scale but got 0x7F800000 : f32}}
  %0 = posenc.alibi_slopes press scale 0x7F800000 : tensor<4xf32>
  return
}
