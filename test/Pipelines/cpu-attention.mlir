// RUN: posenc-opt --posenc-cpu-pipeline="chip=x86-64-v3" %s | FileCheck %s

// Fused attention ends as vector code in a parallel region. All that it calls is
// the allocator: exponentials and tanh are its own.
//     CHECK-NOT: llvm.func @{{exp|tanh|log}}
// CHECK-LABEL: llvm.func @attention
//       CHECK:   omp.parallel
//       CHECK:   llvm.intr.masked.gather
//       CHECK:   llvm.intr.fma{{.*}} : (vector<8xf32>, vector<8xf32>, vector<8xf32>) -> vector<8xf32>
//   CHECK-NOT:   llvm.intr.exp
//   CHECK-NOT:   llvm.intr.tanh
//   CHECK-NOT:   posenc.
//       CHECK: llvm.func @_mlir_ciface_attention
func.func @attention(%q: tensor<2x?x4x16xbf16>, %k: tensor<2x?x2x16xbf16>, %v: tensor<2x?x2x16xbf16>, %table: tensor<32x4xf32>, %slopes: tensor<4xf32>) -> (tensor<2x?x4x16xbf16>, tensor<2x4x?xf32>) {
  %c1 = arith.constant 1 : index
  %t = tensor.dim %q, %c1 : tensor<2x?x4x16xbf16>
  %init = tensor.empty(%t) : tensor<2x?x4x16xbf16>
  %lse = tensor.empty(%t) : tensor<2x4x?xf32>
  %r:2 = posenc.attention scale(0.25)
      ins(%q, %k, %v : tensor<2x?x4x16xbf16>, tensor<2x?x2x16xbf16>, tensor<2x?x2x16xbf16>)
      outs(%init, %lse : tensor<2x?x4x16xbf16>, tensor<2x4x?xf32>)
      dims(q = bthd, k = bthd, v = bthd, o = bthd)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %0 = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    %1 = posenc.bias_fn %0, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<4xf32>, index
    %2 = posenc.softcap %1 cap(30.0)
    %3 = posenc.mask %2 at(%i, %j) <causal>
    posenc.yield %3 : f32
  }
  return %r#0, %r#1 : tensor<2x?x4x16xbf16>, tensor<2x4x?xf32>
}

/// LLVM has no integer power of a vector.

// CHECK-LABEL: llvm.func @integer_power(
// CHECK-NOT:     powi
func.func @integer_power(%q: tensor<1x1x4x8xf32>, %k: tensor<1x1x4x8xf32>, %v: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  %init = tensor.empty() : tensor<1x1x4x8xf32>
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>) outs(%init : tensor<1x1x4x8xf32>) score(%s, %b, %h, %m, %n) {
    %decay = arith.constant 0.9 : f32
    %i = arith.index_cast %n : index to i32
    %p = math.fpowi %decay, %i : f32, i32
    %r = arith.addf %s, %p : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x1x4x8xf32>
}
