// RUN: split-file %s %t
// RUN: not posenc-opt %t/none.mlir --posenc-reencode 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not posenc-opt %t/none.mlir --posenc-reencode=learned-to=sinusoidal 2>&1 | FileCheck %s --check-prefix=WORD
// RUN: not posenc-opt %t/none.mlir --posenc-reencode="learned-to=t5 num-buckets=7" 2>&1 | FileCheck %s --check-prefix=BUCKETS
// RUN: not posenc-opt %t/none.mlir --posenc-reencode="learned-to=t5 max-distance=8" 2>&1 | FileCheck %s --check-prefix=DISTANCE
// RUN: not posenc-opt %t/none.mlir --posenc-reencode="learned-to=rope base=1.0" 2>&1 | FileCheck %s --check-prefix=BASE
// RUN: not posenc-opt %t/none.mlir --posenc-reencode=learned-to=none 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not posenc-opt %t/unraised.mlir --posenc-reencode=learned-to=alibi 2>&1 | FileCheck %s --check-prefix=UNRAISED
// RUN: not posenc-opt %t/heads.mlir --posenc-reencode=learned-to=alibi 2>&1 | FileCheck %s --check-prefix=HEADS
// RUN: not posenc-opt %t/heads.mlir --posenc-reencode=learned-to=rope 2>&1 | FileCheck %s --check-prefix=SIZE
// RUN: not posenc-opt %t/axes.mlir --posenc-reencode=learned-to=t5 2>&1 | FileCheck %s --check-prefix=AXES
// RUN: not posenc-opt %t/called.mlir --posenc-reencode=learned-to=t5 2>&1 | FileCheck %s --check-prefix=CALLED
// RUN: not posenc-opt %t/fit.mlir --posenc-reencode="learned-to=t5 fit=true" 2>&1 | FileCheck %s --check-prefix=FIT
// RUN: not posenc-opt %t/heads.mlir --posenc-reencode="learned-to=t5 fit=true" 2>&1 | FileCheck %s --check-prefix=FITSIZE
// RUN: not posenc-opt %t/fit.mlir --posenc-reencode="learned-to=alibi fit=true" 2>&1 | FileCheck %s --check-prefix=FITWORD
// RUN: posenc-opt %t/called.mlir --posenc-reencode=learned-to=alibi | FileCheck %s --check-prefix=ALIBI

// OPTION: error: expected learned-to to be t5, alibi, rope or none but got ''
// WORD: error: expected learned-to to be t5, alibi, rope or none but got 'sinusoidal'
// BUCKETS: error: (K1) expected num_buckets to be a multiple of 4 from 4 to 1024 but got 7
// DISTANCE: error: (K2) expected max_distance to be more than 8 and below 2^31 but got 8
// BASE: error: expected a finite base of more than 1 but got 1.000000e+00
// NONE: error: expected a table by position that is added to embeddings but got none
// UNRAISED: error: expected posenc.attention of the tokens that the table is added to (--posenc-raise) but got none
// HEADS: error: expected a known number of heads but got ?
// SIZE: error: expected a known and even head size for rope but got 7
// AXES: error: expected integer positions of one axis but got 'tensor<8xf32>'
// CALLED: error: expected no calls of @layer, which gets t5's table as an argument
// FIT: error: expected queries and keys of the first attention to be computed from the embeddings and constants alone for fit but got an argument
// FITSIZE: error: expected known heads, head size and rows of the table for fit
// FITWORD: error: expected learned-to=t5 with fit but got alibi
// ALIBI: posenc.bias_fn

//--- none.mlir
// Rows by token, the same row for all tokens, and an argument with a row per token are no tables of positions.
!x = tensor<2x4x8x16xf32>
func.func @main(%ids: tensor<8xi64>, %x: tensor<8x16xf32>, %data: tensor<8x16xf32>) -> !x {
  %words = arith.constant dense_resource<words> : tensor<100x16xf32>
  %bias = arith.constant dense_resource<bias> : tensor<16xf32>
  %i = tensor.empty() : tensor<8x16xf32>
  %e = posenc.lookup %words[%ids] clamp : tensor<100x16xf32>, tensor<8xi64> -> tensor<8x16xf32>
  %same = linalg.broadcast ins(%bias : tensor<16xf32>) outs(%i : tensor<8x16xf32>) dimensions = [0]
  %0 = arith.addf %x, %e : tensor<8x16xf32>
  %1 = arith.addf %0, %same : tensor<8x16xf32>
  %2 = arith.addf %1, %data : tensor<8x16xf32>
  %j = tensor.empty() : !x
  %q = linalg.broadcast ins(%2 : tensor<8x16xf32>) outs(%j : !x) dimensions = [0, 1]
  %o = posenc.attention scale(0.25) ins(%q, %q, %q : !x, !x, !x) outs(%j : !x)
  return %o : !x
}

//--- unraised.mlir
func.func @main(%x: tensor<8x16xf32>, %table: tensor<64x16xf32>) -> tensor<8x16xf32> {
  %rows = tensor.extract_slice %table[0, 0] [8, 16] [1, 1] : tensor<64x16xf32> to tensor<8x16xf32>
  %0 = arith.addf %x, %rows : tensor<8x16xf32>
  return %0 : tensor<8x16xf32>
}

//--- heads.mlir
!x = tensor<2x?x8x7xf32>
func.func @main(%x: !x, %table: tensor<64x7xf32>, %h: index) -> !x {
  %rows = tensor.extract_slice %table[0, 0] [8, 7] [1, 1] : tensor<64x7xf32> to tensor<8x7xf32>
  %j = tensor.empty(%h) : !x
  %r = linalg.broadcast ins(%rows : tensor<8x7xf32>) outs(%j : !x) dimensions = [0, 1]
  %q = arith.addf %x, %r : !x
  %o = posenc.attention scale(0.25) ins(%q, %q, %q : !x, !x, !x) outs(%j : !x)
  return %o : !x
}

//--- axes.mlir
!x = tensor<2x4x8x16xf32>
func.func @main(%x: !x, %table: tensor<64x16xf32>, %p: tensor<8xf32>) -> !x {
  %rows = tensor.extract_slice %table[0, 0] [8, 16] [1, 1] : tensor<64x16xf32> to tensor<8x16xf32>
  %j = tensor.empty() : !x
  %r = linalg.broadcast ins(%rows : tensor<8x16xf32>) outs(%j : !x) dimensions = [0, 1]
  %q = arith.addf %x, %r : !x
  %o = posenc.attention scale(0.25) ins(%q, %q, %q : !x, !x, !x) outs(%j : !x) positions(q = %p : tensor<8xf32>)
  return %o : !x
}

//--- called.mlir
!x = tensor<2x4x8x16xf32>
func.func @layer(%x: !x, %table: tensor<64x16xf32>) -> !x {
  %rows = tensor.extract_slice %table[0, 0] [8, 16] [1, 1] : tensor<64x16xf32> to tensor<8x16xf32>
  %j = tensor.empty() : !x
  %r = linalg.broadcast ins(%rows : tensor<8x16xf32>) outs(%j : !x) dimensions = [0, 1]
  %q = arith.addf %x, %r : !x
  %o = posenc.attention scale(0.25) ins(%q, %q, %q : !x, !x, !x) outs(%j : !x)
  return %o : !x
}
func.func @main(%x: !x, %table: tensor<64x16xf32>) -> !x {
  %o = func.call @layer(%x, %table) : (!x, tensor<64x16xf32>) -> !x
  return %o : !x
}

//--- fit.mlir
!x = tensor<2x4x8x16xf32>
func.func @main(%x: !x, %w: !x) -> !x {
  %table = arith.constant dense_resource<table> : tensor<64x16xf32>
  %rows = tensor.extract_slice %table[0, 0] [8, 16] [1, 1] : tensor<64x16xf32> to tensor<8x16xf32>
  %j = tensor.empty() : !x
  %r = linalg.broadcast ins(%rows : tensor<8x16xf32>) outs(%j : !x) dimensions = [0, 1]
  %q = arith.addf %x, %r : !x
  %k = arith.mulf %q, %w : !x
  %o = posenc.attention scale(0.25) ins(%q, %k, %k : !x, !x, !x) outs(%j : !x)
  return %o : !x
}
