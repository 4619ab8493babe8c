// One function per constraint; its name carries the id that the op's
// documentation, the verifier and the message carry.
// RUN: posenc-opt %s -split-input-file -verify-diagnostics

func.func @negative_attention_a1(%q: tensor<2x4x8x16xf32>, %k: tensor<4x8x16xf32>) {
  // expected-error @below {{(A1) expected k of rank 4 but got 'tensor<4x8x16xf32>'}}
  %r = posenc.attention scale(1.0) ins(%q, %k, %q : tensor<2x4x8x16xf32>, tensor<4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a1_unranked(%q: tensor<2x4x8x16xf32>, %k: tensor<*xf32>) {
  // expected-error @below {{(A1) expected v of rank 4 but got 'tensor<*xf32>'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<*xf32>) outs(%q : tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a1_lse(%q: tensor<2x4x8x16xf32>, %l: tensor<2x4x8x1xf32>) {
  // expected-error @below {{(A1) expected lse of rank 3 but got 'tensor<2x4x8x1xf32>'}}
  %r:2 = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q, %l : tensor<2x4x8x16xf32>, tensor<2x4x8x1xf32>)
  return
}

// -----

func.func @negative_attention_a2(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf16>) {
  // expected-error @below {{(A2) expected v of element type 'f32' but got 'f16'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf16>) outs(%q : tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a2_lse(%q: tensor<2x4x8x16xf16>, %l: tensor<2x4x8xf16>) {
  // expected-error @below {{(A2) expected lse of element type 'f32' but got 'f16'}}
  %r:2 = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf16>, tensor<2x4x8x16xf16>, tensor<2x4x8x16xf16>) outs(%q, %l : tensor<2x4x8x16xf16>, tensor<2x4x8xf16>)
  return
}

// -----

func.func @negative_attention_a3_batch(%q: tensor<2x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %o: tensor<2x4x8x16xf32>) {
  // expected-error @below {{(A3) expected q and k to agree in batch but got 2 and 1}}
  %r = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%o : tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a3_value_batch(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<3x4x8x16xf32>, %o: tensor<2x4x8x16xf32>) {
  // expected-error @below {{(A3) expected q and v to agree in batch but got 2 and 3}}
  %r = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<3x4x8x16xf32>) outs(%o : tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a3_output_batch(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %o: tensor<3x4x8x16xf32>) {
  // expected-error @below {{(A3) expected q and o to agree in batch but got 2 and 3}}
  %r = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%o : tensor<3x4x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a3_value_heads(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x2x8x16xf32>, %o: tensor<2x4x8x16xf32>) {
  // expected-error @below {{(A3) expected k and v to agree in heads but got 4 and 2}}
  %r = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>) outs(%o : tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a3_value_length(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x9x16xf32>, %v: tensor<2x4x7x16xf32>, %o: tensor<2x4x8x16xf32>) {
  // expected-error @below {{(A3) expected k and v to agree in length but got 9 and 7}}
  %r = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x8x16xf32>, tensor<2x4x9x16xf32>, tensor<2x4x7x16xf32>) outs(%o : tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a3_output_heads(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %o: tensor<2x2x8x16xf32>) {
  // expected-error @below {{(A3) expected q and o to agree in heads but got 4 and 2}}
  %r = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%o : tensor<2x2x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a3_output_length(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %o: tensor<2x4x9x16xf32>) {
  // expected-error @below {{(A3) expected q and o to agree in length but got 8 and 9}}
  %r = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%o : tensor<2x4x9x16xf32>)
  return
}

// -----

func.func @negative_attention_a3_head_size(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x15xf32>, %v: tensor<2x4x8x16xf32>, %o: tensor<2x4x8x16xf32>) {
  // expected-error @below {{(A3) expected q and k to agree in head size but got 16 and 15}}
  %r = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x8x16xf32>, tensor<2x4x8x15xf32>, tensor<2x4x8x16xf32>) outs(%o : tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a3_value_size(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %o: tensor<2x4x8x15xf32>) {
  // expected-error @below {{(A3) expected v and o to agree in head size but got 16 and 15}}
  %r = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%o : tensor<2x4x8x15xf32>)
  return
}

// -----

func.func @negative_attention_a3_dims(%q: tensor<2x4x8x16xf32>) {
  // expected-error @below {{(A3) expected k and v to agree in length but got 16 and 8}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) dims(k = bhdt)
  return
}

// -----

func.func @negative_attention_a4(%q: tensor<2x4x8x16xf32>, %k: tensor<2x3x8x16xf32>) {
  // expected-error @below {{(A4) expected the number of query heads to be a multiple of the number of key heads but got 4 and 3}}
  %r = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<2x4x8x16xf32>, tensor<2x3x8x16xf32>, tensor<2x3x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a4_none(%q: tensor<2x4x8x16xf32>, %k: tensor<2x0x8x16xf32>) {
  // expected-error @below {{(A4) expected the number of query heads to be a multiple of the number of key heads but got 4 and 0}}
  %r = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<2x4x8x16xf32>, tensor<2x0x8x16xf32>, tensor<2x0x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a5(%q: tensor<2x4x8x16xf32>) {
  // expected-error @below {{(A5) expected a finite scale but got 0x7F800000 : f32}}
  %r = posenc.attention scale(0x7F800000) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a6(%q: tensor<2x4x8x16xf32>, %k: memref<2x4x8x16xf32>) {
  // expected-error @below {{(A6) expected all of q, k, v and outs to be tensors, or all memrefs, but got k of type 'memref<2x4x8x16xf32>'}}
  %r = posenc.attention scale(1.0) ins(%q, %k, %q : tensor<2x4x8x16xf32>, memref<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @negative_attention_a7(%q: tensor<2x4x8x16xf32>, %l: tensor<2x4x9xf32>) {
  // expected-error @below {{(A7) expected lse of shape [2, 4, 8] but got 'tensor<2x4x9xf32>'}}
  %r:2 = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q, %l : tensor<2x4x8x16xf32>, tensor<2x4x9xf32>)
  return
}

// -----

func.func @negative_attention_a8(%q: tensor<2x4x8x16xf32>, %p: tensor<9xi64>) {
  // expected-error @below {{(A8) expected positions of q of shape [8], [2, 8] or [axes, 2, 8] but got 'tensor<9xi64>'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) positions(q = %p : tensor<9xi64>)
  return
}

// -----

func.func @negative_attention_a8_batch(%q: tensor<2x4x8x16xf32>, %p: tensor<3x1x8xf32>) {
  // expected-error @below {{(A8) expected positions of k of shape [8], [2, 8] or [axes, 2, 8] but got 'tensor<3x1x8xf32>'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) positions(k = %p : tensor<3x1x8xf32>)
  return
}

// -----

func.func @negative_attention_a8_unranked(%q: tensor<2x4x8x16xf32>, %p: tensor<*xi64>) {
  // expected-error @below {{(A8) expected positions of k of shape [8], [2, 8] or [axes, 2, 8] but got 'tensor<*xi64>'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) positions(k = %p : tensor<*xi64>)
  return
}

// -----

func.func @negative_attention_a8_rank_0(%q: tensor<2x4x8x16xf32>, %p: tensor<i64>) {
  // expected-error @below {{(A8) expected positions of k of shape [8], [2, 8] or [axes, 2, 8] but got 'tensor<i64>'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) positions(k = %p : tensor<i64>)
  return
}

// -----

func.func @negative_attention_a9(%q: tensor<2x4x8x16xf32>, %p: tensor<8xi64>, %o: index) {
  // expected-error @below {{(A9) expected positions or an offset for k but got both}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) positions(k = %p : tensor<8xi64>) offsets(k = %o)
  return
}

// -----

func.func @negative_attention_a10(%q: tensor<2x4x8x16xf32>) {
  // expected-error @below {{(A10) expected region 'score' to be one block that takes ('f32', 'index', 'index', 'index', 'index') and yields 'f32' but got ('f32', 'index', 'index', 'index') and 'f32'}}
  %r = "posenc.attention"(%q, %q, %q, %q) <{k_dims = #posenc.dims<bhtd>, o_dims = #posenc.dims<bhtd>, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0>, q_dims = #posenc.dims<bhtd>, scale = 1.0 : f32, v_dims = #posenc.dims<bhtd>}> ({}, {}, {}, {}, {
    ^bb0(%s: f32, %b: index, %h: index, %m: index):
      posenc.yield %s : f32
    }) : (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return
}

// -----

func.func @negative_attention_a10_two_blocks(%q: tensor<2x4x8x16xf32>) {
  // expected-error @below {{(A10) expected region 'score' to be one block}}
  %r = "posenc.attention"(%q, %q, %q, %q) <{k_dims = #posenc.dims<bhtd>, o_dims = #posenc.dims<bhtd>, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0>, q_dims = #posenc.dims<bhtd>, scale = 1.0 : f32, v_dims = #posenc.dims<bhtd>}> ({}, {}, {}, {}, {
    ^bb0(%s: f32, %b: index, %h: index, %m: index, %n: index):
      cf.br ^bb1
    ^bb1:
      posenc.yield %s : f32
    }) : (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return
}

// -----

func.func @negative_attention_a10_no_yield(%q: tensor<2x4x8x16xf32>) {
  // expected-error @below {{(A10) expected region 'score' to be one block}}
  %r = "posenc.attention"(%q, %q, %q, %q) <{k_dims = #posenc.dims<bhtd>, o_dims = #posenc.dims<bhtd>, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0>, q_dims = #posenc.dims<bhtd>, scale = 1.0 : f32, v_dims = #posenc.dims<bhtd>}> ({}, {}, {}, {}, {
    ^bb0(%s: f32, %b: index, %h: index, %m: index, %n: index):
      ub.unreachable
    }) : (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return
}

// -----

func.func @negative_attention_a11(%q: tensor<2x4x8x16xf32>) {
  // expected-error @below {{(A11) expected region 'v_rows' to be one block that takes ('!posenc.row', 'index', 'index', 'index') and yields '!posenc.row' but got ('f32', 'index', 'index', 'index') and 'f32'}}
  %r = "posenc.attention"(%q, %q, %q, %q) <{k_dims = #posenc.dims<bhtd>, o_dims = #posenc.dims<bhtd>, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0>, q_dims = #posenc.dims<bhtd>, scale = 1.0 : f32, v_dims = #posenc.dims<bhtd>}> ({}, {}, {
    ^bb0(%s: f32, %b: index, %h: index, %t: index):
      posenc.yield %s : f32
    }, {}, {}) : (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return
}

// -----

func.func @negative_attention_a12(%q: tensor<2x4x8x16xf32>, %m: memref<f32>) {
  // expected-error @below {{(A12) expected ops in region 'score' to have no effects but reads but got 'memref.store'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) score(%s, %b, %h, %m0, %n) {
    // expected-note @below {{the op}}
    memref.store %s, %m[] : memref<f32>
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @negative_attention_a12_rows(%q: tensor<2x4x8x16xf32>) {
  // expected-error @below {{(A12) expected ops in region 'k_rows' to have no effects but reads but got 'func.call'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) k_rows(%row, %b, %h, %t) {
    // expected-note @below {{the op}}
    func.call @f() : () -> ()
    posenc.yield %row : !posenc.row
  }
  return
}
func.func private @f()

// -----

func.func @negative_attention_a19(%q: tensor<2x4x8x16xf32>, %a: tensor<8x8xf32>, %c: i1) {
  // expected-error @below {{(A19) expected rows in region 'q_rows' to pass through row transforms at its top level alone but got 'arith.select'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) q_rows(%row, %b, %h, %t) {
    %x = posenc.rotate %row at(%b, %t) by(%a) half : !posenc.row, tensor<8x8xf32>
    // expected-note @below {{the op}}
    %y = arith.select %c, %x, %row : !posenc.row
    posenc.yield %y : !posenc.row
  }
  return
}

// -----

func.func @negative_attention_a19_nested(%q: tensor<2x4x8x16xf32>, %a: tensor<8x8xf32>, %c: i1) {
  // expected-error @below {{(A19) expected rows in region 'o_rows' to pass through row transforms at its top level alone but got 'posenc.rotate'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) o_rows(%row, %b, %h, %t) {
    scf.if %c {
      // expected-note @below {{the op}}
      %x = posenc.rotate %row at(%b, %t) by(%a) half : !posenc.row, tensor<8x8xf32>
    }
    posenc.yield %row : !posenc.row
  }
  return
}

// -----

func.func @negative_attention_a13(%q: tensor<2x4x8x16xf32>) {
  // expected-error @below {{(A13) expected results of types ('tensor<2x4x8x16xf32>') but got ('tensor<2x4x8x17xf32>')}}
  %r = "posenc.attention"(%q, %q, %q, %q) <{k_dims = #posenc.dims<bhtd>, o_dims = #posenc.dims<bhtd>, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0>, q_dims = #posenc.dims<bhtd>, scale = 1.0 : f32, v_dims = #posenc.dims<bhtd>}> ({}, {}, {}, {}, {}) : (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) -> tensor<2x4x8x17xf32>
  return
}

// -----

func.func @negative_attention_a13_memref(%q: memref<2x4x8x16xf32>) {
  // expected-error @below {{(A13) expected results of types () but got ('tensor<2x4x8x16xf32>')}}
  %r = "posenc.attention"(%q, %q, %q, %q) <{k_dims = #posenc.dims<bhtd>, o_dims = #posenc.dims<bhtd>, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0>, q_dims = #posenc.dims<bhtd>, scale = 1.0 : f32, v_dims = #posenc.dims<bhtd>}> ({}, {}, {}, {}, {}) : (memref<2x4x8x16xf32>, memref<2x4x8x16xf32>, memref<2x4x8x16xf32>, memref<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return
}

// -----

func.func @negative_attention_a14(%q: tensor<2x4x8x16xf32>, %z: tensor<3xf32>) {
  // expected-error @below {{(A14) expected sinks of shape [4] but got 'tensor<3xf32>'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) sinks(%z : tensor<3xf32>)
  return
}

// -----

func.func @negative_attention_a14_rank(%q: tensor<2x?x8x16xf32>, %z: tensor<1x?xf32>) {
  // expected-error @below {{(A14) expected sinks of shape [?] but got 'tensor<1x?xf32>'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x?x8x16xf32>, tensor<2x?x8x16xf32>, tensor<2x?x8x16xf32>) outs(%q : tensor<2x?x8x16xf32>) sinks(%z : tensor<1x?xf32>)
  return
}

// -----

func.func @negative_attention_a15(%q: tensor<2x4x8x16xf16>, %z: tensor<4xbf16>) {
  // expected-error @below {{(A15) expected sinks of element type f32 or 'f16' but got 'bf16'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf16>, tensor<2x4x8x16xf16>, tensor<2x4x8x16xf16>) outs(%q : tensor<2x4x8x16xf16>) sinks(%z : tensor<4xbf16>)
  return
}

// -----

func.func @negative_attention_a6_sinks(%q: tensor<2x4x8x16xf32>, %z: memref<4xf32>) {
  // expected-error @below {{(A6) expected all of q, k, v and outs to be tensors, or all memrefs, but got sinks of type 'memref<4xf32>'}}
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%q : tensor<2x4x8x16xf32>) sinks(%z : memref<4xf32>)
  return
}

// -----

func.func @negative_score_map_s1(%x: tensor<4x8x9xf32>) {
  // expected-error @below {{(S1) expected an output of rank 4 but got 'tensor<4x8x9xf32>'}}
  %r = posenc.score_map outs(%x : tensor<4x8x9xf32>) score(%s, %b, %h, %m, %n) {
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @negative_score_map_s1_unranked(%x: tensor<*xf32>) {
  // expected-error @below {{result #0 must be variadic of ranked tensor of any type values, but got 'tensor<*xf32>'}}
  %r = posenc.score_map outs(%x : tensor<*xf32>) score(%s, %b, %h, %m, %n) {
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @negative_score_map_s2(%x: tensor<1x4x8x9xf32>, %p: tensor<8xi64>) {
  // expected-error @below {{(S2) expected positions of k of shape [9], [1, 9] or [axes, 1, 9] but got 'tensor<8xi64>'}}
  %r = posenc.score_map outs(%x : tensor<1x4x8x9xf32>) positions(k = %p : tensor<8xi64>) score(%s, %b, %h, %m, %n) {
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @negative_score_map_s3(%x: tensor<1x4x8x9xf32>, %p: tensor<8xi64>, %o: index) {
  // expected-error @below {{(S3) expected positions or an offset for q but got both}}
  %r = posenc.score_map outs(%x : tensor<1x4x8x9xf32>) positions(q = %p : tensor<8xi64>) offsets(q = %o) score(%s, %b, %h, %m, %n) {
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @negative_score_map_s4(%x: tensor<1x4x8x9xf32>) {
  // expected-error @below {{(S4) expected a score region but got none}}
  %r = "posenc.score_map"(%x) <{operandSegmentSizes = array<i32: 0, 0, 0, 0, 1>}> ({}) : (tensor<1x4x8x9xf32>) -> tensor<1x4x8x9xf32>
  return
}

// -----

func.func @negative_score_map_s4_yield(%x: tensor<1x4x8x9xf32>) {
  // expected-error @below {{(S4) expected region 'score' to be one block that takes ('f32', 'index', 'index', 'index', 'index') and yields 'f32' but got ('!posenc.row', 'index', 'index', 'index', 'index') and '!posenc.row'}}
  %r = "posenc.score_map"(%x) <{operandSegmentSizes = array<i32: 0, 0, 0, 0, 1>}> ({
  ^bb0(%s: !posenc.row, %b: index, %h: index, %m: index, %n: index):
    posenc.yield %s : !posenc.row
  }) : (tensor<1x4x8x9xf32>) -> tensor<1x4x8x9xf32>
  return
}

// -----

func.func @negative_score_map_s5(%x: tensor<1x4x8x9xf32>) {
  // expected-error @below {{(S5) expected ops in region 'score' to have no effects but reads but got 'cf.assert'}}
  %r = posenc.score_map outs(%x : tensor<1x4x8x9xf32>) score(%s, %b, %h, %m, %n) {
    %c = arith.cmpi slt, %m, %n : index
    // expected-note @below {{the op}}
    cf.assert %c, "no"
    posenc.yield %s : f32
  }
  return
}

// -----

func.func @negative_score_map_s6(%x: tensor<1x4x8x9xf32>) {
  // expected-error @below {{(S6) expected the type of the tensor in outs, 'tensor<1x4x8x9xf32>', as the result}}
  %r = "posenc.score_map"(%x) <{operandSegmentSizes = array<i32: 0, 0, 0, 0, 1>}> ({
  ^bb0(%s: f32, %b: index, %h: index, %m: index, %n: index):
    posenc.yield %s : f32
  }) : (tensor<1x4x8x9xf32>) -> tensor<1x4x9x8xf32>
  return
}
