//===- Passes.td - Raising model IR to posenc --------------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_RAISE_PASSES
#define POSENC_RAISE_PASSES

include "mlir/Pass/PassBase.td"

def PosEncRaisePass : Pass<"posenc-raise", "ModuleOp"> {
  let summary = "Find attention and its positional encodings in model IR";
  let description = [{
    Raises by what the IR computes, not by how it is spelt. A copy of the module
    is normalised by upstream passes (TOSA to linalg, canonicalize, cse). For
    each contraction that a softmax may feed, the elements of its operands are
    followed back, through bodies, maps, reshapes, slices and gathers, to scalar
    expressions in (b, h, m, n). If they are softmax of an expression of q · k,
    the contraction becomes `posenc.attention`; everything else that meets the
    scores becomes code in its score region.

    A table look-up whose row depends on the distance n − m alone is evaluated,
    with the float arithmetic that the IR does, at every distance that may occur
    (for dynamic lengths with a proof of what lies beyond), and becomes
    `posenc.bias_table` with the named bucket that has exactly these rows
    (`t5`, `clip`), else a `lut`.

    ```mlir
    %s = linalg.batch_matmul …            // q · k
    %x = linalg.generic … addf %s, %bias  // bias: a gather by bucket(j − i)
    …                                     // max, exp, sum, div
    %o = linalg.batch_matmul …            // · v
    ```
    becomes
    ```mlir
    %o = posenc.attention scale(1.0) ins(%q, %k, %v : …) outs(…) score(%s, %b, %h, %m, %n) {
      %i = posenc.q_pos : index
      %j = posenc.k_pos : index
      %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <t5, …> : tensor<32x4xf32>
      posenc.yield %t : f32
    }
    ```

    Where lengths are static a look-up is evaluated at every pair of positions, too,
    and becomes one on a grid (`grid2d`, with a class token or without, `grid3d`,
    `abs_grid`); what is computed from a looked-up element is computed once per row
    of the table. Integers that are reductions (running sums, linearised indices,
    `tosa.scatter`) are expressions where they are known for all lengths: so tests for
    packed sequences vanish where positions count. A column or a summand more in the
    softmax's sum is a sink. Queries and keys whose rows are rotated by pairs of
    channels are those of `posenc.rotate`, with `posenc.angles` where the angle is a
    position times a frequency, else with the cosines and sines that the IR has. In
    a function with raised attention gathers by position are `posenc.lookup`.

    A function in which nothing is raised stays exactly as it was. Each softmax
    that feeds a contraction ends in a remark of category `posenc-raise`:
    "passed", or "missed" with what was expected and where.
  }];
  let options = [
    ListOption<"only", "only", "std::string",
               "Raise nothing but this: functions as '@NAME', a shell pattern, and structures "
               "(mask, affine, relative, ...: docs/Raising.md).">,
    Option<"strict", "strict", "bool", /*default=*/"false",
           "Make a softmax that feeds a contraction and is not raised an error.">,
    Option<"allowFiniteMasks", "allow-finite-masks", "bool", /*default=*/"false",
           "Take what adds -1e4 or less for a mask that hides, whatever the scores are.">,
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::cf::ControlFlowDialect", "::mlir::func::FuncDialect",
    "::mlir::index::IndexDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::posenc::PosEncDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect", "::mlir::tosa::TosaDialect",
    "::mlir::ub::UBDialect"];
}

#endif // POSENC_RAISE_PASSES
