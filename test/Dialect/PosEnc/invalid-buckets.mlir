// RUN: posenc-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{(K5) expected an even size from 4 to 1024 but got 7}}
func.func private @negative_k5_odd() attributes {a = #posenc.bucket<deberta, q_minus_k, size = 7, max = 128, rule = huggingface>}

// -----

// expected-error @below {{(K5) expected an even size from 4 to 1024 but got 2}}
func.func private @negative_k5_small() attributes {a = #posenc.bucket<deberta, q_minus_k, size = 2, max = 128, rule = huggingface>}

// -----

// expected-error @below {{(K5) expected an even size from 4 to 1024 but got 2048}}
func.func private @negative_k5_large() attributes {a = #posenc.bucket<deberta, q_minus_k, size = 2048, max = 4096, rule = huggingface>}

// -----

// expected-error @below {{(K5) expected max to be more than 129 and below 2^31 but got 129}}
func.func private @negative_k5_max() attributes {a = #posenc.bucket<deberta, q_minus_k, size = 256, max = 129, rule = microsoft>}

// -----

// expected-error @below {{(K5) expected max to be more than 129 and below 2^31 but got 4294967296}}
func.func private @negative_k5_max_large() attributes {a = #posenc.bucket<deberta, q_minus_k, size = 256, max = 4294967296, rule = microsoft>}

// -----

// expected-error @below {{(K6) expected an extent from 1 to 2^31 - 1 but got 0}}
func.func private @negative_k6() attributes {a = #posenc.bucket<identity, q_minus_k, extent = 0>}

// -----

// expected-error @below {{(K7) expected extents from 1 to 2^21 but got 0}}
func.func private @negative_k7_none() attributes {a = #posenc.bucket<grid2d, q_minus_k, height = 7, width = 0>}

// -----

// expected-error @below {{(K7) expected extents from 1 to 2^21 but got -7}}
func.func private @negative_k7_negative() attributes {a = #posenc.bucket<abs_grid, height = -7, width = 3>}

// -----

// expected-error @below {{(K7) expected extents from 1 to 2^21 but got 2097153}}
func.func private @negative_k7_large() attributes {a = #posenc.bucket<irpe, q_minus_k, method = rows, height = 2097153, width = 1, alpha = 1.0, beta = 2.0, gamma = 8.0>}

// -----

// expected-error @below {{(K7) expected fewer than 2^31 rows}}
func.func private @negative_k7_rows() attributes {a = #posenc.bucket<grid3d, q_minus_k, depth = 1024, height = 1024, width = 1024>}

// -----

// expected-error @below {{(K8) expected alpha with at most two decimals but got 1.905}}
func.func private @negative_k8_decimals() attributes {a = #posenc.bucket<irpe, q_minus_k, method = rows, height = 4, width = 4, alpha = 1.905, beta = 3.8, gamma = 15.2>}

// -----

// expected-error @below {{(K8) expected 0 < alpha < beta}}
func.func private @negative_k8_order() attributes {a = #posenc.bucket<irpe, q_minus_k, method = rows, height = 4, width = 4, alpha = 3.8, beta = 3.8, gamma = 15.2>}

// -----

// expected-error @below {{(K8) expected 0 < alpha < beta}}
func.func private @negative_k8_zero() attributes {a = #posenc.bucket<irpe, q_minus_k, method = rows, height = 4, width = 4, alpha = 0.0, beta = 3.8, gamma = 15.2>}

// -----

// expected-error @below {{(K8) expected beta from 1 to 64}}
func.func private @negative_k8_beta() attributes {a = #posenc.bucket<irpe, q_minus_k, method = rows, height = 4, width = 4, alpha = 0.5, beta = 0.9, gamma = 15.2>}

// -----

// expected-error @below {{(K8) expected gamma to be more than alpha and at most 2^20}}
func.func private @negative_k8_gamma() attributes {a = #posenc.bucket<irpe, q_minus_k, method = rows, height = 4, width = 4, alpha = 1.9, beta = 3.8, gamma = 1.9>}

// -----

// expected-error @below {{(K9) expected a bidirectional bucket with a class token but got bidirectional = false}}
func.func private @negative_k9() attributes {a = #posenc.bucket<t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = false, cls = tupe>}

// -----

// expected-error @below {{expected none or beit or shared but got 'tupe'}}
func.func private @negative_parse_cls() attributes {a = #posenc.bucket<grid2d, q_minus_k, height = 7, width = 7, cls = tupe>}

// -----

// expected-error @below {{expected huggingface or microsoft but got 'hf'}}
func.func private @negative_parse_rule() attributes {a = #posenc.bucket<deberta, q_minus_k, size = 32, max = 128, rule = hf>}

// -----

// expected-error @below {{expected product or euclidean or quant or rows or cols but got 'cross'}}
func.func private @negative_parse_method() attributes {a = #posenc.bucket<irpe, q_minus_k, method = cross, height = 4, width = 4, alpha = 1.0, beta = 2.0, gamma = 8.0>}

// -----

// expected-error @below {{expected none or beit or shared}}
func.func private @negative_parse_no_word() attributes {a = #posenc.bucket<grid2d, q_minus_k, height = 7, width = 7, cls = 3>}

// -----

// expected-error @below {{expected 'height'}}
func.func private @negative_parse_order() attributes {a = #posenc.bucket<grid2d, q_minus_k, width = 7, height = 7>}

// -----

// expected-error @below {{(M2) expected a size from 1 to 2^31 - 1 but got 0}}
func.func private @negative_m2() attributes {a = #posenc.mask<chunked, size = 0>}

// -----

// expected-error @below {{(M3) expected an offset of less than 2^31 but got 4294967296}}
func.func private @negative_m3() attributes {a = #posenc.mask<causal, offset = 4294967296>}

// -----

// expected-error @below {{expected ','}}
func.func private @negative_mask_size() attributes {a = #posenc.mask<chunked>}

// -----

// expected-error @below {{expected 'offset'}}
func.func private @negative_mask_offset() attributes {a = #posenc.mask<causal, left = 3>}

// -----

func.func @negative_m4_none(%s: f32, %i: index) {
  // expected-error @below {{(M4) expected a length if and only if the mask is prefix but got none}}
  %1 = posenc.mask %s at(%i, %i) <prefix>
  return
}

// -----

func.func @negative_m4_one(%s: f32, %i: index) {
  // expected-error @below {{(M4) expected a length if and only if the mask is prefix but got one}}
  %1 = posenc.mask %s at(%i, %i) <causal> length(%i)
  return
}

// -----

func.func @negative_t2_class_token(%s: f32, %i: index, %t: tensor<729xf32>) {
  // expected-error @below {{(T2) expected a table of 732 rows but got 729}}
  %1 = posenc.bias_table %s, %t at(%i, %i) bucket <grid2d, q_minus_k, height = 14, width = 14, cls = beit> : tensor<729xf32>
  return
}

// -----

// expected-error @below {{(K7) expected fewer than 2^31 tokens}}
func.func private @negative_k7_tokens() attributes {a = #posenc.bucket<abs_grid, height = 65536, width = 32768>}
