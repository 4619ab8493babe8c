// RUN: posenc-opt %s --canonicalize | FileCheck %s

/// KERPLE's power with an exponent of 1 for all heads is symmetric ALiBi.
// CHECK-LABEL: func.func @power_of_one(
// CHECK-DAG:     %[[A:.+]] = arith.constant dense<[-5.000000e-01, -2.500000e-01]> : tensor<2xf32>
// CHECK:         posenc.bias_fn %{{.+}}, %[[A]][%{{.+}}] at(%{{.+}}, %{{.+}}) linear absolute : tensor<2xf32>, index
func.func @power_of_one(%s: f32, %h: index, %i: index, %j: index) -> f32 {
  %p = arith.constant dense<[[-0.5, -0.25], [1.0, 1.0]]> : tensor<2x2xf32>
  %0 = posenc.bias_fn %s, %p[%h] at(%i, %j) power absolute : tensor<2x2xf32>, index
  return %0 : f32
}

// CHECK-LABEL: func.func @power_of_one_shared(
// CHECK-DAG:     %[[A:.+]] = arith.constant dense<-5.000000e-01> : tensor<f32>
// CHECK:         posenc.bias_fn %{{.+}}, %[[A]] at(%{{.+}}, %{{.+}}) linear absolute multiply : tensor<f32>, index
func.func @power_of_one_shared(%s: f32, %i: index, %j: index) -> f32 {
  %p = arith.constant dense<[-0.5, 1.0]> : tensor<2xf32>
  %0 = posenc.bias_fn %s, %p at(%i, %j) power absolute multiply : tensor<2xf32>, index
  return %0 : f32
}

/// One head with another exponent, or exponents that only the run knows.
// CHECK-LABEL: func.func @no_fold_power(
// CHECK-COUNT-2: posenc.bias_fn {{.*}} power absolute
func.func @no_fold_power(%s: f32, %h: index, %i: index, %j: index, %q: tensor<2x2xf32>) -> f32 {
  %p = arith.constant dense<[[-0.5, -0.25], [1.0, 2.0]]> : tensor<2x2xf32>
  %0 = posenc.bias_fn %s, %p[%h] at(%i, %j) power absolute : tensor<2x2xf32>, index
  %1 = posenc.bias_fn %0, %q[%h] at(%i, %j) power absolute : tensor<2x2xf32>, index
  return %1 : f32
}

// CHECK-LABEL: func.func @zero(
// CHECK-NEXT:    return %{{.+}} : f32
func.func @zero(%s: f32, %i: index, %j: index) -> f32 {
  %z = arith.constant dense<0.0> : tensor<2xf32>
  %0 = posenc.bias_fn %s, %z at(%i, %j) exponential k_minus_q : tensor<2xf32>, index
  return %0 : f32
}

/// A factor of zero is one.
// CHECK-LABEL: func.func @no_fold_zero_factor(
// CHECK:         posenc.bias_fn
func.func @no_fold_zero_factor(%s: f32, %i: index, %j: index) -> f32 {
  %z = arith.constant dense<0.0> : tensor<f32>
  %0 = posenc.bias_fn %s, %z at(%i, %j) linear k_minus_q multiply : tensor<f32>, index
  return %0 : f32
}

/// Press and the code of MPT, for 8 heads and for the odd ones of 12.
// CHECK-LABEL: func.func @slopes(
// CHECK-DAG:     %[[P8:.+]] = arith.constant dense<[5.000000e-01, 2.500000e-01, 1.250000e-01, 6.250000e-02, 3.125000e-02, 1.562500e-02, 7.812500e-03, 3.906250e-03]> : tensor<8xf32>
// CHECK-DAG:     %[[P12:.+]] = arith.constant dense<[5.000000e-01, 2.500000e-01, 1.250000e-01, 6.250000e-02, 3.125000e-02, 1.562500e-02, 7.812500e-03, 3.906250e-03, 0.707106769, 0.353553385, 0.176776692, 0.0883883461]> : tensor<12xf32>
// CHECK-DAG:     %[[G3:.+]] = arith.constant dense<[-2.500000e-01, -6.250000e-02, -1.562500e-02]> : tensor<3xf32>
// CHECK:         return %[[P8]], %[[P12]], %[[G3]]
func.func @slopes() -> (tensor<8xf32>, tensor<12xf32>, tensor<3xf32>) {
  %0 = posenc.alibi_slopes press : tensor<8xf32>
  %1 = posenc.alibi_slopes press : tensor<12xf32>
  %2 = posenc.alibi_slopes geometric max 6.0 scale -1.0 : tensor<3xf32>
  return %0, %1, %2 : tensor<8xf32>, tensor<12xf32>, tensor<3xf32>
}
