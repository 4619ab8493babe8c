// RUN: posenc-opt %s --posenc-verify-fused -split-input-file -verify-diagnostics | FileCheck %s

!t = tensor<2x4x16x16xf32>

/// Fused; a dense bias that comes in, through a view; a strip that is computed
/// but read by distance; every extent is 16.
// CHECK-LABEL: func.func @fused
func.func @fused(%q: !t, %bias: tensor<4x16x16xf32>, %w: tensor<31x4xf32>, %init: !t) -> !t {
  %one = arith.constant 15 : index
  %e = tensor.expand_shape %bias [[0, 1], [2], [3]] output_shape [1, 4, 16, 16] : tensor<4x16x16xf32> into tensor<1x4x16x16xf32>
  %c0 = arith.constant 0 : index
  %strip = linalg.exp ins(%w : tensor<31x4xf32>) outs(%w : tensor<31x4xf32>) -> tensor<31x4xf32>
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %e[%c0, %h, %m, %n] : tensor<1x4x16x16xf32>
    %1 = arith.addf %s, %x : f32
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %2 = posenc.bias_table %1, %strip[%h] at(%i, %j) bucket <clip, q_minus_k, left = 15, right = 15> : tensor<31x4xf32>
    %d = arith.subi %i, %n : index
    %r = arith.addi %d, %one : index
    %y = tensor.extract %strip[%r, %h] : tensor<31x4xf32>
    %3 = arith.addf %2, %y : f32
    %z = tensor.extract %strip[%m, %h] : tensor<31x4xf32>
    %4 = arith.addf %3, %z : f32
    posenc.yield %4 : f32
  }
  return %o : !t
}

// -----

func.func @score_map(%init: tensor<1x4x?x?xf32>) -> tensor<1x4x?x?xf32> {
  // expected-error @below {{expected every score_map to be fused into attention but got one of type 'tensor<1x4x?x?xf32>'}}
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %t : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// -----

!t = tensor<2x4x16x16xf32>

func.func @computed_bias(%q: !t, %b0: tensor<1x4x16x16xf32>, %init: !t) -> !t {
  %c0 = arith.constant 0 : index
  // expected-note @below {{computed by this op}}
  %bias = linalg.exp ins(%b0 : tensor<1x4x16x16xf32>) outs(%b0 : tensor<1x4x16x16xf32>) -> tensor<1x4x16x16xf32>
  %cast = tensor.cast %bias : tensor<1x4x16x16xf32> to tensor<1x4x?x?xf32>
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t) score(%s, %b, %h, %m, %n) {
    // expected-error @below {{expected a score region to read by query and key only what comes from outside but got a tensor of type 'tensor<1x4x?x?xf32>' that is computed here}}
    %x = tensor.extract %cast[%c0, %h, %m, %n] : tensor<1x4x?x?xf32>
    %y = arith.addf %s, %x : f32
    posenc.yield %y : f32
  }
  return %o : !t
}

// -----

!t = tensor<2x4x16x16xf32>

/// The same matrix, flattened; and a "distance" that counts through it.
func.func @computed_bias_flat(%q: !t, %b0: tensor<256xf32>, %init: !t) -> !t {
  %c16 = arith.constant 16 : index
  // expected-note @below {{computed by this op}}
  %bias = linalg.exp ins(%b0 : tensor<256xf32>) outs(%b0 : tensor<256xf32>) -> tensor<256xf32>
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t) score(%s, %b, %h, %m, %n) {
    %row = arith.muli %m, %c16 : index
    %at = arith.addi %row, %n : index
    // expected-error @below {{expected a score region to read by query and key only what comes from outside}}
    %x = tensor.extract %bias[%at] : tensor<256xf32>
    %y = arith.addf %s, %x : f32
    // expected-error @below {{expected a score region to read by query and key only what comes from outside}}
    %z = posenc.bias_table %y, %bias at(%row, %n) bucket <clip, q_minus_k, left = 15, right = 240> : tensor<256xf32>
    posenc.yield %z : f32
  }
  return %o : !t
}

// -----

/// Attention that nobody raised.
func.func @unfused(%q: tensor<8x?x16xf32>, %kt: tensor<8x16x?xf32>, %v: tensor<8x?x16xf32>, %s0: tensor<8x?x?xf32>, %r0: tensor<8x?xf32>, %o0: tensor<8x?x16xf32>) -> tensor<8x?x16xf32> {
  // expected-error @below {{expected posenc.attention but got a product of two sequences that feeds a softmax}}
  %p = linalg.batch_matmul ins(%q, %kt : tensor<8x?x16xf32>, tensor<8x16x?xf32>) outs(%s0 : tensor<8x?x?xf32>) -> tensor<8x?x?xf32>
  %e = linalg.exp ins(%p : tensor<8x?x?xf32>) outs(%s0 : tensor<8x?x?xf32>) -> tensor<8x?x?xf32>
  // expected-note @below {{the softmax sums here}}
  %sum = linalg.reduce ins(%e : tensor<8x?x?xf32>) outs(%r0 : tensor<8x?xf32>) dimensions = [2]
    (%a: f32, %b: f32) {
      %c = arith.addf %a, %b : f32
      linalg.yield %c : f32
    }
  %bs = linalg.broadcast ins(%sum : tensor<8x?xf32>) outs(%s0 : tensor<8x?x?xf32>) dimensions = [2]
  %w = linalg.div ins(%e, %bs : tensor<8x?x?xf32>, tensor<8x?x?xf32>) outs(%s0 : tensor<8x?x?xf32>) -> tensor<8x?x?xf32>
  // expected-note @below {{its result weighs values here}}
  %o = linalg.batch_matmul ins(%w, %v : tensor<8x?x?xf32>, tensor<8x?x16xf32>) outs(%o0 : tensor<8x?x16xf32>) -> tensor<8x?x16xf32>
  return %o : tensor<8x?x16xf32>
}

// -----

/// linalg.softmax over the first factor's axis (scores are stored [n, m]), and
/// the values multiplied first and summed then.
func.func @unfused_transposed(%k: tensor<16x16xf32>, %qt: tensor<16x16xf32>, %v: tensor<16x16xf32>, %i: tensor<16x16xf32>, %x0: tensor<16x16x16xf32>) -> tensor<16x16xf32> {
  // expected-error @below {{expected posenc.attention but got a product of two sequences that feeds a softmax}}
  %p = linalg.matmul ins(%k, %qt : tensor<16x16xf32>, tensor<16x16xf32>) outs(%i : tensor<16x16xf32>) -> tensor<16x16xf32>
  // expected-note @below {{the softmax sums here}}
  %w = linalg.softmax dimension(0) ins(%p : tensor<16x16xf32>) outs(%i : tensor<16x16xf32>) -> tensor<16x16xf32>
  %x = linalg.generic {indexing_maps = [affine_map<(n, m, d) -> (n, m)>, affine_map<(n, m, d) -> (n, d)>, affine_map<(n, m, d) -> (n, m, d)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%w, %v : tensor<16x16xf32>, tensor<16x16xf32>) outs(%x0 : tensor<16x16x16xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %c = arith.mulf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<16x16x16xf32>
  // expected-note @below {{its result weighs values here}}
  %r = linalg.reduce ins(%x : tensor<16x16x16xf32>) outs(%i : tensor<16x16xf32>) dimensions = [0]
    (%a: f32, %b: f32) {
      %c = arith.addf %a, %b : f32
      linalg.yield %c : f32
    }
  return %r : tensor<16x16xf32>
}

// -----

/// No attention, though all extents are 16: a gated mixture (the logits' other
/// factor is a constant), a softmax over the wrong axis, a softmax that weighs
/// nothing, and a product that only goes through a sigmoid.
// CHECK-LABEL: func.func @legal_products
func.func @legal_products(%x: tensor<16x16xf32>, %y: tensor<16x16xf32>, %i: tensor<16x16xf32>, %b: tensor<16x16x16xf32>) -> (tensor<16x16xf32>, tensor<16x16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>) {
  %w = arith.constant dense<0.5> : tensor<16x16xf32>
  %wt = linalg.transpose ins(%w : tensor<16x16xf32>) outs(%i : tensor<16x16xf32>) permutation = [1, 0]
  %l0 = linalg.matmul ins(%x, %w : tensor<16x16xf32>, tensor<16x16xf32>) outs(%i : tensor<16x16xf32>) -> tensor<16x16xf32>
  %g = linalg.softmax dimension(1) ins(%l0 : tensor<16x16xf32>) outs(%i : tensor<16x16xf32>) -> tensor<16x16xf32>
  %mix = linalg.matmul ins(%g, %y : tensor<16x16xf32>, tensor<16x16xf32>) outs(%i : tensor<16x16xf32>) -> tensor<16x16xf32>

  %bm = linalg.batch_matmul ins(%b, %b : tensor<16x16x16xf32>, tensor<16x16x16xf32>) outs(%b : tensor<16x16x16xf32>) -> tensor<16x16x16xf32>
  %bs = linalg.softmax dimension(0) ins(%bm : tensor<16x16x16xf32>) outs(%b : tensor<16x16x16xf32>) -> tensor<16x16x16xf32>
  %bo = linalg.batch_matmul ins(%bs, %b : tensor<16x16x16xf32>, tensor<16x16x16xf32>) outs(%b : tensor<16x16x16xf32>) -> tensor<16x16x16xf32>

  %clip = linalg.matmul ins(%x, %y : tensor<16x16xf32>, tensor<16x16xf32>) outs(%i : tensor<16x16xf32>) -> tensor<16x16xf32>
  %probabilities = linalg.softmax dimension(1) ins(%clip : tensor<16x16xf32>) outs(%i : tensor<16x16xf32>) -> tensor<16x16xf32>

  %gate = linalg.matmul ins(%x, %y : tensor<16x16xf32>, tensor<16x16xf32>) outs(%i : tensor<16x16xf32>) -> tensor<16x16xf32>
  %sig = linalg.exp ins(%gate : tensor<16x16xf32>) outs(%i : tensor<16x16xf32>) -> tensor<16x16xf32>
  %out = linalg.matmul ins(%sig, %y : tensor<16x16xf32>, tensor<16x16xf32>) outs(%i : tensor<16x16xf32>) -> tensor<16x16xf32>
  return %mix, %bo, %probabilities, %out : tensor<16x16xf32>, tensor<16x16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>
}
