//===- Passes.td - Conversions out of posenc ---------------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CONVERSION_PASSES
#define POSENC_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ConvertPosEncToLinalg : Pass<"convert-posenc-to-linalg"> {
  let summary = "Convert posenc on tensors to linalg, unfused and obviously right";
  let description = [{
    The reference: every op becomes `linalg.generic` that computes its formula
    element by element, so the result is the oracle of all other lowerings.
    Attention materialises q', k', v', the scores and the probabilities in f32:

    ```
    q', k', v'  = the row regions, element by element, as [B,H,T,D]
    s           = Σ_d q' k'[h / G]                    [B,Hq,Tq,Tk]
    f           = score(scale · s)
    max, sum    = row maximum of f, row sum of exp(f − max)
    p           = exp(f − max) / sum                  0 where sum is 0
    o'          = Σ_n p v'[h / G]
    o, lse      = o_rows(o'), max + ln sum            −inf where sum is 0
    ```

    Any extent may be dynamic, any `dims` permuted. `posenc.lookup … assert`
    becomes a `cf.assert`.

    A stage of a score region (`posenc.row_scan`, `posenc.head_mix`) separates
    it: the stage's operands and its result become f32 tensors [B,Hq,Tq,Tk],
    what lies between two stages is computed anew where it is needed. A scan is
    a loop over the keys, a whole column of scores at a time.

    With `keep-attention` the pass converts what surrounds attention and leaves
    `posenc.attention` for a fused lowering, but for attention with what no
    kernel computes (stages): that is converted all the same, and a remark of
    the category `posenc-decompose` says why.

    Fails on attention and score_map on memrefs: their producers are gone, so
    convert before bufferization.
  }];
  let options = [
    Option<"keepAttention", "keep-attention", "bool", /*default=*/"false",
           "Convert everything but the posenc.attention that kernels compute">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
  ];
}

#endif // POSENC_CONVERSION_PASSES
