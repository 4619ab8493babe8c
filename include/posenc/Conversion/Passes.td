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

def PosEncGenerateBackward : Pass<"posenc-generate-backward", "::mlir::ModuleOp"> {
  let summary = "Add functions that compute the gradients of attention";
  let description = [{
    For each attention of a function @f adds @f_backward (@f_backward_0,
    @f_backward_1, … where there are several), plain IR on tensors:

    ```
    (inputs, o, lse, do) -> gradients of the floating inputs
    ```

    The inputs are q, k, v, positions, offsets and what the regions read, in
    the order of the op, each value once, but for constants. `lse` is that of
    the forward; the probabilities are exp(f − lse). The gradients are in the
    inputs' types, rounded once; all is computed in f32.

    With `functions` it adds @f_backward for each function @f of that list, with
    all that stands around attention:

    ```
    (arguments, results, gradients of floating results) -> gradients of the floating arguments
    ```

    A result that is the lse of an attention is the saved one, and has no
    gradient unless `lse-gradient` says so; an attention whose lse is not
    returned is computed once more.

    Derivatives are those of the reference lowering's formulas, op by op, and
    those that modifiers state (ScoreModOpInterface). Sums are taken in a fixed
    order: the results have the same bits every time, on any number of threads.

    Fails at the op whose derivative is asked for and not known.
  }];
  let options = [
    ListOption<"functions", "functions", "std::string",
               "Differentiate these functions as a whole, not each attention">,
    Option<"lseGradient", "lse-gradient", "bool", /*default=*/"false",
           "Take a gradient of lse as well">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
  ];
}

#endif // POSENC_CONVERSION_PASSES
