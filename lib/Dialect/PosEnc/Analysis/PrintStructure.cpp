//===- PrintStructure.cpp - Print what score regions depend on ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Analysis/Passes.h"

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCPRINTSTRUCTURE
#include "posenc/Dialect/PosEnc/Analysis/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::scalar;

static StringRef getName(TermAction action) {
  switch (action) {
  case TermAction::Add:
    return "add";
  case TermAction::Multiply:
    return "multiply";
  case TermAction::Mask:
    return "mask";
  case TermAction::Pointwise:
    return "pointwise";
  case TermAction::General:
    return "general";
  case TermAction::Product:
    return "product";
  case TermAction::RowScan:
    return "row scan";
  case TermAction::HeadMix:
    return "head mix";
  }
  llvm_unreachable("all actions are covered");
}

namespace {
/// Prints one structure.
class StructurePrinter {
public:
  StructurePrinter(raw_ostream &os, AsmState &state, const ScoreStructure &structure,
                   int64_t minZone)
      : os(os), state(state), structure(structure), minZone(minZone) {}

  void print(StringRef prefix) {
    ArrayRef<ScoreTerm> terms = structure.getTerms();
    os << prefix << ": " << terms.size() << (terms.size() == 1 ? " term" : " terms");
    if (ArrayRef<ScoreStage> stages = structure.getStages(); !stages.empty())
      os << ", " << stages.size() << (stages.size() == 1 ? " stage" : " stages");
    printDistance();
    SmallVector<ScoreZone> zones = coarsenZones(structure.getZones(), minZone);
    for (auto [i, zone] : llvm::enumerate(zones)) {
      os << (i == 0 ? "; " : ", ");
      printZone(zone);
    }
    os << "\n";
    for (auto [i, stage] : llvm::enumerate(structure.getStages()))
      printStage((prefix + " stage " + Twine(i)).str(), stage);
    printTerms(prefix, terms);
    if (auto attention = dyn_cast<AttentionOp>(structure.getOperation())) {
      printValues(prefix, attention);
      printRows(prefix, attention);
      if (Value sinks = attention.getSinks())
        os << prefix << " sinks: ", sinks.printAsOperand(os, state), os << ", per head\n";
    }
  }

private:
  void printTerms(StringRef prefix, ArrayRef<ScoreTerm> terms) {
    for (auto [i, term] : llvm::enumerate(terms)) {
      os << prefix << " term " << i << " " << term.op->getName() << ": " << getName(term.action)
         << ", ";
      printTerm(term);
      os << "\n";
    }
  }

  void printStage(const std::string &prefix, const ScoreStage &stage) {
    os << prefix << " " << stage.op->getName() << ": " << getName(stage.action) << ", "
       << (stage.action == TermAction::RowScan ? "the row's values in order"
                                               : "the values of all heads");
    if (auto scan = dyn_cast<RowScanOp>(stage.op))
      os << (scan.getReverse() ? ", reverse" : "")
         << (scan.getExclusive() ? ", exclusive" : "");
    os << ", reads " << stage.inputs.size() << (stage.inputs.size() == 1 ? " value" : " values")
       << "\n";
    for (auto [i, terms] : llvm::enumerate(stage.inputs))
      printTerms((prefix + " value " + Twine(i)).str(), terms);
  }

  /// What attention adds to its values.
  void printValues(StringRef prefix, AttentionOp attention) {
    if (!attention.getValueRel())
      return;
    BucketAttr bucket = *attention.getValueBucket();
    os << prefix << " values: rows of ";
    attention.getValueRel().printAsOperand(os, state);
    os << (bucket.isDistance() ? ", row a function of i - j" : ", row a function of i and j")
       << ", of " << bucket.getNumRows() << " rows\n";
  }

  /// What happens to rows of q, k, v and the output, in order.
  void printRows(StringRef prefix, AttentionOp attention) {
    const std::pair<StringRef, Region *> sides[] = {{"q", &attention.getQRows()},
                                                    {"k", &attention.getKRows()},
                                                    {"v", &attention.getVRows()},
                                                    {"o", &attention.getORows()}};
    for (auto [name, region] : sides) {
      if (region->empty())
        continue;
      StringRef separator = " rows: ";
      os << prefix << " " << name;
      for (auto transform : region->front().getOps<RowTransformOpInterface>()) {
        os << separator, printTransform(transform);
        separator = "; ";
      }
      os << "\n";
    }
  }

  void printTransform(RowTransformOpInterface transform) {
    os << transform->getName();
    if (auto rotate = dyn_cast<RotateOp>(*transform)) {
      os << ", " << stringifyRotateLayout(rotate.getLayout());
      if (std::optional<RotateLayout> out = rotate.getOutLayout())
        os << " to " << stringifyRotateLayout(*out);
      int64_t pairs = rotate.getNumPairs();
      os << ", of " << (ShapedType::isDynamic(pairs) ? "?" : std::to_string(pairs)) << " pairs"
         << (rotate.getInverse() ? ", inverse" : "");
    }
    StringRef separator = ", reads ";
    for (Value operand : transform->getOperands()) {
      if (!isa<ShapedType>(operand.getType()))
        continue;
      os << separator, operand.printAsOperand(os, state);
      separator = ", ";
    }
  }

  void printDistance() {
    if (!structure.isIndexDistance()) {
      os << ", i - j by positions";
    } else if (std::optional<int64_t> offset = structure.getDistanceOffset()) {
      os << ", i - j = m - n";
      if (*offset != 0)
        os << (*offset < 0 ? " - " : " + ") << std::abs(*offset);
    } else {
      os << ", i - j = m - n + offset";
    }
    if (structure.getPositionLimit() < kNoPositionLimit)
      os << " (positions below " << structure.getPositionLimit() << ")";
  }

  void printInterval(int64_t lo, int64_t hi) {
    // What reaches the end of what is looked at has no end.
    ArrayRef<ScoreZone> all = structure.getZones();
    bool open = lo == all.front().lo, unbounded = hi == all.back().hi;
    os << (open ? "(" : "[");
    if (open)
      os << "-inf";
    else
      os << lo;
    os << ", ";
    if (unbounded)
      os << "inf)";
    else
      os << hi << "]";
  }

  void printZone(const ScoreZone &zone) {
    printInterval(zone.lo, zone.hi);
    const TileClass &tile = zone.tile;
    if (tile.visibility == Visibility::Masked) {
      os << " masked";
    } else if (tile.visibility == Visibility::Mixed) {
      os << (tile.constant ? " filled" : " mixed");
    } else if (!tile.constant) {
      os << " varies";
    } else {
      os << " constant";
      if (tile.bias)
        os << llvm::format(" %.9g", *tile.bias);
    }
  }

  void print(Expr e) { structure.print(os, e, state); }

  /// What a set of inputs is called; `e` is what has them.
  void printInputs(unsigned inputs, const ScoreTerm &term) {
    SmallVector<StringRef> names;
    if (inputs & InputUnknown)
      names.push_back("what is not known");
    if (inputs & InputScore)
      names.push_back("the score");
    if (inputs & InputStage)
      names.push_back("a stage");
    if (inputs & InputDense)
      names.push_back("a dense tensor");
    if (inputs & InputDistance)
      names.push_back("i - j");
    std::string axes = inputs & InputAxes ? axisNames(term) : "";
    if (!axes.empty())
      names.push_back(axes);
    if (inputs & InputQuery)
      names.push_back("the query");
    if (inputs & InputKey)
      names.push_back("the key");
    os << "function of " << (names.empty() ? "nothing" : llvm::join(names, " and "));
  }

  std::string axisNames(const ScoreTerm &term) {
    SmallVector<std::string> names;
    for (unsigned i : term.axes) {
      const CoordinateAxis &axis = structure.getAxes()[i];
      bool position = axis.kind == AxisKind::Position || axis.kind == AxisKind::FloatPosition;
      if (position && axis.number < 0)
        continue;
      llvm::raw_string_ostream stream(names.emplace_back());
      structure.print(stream, axis.difference, state);
    }
    return llvm::join(names, " and ");
  }

  void printStructure(const ScoreTerm &term) {
    if (!term.value || term.action == TermAction::Product)
      return printByForm(term);
    if (term.exception)
      return printException(*term.exception);
    unsigned inputs = term.inputs & ~kUniformInputs;
    if (inputs == InputDense) {
      os << "dense";
    } else if (term.queryFactor || term.keyFactor) {
      printFactors(term);
    } else if (term.affine) {
      printAffine(*term.affine);
    } else if (inputs == InputQuery) {
      os << "query-only";
    } else if (inputs == InputKey) {
      os << "key-only";
    } else if (inputs == 0) {
      os << "the same everywhere";
      if (postOrderSize(term.value) <= 4)
        os << " ", print(term.value);
    } else if (inputs == InputAxes && !term.reads.empty()) {
      os << "table over " << axisNames(term);
    } else {
      printInputs(inputs, term);
    }
    if (term.inputs & InputHead)
      os << ", per head";
    if (term.inputs & InputBatch)
      os << ", per batch";
  }

  void printException(const TermException &exception) {
    printStructure(*exception.elsewhere);
    StringRef separator = ", but ";
    auto printLine = [&](Expr value, ArrayRef<Expr> where) {
      os << separator, print(value);
      os << " where ";
      llvm::interleave(where, os, [&](Expr condition) { print(condition); }, " and ");
      separator = ", ";
    };
    auto [atQuery, atKey, atBoth, elsewhere] = exception;
    if (atQuery.where)
      printLine(atQuery.value, atQuery.where);
    if (atKey.where)
      printLine(atKey.value, atKey.where);
    if (atBoth)
      printLine(atBoth, {atQuery.where, atKey.where});
  }

  static size_t postOrderSize(Expr e) { return scalar::postOrder(e).size(); }

  void printByForm(const ScoreTerm &term) {
    if (term.product)
      return printProduct(term);
    os << "a product of rows";
  }

  /// Which rows times which table, and how the table's row is chosen.
  void printProduct(const ScoreTerm &term) {
    auto operand = [&](unsigned number) {
      term.op->getOperand(number).printAsOperand(os, state);
    };
    using Rows = ScoreProduct::Rows;
    os << "rows of ";
    if (term.product->rows == Rows::Operand) {
      operand(term.product->rowsOperand);
      unsigned sides = term.sideInputs & (InputQuery | InputKey);
      if (sides)
        os << " at the "
           << (sides == InputQuery ? "query"
               : sides == InputKey ? "key"
                                   : "pair");
    } else {
      os << (term.product->rows == Rows::Query ? "q" : "k");
    }
    if (term.product->biasOperand)
      os << " plus ", operand(*term.product->biasOperand);
    os << " times ";
    operand(term.product->tableOperand);
    if (!term.row)
      return;
    os << ", row a ";
    printInputs(term.rowInputs & ~kUniformInputs, term);
  }

  void printFactors(const ScoreTerm &term) {
    unsigned core = term.coreInputs & ~kUniformInputs;
    if (term.queryFactor && term.keyFactor && core == 0)
      os << "rank " << (ShapedType::isDynamic(term.rank) ? "?" : std::to_string(term.rank))
         << ", ";
    else if (core == 0)
      os << (term.queryFactor ? "query-only, " : "key-only, ");
    if (term.queryFactor)
      os << "query factor ", print(term.queryFactor);
    if (term.queryFactor && term.keyFactor)
      os << ", ";
    if (term.keyFactor)
      os << "key factor ", print(term.keyFactor);
    if (!term.core)
      return;
    os << ", times ";
    if (term.affine)
      printAffine(*term.affine);
    else if (core == 0)
      print(term.core);
    else
      printInputs(core, term);
  }

  void printAffine(const AffineForm &form) {
    os << "affine in " << (form.absolute ? "|i - j|" : "i - j") << ", slope ";
    print(form.slope);
    if (form.offset->floatValue() != 0.0)
      os << ", offset ", print(form.offset);
  }

  void printTerm(const ScoreTerm &term) {
    printStructure(term);
    if (!term.reads.empty()) {
      os << ", reads ";
      llvm::interleaveComma(term.reads, os,
                            [&](Value value) { value.printAsOperand(os, state); });
    }
    if (term.action == TermAction::Mask && !std::isinf(term.fill))
      os << llvm::format(", fills with %.9g", term.fill);
    printTermZones(term);
  }

  void printTermZones(const ScoreTerm &term) {
    unsigned shorter = 0;
    bool first = true;
    for (const TermZone &zone : term.zones) {
      if (!zone.value)
        continue;
      if (zone.hi - zone.lo + 1 < minZone) {
        ++shorter;
        continue;
      }
      os << (first ? "; " : ", ");
      first = false;
      printInterval(zone.lo, zone.hi);
      if (term.action == TermAction::Mask && zone.value->kind == Kind::IntConst)
        os << (zone.value->num ? " visible" : " hidden");
      else
        os << " = ", print(zone.value);
    }
    if (shorter > 0)
      os << (first ? "; " : ", ") << shorter << " shorter";
  }

  raw_ostream &os;
  AsmState &state;
  const ScoreStructure &structure;
  int64_t minZone;
};

struct PrintStructure final : posenc::impl::PosEncPrintStructureBase<PrintStructure> {
  using Base::Base;

  void runOnOperation() override {
    AsmState state(getOperation());
    auto &analysis = getAnalysis<ScoreStructureAnalysis>();
    // One write per module: passes on others may print at the same time.
    std::string text;
    llvm::raw_string_ostream os(text);
    llvm::DenseMap<Operation *, unsigned> counts;
    getOperation()->walk([&](Operation *op) {
      if (!isa<AttentionOp, ScoreMapOp>(op))
        return;
      Operation *symbol = op->getParentOp();
      while (symbol && !symbol->hasAttr(SymbolTable::getSymbolAttrName()))
        symbol = symbol->getParentOp();
      std::string prefix;
      if (symbol)
        prefix = "@" + SymbolTable::getSymbolName(symbol).str() + " ";
      prefix += (op->getName().stripDialect() + " " + Twine(counts[symbol]++)).str();
      StructurePrinter(os, state, analysis.get(op), minZone).print(prefix);
    });
    llvm::errs() << text;
    markAllAnalysesPreserved();
  }
};
} // namespace
