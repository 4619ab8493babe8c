// RUN: posenc-opt %s | posenc-opt | FileCheck %s
// RUN: posenc-opt %s --mlir-print-op-generic | posenc-opt | FileCheck %s

// CHECK-LABEL: func.func @positions(
// CHECK:         posenc.positions size(%{{.*}}) bottom_right(%{{.*}}) : tensor<?xi64>
// CHECK:         posenc.mask_positions %{{.*}} : tensor<?xi1> -> tensor<?xindex>
// CHECK:         posenc.mask_positions %{{.*}} offset 2 padding 1 : tensor<2x?xi64> -> tensor<2x?xi32>
// CHECK:         posenc.grid_positions sizes(%{{.*}}, %{{.*}}, %{{.*}}) offset(%{{.*}}) : tensor<3x?xi64>
// CHECK:         posenc.grid_positions sizes(%{{.*}}, %{{.*}}) centered : tensor<2x12xf32>
func.func @positions(%n: index, %m: tensor<?xi1>, %k: tensor<2x?xi64>) {
  %0 = posenc.positions size(%n) bottom_right(%n) : tensor<?xi64>
  %1 = posenc.mask_positions %m : tensor<?xi1> -> tensor<?xindex>
  %2 = posenc.mask_positions %k offset 2 padding 1 : tensor<2x?xi64> -> tensor<2x?xi32>
  %3 = posenc.grid_positions sizes(%n, %n, %n) offset(%n) : tensor<3x?xi64>
  %4 = posenc.grid_positions sizes(%n, %n) centered : tensor<2x12xf32>
  return
}

// CHECK-LABEL: func.func @inv_freq(
// CHECK:         posenc.inv_freq <default, dim = 8> : tensor<4xf32>
// CHECK:         posenc.inv_freq <linear, dim = 8, base = 5.000000e+05, factor = 4.000000e+00> : tensor<2x4xf32>
// CHECK:         posenc.inv_freq <dynamic_ntk, dim = 8, factor = 2.000000e+00, max_position = 2048> length(%{{.*}}) : tensor<4xf32>
// CHECK:         posenc.inv_freq <ntk, dim = 8, alpha = 8.000000e+00> : tensor<4xf32>
// CHECK:         posenc.inv_freq <yarn, dim = 8, factor = 4.000000e+00, original_length = 4096, beta_fast = 1.600000e+01, beta_slow = 2.000000e+00, truncate = false, attention_factor = 1.500000e+00> : tensor<2x4xf32>, f32
// CHECK:         posenc.inv_freq <yarn, dim = 8, factor = 4.000000e+00, original_length = 4096, mscale = 7.500000e-01, mscale_all_dim = 1.000000e+00> : tensor<4xf32>, f32
// CHECK:         posenc.inv_freq <longrope, dim = 4, factor = 3.200000e+01, original_length = 4096, short = [1.000000e+00, 1.500000e+00], long = [1.000000e+00, 9.000000e+00]> length(%{{.*}}) : tensor<2x2xf32>, f32
// CHECK:         posenc.inv_freq <llama3, dim = 8, factor = 8.000000e+00, original_length = 8192, low_freq_factor = 1.000000e+00, high_freq_factor = 4.000000e+00> : tensor<4xf32>
// CHECK:         posenc.inv_freq <proportional, dim = 8, factor = 2.000000e+00, proportion = 2.500000e-01> : tensor<4xf32>
// CHECK:         posenc.inv_freq <t2t, dim = 8, min_timescale = 2.000000e+00> : tensor<4xf32>
// CHECK:         posenc.inv_freq <endpoint, dim = 8> : tensor<4xf32>
func.func @inv_freq(%n: index) {
  %0 = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %1 = posenc.inv_freq <linear, factor = 4.0, base = 500000.0, dim = 8> : tensor<2x4xf32>
  %2 = posenc.inv_freq <dynamic_ntk, dim = 8, factor = 2.0, max_position = 2048> length(%n) : tensor<4xf32>
  %3 = posenc.inv_freq <ntk, dim = 8, alpha = 8.0> : tensor<4xf32>
  %4, %m4 = posenc.inv_freq <yarn, dim = 8, factor = 4.0, original_length = 4096, beta_fast = 16.0, beta_slow = 2.0, truncate = false, attention_factor = 1.5> : tensor<2x4xf32>, f32
  %5, %m5 = posenc.inv_freq <yarn, dim = 8, factor = 4.0, original_length = 4096, mscale = 0.75, mscale_all_dim = 1.0> : tensor<4xf32>, f32
  %6, %m6 = posenc.inv_freq <longrope, dim = 4, factor = 32.0, original_length = 4096, short = [1.0, 1.5], long = [1.0, 9.0]> length(%n) : tensor<2x2xf32>, f32
  %7 = posenc.inv_freq <llama3, dim = 8, factor = 8.0, low_freq_factor = 1.0, high_freq_factor = 4.0, original_length = 8192> : tensor<4xf32>
  %8 = posenc.inv_freq <proportional, dim = 8, proportion = 0.25, factor = 2.0> : tensor<4xf32>
  %9 = posenc.inv_freq <t2t, dim = 8, min_timescale = 2.0> : tensor<4xf32>
  %10 = posenc.inv_freq <endpoint, dim = 8> : tensor<4xf32>
  return
}

// CHECK-LABEL: func.func @angles(
// CHECK:         posenc.angles %{{.*}} by(%{{.*}}) : tensor<2x?xi64>, tensor<4xf32> -> tensor<2x?x4xf32>
// CHECK:         posenc.angles %{{.*}} by(%{{.*}}) axes <sections, [2, 2]> precise : tensor<2x?xi64>, tensor<4xf32> -> tensor<?x4xf32>
// CHECK:         posenc.angles %{{.*}} by(%{{.*}}) phase(%{{.*}}) axes <interleaved, [2, 2]> precise : tensor<2x?xi64>, tensor<2x4xf32>, tensor<4xf32> -> tensor<?x4xf32>
// CHECK:         posenc.angles %{{.*}} by(%{{.*}}) axes <list, [0, 1, 0, 1]> : tensor<2x?xi64>, tensor<4xf32> -> tensor<?x4xf32>
func.func @angles(%p: tensor<2x?xi64>, %w: tensor<4xf32>, %hl: tensor<2x4xf32>) {
  %0 = posenc.angles %p by(%w) : tensor<2x?xi64>, tensor<4xf32> -> tensor<2x?x4xf32>
  %1 = posenc.angles %p by(%w) axes <sections, [2, 2]> precise : tensor<2x?xi64>, tensor<4xf32> -> tensor<?x4xf32>
  %2 = posenc.angles %p by(%hl) phase(%w) axes <interleaved, [2, 2]> precise : tensor<2x?xi64>, tensor<2x4xf32>, tensor<4xf32> -> tensor<?x4xf32>
  %3 = posenc.angles %p by(%w) axes <list, [0, 1, 0, 1]> : tensor<2x?xi64>, tensor<4xf32> -> tensor<?x4xf32>
  return
}

// CHECK-LABEL: func.func @sincos(
// CHECK:         posenc.sincos %{{.*}} interleaved : tensor<?x4xf32> -> tensor<?x8xf16>
// CHECK:         posenc.sincos %{{.*}} concat cos_first scale(%{{.*}}) : tensor<?x4xf32> -> tensor<?x9xf32>
// CHECK:         posenc.sincos %{{.*}} blocks = 2 : tensor<?x4xf32> -> tensor<?x?xf32>
func.func @sincos(%a: tensor<?x4xf32>, %g: f32) {
  %0 = posenc.sincos %a interleaved : tensor<?x4xf32> -> tensor<?x8xf16>
  %1 = posenc.sincos %a concat cos_first scale(%g) : tensor<?x4xf32> -> tensor<?x9xf32>
  %2 = posenc.sincos %a blocks = 2 : tensor<?x4xf32> -> tensor<?x?xf32>
  return
}
