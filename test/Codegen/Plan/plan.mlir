// What is decided where nothing is pinned, on processors and GPUs.
// RUN: posenc-opt %s --posenc-plan="chip=x86-64-v4" | FileCheck %s --check-prefixes=CHECK,CPU
// RUN: posenc-opt %s --posenc-plan="chip=sm_90a" | FileCheck %s --check-prefixes=CHECK,GPU
// Planning again changes nothing, and from nothing gives the same.
// RUN: posenc-opt %s --posenc-plan="chip=gfx942" -o %t.1
// RUN: posenc-opt %t.1 --posenc-plan="chip=gfx942" | diff %t.1 -
// RUN: posenc-opt %s --posenc-plan="chip=sm_80 block-m=16" --posenc-plan="chip=gfx942 replan" | diff %t.1 -

// CHECK-LABEL: @t5(
// CPU:         posenc.plan = #posenc.plan<engine = "vector", block_m = 128, block_n = 128, stages = 1, key_splits = 1, zones = [constant, -90, band, 91, constant]>
// GPU:         posenc.plan = #posenc.plan<engine = "simt", block_m = 64, block_n = 64, stages = 1, key_splits = 1, zones = [constant, -90, band, 91, constant]>
// CPU:         posenc.bias_table {{.*}} {posenc.strategy = #posenc.strategy<strip_init>}
// GPU:         posenc.bias_table {{.*}} {posenc.strategy = #posenc.strategy<per_score>}
func.func @t5(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %t: tensor<32x4xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

/// What a mask hides is no band, and its loop is the table's, too.
// CHECK-LABEL: @t5_causal(
// CHECK:       zones = [skipped, 0, band, 113, constant]
// CPU:         posenc.mask {{.*}} {posenc.strategy = #posenc.strategy<strip_init>}
// GPU:         posenc.mask {{.*}} {posenc.strategy = #posenc.strategy<bounds>}
func.func @t5_causal(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %t: tensor<32x4xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = false> : tensor<32x4xf32>
    %2 = posenc.mask %1 at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

/// A strip cannot be there before a softcap; the mask's loop can.
// CHECK-LABEL: @softcap_window(
// CHECK:       zones = [skipped, 0, full, 1024, skipped]
// CHECK:       posenc.softcap {{.*}} {posenc.strategy = #posenc.strategy<per_score>}
// CHECK:       posenc.mask {{.*}} {posenc.strategy = #posenc.strategy<bounds>}
func.func @softcap_window(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.softcap %s cap(50.0)
    %2 = posenc.mask %1 at(%i, %j) <window, left = 1023, right = 0>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

/// Terms of plain arith stand on the ops that apply them.
// CHECK-LABEL: @plain(
// CHECK:       zones = [skipped, 0, band]
// CPU:         arith.addf %{{.*}}, %{{.*}} {posenc.strategy = #posenc.strategy<strip_init>} : f32
// GPU:         arith.addf %{{.*}}, %{{.*}} {posenc.strategy = #posenc.strategy<per_score>} : f32
// CPU:         arith.select {{.*}} {posenc.strategy = #posenc.strategy<strip_init>} : f32
// GPU:         arith.select {{.*}} {posenc.strategy = #posenc.strategy<bounds>} : f32
func.func @plain(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %t: tensor<4xf32>) -> tensor<1x4x?x64xf32> {
  %inf = arith.constant 0xFF800000 : f32
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %d = arith.subi %j, %i : index
    %w = arith.index_cast %d : index to i64
    %f = arith.sitofp %w : i64 to f32
    %slope = tensor.extract %t[%h] : tensor<4xf32>
    %g = arith.mulf %slope, %f : f32
    %1 = arith.addf %s, %g : f32
    %p = arith.cmpi sle, %j, %i : index
    %2 = arith.select %p, %1, %inf : f32
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

/// A finite fill hides nothing that may be skipped.
// CHECK-LABEL: @negative_filled(
// CHECK:       zones = [masked, 0, full]
// CHECK:       arith.select {{.*}} {posenc.strategy = #posenc.strategy<bounds>} : f32
func.func @negative_filled(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %low = arith.constant -1.0e+04 : f32
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %p = arith.cmpi sle, %j, %i : index
    %2 = arith.select %p, %s, %low : f32
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

/// Positions that an operand gives: distances are no differences of indices.
// CHECK-LABEL: @negative_positions(
// CHECK:       zones = [masked]
// CHECK:       posenc.mask {{.*}} {posenc.strategy = #posenc.strategy<per_score>}
func.func @negative_positions(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %p: tensor<?xi64>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) positions(q = %p : tensor<?xi64>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %2 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// CHECK-LABEL: @no_region(
// CHECK:       zones = [full]
func.func @no_region(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>)
  return %o : tensor<1x4x?x64xf32>
}

/// Few queries: no rows for queries that are not there.
// CHECK-LABEL: @decode(
// GPU:         block_m = 16, block_n = 64
func.func @decode(%q: tensor<1x4x1x64xf32>, %k: tensor<1x4x?x64xf32>, %init: tensor<1x4x1x64xf32>) -> tensor<1x4x1x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x4x1x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x1x64xf32>)
  return %o : tensor<1x4x1x64xf32>
}

/// No kernel computes stages; they have their strategies all the same.
// CHECK-LABEL: @negative_stages(
// CHECK-NOT:   posenc.plan
// CHECK:       posenc.row_scan {{.*}} {posenc.strategy = #posenc.strategy<scan>}
// CHECK:       posenc.head_mix{{.*}} {posenc.strategy = #posenc.strategy<mix>}
func.func @negative_stages(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %v: tensor<8x4xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %p = posenc.row_scan sum reverse %s : f32
    %r = posenc.head_mix(%p, %s) layers(%v) : tensor<8x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x64xf32>
}
