// Plans that kernels cannot be built from.
// RUN: posenc-opt %s --pass-pipeline="builtin.module(func.func(posenc-attention-to-vector{chip=x86-64-v3}))" -split-input-file -verify-diagnostics

func.func @negative_stale(%q: memref<1x4x256x64xf32>, %o: memref<1x4x256x64xf32>) {
  // expected-error @below {{expected a plan that fits the score region but its distances from 9 are not 'skipped'}}
  posenc.attention scale(1.0) ins(%q, %q, %q : memref<1x4x256x64xf32>, memref<1x4x256x64xf32>, memref<1x4x256x64xf32>) outs(%o : memref<1x4x256x64xf32>) attributes {posenc.plan = #posenc.plan<zones = [skipped, 0, full, 9, skipped]>} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return
}

// -----

func.func @negative_engine(%q: memref<1x4x256x64xf32>, %o: memref<1x4x256x64xf32>) {
  // expected-error @below {{expected a plan for the engine 'vector' but got 'simt'}}
  posenc.attention scale(1.0) ins(%q, %q, %q : memref<1x4x256x64xf32>, memref<1x4x256x64xf32>, memref<1x4x256x64xf32>) outs(%o : memref<1x4x256x64xf32>) attributes {posenc.plan = #posenc.plan<engine = "simt">} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return
}
