//===- PrintPlan.cpp - Print how attention would be computed --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Plan/Passes.h"
#include "posenc/Codegen/Plan/Planner.h"

#include "mlir/IR/SymbolTable.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCPRINTPLAN
#include "posenc/Codegen/Plan/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

namespace {
/// Prints the plan that an op has, and why.
class PlanPrinter {
public:
  PlanPrinter(raw_ostream &os, std::string prefix, AttentionOp op, const ChipModel &chip,
              const PlanReport &report, int64_t usualLength)
      : os(os), prefix(std::move(prefix)), op(op), chip(chip), report(report), structure(op),
        steps(structure), shape(AttentionShape::get(op, usualLength)),
        costs(chip, steps, shape) {}

  void print() {
    if (!report.unplanned.empty()) {
      os << prefix << ": none, as no kernel computes " << report.unplanned << "\n";
      return;
    }
    PlanAttr plan = PlanAttr::of(op);
    os << prefix << ": engine " << plan.getEngine() << " on " << chip.name
       << (report.enginePinned ? ", pinned" : "") << ", " << plan.getStages()
       << (plan.getStages() == 1 ? " stage" : " stages") << ", " << plan.getKeySplits()
       << (plan.getKeySplits() == 1 ? " task" : " tasks") << " for the keys of a query block\n";
    printTiles(plan);
    printZones(plan);
    LoopPlan loops(plan, structure.getDistanceOffset());
    printLoops(loops);
    for (auto [i, step] : llvm::enumerate(steps.getSteps()))
      printStep(i, step, loops);
  }

private:
  void printTiles(PlanAttr plan) {
    os << prefix << " tiles: " << plan.getBlockM() << " x " << plan.getBlockN();
    kernel::TileShape chosen{plan.getBlockM(), plan.getBlockN()};
    const WeighedTile *next = nullptr;
    for (const WeighedTile &weighed : report.tiles)
      if (weighed.tile == chosen)
        os << llvm::format(", %.3g cycles per score", weighed.cycles);
      else if (!next)
        next = &weighed;
    if (report.tilePinned)
      os << ", pinned";
    if (!shape.staticLengths)
      os << ", if lengths are " << shape.queries << " and " << shape.keys;
    if (next)
      os << "; " << next->tile.blockM << " x " << next->tile.blockN
         << llvm::format(" would take %.3g", next->cycles);
    os << "\n";
  }

  void printZones(PlanAttr plan) {
    os << prefix << " zones:";
    for (auto [i, kind] : llvm::enumerate(plan.getKinds())) {
      bool first = i == 0, last = i == plan.getThresholds().size();
      os << (first ? " " : ", ") << stringifyTileKind(kind) << " ";
      os << (first ? "(-inf" : "[" + std::to_string(plan.getThresholds()[i - 1])) << ", ";
      os << (last ? "inf)" : std::to_string(plan.getThresholds()[i] - 1) + "]");
    }
    os << (report.zonesPinned ? ", pinned" : "");
    if (!structure.isIndexDistance())
      os << "; positions are operands, no loop can be split";
    if (structure.getPositionLimit() < kNoPositionLimit)
      os << "; for positions below " << structure.getPositionLimit();
    os << "\n";
  }

  /// In the order of keys, which is from large distances to small ones.
  void printLoops(const LoopPlan &loops) {
    os << prefix << " loops:";
    std::optional<int64_t> offset = structure.getDistanceOffset();
    SmallVector<int64_t> counts;
    if (shape.staticLengths && offset)
      counts = loops.countTiles(shape.queries, shape.keys, *offset);
    for (auto [i, loop] : llvm::enumerate(loops.getLoops())) {
      os << (i == 0 ? " " : ", ") << stringifyTileKind(loop.kind);
      if (!counts.empty())
        os << " " << counts[i];
    }
    if (!counts.empty())
      os << ", of " << llvm::sum_of(counts) << " tiles of a head";
    os << "\n";
  }

  void printStep(size_t number, const ScoreStep &step, const LoopPlan &loops) {
    TermStrategy strategy = *step.getStrategy();
    os << prefix << " term " << number << " " << step.op->getName() << ": "
       << stringifyTermStrategy(strategy);
    if (report.pinned.contains(step.op))
      os << ", pinned";
    os << llvm::format(", %.3g instructions per score in ", costs.getSlots(step, strategy));
    printKinds(step, strategy, loops);
    bool first = true;
    for (TermStrategy other : steps.getStrategies(step)) {
      if (other == strategy)
        continue;
      os << (first ? "; " : ", ") << stringifyTermStrategy(other)
         << llvm::format(" %.3g", costs.getSlots(step, other));
      first = false;
    }
    os << "\n";
  }

  /// The kinds of loops in which the step costs anything.
  void printKinds(const ScoreStep &step, TermStrategy strategy, const LoopPlan &loops) {
    SmallVector<StringRef> kinds;
    for (const KeyLoop &loop : loops.getLoops())
      if (loop.isVisited() && costs.getSlots(step, strategy, loop) > 0 &&
          !llvm::is_contained(kinds, stringifyTileKind(loop.kind)))
        kinds.push_back(stringifyTileKind(loop.kind));
    os << (kinds.empty() ? "no" : llvm::join(kinds, " and ")) << " tiles";
  }

  raw_ostream &os;
  std::string prefix;
  AttentionOp op;
  const ChipModel &chip;
  const PlanReport &report;
  ScoreStructure structure;
  ScoreSteps steps;
  AttentionShape shape;
  CostModel costs;
};

struct PrintPlan final : posenc::impl::PosEncPrintPlanBase<PrintPlan> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<ChipModel> model = ChipModel::get(chip);
    if (failed(model)) {
      getOperation()->emitError() << kUnknownChip << chip << "'";
      return signalPassFailure();
    }
    Planner planner(*model, {engine, blockM, blockN, length});
    // One write per module: passes on others may print at the same time.
    std::string text;
    llvm::raw_string_ostream os(text);
    llvm::DenseMap<Operation *, unsigned> counts;
    WalkResult result = getOperation()->walk([&](AttentionOp op) {
      return WalkResult(print(os, getPrefix(op, counts), op, planner, *model));
    });
    llvm::errs() << text;
    if (result.wasInterrupted())
      return signalPassFailure();
    markAllAnalysesPreserved();
  }

  static std::string getPrefix(AttentionOp op, llvm::DenseMap<Operation *, unsigned> &counts) {
    Operation *symbol = op->getParentOp();
    while (symbol && !symbol->hasAttr(SymbolTable::getSymbolAttrName()))
      symbol = symbol->getParentOp();
    std::string prefix =
        symbol ? "@" + SymbolTable::getSymbolName(symbol).str() + " " : std::string();
    return (prefix + "attention " + Twine(counts[symbol]++)).str();
  }

  /// Plans a copy of the op, which stands beside it for so long.
  LogicalResult print(raw_ostream &os, std::string prefix, AttentionOp op,
                      const Planner &planner, const ChipModel &model) {
    OpBuilder builder(op);
    auto copy = cast<AttentionOp>(builder.clone(*op));
    FailureOr<PlanReport> report = planner.plan(copy);
    if (succeeded(report))
      PlanPrinter(os, std::move(prefix), copy, model, *report, length).print();
    copy->erase();
    return report;
  }
};
} // namespace
