// A line per choice with its reason, and the tiles of each loop.
// RUN: posenc-opt %s --posenc-print-plan="chip=x86-64-v4 block-m=128 block-n=128" -o %t.mlir 2>&1 | FileCheck %s
// RUN: posenc-opt %s --posenc-print-plan="chip=sm_90a length=4096" -o /dev/null 2>&1 | FileCheck %s --check-prefix=GPU
// The module is not changed.
// RUN: posenc-opt %s | diff %t.mlir -

/// The last buckets begin at 91 away: of the 16 × 16 tiles only those on the diagonal and beside it have
/// several values.
// CHECK:      @t5_2k attention 0: engine vector on x86-64-v4, 1 stage, 1 task for the keys of a query block
// CHECK-NEXT: @t5_2k attention 0 tiles: 128 x 128, {{.*}} cycles per score, pinned
// CHECK-NEXT: @t5_2k attention 0 zones: constant (-inf, -91], band [-90, 90], constant [91, inf)
// CHECK-NEXT: @t5_2k attention 0 loops: constant 105, band 46, constant 105, of 256 tiles of a head
// CHECK-NEXT: @t5_2k attention 0 term 0 posenc.bias_table: strip_init, 0.1 instructions per score in band tiles; strip 1, per_score {{[0-9]+}}
func.func @t5_2k(%q: tensor<1x4x2048x64xf32>, %k: tensor<1x4x2048x64xf32>, %init: tensor<1x4x2048x64xf32>, %t: tensor<32x4xf32>) -> tensor<1x4x2048x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x4x2048x64xf32>, tensor<1x4x2048x64xf32>, tensor<1x4x2048x64xf32>) outs(%init : tensor<1x4x2048x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x2048x64xf32>
}

/// 190 of 4096 tiles: 4.6 %.
// CHECK:      @t5_8k attention 0 loops: constant 1953, band 190, constant 1953, of 4096 tiles of a head
func.func @t5_8k(%q: tensor<1x4x8192x64xf32>, %k: tensor<1x4x8192x64xf32>, %init: tensor<1x4x8192x64xf32>, %t: tensor<32x4xf32>) -> tensor<1x4x8192x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x4x8192x64xf32>, tensor<1x4x8192x64xf32>, tensor<1x4x8192x64xf32>) outs(%init : tensor<1x4x8192x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x8192x64xf32>
}

/// The query and 1023 keys before it: seven whole tiles of a block, and the two that the window ends in.
// CHECK:      @window_1k attention 0 zones: skipped (-inf, -1], full [0, 1023], skipped [1024, inf)
// CHECK-NEXT: @window_1k attention 0 loops: skipped 1540, masked 56, full 420, masked 64, skipped 2016, of 4096 tiles of a head
// CHECK-NEXT: @window_1k attention 0 term 0 posenc.mask: strip_init, 0.1 instructions per score in masked tiles; bounds {{[0-9]+}}, strip 1, per_score {{[0-9]+}}
func.func @window_1k(%q: tensor<1x4x8192x64xf32>, %k: tensor<1x4x8192x64xf32>, %init: tensor<1x4x8192x64xf32>) -> tensor<1x4x8192x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x4x8192x64xf32>, tensor<1x4x8192x64xf32>, tensor<1x4x8192x64xf32>) outs(%init : tensor<1x4x8192x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %2 = posenc.mask %s at(%i, %j) <window, left = 1023, right = 0>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x8192x64xf32>
}

/// Ragged lengths, an offset that is known.
// CHECK:      @chunk attention 0 loops: full 25, masked 10, skipped 15, of 50 tiles of a head
func.func @chunk(%q: tensor<1x4x600x64xf32>, %k: tensor<1x4x1200x64xf32>, %init: tensor<1x4x600x64xf32>) -> tensor<1x4x600x64xf32> {
  %c = arith.constant 500 : index
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x4x600x64xf32>, tensor<1x4x1200x64xf32>, tensor<1x4x1200x64xf32>) outs(%init : tensor<1x4x600x64xf32>) offsets(q = %c) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %2 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x600x64xf32>
}

/// Lengths that only the run knows.
// CHECK:      @dynamic attention 0 tiles: 128 x 128, {{.*}} cycles per score, pinned, if lengths are 2048 and 2048
// CHECK-NEXT: @dynamic attention 0 zones: constant (-inf, -91], band [-90, 90], constant [91, inf)
// CHECK-NEXT: @dynamic attention 0 loops: constant, band, constant{{$}}
// GPU:        @dynamic attention 0: engine simt on sm_90a, 1 stage, 1 task for the keys of a query block
// GPU-NEXT:   @dynamic attention 0 tiles: 64 x 64, {{.*}} cycles per score, if lengths are 4096 and 4096; 32 x 64 would take {{.*}}
// GPU:        @dynamic attention 0 term 0 posenc.bias_table: per_score, {{[0-9]+}} instructions per score in constant and band tiles; strip_init 0.88, strip 1.25
func.func @dynamic(%q: tensor<1x4x?x64xf32>, %k: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %t: tensor<32x4xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// CHECK:      @positions attention 0 zones: masked (-inf, inf); positions are operands, no loop can be split
func.func @positions(%q: tensor<1x4x?x64xf32>, %k: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %p: tensor<?xi64>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) positions(q = %p : tensor<?xi64>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %2 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

/// Positions in i32: claims have a limit.
// CHECK:      @narrow attention 0 zones: skipped (-inf, -1], full [0, inf); for positions below 536870912
func.func @narrow(%q: tensor<1x4x?x64xf32>, %k: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %inf = arith.constant 0xFF800000 : f32
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %i32 = arith.index_cast %i : index to i32
    %j32 = arith.index_cast %j : index to i32
    %p = arith.cmpi sle, %j32, %i32 : i32
    %2 = arith.select %p, %s, %inf : f32
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// CHECK:      @stage attention 0: none, as no kernel computes the stage 'posenc.row_scan' in its score region
func.func @stage(%q: tensor<1x4x?x64xf32>, %k: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %p = posenc.row_scan sum reverse %s : f32
    posenc.yield %p : f32
  }
  return %o : tensor<1x4x?x64xf32>
}
