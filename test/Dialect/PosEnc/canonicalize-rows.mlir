// RUN: posenc-opt %s -canonicalize -split-input-file | FileCheck %s

/// A rotation and its inverse are nothing; two in one plane are one by the sum.

// CHECK-LABEL: func.func @inverse(
// CHECK-SAME:    %[[X:.+]]: tensor<4x16xf32>
// CHECK-NEXT:    return %[[X]]
func.func @inverse(%x: tensor<4x16xf32>, %a: tensor<4x8xf32>) -> tensor<4x16xf32> {
  %0 = posenc.rotate %x by(%a) half : tensor<4x16xf32>, tensor<4x8xf32>
  %1 = posenc.rotate %0 by(%a) half inverse : tensor<4x16xf32>, tensor<4x8xf32>
  return %1 : tensor<4x16xf32>
}

// CHECK-LABEL: func.func @sum(
// CHECK-SAME:    %[[X:.+]]: tensor<4x16xf32>, %[[A:.+]]: tensor<4x6xf32>, %[[B:.+]]: tensor<4x6xf32>)
// CHECK-DAG:     %[[S:.+]] = arith.addf %[[B]], %[[A]] : tensor<4x6xf32>
// CHECK-DAG:     %[[D:.+]] = arith.subf %[[B]], %[[A]] : tensor<4x6xf32>
// CHECK-DAG:     posenc.rotate %[[X]] by(%[[S]]) interleaved channel_offset 4 :
// CHECK-DAG:     posenc.rotate %[[X]] by(%[[D]]) interleaved channel_offset 4 :
func.func @sum(%x: tensor<4x16xf32>, %a: tensor<4x6xf32>, %b: tensor<4x6xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>) {
  %0 = posenc.rotate %x by(%a) interleaved trailing : tensor<4x16xf32>, tensor<4x6xf32>
  %1 = posenc.rotate %0 by(%b) interleaved channel_offset 4 : tensor<4x16xf32>, tensor<4x6xf32>
  %2 = posenc.rotate %x by(%a) interleaved channel_offset 4 inverse : tensor<4x16xf32>, tensor<4x6xf32>
  %3 = posenc.rotate %2 by(%b) interleaved channel_offset 4 : tensor<4x16xf32>, tensor<4x6xf32>
  return %1, %3 : tensor<4x16xf32>, tensor<4x16xf32>
}

/// Another layout, range, magnitude, rounding, other tables, or another reader.
// CHECK-LABEL: func.func @no_fold(
// CHECK-COUNT-11: posenc.rotate
// CHECK-NOT: arith.addf
func.func @no_fold(%x: tensor<4x16xf32>, %a: tensor<4x6xf32>, %m: f32) -> (tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>) {
  %0 = posenc.rotate %x by(%a) half : tensor<4x16xf32>, tensor<4x6xf32>
  %1 = posenc.rotate %0 by(%a) interleaved inverse : tensor<4x16xf32>, tensor<4x6xf32>
  %2 = posenc.rotate %x by(%a) half channel_offset 2 : tensor<4x16xf32>, tensor<4x6xf32>
  %3 = posenc.rotate %2 by(%a) half inverse : tensor<4x16xf32>, tensor<4x6xf32>
  %4 = posenc.rotate %x by(%a) half magnitude(%m : f32) : tensor<4x16xf32>, tensor<4x6xf32>
  %5 = posenc.rotate %4 by(%a) half inverse : tensor<4x16xf32>, tensor<4x6xf32>
  %6 = posenc.rotate %x by(%a) half rounded bf16 : tensor<4x16xf32>, tensor<4x6xf32>
  %7 = posenc.rotate %6 by(%a) half inverse : tensor<4x16xf32>, tensor<4x6xf32>
  %8 = posenc.rotate %x by(%a, %a) half : tensor<4x16xf32>, tensor<4x6xf32>, tensor<4x6xf32>
  %9 = posenc.rotate %8 by(%a, %a) half inverse : tensor<4x16xf32>, tensor<4x6xf32>, tensor<4x6xf32>
  %10 = posenc.rotate %0 by(%a) half : tensor<4x16xf32>, tensor<4x6xf32>
  return %1, %3, %5, %7, %9, %10 : tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>
}

// CHECK-LABEL: func.func @row_scale(
// CHECK-NEXT:    %[[F:.+]] = arith.constant dense<2.0
// CHECK-NEXT:    %[[Y:.+]] = posenc.row_scale %{{.+}} by(%[[F]])
// CHECK-NEXT:    return %{{.+}}, %[[Y]]
func.func @row_scale(%x: tensor<4x16xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>) {
  %one = arith.constant dense<1.0> : tensor<4xf32>
  %two = arith.constant dense<2.0> : tensor<4xf32>
  %0 = posenc.row_scale %x by(%one) : tensor<4x16xf32>, tensor<4xf32>
  %1 = posenc.row_scale %x by(%two) : tensor<4x16xf32>, tensor<4xf32>
  return %0, %1 : tensor<4x16xf32>, tensor<4x16xf32>
}

// CHECK-LABEL: func.func @multiply(
// CHECK-SAME:    %[[X:.+]]: tensor<4x16xf32>, %[[F:.+]]: tensor<4xf32>, %[[G:.+]]: tensor<4xf32>
// CHECK-NEXT:    %[[P:.+]] = arith.mulf %[[F]], %[[G]]
// CHECK-NEXT:    posenc.row_scale %[[X]] by(%[[P]])
// CHECK-NEXT:    return
func.func @multiply(%x: tensor<4x16xf32>, %f: tensor<4xf32>, %g: tensor<4xf32>) -> tensor<4x16xf32> {
  %0 = posenc.row_scale %x by(%f) : tensor<4x16xf32>, tensor<4xf32>
  %1 = posenc.row_scale %0 by(%g) : tensor<4x16xf32>, tensor<4xf32>
  return %1 : tensor<4x16xf32>
}

/// Per row and per channel.
// CHECK-LABEL: func.func @no_multiply(
// CHECK-COUNT-2: posenc.row_scale
func.func @no_multiply(%x: tensor<4x16xf32>, %f: tensor<4xf32>, %g: tensor<16xf32>) -> tensor<4x16xf32> {
  %0 = posenc.row_scale %x by(%f) : tensor<4x16xf32>, tensor<4xf32>
  %1 = posenc.row_scale %0 by(%g) per_channel : tensor<4x16xf32>, tensor<16xf32>
  return %1 : tensor<4x16xf32>
}

// -----

!t = tensor<1x2x8x16xf32>

/// In rows: the sum is made once, outside.
// CHECK-LABEL: func.func @sum_of_rows(
// CHECK:         %[[S:.+]] = arith.addf
// CHECK-NEXT:    posenc.attention
// CHECK:           posenc.rotate %{{.+}} at(%{{.+}}, %{{.+}}) by(%[[S]]) half
// CHECK-NEXT:      posenc.yield
func.func @sum_of_rows(%x: !t, %a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> !t {
  %r = posenc.attention scale(1.0) ins(%x, %x, %x : !t, !t, !t) outs(%x : !t) q_rows(%row, %bt, %h, %t) {
    %0 = posenc.rotate %row at(%bt, %t) by(%a) half : !posenc.row, tensor<8x8xf32>
    %1 = posenc.rotate %0 at(%bt, %t) by(%b) half : !posenc.row, tensor<8x8xf32>
    posenc.yield %1 : !posenc.row
  }
  return %r : !t
}

/// 0.5 of the whole head, for q and for k: 3 · 0.5 · 0.5.
// CHECK-LABEL: func.func @magnitude(
// CHECK:         posenc.attention scale(7.500000e-01)
// CHECK-NOT:     magnitude
func.func @magnitude(%x: !t, %a: tensor<8x8xf32>) -> !t {
  %m = arith.constant 0.5 : f32
  %r = posenc.attention scale(3.0) ins(%x, %x, %x : !t, !t, !t) outs(%x : !t) q_rows(%row, %b, %h, %t) {
    %0 = posenc.rotate %row at(%b, %t) by(%a) half magnitude(%m : f32) : !posenc.row, tensor<8x8xf32>
    posenc.yield %0 : !posenc.row
  } k_rows(%row, %b, %h, %t) {
    %0 = posenc.rotate %row at(%b, %t) by(%a) half magnitude(%m : f32) : !posenc.row, tensor<8x8xf32>
    posenc.yield %0 : !posenc.row
  }
  return %r : !t
}

/// D.4: with a partial rotation the other channels have no magnitude. Nor is a
/// rounded one, or one that is not known, a factor of the scale.
// CHECK-LABEL: func.func @no_magnitude(
// CHECK:         posenc.attention scale(3.0
// CHECK-COUNT-3: magnitude
func.func @no_magnitude(%x: !t, %p: tensor<8x4xf32>, %a: tensor<8x8xf32>, %n: f32) -> !t {
  %m = arith.constant 0.5 : f32
  %r = posenc.attention scale(3.0) ins(%x, %x, %x : !t, !t, !t) outs(%x : !t) q_rows(%row, %b, %h, %t) {
    %0 = posenc.rotate %row at(%b, %t) by(%p) half magnitude(%m : f32) : !posenc.row, tensor<8x4xf32>
    posenc.yield %0 : !posenc.row
  } k_rows(%row, %b, %h, %t) {
    %0 = posenc.rotate %row at(%b, %t) by(%a) half rounded bf16 magnitude(%m : f32) : !posenc.row, tensor<8x8xf32>
    %1 = posenc.rotate %0 at(%b, %t) by(%a) half magnitude(%n : f32) : !posenc.row, tensor<8x8xf32>
    posenc.yield %1 : !posenc.row
  }
  return %r : !t
}

/// A rotation whose result nobody reads is no reason to scale anything.
// CHECK-LABEL: func.func @magnitude_of_dead_rotation(
// CHECK:         posenc.attention scale(3.0
func.func @magnitude_of_dead_rotation(%x: !t, %a: tensor<8x8xf32>) -> !t {
  %m = arith.constant 0.5 : f32
  %r = posenc.attention scale(3.0) ins(%x, %x, %x : !t, !t, !t) outs(%x : !t) q_rows(%row, %b, %h, %t) {
    %0 = posenc.rotate %row at(%b, %t) by(%a) half magnitude(%m : f32) : !posenc.row, tensor<8x8xf32>
    posenc.yield %row : !posenc.row
  }
  return %r : !t
}

/// DeepSeek writes q and k alike: the product does not see it.
// CHECK-LABEL: func.func @common_out_layout(
// CHECK:         posenc.rotate %{{.*}} interleaved channel_offset 8 :
// CHECK:         posenc.rotate %{{.*}} interleaved channel_offset 8 :
func.func @common_out_layout(%x: !t, %a: tensor<8x4xf32>) -> !t {
  %r = posenc.attention scale(3.0) ins(%x, %x, %x : !t, !t, !t) outs(%x : !t) q_rows(%row, %b, %h, %t) {
    %0 = posenc.rotate %row at(%b, %t) by(%a) interleaved out half channel_offset 8 : !posenc.row, tensor<8x4xf32>
    posenc.yield %0 : !posenc.row
  } k_rows(%row, %b, %h, %t) {
    %0 = posenc.rotate %row at(%b, %t) by(%a) interleaved out half channel_offset 8 : !posenc.row, tensor<8x4xf32>
    posenc.yield %0 : !posenc.row
  }
  return %r : !t
}

/// D.5: only q, and v, whose layout the result has.
// CHECK-LABEL: func.func @no_common_out_layout(
// CHECK:         posenc.rotate %{{.*}} interleaved out half :
// CHECK:         posenc.rotate %{{.*}} half :
// CHECK:         posenc.rotate %{{.*}} interleaved out half :
func.func @no_common_out_layout(%x: !t, %a: tensor<8x8xf32>) -> !t {
  %r = posenc.attention scale(3.0) ins(%x, %x, %x : !t, !t, !t) outs(%x : !t) q_rows(%row, %b, %h, %t) {
    %0 = posenc.rotate %row at(%b, %t) by(%a) interleaved out half : !posenc.row, tensor<8x8xf32>
    posenc.yield %0 : !posenc.row
  } k_rows(%row, %b, %h, %t) {
    %0 = posenc.rotate %row at(%b, %t) by(%a) half : !posenc.row, tensor<8x8xf32>
    posenc.yield %0 : !posenc.row
  } v_rows(%row, %b, %h, %t) {
    %0 = posenc.rotate %row at(%b, %t) by(%a) interleaved out half : !posenc.row, tensor<8x8xf32>
    posenc.yield %0 : !posenc.row
  }
  return %r : !t
}

// -----

/// Position interpolation by a power of two is a factor of the frequencies.
// CHECK-LABEL: func.func @interpolation(
// CHECK-SAME:    %[[P:.+]]: tensor<?xi64>, %[[W:.+]]: tensor<8xf32>
// CHECK-DAG:     %[[C:.+]] = arith.constant dense<2.500000e-01> : tensor<8xf32>
// CHECK-DAG:     %[[V:.+]] = arith.mulf %[[W]], %[[C]]
// CHECK:         posenc.angles %[[P]] by(%[[V]]) : tensor<?xi64>
func.func @interpolation(%p: tensor<?xi64>, %w: tensor<8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %f = arith.sitofp %p : tensor<?xi64> to tensor<?xf32>
  %n = tensor.dim %p, %c0 : tensor<?xi64>
  %e = tensor.empty(%n) : tensor<?xf32>
  %four = arith.constant 4.0 : f32
  %s = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%f : tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%x: f32, %out: f32):
    %y = arith.divf %x, %four : f32
    linalg.yield %y : f32
  } -> tensor<?xf32>
  %a = posenc.angles %s by(%w) : tensor<?xf32>, tensor<8xf32> -> tensor<?x8xf32>
  return %a : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @interpolation_of_a_tensor(
// CHECK-DAG:     %[[V:.+]] = arith.mulf
// CHECK:         posenc.angles %{{.+}} by(%[[V]]) : tensor<8xi64>
func.func @interpolation_of_a_tensor(%p: tensor<8xi64>, %w: tensor<8xf32>) -> tensor<8x8xf32> {
  %half = arith.constant dense<0.5> : tensor<8xf32>
  %f = arith.sitofp %p : tensor<8xi64> to tensor<8xf32>
  %s = arith.mulf %f, %half : tensor<8xf32>
  %a = posenc.angles %s by(%w) : tensor<8xf32>, tensor<8xf32> -> tensor<8x8xf32>
  return %a : tensor<8x8xf32>
}

/// p / 3 · w and p · (w / 3) round differently.
// CHECK-LABEL: func.func @no_interpolation(
// CHECK:         %[[S:.+]] = arith.divf
// CHECK:         posenc.angles %[[S]] by
func.func @no_interpolation(%p: tensor<8xi64>, %w: tensor<8xf32>) -> tensor<8x8xf32> {
  %three = arith.constant dense<3.0> : tensor<8xf32>
  %f = arith.sitofp %p : tensor<8xi64> to tensor<8xf32>
  %s = arith.divf %f, %three : tensor<8xf32>
  %a = posenc.angles %s by(%w) : tensor<8xf32>, tensor<8xf32> -> tensor<8x8xf32>
  return %a : tensor<8x8xf32>
}

// -----

/// Adjacent linear biases of one distance.
// CHECK-LABEL: func.func @add_slopes(
// CHECK:         %[[A:.+]] = arith.constant dense<[3.000000e+00, 5.000000e+00]> : tensor<2xf32>
// CHECK:         %[[R:.+]] = posenc.bias_fn %{{.+}}, %[[A]][%{{.+}}] at(%{{.+}}, %{{.+}}) linear k_minus_q
// CHECK-NEXT:    posenc.yield %[[R]]
func.func @add_slopes(%init: tensor<1x2x?x?xf32>) -> tensor<1x2x?x?xf32> {
  %a = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %c = arith.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %r = posenc.score_map outs(%init : tensor<1x2x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %0 = posenc.bias_fn %s, %a[%h] at(%m, %n) linear k_minus_q : tensor<2xf32>, index
    %1 = posenc.bias_fn %0, %c[%h] at(%m, %n) linear k_minus_q : tensor<2xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x2x?x?xf32>
}

/// Another distance, a product; see also no_fold_zero_bias of canonicalize.mlir: f32
/// positions may be infinite.
// CHECK-LABEL: func.func @no_add_slopes(
// CHECK-COUNT-3: posenc.bias_fn
func.func @no_add_slopes(%init: tensor<1x2x?x?xf32>) -> tensor<1x2x?x?xf32> {
  %a = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %r = posenc.score_map outs(%init : tensor<1x2x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %0 = posenc.bias_fn %s, %a[%h] at(%m, %n) linear k_minus_q : tensor<2xf32>, index
    %1 = posenc.bias_fn %0, %a[%h] at(%m, %n) linear absolute : tensor<2xf32>, index
    %2 = posenc.bias_fn %1, %a[%h] at(%m, %n) linear absolute multiply : tensor<2xf32>, index
    posenc.yield %2 : f32
  }
  return %r : tensor<1x2x?x?xf32>
}
