// Plans that kernels cannot be built from.
// RUN: posenc-opt %s --posenc-attention-to-gpu="chip=gfx942" -split-input-file -verify-diagnostics

func.func @negative_stale(%q: memref<1x4x256x64xf32>, %o: memref<1x4x256x64xf32>) {
  // expected-error @below {{expected a plan that fits the score region but its distances up to -1 are not 'full'}}
  posenc.attention scale(1.0) ins(%q, %q, %q : memref<1x4x256x64xf32>, memref<1x4x256x64xf32>, memref<1x4x256x64xf32>) outs(%o : memref<1x4x256x64xf32>) attributes {posenc.plan = #posenc.plan<zones = [full, 0, skipped]>} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return
}

// -----

func.func @negative_engine(%q: memref<1x4x256x64xf32>, %o: memref<1x4x256x64xf32>) {
  // expected-error @below {{expected the name of an engine but got 'mfma'}}
  posenc.attention scale(1.0) ins(%q, %q, %q : memref<1x4x256x64xf32>, memref<1x4x256x64xf32>, memref<1x4x256x64xf32>) outs(%o : memref<1x4x256x64xf32>) attributes {posenc.plan = #posenc.plan<engine = "mfma">} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return
}

// -----

func.func @negative_tile(%q: memref<1x4x256x64xf32>, %o: memref<1x4x256x64xf32>) {
  // expected-error @below {{expected tiles of the engine simt (64 x 64, 32 x 64, 16 x 64) but got 64 x 32}}
  posenc.attention scale(1.0) ins(%q, %q, %q : memref<1x4x256x64xf32>, memref<1x4x256x64xf32>, memref<1x4x256x64xf32>) outs(%o : memref<1x4x256x64xf32>) attributes {posenc.plan = #posenc.plan<block_n = 32>} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return
}

// -----

func.func @negative_strategy(%q: memref<1x4x256x64xf32>, %o: memref<1x4x256x64xf32>) {
  // expected-error @below {{expected strategies of the engine simt (bounds, per_score) but got 'strip' on posenc.mask}}
  posenc.attention scale(1.0) ins(%q, %q, %q : memref<1x4x256x64xf32>, memref<1x4x256x64xf32>, memref<1x4x256x64xf32>) outs(%o : memref<1x4x256x64xf32>) attributes {posenc.plan = #posenc.plan<>} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal> {posenc.strategy = #posenc.strategy<strip>}
    posenc.yield %1 : f32
  }
  return
}
