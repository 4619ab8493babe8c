// Tiles and engine come from the plan, which bufferization keeps.
// RUN: posenc-opt %s --posenc-plan="chip=sm_90a block-m=16" --one-shot-bufferize="bufferize-function-boundaries=1 function-boundary-type-conversion=identity-layout-map" -o %t
// RUN: FileCheck %s --check-prefix=KEPT < %t
// RUN: posenc-opt %t --posenc-attention-to-gpu="chip=sm_90a" --canonicalize | FileCheck %s
// RUN: posenc-opt %s --one-shot-bufferize="bufferize-function-boundaries=1 function-boundary-type-conversion=identity-layout-map" --posenc-attention-to-gpu="chip=sm_90a" --canonicalize | FileCheck %s --check-prefix=NONE

// 1 × 4 heads of 256 / 16 blocks of queries; without a plan blocks have 64.
// KEPT:  posenc.attention {{.*}}posenc.plan = #posenc.plan<engine = "simt", block_m = 16, block_n = 64
// KEPT:  posenc.mask {{.*}} {posenc.strategy = #posenc.strategy<bounds>}
// CHECK: %[[BLOCKS:.*]] = arith.constant 64 : index
// CHECK: gpu.launch_func {{.*}} blocks in (%[[BLOCKS]],
// NONE:  %[[BLOCKS:.*]] = arith.constant 16 : index
// NONE:  gpu.launch_func {{.*}} blocks in (%[[BLOCKS]],
func.func @f(%q: tensor<1x4x256x64xf32>, %init: tensor<1x4x256x64xf32>) -> tensor<1x4x256x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x256x64xf32>, tensor<1x4x256x64xf32>, tensor<1x4x256x64xf32>) outs(%init : tensor<1x4x256x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x256x64xf32>
}
