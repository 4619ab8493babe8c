// Plans that cannot be: of the region, the engine, the chip.
// RUN: posenc-opt %s --posenc-plan="chip=sm_90a" -split-input-file -verify-diagnostics

/// A window that has become smaller since.
func.func @negative_stale_skip(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected a plan that fits the score region but its distances from 1000 are not 'skipped'}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) attributes {posenc.plan = #posenc.plan<zones = [skipped, 0, full, 1000, skipped]>} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %2 = posenc.mask %s at(%i, %j) <window, left = 1023, right = 0>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_stale_full(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected a plan that fits the score region but its distances from 0 to 1999 are not 'full'}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) attributes {posenc.plan = #posenc.plan<zones = [skipped, 0, full, 2000, skipped]>} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %2 = posenc.mask %s at(%i, %j) <window, left = 1023, right = 0>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_stale_band(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected a plan that fits the score region but its distances up to -1 are not 'band'}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) attributes {posenc.plan = #posenc.plan<zones = [band, 0, full, 1024, masked]>} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %2 = posenc.mask %s at(%i, %j) <window, left = 1023, right = 0>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_stale_all(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected a plan that fits the score region but its distances of all sizes are not 'band'}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) attributes {posenc.plan = #posenc.plan<zones = [band]>} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %2 = posenc.mask %s at(%i, %j) <window, left = 1023, right = 0>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// -----

/// Two values are no constant.
func.func @negative_constant(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %t: tensor<32x4xf32>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected a plan that fits the score region but its distances of all sizes are not 'constant'}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) attributes {posenc.plan = #posenc.plan<zones = [constant]>} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// -----

/// A constant that is added is not nothing.
func.func @negative_full(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %t: tensor<32x4xf32>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected a plan that fits the score region but its distances up to -91 are not 'full'}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) attributes {posenc.plan = #posenc.plan<zones = [full, -90, band]>} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_split(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %p: tensor<?xi64>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected a plan with one zone, as loops over keys cannot be split at distances here, but got 2}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) positions(q = %p : tensor<?xi64>) attributes {posenc.plan = #posenc.plan<zones = [skipped, 0, full]>} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %2 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_only(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %p: tensor<?xi64>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected a plan that fits the score region, where all distances are 'masked', but got 'full'}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) positions(q = %p : tensor<?xi64>) attributes {posenc.plan = #posenc.plan<zones = [full]>} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %2 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_strategy(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    // expected-error @below {{expected a strategy that its term allows (per_score) but got 'strip'}}
    %1 = posenc.softcap %s cap(50.0) {posenc.strategy = #posenc.strategy<strip>}
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// -----

/// A strip that is there first would pass through the softcap.
func.func @negative_strip_init(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %t: tensor<32x4xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.softcap %s cap(50.0)
    // expected-error @below {{expected a strategy that its term allows (strip, per_score) but got 'strip_init'}}
    %2 = posenc.bias_table %1, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> {posenc.strategy = #posenc.strategy<strip_init>} : tensor<32x4xf32>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_no_term(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    // expected-error @below {{expected a strategy on an op that changes the score, but no term is this op's}}
    %d = arith.subi %i, %j {posenc.strategy = #posenc.strategy<affine>} : index
    %w = arith.index_cast %d : index to i64
    %f = arith.sitofp %w : i64 to f32
    %1 = arith.addf %s, %f : f32
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_stage_strategy(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{expected a strategy that its term allows (scan) but got 'mix'}}
    %p = posenc.row_scan sum reverse %s {posenc.strategy = #posenc.strategy<mix>} : f32
    posenc.yield %p : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_stage_plan(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected no plan of a kernel, as there is none for the stage 'posenc.row_scan' in its score region}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) attributes {posenc.plan = #posenc.plan<engine = "simt">} score(%s, %b, %h, %m, %n) {
    %p = posenc.row_scan sum reverse %s : f32
    posenc.yield %p : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_engine(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected an engine of the chip sm_90a (simt) but got 'vector'}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) attributes {posenc.plan = #posenc.plan<engine = "vector">}
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_support(%q: tensor<1x4x?x320xf32>, %init: tensor<1x4x?x320xf32>) -> tensor<1x4x?x320xf32> {
  // expected-error @below {{expected a value head size of at most 256 but got 320}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x320xf32>, tensor<1x4x?x320xf32>, tensor<1x4x?x320xf32>) outs(%init : tensor<1x4x?x320xf32>)
  return %o : tensor<1x4x?x320xf32>
}

// -----

func.func @negative_tile(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected tiles of the engine simt (64 x 64, 32 x 64, 16 x 64) but got 48 x 64}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) attributes {posenc.plan = #posenc.plan<block_m = 48>}
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_stages_in_flight(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected at most 1 stages with the engine simt but got 2}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) attributes {posenc.plan = #posenc.plan<stages = 2>}
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_key_splits(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected at most 1 tasks that share the keys of a query block with the engine simt but got 4}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) attributes {posenc.plan = #posenc.plan<key_splits = 4>}
  return %o : tensor<1x4x?x64xf32>
}

// -----

func.func @negative_engine_strategy(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %t: tensor<32x4xf32>) -> tensor<1x4x?x64xf32> {
  // expected-error @below {{expected strategies of the engine simt (bounds, per_score) but got 'strip' on posenc.bias_table}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> {posenc.strategy = #posenc.strategy<strip>} : tensor<32x4xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}
