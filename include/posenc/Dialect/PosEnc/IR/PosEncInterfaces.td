//===- PosEncInterfaces.td - Interfaces of posenc ----------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_INTERFACES
#define POSENC_INTERFACES

include "mlir/IR/OpBase.td"

def ScoreModOpInterface : OpInterface<"ScoreModOpInterface"> {
  let cppNamespace = "::mlir::posenc";
  let description = [{
    An op of a score region that turns one score into another. This is all a
    new encoding has to implement: `buildScalar` says what it computes, and
    every target evaluates exactly that.
  }];
  let methods = [
    InterfaceMethod<"The operand that is the incoming score.",
      "::mlir::OpOperand &", "getScoreMutable", (ins)>,
    InterfaceMethod<[{
        Builds the modified score for one (b, h, m, n) out of arith, math and
        tensor.extract / memref.load. `operands` stand for the op's operands, in
        order; a table may have become a memref by then.
      }],
      "::mlir::Value", "buildScalar",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::ValueRange":$operands)>,
    InterfaceMethod<[{
        True if the result is score + g(other operands) where g does not read
        the score. Then `s + mod(0, …)` may become `mod(s, …)`.
      }],
      "bool", "isAdditive", (ins), "", "return false;">,
    InterfaceMethod<[{
        What a kernel has to have at hand to compute the op. `Scalar`: nothing
        but the operands, as buildScalar says; the structure of such an op is
        found in what buildScalar builds.
      }],
      "::mlir::posenc::ScoreModForm", "getForm", (ins), "",
      "return ::mlir::posenc::ScoreModForm::Scalar;">,
    InterfaceMethod<"For the form `Product`: which product of rows the op reads.",
      "std::optional<::mlir::posenc::ScoreProduct>", "getProduct", (ins), "",
      "return std::nullopt;">,
    InterfaceMethod<[{
        For the form `Product`: buildScalar, with the product of a table's row
        (index) from `product`, so that it may have been computed before. Null
        if the op cannot say.
      }],
      "::mlir::Value", "buildFromProduct",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::ValueRange":$operands,
           "::llvm::function_ref<::mlir::Value(::mlir::Value)>":$product), "",
      "return ::mlir::Value();">,
    InterfaceMethod<"For the form `LowRank`: its factors. What it adds is their sum.",
      "std::optional<::mlir::posenc::ScoreFactors>", "getFactors", (ins), "",
      "return std::nullopt;">,
    InterfaceMethod<[{
        The derivative, for an op that has a better one than that of what
        buildScalar builds, which is the default: adds to `sink` what each of
        `operands` gets where the result is `result` and has the gradient
        `gradient`. False, with nothing built, to leave it to the default.
      }],
      "bool", "buildDerivative",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::ValueRange":$operands, "::mlir::Value":$result,
           "::mlir::Value":$gradient, "::mlir::posenc::GradientSink &":$sink), "",
      "return false;">,
  ];
}

def StageOpInterface : OpInterface<"StageOpInterface"> {
  let cppNamespace = "::mlir::posenc";
  let description = [{
    An op of a score region whose one result, an f32, depends on more than one
    score: on the row's, or on those of other heads. It separates the region
    into stages: what it reads is known for all scores before it is computed.
    Operands of type f32 are what it reads, per (b, h, m, n); all others come
    from outside. Attention that has a stage is computed by the reference
    lowering on every target.

    Verifier:
    * (Z1) stands at the top level of the score region of attention or score_map
    * (Z2) operands that are no f32 come from outside of the region
  }];
  let methods = [
    InterfaceMethod<"Whether the row's scores or all heads' are read.",
      "::mlir::posenc::ScoreModForm", "getForm", (ins)>,
    InterfaceMethod<[{
        Builds the results for all (b, h, m, n), an f32 tensor [B,H,Tq,Tk], out of
        linalg, scf and tensor. `operands` stand for the op's operands, in
        order, those of type f32 as such tensors.
      }],
      "::mlir::Value", "buildOnTensors",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::ValueRange":$operands)>,
  ];
  let verify = [{ return ::mlir::posenc::verifyStage($_op); }];
}

def RowTransformOpInterface : OpInterface<"RowTransformOpInterface"> {
  let cppNamespace = "::mlir::posenc";
  let description = [{
    An op of a row-transform region: turns one row into another of the same
    length. Defined element by element, so that a kernel may evaluate it while
    it loads.
  }];
  let methods = [
    InterfaceMethod<"The operand that is the incoming row.",
      "::mlir::OpOperand &", "getRowMutable", (ins)>,
    InterfaceMethod<[{
        Builds channel `d` (index) of the result as an f32. `load` builds any
        channel of the incoming row; `operands` stand for the op's operands.
      }],
      "::mlir::Value", "buildElement",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::ValueRange":$operands,
           "::llvm::function_ref<::mlir::Value(::mlir::Value)>":$load,
           "::mlir::Value":$d)>,
    InterfaceMethod<[{
        True in a row region. An op may have a second form that transforms all
        rows of a tensor; it is fused by `buildRowForm`.
      }],
      "bool", "isRow", (ins), "", "return true;">,
    InterfaceMethod<"True if a factor of the incoming row is one of the result.",
      "bool", "isLinear", (ins), "", "return false;">,
    InterfaceMethod<[{
        For the form on tensors: whether it transforms the rows of a tensor of
        rank 4, stored in the order `dims`, so that buildRowForm can do it row by
        row.
      }],
      "bool", "hasRowForm", (ins "::mlir::posenc::DimsAttr":$dims), "", "return false;">,
    InterfaceMethod<"Builds what the form on tensors does to the row (b, h, t), as an op.",
      "::mlir::Value", "buildRowForm",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Value":$row, "::mlir::Value":$b,
           "::mlir::Value":$h, "::mlir::Value":$t), "", "return {};">,
  ];
}

def DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let cppNamespace = "::mlir::posenc";
  let description = [{
    An op on tensors that states its derivative. Without it an op has that of
    its reference lowering, which is what most producers want.
  }];
  let methods = [
    InterfaceMethod<[{
        Adds to `sink` the gradients of the operands, whole tensors, from those
        of the results (null where a result has none), all in f32.
      }],
      "void", "buildGradients",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::ValueRange":$gradients, "::mlir::posenc::GradientSink &":$sink)>,
  ];
}

#endif // POSENC_INTERFACES
