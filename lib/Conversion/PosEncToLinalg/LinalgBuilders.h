//===- LinalgBuilders.h - Element-wise linalg.generic -----------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Every formula of the reference is one linalg.generic. These helpers build it
// from a function of the element's indices; what is not read in step with the
// loops (GQA heads, permuted storage) is read by tensor.extract.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CONVERSION_POSENCTOLINALG_LINALGBUILDERS_H
#define POSENC_LIB_CONVERSION_POSENCTOLINALG_LINALGBUILDERS_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::posenc::reference {

/// Builds the element of the result from the elements of the inputs and, last,
/// of the init.
using ElementBody = function_ref<Value(OpBuilder &, Location, ValueRange elements)>;

/// A tensor operand and the loops that index it.
struct Operand {
  Value tensor;
  SmallVector<unsigned> loops;
};

/// linalg.generic over `numLoops` loops. A loop that does not index `init` is a
/// reduction.
Value buildGeneric(OpBuilder &builder, Location loc, unsigned numLoops,
                   ArrayRef<Operand> inputs, const Operand &init, ElementBody body);

/// The same with one parallel loop per dimension of `init`.
Value buildForEach(OpBuilder &builder, Location loc, ArrayRef<Operand> inputs, Value init,
                   ElementBody body);

/// linalg.index of the loops 0 … count − 1, inside a body.
SmallVector<Value> buildIndices(OpBuilder &builder, Location loc, unsigned count);

/// tensor.empty, and the same filled with `value`, of f32 elements.
Value buildEmpty(OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> sizes);
Value buildFilled(OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> sizes, float value);

/// tensor.empty of the first result of an op whose extents reify.
Value buildResultInit(OpBuilder &builder, ReifyRankedShapedTypeOpInterface op);

/// An f32 constant.
Value buildF32(OpBuilder &builder, Location loc, float value);
/// f32, f16 or bf16 to another of them.
Value buildConvert(OpBuilder &builder, Location loc, Value value, Type type);

/// Element (b, h, t, d) of a tensor that is stored in the order `dims`, as f32.
Value buildRead(OpBuilder &builder, Location loc, Value tensor, DimsAttr dims,
                ArrayRef<Value> logical);
/// The logical indices (b, h, t, d) of a loop nest in the order `dims`.
SmallVector<Value> toLogical(DimsAttr dims, ArrayRef<Value> stored);

/// The first static one of equal extents, else the first one.
struct Extent {
  Value tensor;
  int64_t dim;
};
OpFoldResult buildExtent(OpBuilder &builder, Location loc, ArrayRef<Extent> equal);

/// Attention in a form whose derivative, taken op by op, is that of attention from
/// its log-sum-exp. `total` = Σ_n exp(f − lse) stands in for lse: lse is a constant
/// to whoever differentiates, and d total is what d lse is, so that the gradient
/// of lse flows through `total`. Afterwards `total` is to be replaced by `lse`,
/// whose value everything that reads `total` is meant to have. Modifiers are not
/// expanded: they may know a derivative of their own.
struct AttentionForBackward {
  Value output, total, lse;
};
/// Without a saved lse, f is computed once more to get it.
AttentionForBackward buildAttentionForBackward(OpBuilder &builder, AttentionOp op,
                                               Value savedLse);

/// With `keepFused` only of attention that no kernel computes.
void populateAttentionPatterns(RewritePatternSet &patterns, bool keepFused);
void populateScoreMapPatterns(RewritePatternSet &patterns);
void populateDecayGatePatterns(RewritePatternSet &patterns);
void populateProducerPatterns(RewritePatternSet &patterns);
void populatePositionPatterns(RewritePatternSet &patterns);
void populateAnglePatterns(RewritePatternSet &patterns);
void populateRowPatterns(RewritePatternSet &patterns);

} // namespace mlir::posenc::reference

#endif // POSENC_LIB_CONVERSION_POSENCTOLINALG_LINALGBUILDERS_H
