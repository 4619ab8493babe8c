//===- DropRowTerms.cpp - Softmax does not see constants of rows ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Transforms/Passes.h"

#include "LinearBias.h"
#include "ScoreSlice.h"

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

#include <limits>

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCDROPROWTERMS
#include "posenc/Dialect/PosEnc/Transforms/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

/// The query by itself, and what is the same everywhere.
static bool isOfRow(unsigned inputs) { return !(inputs & ~(kUniformInputs | InputQuery)); }

/// Whether a constant of a row passes through the term unchanged.
static bool keepsShift(const ScoreTerm &term) {
  return term.action == TermAction::Add ||
         (term.action == TermAction::Mask &&
          term.fill == -std::numeric_limits<double>::infinity());
}

namespace {
/// Works on one attention.
class RowTermDropper {
public:
  RowTermDropper(IRRewriter &rewriter, AttentionOp op)
      : rewriter(rewriter), op(op), block(op.getScore().front()), structure(op),
        onScore(findScoreValues(block)) {}

  void run() {
    SetVector<Operation *> ops;
    SmallVector<BiasFnOp> keyOnly;
    StringRef obstacle = op.getLse() ? "log-sum-exp is a result" : "";
    if (op.getSinks())
      obstacle = "sinks are not shifted with the row";
    if (!structure.getStages().empty())
      obstacle = "a stage may read it";
    for (const ScoreTerm &term : llvm::reverse(structure.getTerms())) {
      if (auto linear = dyn_cast_or_null<BiasFnOp>(term.op);
          linear && obstacle.empty() && isLinearInKeys(linear, hidesFuture(linear)))
        keyOnly.push_back(linear);
      bool rowTerm = term.action == TermAction::Add && isOfRow(term.inputs);
      if (rowTerm && obstacle.empty())
        ops.insert(term.op);
      else if (rowTerm)
        missed(term.op, obstacle);
      if (!keepsShift(term) && obstacle.empty())
        obstacle = "a later step is neither an addition nor a mask of -inf";
    }
    for (Operation *step : ops)
      drop(step);
    for (BiasFnOp linear : keyOnly)
      reduceToKeys(rewriter, linear);
    eraseDeadOps(rewriter, block);
  }

private:
  bool isRowValue(Value value) { return isOfRow(structure.describe(value).inputs); }

  void drop(Operation *step) {
    if (auto mod = dyn_cast<ScoreModOpInterface>(step)) {
      // A modifier is dropped whole: what it adds has no other parts.
      Value score = mod.getScoreMutable().get();
      if (mod.isAdditive() &&
          isOfRow(structure.describe(mod->getResult(0), score).inputs & ~unsigned(InputScore)))
        rewriter.replaceAllUsesWith(mod->getResult(0), score);
      return;
    }
    if (!isa<arith::AddFOp, arith::SubFOp>(step))
      return;
    unsigned side = onScore.contains(step->getOperand(0)) ? 0 : 1;
    if (onScore.contains(step->getOperand(1 - side)))
      return;
    rewriter.setInsertionPoint(step);
    Value rest = withoutRowParts(step->getOperand(1 - side));
    Value score = step->getOperand(side);
    if (!rest)
      rewriter.replaceAllUsesWith(step->getResult(0), score);
    else
      rewriter.modifyOpInPlace(step, [&] { step->setOperand(1 - side, rest); });
  }

  /// The value without the parts of the row; null if nothing is left.
  Value withoutRowParts(Value value) {
    if (isRowValue(value))
      return {};
    Operation *sum = value.getDefiningOp();
    bool isSum = isa_and_nonnull<arith::AddFOp, arith::SubFOp>(sum);
    if (!isSum || sum->getBlock() != &block)
      return value;
    Value a = withoutRowParts(sum->getOperand(0)), b = withoutRowParts(sum->getOperand(1));
    bool minus = isa<arith::SubFOp>(sum);
    if (!a)
      return minus ? arith::NegFOp::create(rewriter, sum->getLoc(), b).getResult() : b;
    if (!b)
      return a;
    if (a == sum->getOperand(0) && b == sum->getOperand(1))
      return value;
    if (minus)
      return arith::SubFOp::create(rewriter, sum->getLoc(), a, b);
    return arith::AddFOp::create(rewriter, sum->getLoc(), a, b);
  }

  /// Whether a mask on the scores' way hides every key after its query, at the
  /// positions of the bias. Not one in front of a softcap, which shows them again.
  bool hidesFuture(BiasFnOp bias) const {
    for (const ScoreTerm &term : llvm::reverse(structure.getTerms())) {
      if (!keepsShift(term))
        return false;
      auto mask = dyn_cast_or_null<MaskOp>(term.op);
      if (mask && mask.getMask().getMinDistance().value_or(-1) >= 0 &&
          mask.getQPosition() == bias.getQPosition() &&
          mask.getKPosition() == bias.getKPosition())
        return true;
    }
    return false;
  }

  void missed(Operation *step, StringRef reason) {
    auto function = op->getParentOfType<FunctionOpInterface>();
    remark::missed(step->getLoc(), remark::RemarkOpts::name("row-term")
                                       .category("posenc-drop-row-terms")
                                       .function(function ? function.getName() : StringRef()))
        << remark::reason("{0}", "the term of the query stays: " + reason.str());
  }

  IRRewriter &rewriter;
  AttentionOp op;
  Block &block;
  ScoreStructure structure;
  llvm::DenseSet<Value> onScore;
};

struct DropRowTerms final : posenc::impl::PosEncDropRowTermsBase<DropRowTerms> {
  using Base::Base;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation()->walk([&](AttentionOp op) {
      if (op.hasScore())
        RowTermDropper(rewriter, op).run();
    });
  }
};
} // namespace
