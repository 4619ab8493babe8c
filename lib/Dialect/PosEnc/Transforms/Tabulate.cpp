//===- Tabulate.cpp - Functions of distances to tables --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A value that is proven to be a function of a difference may be computed at
// any query and key with that difference. So the code of the region itself
// fills the table, at one such pair per entry.
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Transforms/Passes.h"

#include "ScoreSlice.h"
#include "TabulateAxes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCTABULATE
#include "posenc/Dialect/PosEnc/Transforms/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

namespace {
/// A value of the region to be read from a table.
struct Candidate {
  Value value;
  ValueStructure structure = {};
  SmallVector<IndexCoordinate> coordinates = {};
  /// The value is this op of a score, the table holds what it adds to the score
  /// or multiplies it by.
  ScoreModOpInterface mod = nullptr;
  bool multiplies = false;
};

/// Extents of one op, logically [B,H,Tq,Tk].
struct Extents {
  OpFoldResult batch, heads, queries, keys;
};

/// Works on one attention or score_map.
class Tabulator {
public:
  Tabulator(IRRewriter &rewriter, Operation *owner)
      : rewriter(rewriter), owner(owner), block(getScoreRegion(owner).front()),
        structure(owner, KnownLengths::Yes), onScore(findScoreValues(block)) {}

  void run() {
    for (Operation &op : block)
      findIn(op);
    if (candidates.empty())
      return;
    rewriter.setInsertionPoint(owner);
    extents = buildExtents();
    for (const Candidate &candidate : candidates)
      replace(candidate);
    eraseDeadOps(rewriter, block);
  }

private:
  void findIn(Operation &op);
  void findInMod(ScoreModOpInterface mod);
  void findInSum(Value value);
  bool add(Candidate candidate, Value from);
  Extents buildExtents();
  Value buildTable(const Candidate &candidate, ArrayRef<TableAxis> axes,
                   ArrayRef<OpFoldResult> sizes);
  void replace(const Candidate &candidate);
  void emitRemark(const Candidate &candidate, Value table);

  IRRewriter &rewriter;
  Operation *owner;
  Block &block;
  ScoreStructure structure;
  llvm::DenseSet<Value> onScore;
  SmallVector<Candidate> candidates;
  Extents extents;
};
} // namespace

//===----------------------------------------------------------------------===//
// What becomes a table
//===----------------------------------------------------------------------===//

bool Tabulator::add(Candidate candidate, Value from) {
  candidate.structure = structure.describe(candidate.value, from);
  if (!candidate.structure.costly)
    return false;
  auto coordinates = findCoordinates(structure, candidate.structure);
  if (!coordinates)
    return false;
  // Differences of digits that no query and key of a short or ragged length have
  // get entries too: nothing may be read there.
  bool allOccur = coordinates->size() == 1 && coordinates->front().stride == 1 &&
                  coordinates->front().modulus == 0;
  if (!allOccur && readsByPosition(candidate.value, block, from))
    return false;
  candidate.coordinates = std::move(*coordinates);
  candidates.push_back(std::move(candidate));
  return true;
}

void Tabulator::findIn(Operation &op) {
  if (auto mod = dyn_cast<ScoreModOpInterface>(op)) {
    findInMod(mod);
    return;
  }
  // s + g, s − g, s · g and the same the other way around.
  if (!isa<arith::AddFOp, arith::SubFOp, arith::MulFOp>(op))
    return;
  Value a = op.getOperand(0), b = op.getOperand(1);
  if (onScore.contains(a) != onScore.contains(b))
    findInSum(onScore.contains(a) ? b : a);
}

/// A modifier that adds a function of differences to the score or multiplies it
/// by one.
void Tabulator::findInMod(ScoreModOpInterface mod) {
  Value score = mod.getScoreMutable().get();
  bool alone =
      llvm::count_if(mod->getOperands(), [&](Value v) { return onScore.contains(v); }) <= 1 &&
      onScore.contains(score);
  if (mod.getForm() != ScoreModForm::Scalar || !alone)
    return;
  if (mod.isAdditive()) {
    // A mask says that it is, and is more than what it adds to 0.
    bool isMask = llvm::any_of(structure.getTerms(), [&](const ScoreTerm &term) {
      return term.op == mod && term.action != TermAction::Add;
    });
    if (!isMask)
      add({mod->getResult(0), {}, {}, mod}, score);
    return;
  }
  SmallVector<const ScoreTerm *> terms;
  for (const ScoreTerm &term : structure.getTerms())
    if (term.op == mod)
      terms.push_back(&term);
  if (terms.size() == 1 && terms.front()->action == TermAction::Multiply)
    add({mod->getResult(0), {}, {}, mod, /*multiplies=*/true}, score);
}

/// A value, or else the parts of the sum or product that it is.
void Tabulator::findInSum(Value value) {
  Operation *op = value.getDefiningOp();
  bool known = llvm::any_of(candidates, [&](auto &c) { return c.value == value; });
  if (!op || op->getBlock() != &block || known || add({value}, Value()))
    return;
  if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::NegFOp>(op))
    for (Value operand : op->getOperands())
      findInSum(operand);
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

Extents Tabulator::buildExtents() {
  Location loc = owner->getLoc();
  auto of = [&](Value tensor, int64_t dim) {
    return tensor::getMixedSize(rewriter, loc, tensor, dim);
  };
  if (auto map = dyn_cast<ScoreMapOp>(owner)) {
    Value output = map.getOutput();
    return {of(output, 0), of(output, 1), of(output, 2), of(output, 3)};
  }
  auto attention = cast<AttentionOp>(owner);
  auto ofQuery = [&](AttentionOp::Logical which) {
    return of(attention.getQ(), attention.getQDims().dimOf(which));
  };
  return {ofQuery(AttentionOp::Batch), ofQuery(AttentionOp::Head), ofQuery(AttentionOp::Seq),
          of(attention.getK(), attention.getKDims().dimOf(AttentionOp::Seq))};
}

Value Tabulator::buildTable(const Candidate &candidate, ArrayRef<TableAxis> axes,
                            ArrayRef<OpFoldResult> sizes) {
  Location loc = candidate.value.getLoc();
  Value init = tensor::EmptyOp::create(rewriter, loc, sizes, rewriter.getF32Type());
  SmallVector<utils::IteratorType> loops(sizes.size(), utils::IteratorType::parallel);
  AffineMap map = rewriter.getMultiDimIdentityMap(sizes.size());
  auto body = [&](OpBuilder &b, Location l, ValueRange) {
    unsigned loop = 0;
    Value zero = arith::ConstantIndexOp::create(b, l, 0), batch = zero, head = zero;
    if (candidate.structure.inputs & InputBatch)
      batch = linalg::IndexOp::create(b, l, loop++);
    if (candidate.structure.inputs & InputHead)
      head = linalg::IndexOp::create(b, l, loop++);
    Value m = zero, n = zero;
    for (const TableAxis &axis : axes)
      axis.moveTo(b, l, linalg::IndexOp::create(b, l, loop++), m, n);
    Value neutral =
        arith::ConstantOp::create(b, l, b.getF32FloatAttr(candidate.multiplies ? 1.0f : 0.0f));
    ScoreModOpInterface mod = candidate.mod;
    Value start = mod ? mod.getScoreMutable().get() : Value();
    Value entry =
        buildScoreSlice(b, l, owner, candidate.value, start, {neutral, batch, head, m, n});
    linalg::YieldOp::create(b, l, entry);
  };
  auto table = linalg::GenericOp::create(rewriter, loc, init.getType(), ValueRange{}, init, map,
                                         loops, body);
  return table.getResult(0);
}

void Tabulator::replace(const Candidate &candidate) {
  Location loc = candidate.value.getLoc();
  rewriter.setInsertionPoint(owner);
  SmallVector<OpFoldResult> sizes;
  SmallVector<Value> at;
  if (candidate.structure.inputs & InputBatch) {
    sizes.push_back(extents.batch);
    at.push_back(block.getArgument(1));
  }
  if (candidate.structure.inputs & InputHead) {
    sizes.push_back(extents.heads);
    at.push_back(block.getArgument(2));
  }
  SmallVector<TableAxis> axes;
  // The finest coordinate last.
  for (IndexCoordinate coordinate : llvm::reverse(candidate.coordinates)) {
    axes.emplace_back(rewriter, loc, coordinate, extents.queries, extents.keys);
    sizes.push_back(axes.back().getSize());
  }
  Value table = buildTable(candidate, axes, sizes);
  emitRemark(candidate, table);

  Operation *op = candidate.value.getDefiningOp();
  rewriter.setInsertionPoint(op);
  for (const TableAxis &axis : axes)
    at.push_back(axis.buildIndex(rewriter, loc, block.getArgument(3), block.getArgument(4)));
  Value entry = tensor::ExtractOp::create(rewriter, loc, table, at);
  if (!candidate.mod) {
    rewriter.replaceAllUsesWith(candidate.value, entry);
    return;
  }
  ScoreModOpInterface mod = candidate.mod;
  Value score = mod.getScoreMutable().get();
  Value result = candidate.multiplies
                     ? arith::MulFOp::create(rewriter, loc, score, entry).getResult()
                     : arith::AddFOp::create(rewriter, loc, score, entry).getResult();
  rewriter.replaceOp(op, result);
}

void Tabulator::emitRemark(const Candidate &candidate, Value table) {
  auto function = owner->getParentOfType<FunctionOpInterface>();
  std::string text;
  llvm::raw_string_ostream os(text);
  Operation *op = candidate.value.getDefiningOp();
  os << "evaluated " << op->getName() << " once per difference of "
     << (candidate.coordinates.size() == 1 ? "one coordinate" : "several coordinates")
     << " into " << table.getType();
  remark::passed(op->getLoc(), remark::RemarkOpts::name("table")
                                   .category("posenc-tabulate")
                                   .function(function ? function.getName() : StringRef()))
      << remark::reason("{0}", text);
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

/// Where there is one query or one key, a table has an entry per score.
static bool hasPairs(Operation *owner) {
  auto isOne = [](int64_t extent) { return extent == 1; };
  if (auto attention = dyn_cast<AttentionOp>(owner))
    return attention.hasPureTensor() && !isOne(attention.getQueryExtent(AttentionOp::Seq)) &&
           !isOne(attention.getKeyExtent(AttentionOp::Seq));
  auto map = cast<ScoreMapOp>(owner);
  auto type = dyn_cast<RankedTensorType>(map.getOutput().getType());
  return type && !isOne(type.getDimSize(2)) && !isOne(type.getDimSize(3));
}

namespace {
struct Tabulate final : posenc::impl::PosEncTabulateBase<Tabulate> {
  using Base::Base;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<Operation *> owners;
    getOperation()->walk([&](Operation *op) {
      if (isa<AttentionOp, ScoreMapOp>(op) && !getScoreRegion(op).empty() && hasPairs(op))
        owners.push_back(op);
    });
    for (Operation *owner : owners)
      Tabulator(rewriter, owner).run();
  }
};
} // namespace
