// What the user has said is kept and named; options say it for ops that say nothing.
// RUN: posenc-opt %s --posenc-print-plan="chip=x86-64-v4 block-m=96 block-n=128" -o /dev/null 2>&1 | FileCheck %s
// RUN: not posenc-opt %s --posenc-print-plan="chip=sm_80" -o /dev/null 2>&1 | FileCheck %s --check-prefix=GPU

// GPU: error: 'posenc.attention' op expected an engine of the chip sm_80 (simt) but got 'vector'

// CHECK:      @pinned attention 0: engine vector on x86-64-v4, pinned, 1 stage
// CHECK-NEXT: @pinned attention 0 tiles: 64 x 128, {{.*}} cycles per score, pinned, if lengths are 2048 and 2048
// CHECK-NEXT: @pinned attention 0 zones: masked (-inf, -1], full [0, inf), pinned
// CHECK-NEXT: @pinned attention 0 loops: full, masked
// CHECK-NEXT: @pinned attention 0 term 0 posenc.mask: per_score, pinned, {{.*}} in full and masked tiles; bounds {{.*}}
func.func @pinned(%q: tensor<1x4x?x64xf32>, %k: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) attributes {posenc.plan = #posenc.plan<block_m = 64, engine = "vector", zones = [masked, 0, full]>} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %2 = posenc.mask %s at(%i, %j) <causal> {posenc.strategy = #posenc.strategy<per_score>}
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

