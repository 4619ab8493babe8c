// What does not parse, and where the message points.
// RUN: posenc-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{expected a permutation of the letters b, h, t, d but got 'bhtt'}}
func.func private @dims() attributes {a = #posenc.dims<bhtt>}

// -----

// expected-error @below {{expected a permutation of the letters b, h, t, d but got 'bht'}}
func.func private @dims_short() attributes {a = #posenc.dims<bht>}

// -----

// expected-error @below {{expected a bucket kind (t5, clip, lut, deberta, identity, grid2d, grid3d, abs_grid, irpe) but got 'T5'}}
func.func private @bucket_kind() attributes {a = #posenc.bucket<T5, k_minus_q>}

// -----

// expected-error @below {{expected a bucket kind (t5, clip, lut, deberta, identity, grid2d, grid3d, abs_grid, irpe)}}
func.func private @bucket_no_kind() attributes {a = #posenc.bucket<1>}

// -----

// expected-error @below {{expected the sign of the distance (q_minus_k, k_minus_q) but got 'left'}}
func.func private @bucket_sign() attributes {a = #posenc.bucket<clip, left = 1, right = 1>}

// -----

// expected-error @below {{expected false or true but got 'yes'}}
func.func private @bucket_flag() attributes {a = #posenc.bucket<t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = yes>}

// -----

// expected-error @below {{expected ','}}
func.func private @bucket_missing() attributes {a = #posenc.bucket<clip, k_minus_q>}

// -----

// expected-error @below {{expected clamp or zero but got 'wrap'}}
func.func private @bucket_outside() attributes {a = #posenc.bucket<lut, k_minus_q, origin = 0, outside = wrap, rows = [0]>}

// -----

// expected-error @below {{expected a mask kind (causal, window, chunked, prefix) but got 'band'}}
func.func private @mask_kind() attributes {a = #posenc.mask<band>}

// -----

// expected-error @below {{expected left or right but got 'middle'}}
func.func private @mask_side() attributes {a = #posenc.mask<window, middle = 3>}

// -----

func.func @layout(%x: tensor<4x16xf32>, %a: tensor<4x8xf32>) {
  // expected-error @below {{expected one of half, interleaved, block_half but got 'neox'}}
  %1 = posenc.rotate %x by(%a) neox : tensor<4x16xf32>, tensor<4x8xf32>
  return
}

// -----

func.func @oob(%t: tensor<8x16xf32>, %p: tensor<4xi64>) {
  // expected-error @below {{expected one of clamp, assert}}
  %1 = posenc.lookup %t[%p] : tensor<8x16xf32>, tensor<4xi64> -> tensor<4x16xf32>
  return
}

// -----

func.func @distance(%s: f32, %i: index, %t: tensor<f32>) {
  // expected-error @below {{expected one of q_minus_k, k_minus_q, absolute but got 'symmetric'}}
  %1 = posenc.bias_fn %s, %t at(%i, %i) linear symmetric : tensor<f32>, index
  return
}

// -----

func.func @cap(%s: f32) {
  // expected-error @below {{expected floating point literal}}
  %1 = posenc.softcap %s cap(big)
  return
}

// -----

func.func @operands(%q: tensor<1x1x1x1xf32>) {
  // expected-error @below {{expected ins(q, k, v) but got 2 operands}}
  %r = posenc.attention scale(1.0) ins(%q, %q : tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) outs(%q : tensor<1x1x1x1xf32>)
  return
}

// -----

func.func @outs(%q: tensor<1x1x1x1xf32>) {
  // expected-error @below {{expected outs(o) or outs(o, lse) but got 3 operands}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) outs(%q, %q, %q : tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>)
  return
}

// -----

func.func @types(%q: tensor<1x1x1x1xf32>) {
  // expected-error @below {{expected 3 types but got 1}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x1x1x1xf32>) outs(%q : tensor<1x1x1x1xf32>)
  return
}

// -----

func.func @sinks(%q: tensor<1x1x1x1xf32>) {
  // expected-error @below {{expected ')'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) outs(%q : tensor<1x1x1x1xf32>) sinks(%q : tensor<1x1x1x1xf32>, tensor<1xf32>)
  return
}

// -----

func.func @dims_side(%q: tensor<1x1x1x1xf32>) {
  // expected-error @below {{expected q, k, v or o but got 'x'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) outs(%q : tensor<1x1x1x1xf32>) dims(x = bhtd)
  return
}

// -----

func.func @dims_word(%q: tensor<1x1x1x1xf32>) {
  // expected-error @below {{expected a permutation of the letters b, h, t, d but got 'abcd'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) outs(%q : tensor<1x1x1x1xf32>) dims(q = abcd)
  return
}

// -----

func.func @no_side(%q: tensor<1x1x1x1xf32>, %o: index) {
  // expected-error @below {{expected 'q' or 'k'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) outs(%q : tensor<1x1x1x1xf32>) offsets()
  return
}

// -----

func.func @position_types(%q: tensor<1x1x1x1xf32>, %p: tensor<1xi64>) {
  // expected-error @below {{expected one type for each of the positions}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) outs(%q : tensor<1x1x1x1xf32>) positions(q = %p, k = %p : tensor<1xi64>)
  return
}

// -----

func.func @region_arguments(%q: tensor<1x1x1x1xf32>) {
  // expected-error @below {{expected 5 region arguments but got 2}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) outs(%q : tensor<1x1x1x1xf32>) score(%s, %b) {
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @scale(%q: tensor<1x1x1x1xf32>) {
  // expected-error @below {{expected 'scale'}}
  %r = posenc.attention ins(%q, %q, %q : tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) outs(%q : tensor<1x1x1x1xf32>)
  return
}
