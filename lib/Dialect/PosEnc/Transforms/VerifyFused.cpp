//===- VerifyFused.cpp - Prove that encodings are fused -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SoftmaxFlow.h"
#include "TransposeViews.h"

#include "posenc/Dialect/PosEnc/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCVERIFYFUSED
#include "posenc/Dialect/PosEnc/Transforms/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

//===----------------------------------------------------------------------===//
// Where a captured tensor comes from
//===----------------------------------------------------------------------===//

/// The op that computed `tensor`, through views and permutations; null for a
/// constant or an argument of a function.
static Operation *getComputingOp(Value tensor) {
  while (Operation *op = tensor.getDefiningOp()) {
    if (op->hasTrait<OpTrait::ConstantLike>())
      return nullptr;
    if (isa<tensor::CastOp, tensor::ExtractSliceOp, tensor::ExpandShapeOp,
            tensor::CollapseShapeOp, tensor::ReshapeOp>(op)) {
      tensor = op->getOperand(0);
      continue;
    }
    std::optional<TransposedView> view = matchTranspose(op);
    if (!view)
      return op;
    tensor = view->source;
  }
  Operation *parent = tensor.getParentBlock()->getParentOp();
  return isa<FunctionOpInterface>(parent) ? nullptr : parent;
}

//===----------------------------------------------------------------------===//
// What an index depends on
//===----------------------------------------------------------------------===//

namespace {
/// Follows the indices of one score region.
class IndexFlow {
public:
  enum Kind : unsigned { None = 0, Query = 1, Key = 2, Distance = 4 };

  explicit IndexFlow(Block &block) {
    kinds[block.getArgument(0)] = Query | Key;
    kinds[block.getArgument(3)] = Query;
    kinds[block.getArgument(4)] = Key;
    positions.insert(block.getArgument(3));
    positions.insert(block.getArgument(4));
  }

  /// Must be called on all ops of the region in order.
  void visit(Operation *op) {
    unsigned kind = None;
    if (isa<QPosOp>(op)) {
      kind = Query;
    } else if (isa<KPosOp>(op)) {
      kind = Key;
    } else {
      for (Value operand : op->getOperands())
        kind |= kindOf(operand);
      // A nested region may read anything that stands around it; a stage gives
      // every score another value.
      if (op->getNumRegions() > 0 || isa<StageOpInterface>(op))
        kind = Query | Key;
    }
    bool position = keepsPosition(op);
    if (position && isa<arith::SubIOp, arith::SubFOp>(op) && kind == (Query | Key))
      kind = Distance;
    for (Value result : op->getResults()) {
      kinds[result] = kind;
      if (position && (kind == Query || kind == Key))
        positions.insert(result);
    }
  }

  /// Whether values of these kinds together tell m and n apart.
  static bool isBoth(unsigned kind) {
    return (kind & Query && kind & Key) || (kind & Distance && kind & (Query | Key));
  }

  unsigned kindOf(Value value) const { return kinds.lookup(value); }
  unsigned kindOf(ValueRange values) const {
    unsigned kind = None;
    for (Value value : values)
      kind |= kindOf(value);
    return kind;
  }

  /// A position of one side (an index, moved by a constant, or read from a
  /// tensor of positions) or a value that depends on neither. No multiple of a
  /// position, with which a difference could count through a matrix.
  bool isPosition(Value value) const {
    return kindOf(value) == None || positions.contains(value);
  }

private:
  bool keepsPosition(Operation *op) const {
    if (isa<QPosOp, KPosOp>(op))
      return true;
    return isa<arith::AddIOp, arith::SubIOp, arith::AddFOp, arith::SubFOp, arith::IndexCastOp,
               arith::ExtSIOp, arith::TruncIOp, arith::SIToFPOp, tensor::ExtractOp>(op) &&
           llvm::all_of(op->getOperands(), [&](Value v) { return isPosition(v); });
  }

  DenseSet<Value> positions;
  DenseMap<Value, unsigned> kinds;
};

struct VerifyFused final : posenc::impl::PosEncVerifyFusedBase<VerifyFused> {
  using Base::Base;

  void runOnOperation() override {
    bool failed = false;
    getOperation()->walk([&](Operation *op) {
      if (auto map = dyn_cast<ScoreMapOp>(op)) {
        map.emitError() << "expected every score_map to be fused into attention but got one "
                           "of type "
                        << map.getOutput().getType();
        failed = true;
      } else if (auto attention = dyn_cast<AttentionOp>(op)) {
        failed |= readsComputedBias(attention);
      }
    });
    for (const SpelledOutAttention &found : findSpelledOutAttention(getOperation())) {
      InFlightDiagnostic diag = found.product->emitError()
                                << "expected posenc.attention but got a product of two "
                                   "sequences that feeds a softmax";
      diag.attachNote(found.sum->getLoc()) << "the softmax sums here";
      diag.attachNote(found.weighing->getLoc()) << "its result weighs values here";
      failed = true;
    }
    if (failed)
      signalPassFailure();
  }

  /// Reports reads of [m, n] matrices that the module computes.
  static bool readsComputedBias(AttentionOp op) {
    if (!op.hasScore())
      return false;
    bool found = false;
    IndexFlow flow(op.getScore().front());
    op.getScore().walk<WalkOrder::PreOrder>([&](Operation *nested) {
      flow.visit(nested);
      auto [tensor, both] = getRead(nested, flow);
      Operation *computing = tensor && both ? getComputingOp(tensor) : nullptr;
      if (!computing)
        return;
      InFlightDiagnostic diag = nested->emitError()
                                << "expected a score region to read by query and key only "
                                   "what comes from outside but got a tensor of type "
                                << tensor.getType() << " that is computed here";
      diag.attachNote(computing->getLoc()) << "computed by this op";
      found = true;
    });
    return found;
  }

  static bool isTensor(Value value) { return isa<TensorType>(value.getType()); }

  /// The tensor that `op` reads, and whether at an index of both m and n.
  static std::pair<Value, bool> getRead(Operation *op, const IndexFlow &flow) {
    if (auto extract = dyn_cast<tensor::ExtractOp>(op))
      return {extract.getTensor(), IndexFlow::isBoth(flow.kindOf(extract.getIndices()))};
    if (auto dense = dyn_cast<BiasDenseOp>(op); dense && isTensor(dense.getBias()))
      return {dense.getBias(), IndexFlow::isBoth(flow.kindOf(dense.getAt()))};
    auto table = dyn_cast<BiasTableOp>(op);
    if (!table || !isTensor(table.getTable()))
      return {};
    bool distance =
        flow.isPosition(table.getQPosition()) && flow.isPosition(table.getKPosition());
    unsigned head = table.getHead() ? flow.kindOf(table.getHead()) : IndexFlow::None;
    return {table.getTable(), !distance || head != IndexFlow::None};
  }
};
} // namespace
