//===- RegionExprs.h - Score regions as expressions -------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_ANALYSIS_REGIONEXPRS_H
#define POSENC_LIB_ANALYSIS_REGIONEXPRS_H

#include "posenc/Dialect/PosEnc/Analysis/ScalarExpr.h"
#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"
#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

namespace mlir::posenc {

/// One coordinate of queries and keys whose differences may carry structure.
struct PositionPair {
  scalar::Expr query = nullptr, key = nullptr;
  std::optional<int64_t> axis; ///< of position operands [axes, B, T]
};

/// What stands for the result of a stage: an opaque function of b, h, m and n.
inline constexpr llvm::StringLiteral kStageResult = "posenc.stage";
inline bool isStageResult(scalar::Expr e) {
  return e->kind == scalar::Kind::Op && e->name == kStageResult;
}

/// The variables of a score region and what its values are in them.
///
/// A region argument becomes a variable, so does each position that an operand
/// gives; a position without operand is its index plus the offset. Indices and
/// positions lie in [0, limit / 4) and offsets below limit / 4, so that no
/// difference leaves (−limit, limit).
class RegionExprs {
public:
  /// `owner` is an attention or a score_map with a score region.
  RegionExprs(scalar::ExprContext &cx, Operation *owner, KnownLengths lengths);

  scalar::Expr of(Value value);
  scalar::Expr ofYielded();
  Value getYielded() { return cast<YieldOp>(block->getTerminator()).getValue(); }

  scalar::Expr score, batch, head, query, key;
  /// The dimension that the factors of a low rank are summed over.
  scalar::Expr channel;
  /// What is added to an index; a variable where it is known at run time only.
  scalar::Expr queryOffset, keyOffset;
  /// i and j, those of other axes behind them. Empty where positions are floats.
  SmallVector<PositionPair> positions;
  /// The same for float positions.
  SmallVector<PositionPair> floatPositions;
  /// Whether one side has positions that an operand gives.
  bool hasPositionOperands = false;
  /// Claims hold for positions whose distance is below this.
  int64_t limit;
  Block &getBlock() { return *block; }
  /// The table row that a modifier of the form `Product` chooses, once it has
  /// been read; null where it does not say.
  scalar::Expr getProductRow(Operation *mod) const { return productRows.lookup(mod); }

private:
  void addPositions(Operation *owner);
  scalar::Expr position(bool isQuery, std::optional<int64_t> axis);
  scalar::Expr convertOrGiveUp(OpResult value);
  scalar::Expr convert(Operation *op, unsigned result);
  scalar::Expr convertModifier(ScoreModOpInterface mod);
  scalar::Expr convertLowRank(ScoreModOpInterface mod);
  scalar::Expr convertBranch(Operation *op, unsigned result);
  scalar::Expr convertStage(Operation *op);
  scalar::Expr convertOpaque(Operation *op, unsigned result);
  scalar::Expr readElement(Value tensor, ValueRange indices);

  scalar::ExprContext &cx;
  Block *block;
  /// Where a modifier's scalar form stands while it is read.
  Block *scratch = nullptr;
  llvm::DenseMap<Value, scalar::Expr> known;
  /// What stands for a tensor while a modifier's scalar form is read.
  llvm::DenseMap<Value, Value> tensors;
  llvm::DenseMap<std::pair<unsigned, int64_t>, scalar::Expr> positionVars;
  llvm::DenseMap<Operation *, scalar::Expr> productRows;
  Value positionOperands[2];
  unsigned numOpaque = 0;
};

/// The name of the operation that sums the product of two factors over
/// `RegionExprs::channel`.
inline constexpr llvm::StringLiteral kContraction = "posenc.contraction";

} // namespace mlir::posenc

#endif // POSENC_LIB_ANALYSIS_REGIONEXPRS_H
