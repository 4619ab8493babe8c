// RUN: posenc-opt %s --posenc-raise="only=@first" | FileCheck %s --check-prefix=FIRST
// RUN: posenc-opt %s --posenc-raise="only=@f*,@second" | FileCheck %s --check-prefix=BOTH
// RUN: posenc-opt %s --posenc-raise="only=affine strict=true" | FileCheck %s --check-prefix=BOTH
// RUN: posenc-opt %s --posenc-raise="only=affine,dense,@second strict" | FileCheck %s --check-prefix=SECOND
// RUN: posenc-opt %s --posenc-raise --remarks-filter-passed=posenc-raise 2>&1 >/dev/null | FileCheck %s --check-prefix=PASSED
// RUN: posenc-opt %s --posenc-raise="only=mask,rank" 2>&1 >/dev/null | FileCheck %s --check-prefix=MISSED
// RUN: posenc-opt %s --posenc-raise="only=mask,@second" --posenc-quiet > %t.refused
// RUN: mlir-opt %s > %t.plain
// RUN: diff %t.plain %t.refused
// RUN: not posenc-opt %s --posenc-raise="only=mask strict" --posenc-quiet 2>&1 | FileCheck %s --check-prefix=STRICT
// RUN: not posenc-opt %s --posenc-raise="only=bias" 2>&1 | FileCheck %s --check-prefix=WORD
// RUN: not posenc-opt %s --posenc-raise="only=@first,@[" 2>&1 | FileCheck %s --check-prefix=PATTERN

/// What `only` names is raised, and all else is left as it was.

#qk0 = affine_map<(m, n, d) -> (m, d)>
#qk1 = affine_map<(m, n, d) -> (n, d)>
#qk2 = affine_map<(m, n, d) -> (m, n)>

// PASSED: Function=first | Reason="raised to posenc.attention of q, k and v alone"
// PASSED: Function=second | Reason="raised to posenc.attention with affine (arith.addf)"
// MISSED-NOT: Function=first
// MISSED: Function=second | Reason="expected only mask, rank, but got affine (arith.addf)", Step=only, StoppedAt=linalg.contract
// STRICT: error: softmax of a contraction is not raised: expected only mask, but got affine (arith.addf)
// WORD: error: posenc-raise only: expected '@function' or one of mask, uniform, {{.*}}, general but got 'bias'
// PATTERN: error: posenc-raise only: expected a pattern of function names but got '@[': {{.*}}

// FIRST-LABEL:  func.func @first(
// FIRST:          posenc.attention
// BOTH-LABEL:   func.func @first(
// BOTH:           posenc.attention
// SECOND-LABEL: func.func @first(
// SECOND-NOT:     posenc.attention
func.func @first(%q: tensor<8x16xf32>, %k: tensor<8x16xf32>, %v: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<8x8xf32>
  %eo = tensor.empty() : tensor<8x16xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<8x16xf32>) -> tensor<8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<8x16xf32>, tensor<8x16xf32>) outs(%z2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %p = linalg.softmax dimension(1) ins(%s : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<8x8xf32>, tensor<8x16xf32>) outs(%zo : tensor<8x16xf32>) -> tensor<8x16xf32>
  return %o : tensor<8x16xf32>
}

// FIRST-LABEL:  func.func @second(
// FIRST-NOT:      posenc.attention
// BOTH-LABEL:   func.func @second(
// BOTH:           posenc.attention
// SECOND-LABEL: func.func @second(
// SECOND:         posenc.attention
func.func @second(%q: tensor<8x16xf32>, %k: tensor<8x16xf32>, %v: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %slope = arith.constant 0.125 : f32
  %e2 = tensor.empty() : tensor<8x8xf32>
  %eo = tensor.empty() : tensor<8x16xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<8x16xf32>) -> tensor<8x16xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<8x16xf32>, tensor<8x16xf32>) outs(%z2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %x = linalg.map ins(%s : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) (%in: f32, %out: f32) {
    %m = linalg.index 0 : index
    %n = linalg.index 1 : index
    %distance = arith.subi %n, %m : index
    %integer = arith.index_cast %distance : index to i64
    %float = arith.sitofp %integer : i64 to f32
    %bias = arith.mulf %float, %slope : f32
    %r = arith.addf %in, %bias : f32
    linalg.yield %r : f32
  }
  %p = linalg.softmax dimension(1) ins(%x : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) -> tensor<8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<8x8xf32>, tensor<8x16xf32>) outs(%zo : tensor<8x16xf32>) -> tensor<8x16xf32>
  return %o : tensor<8x16xf32>
}
