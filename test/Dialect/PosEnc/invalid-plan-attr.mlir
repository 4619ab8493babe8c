// What the parser and the verifier say of plans and strategies.
// RUN: posenc-opt %s --allow-unregistered-dialect -split-input-file -verify-diagnostics

// expected-error @below {{(L1) expected block_m from 1 to 1048576 but got 1048577}}
"negative_l1_large"() {p = #posenc.plan<block_m = 1048577>} : () -> ()

// -----

// expected-error @below {{(L1) expected block_n from 1 to 1048576 but got -1}}
"negative_l1_negative"() {p = #posenc.plan<block_n = -1>} : () -> ()

// -----

// expected-error @below {{(L1) expected stages from 1 to 64 but got 65}}
"negative_l1_stages"() {p = #posenc.plan<stages = 65>} : () -> ()

// -----

// expected-error @below {{(L1) expected key_splits of at least 1 but got 0}}
"negative_l1_zero"() {p = #posenc.plan<key_splits = 0>} : () -> ()

// -----

// expected-error @below {{(L2) expected thresholds that increase but got 5 before 5}}
"negative_l2_order"() {p = #posenc.plan<zones = [band, 5, full, 5, masked]>} : () -> ()

// -----

// expected-error @below {{expected skipped, full, constant, band or masked but got 'empty'}}
"negative_kind"() {p = #posenc.plan<zones = [band, 5, empty]>} : () -> ()

// -----

// expected-error @below {{expected skipped, full, constant, band or masked}}
"negative_no_kind"() {p = #posenc.plan<zones = []>} : () -> ()

// -----

// expected-error @below {{expected engine, block_m, block_n, stages, key_splits or zones but got 'tiles'}}
"negative_field"() {p = #posenc.plan<tiles = 3>} : () -> ()

// -----

// expected-error @below {{expected each field once but got 'block_m' again}}
"negative_twice"() {p = #posenc.plan<block_m = 3, block_m = 3>} : () -> ()

// -----

// expected-error @below {{expected 'posenc.plan' on posenc.attention but got it on func.func}}
func.func private @negative_plan_place() attributes {posenc.plan = #posenc.plan<>}

// -----

// expected-error @below {{expected 'posenc.strategy' on an op of a score region}}
func.func private @negative_strategy_place() attributes {posenc.strategy = #posenc.strategy<strip>}

// -----

func.func @negative_plan_type(%q: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>) {
  // expected-error @below {{expected 'posenc.plan' to be a #posenc.plan but got 3 : i64}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) attributes {posenc.plan = 3}
  return
}

// -----

func.func @negative_strategy_type(%q: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>) {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{expected 'posenc.strategy' to be a #posenc.strategy but got "strip"}}
    %1 = posenc.softcap %s cap(50.0) {posenc.strategy = "strip"}
    posenc.yield %1 : f32
  }
  return
}
