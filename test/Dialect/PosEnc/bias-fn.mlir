// Every kind of bias_fn and alibi_slopes: printed, read and printed again.
// RUN: posenc-opt %s | posenc-opt | FileCheck %s
// RUN: posenc-opt %s --mlir-print-op-generic | posenc-opt | FileCheck %s
// RUN: posenc-opt %s --emit-bytecode | posenc-opt | FileCheck %s

// CHECK-LABEL: func.func @kinds(
// CHECK:         posenc.bias_fn %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) power absolute : tensor<2x8xf32>, index
// CHECK:         posenc.bias_fn %{{.+}}, %{{.+}} at(%{{.+}}, %{{.+}}) log absolute : tensor<2xf16>, f32
// CHECK:         posenc.bias_fn %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) exponential q_minus_k multiply : tensor<2x8xf32>, index
// CHECK:         posenc.bias_fn %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) exp_power absolute multiply : tensor<3x8xf32>, index
// CHECK:         posenc.bias_fn %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) cosine_sum absolute terms 64 : tensor<8xf32>, index
// CHECK:         posenc.bias_fn %{{.+}}, %{{.+}} at(%{{.+}}, %{{.+}}) cosine_sum absolute multiply terms 1 base 5.000000e+02 {my.note} : tensor<f32>, index
// CHECK:         posenc.bias_fn %{{.+}}, %{{.+}} at(%{{.+}}, %{{.+}}) linear k_minus_q multiply : memref<bf16>, index
func.func @kinds(%s: f32, %h: index, %i: index, %x: f32, %ap: tensor<2x8xf32>, %sh: tensor<2xf16>, %acp: tensor<3x8xf32>, %a: tensor<8xf32>, %one: tensor<f32>, %m: memref<bf16>) {
  %0 = posenc.bias_fn %s, %ap[%h] at(%i, %i) power absolute : tensor<2x8xf32>, index
  %1 = posenc.bias_fn %s, %sh at(%x, %x) log absolute : tensor<2xf16>, f32
  %2 = posenc.bias_fn %s, %ap[%h] at(%i, %i) exponential q_minus_k multiply : tensor<2x8xf32>, index
  %3 = posenc.bias_fn %s, %acp[%h] at(%i, %i) exp_power absolute multiply : tensor<3x8xf32>, index
  %4 = posenc.bias_fn %s, %a[%h] at(%i, %i) cosine_sum absolute terms 64 : tensor<8xf32>, index
  %5 = posenc.bias_fn %s, %one at(%i, %i) cosine_sum absolute multiply terms 1 base 500.0 {my.note} : tensor<f32>, index
  %6 = posenc.bias_fn %s, %m at(%i, %i) linear k_minus_q multiply : memref<bf16>, index
  return
}

// CHECK-LABEL: func.func @slopes(
// CHECK:         posenc.alibi_slopes press : tensor<12xf32>
// CHECK:         posenc.alibi_slopes geometric max 4.000000e+00 scale -1.000000e+00 : tensor<1xbf16>
func.func @slopes() {
  %0 = posenc.alibi_slopes press : tensor<12xf32>
  %1 = posenc.alibi_slopes geometric max 4.0 scale -1.0 : tensor<1xbf16>
  return
}
