//===- Emit.h - Scalar expressions back to IR -------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RAISE_EMIT_H
#define POSENC_LIB_RAISE_EMIT_H

#include "FindAttention.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

namespace mlir::posenc::raise {

/// Builds expressions at one insertion point, each node once. Integers are
/// built as index, booleans as i1.
class Emitter {
public:
  Emitter(ExprContext &cx, PullBack &pull, OpBuilder &builder, Location loc)
      : cx(cx), pull(pull), builder(builder), loc(loc) {}

  void bind(Expr node, Value value) { bound[node] = value; }
  Value emit(Expr e);
  Value emitIndex(Expr e);
  Value emitBool(Expr e);
  Value emitFloat(Expr e);
  OpFoldResult fold(Expr e);
  OpBuilder &getBuilder() { return builder; }

private:
  Value buildIndex(Expr e);
  Value buildBool(Expr e);
  Value buildFloat(Expr e);
  Value buildSum(Expr e);
  Value buildFloorMod(Expr e);
  Value buildOp(Expr e);
  Value buildRead(Expr e);
  Value compareToZero(Expr sum, arith::CmpIPredicate predicate);
  Value toIndex(Value v);
  Value constant(int64_t v);

  ExprContext &cx;
  PullBack &pull;
  OpBuilder &builder;
  Location loc;
  llvm::DenseMap<Expr, Value> bound, indices, bools, floats;
  /// Inside a branch of a select, whose reads may leave their tensor.
  unsigned guarded = 0;
};

/// An operand as a rank-4 tensor and the order it stores its axes in.
struct StoredView {
  Value tensor;
  DimsAttr dims;
};

/// Finds the tensor that `view` reads as strides only, or builds it.
StoredView buildOperand(ExprContext &cx, PullBack &pull, OpBuilder &builder, Location loc,
                        const OperandView &view);

/// The last tensor after the contraction that is its result in another order,
/// so that no transpose stays behind; null if there is none of rank 4.
StoredView findResult(ExprContext &cx, PullBack &pull, const Attention &attention);

/// How the contraction's own result is the attention's with dimensions merged:
/// the order to produce, and what to merge. Null if it is not.
StoredView collapsedResult(ExprContext &cx, PullBack &pull, const Attention &attention,
                           SmallVectorImpl<ReassociationIndices> &groups);

/// The contraction's result from the attention's, of order b h t d, by element.
Value buildContractionResult(ExprContext &cx, PullBack &pull, OpBuilder &builder,
                             const Attention &attention, Value result);

/// What a lookup by position was found to be.
struct NamedTable {
  BucketAttr bucket;
  Value table;
  Expr head = nullptr; ///< null for a table of rank 1
};

/// Recognises `read` as a table whose row is a function of the distance alone.
/// `builder` places a table that has to be cut to size.
std::optional<NamedTable> recognizeTable(ExprContext &cx, Expr read, const Attention &attention,
                                         OpBuilder &builder, Location loc);

struct EmitOptions {
  /// The user says that scores are small enough for -1e4 to hide one.
  bool finiteMasks;
  /// Whether the new op may replace what it stands for.
  llvm::function_ref<bool(AttentionOp)> accept;
};

/// Fills the score region's block; false if nothing is to be done in it.
void emitScore(ExprContext &cx, PullBack &pull, AttentionOp op, OpBuilder &outside,
               const Attention &attention, const EmitOptions &options);

/// The attention's sink as a tensor of one number per head.
Value buildSinks(ExprContext &cx, PullBack &pull, OpBuilder &builder, Location loc,
                 const Attention &attention);

/// Replaces the attention's operations; null if the options refuse the new op.
AttentionOp emitAttention(ExprContext &cx, PullBack &pull, const Attention &attention,
                          const EmitOptions &options);

} // namespace mlir::posenc::raise

#endif // POSENC_LIB_RAISE_EMIT_H
