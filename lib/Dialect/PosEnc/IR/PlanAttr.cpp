//===- PlanAttr.cpp - How attention is to be computed ---------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::posenc;

//===----------------------------------------------------------------------===//
// Verifier
//===----------------------------------------------------------------------===//

LogicalResult PlanAttr::verify(function_ref<InFlightDiagnostic()> emitError, StringRef,
                               int64_t blockM, int64_t blockN, int64_t stages,
                               int64_t keySplits, ArrayRef<int64_t> thresholds,
                               ArrayRef<TileKind> kinds) {
  auto check = [&](StringRef name, int64_t value, int64_t most) -> LogicalResult {
    if (value >= 0 && value <= most)
      return success();
    return emitError() << "(L1) expected " << name << " from 1 to " << most << " but got "
                       << value;
  };
  constexpr int64_t large = int64_t(1) << 20;
  if (failed(check("block_m", blockM, large)) || failed(check("block_n", blockN, large)) ||
      failed(check("stages", stages, 64)) || failed(check("key_splits", keySplits, large)))
    return failure();
  if (kinds.size() != thresholds.size() + 1 && !(kinds.empty() && thresholds.empty()))
    return emitError() << "(L2) expected one kind more than thresholds but got " << kinds.size()
                       << " kinds and " << thresholds.size() << " thresholds";
  for (size_t i = 1; i < thresholds.size(); ++i)
    if (thresholds[i - 1] >= thresholds[i])
      return emitError() << "(L2) expected thresholds that increase but got "
                         << thresholds[i - 1] << " before " << thresholds[i];
  return success();
}

/// Plans stand on attention, strategies on ops that change its score.
LogicalResult PosEncDialect::verifyOperationAttribute(Operation *op, NamedAttribute attr) {
  if (attr.getName() == PlanAttr::kName) {
    if (!isa<AttentionOp>(op))
      return op->emitError() << "expected '" << PlanAttr::kName
                             << "' on posenc.attention but got it on " << op->getName();
    if (!isa<PlanAttr>(attr.getValue()))
      return op->emitError() << "expected '" << PlanAttr::kName
                             << "' to be a #posenc.plan but got " << attr.getValue();
  }
  if (attr.getName() == PlanAttr::kStrategyName) {
    if (!isa<TermStrategyAttr>(attr.getValue()))
      return op->emitError() << "expected '" << PlanAttr::kStrategyName
                             << "' to be a #posenc.strategy but got " << attr.getValue();
    if (isa<AttentionOp, ScoreMapOp>(op) ||
        !(op->getParentOfType<AttentionOp>() || op->getParentOfType<ScoreMapOp>()))
      return op->emitError() << "expected '" << PlanAttr::kStrategyName
                             << "' on an op of a score region";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

namespace {
struct Fields {
  std::string engine;
  int64_t blockM = 0, blockN = 0, stages = 0, keySplits = 0;
  SmallVector<int64_t> thresholds;
  SmallVector<TileKind> kinds;

  int64_t *getNumber(StringRef name) {
    return name == "block_m"      ? &blockM
           : name == "block_n"    ? &blockN
           : name == "stages"     ? &stages
           : name == "key_splits" ? &keySplits
                                  : nullptr;
  }
};
} // namespace

static ParseResult parseKind(AsmParser &parser, SmallVectorImpl<TileKind> &kinds) {
  constexpr StringLiteral what = "skipped, full, constant, band or masked";
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  if (parser.parseOptionalKeyword(&word))
    return parser.emitError(loc) << "expected " << what;
  std::optional<TileKind> kind = symbolizeTileKind(word);
  if (!kind)
    return parser.emitError(loc) << "expected " << what << " but got '" << word << "'";
  kinds.push_back(*kind);
  return success();
}

/// `[kind, threshold, kind, …]`
static ParseResult parseZones(AsmParser &parser, Fields &fields) {
  if (parser.parseLSquare() || parseKind(parser, fields.kinds))
    return failure();
  while (succeeded(parser.parseOptionalComma()))
    if (parser.parseInteger(fields.thresholds.emplace_back()) || parser.parseComma() ||
        parseKind(parser, fields.kinds))
      return failure();
  return parser.parseRSquare();
}

static ParseResult parseField(AsmParser &parser, Fields &fields, llvm::StringSet<> &seen) {
  StringRef name;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&name))
    return failure();
  if (!seen.insert(name).second)
    return parser.emitError(loc) << "expected each field once but got '" << name << "' again";
  int64_t *number = fields.getNumber(name);
  if (!number && name != "engine" && name != "zones")
    return parser.emitError(loc) << "expected engine, block_m, block_n, stages, key_splits or "
                                    "zones but got '"
                                 << name << "'";
  if (parser.parseEqual())
    return failure();
  if (name == "zones")
    return parseZones(parser, fields);
  if (name == "engine")
    return parser.parseString(&fields.engine);
  SMLoc valueLoc = parser.getCurrentLocation();
  if (parser.parseInteger(*number))
    return failure();
  // 0 would be a field that is not there.
  if (*number == 0)
    return parser.emitError(valueLoc) << "(L1) expected " << name << " of at least 1 but got 0";
  return success();
}

Attribute PlanAttr::parse(AsmParser &parser, Type) {
  Fields fields;
  llvm::StringSet<> seen;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess())
    return {};
  if (failed(parser.parseOptionalGreater())) {
    if (parser.parseCommaSeparatedList([&] { return parseField(parser, fields, seen); }) ||
        parser.parseGreater())
      return {};
  }
  // Spelt out, so that the overload is taken which knows the storage.
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    StringRef(fields.engine), fields.blockM, fields.blockN, fields.stages,
                    fields.keySplits, ArrayRef<int64_t>(fields.thresholds),
                    ArrayRef<TileKind>(fields.kinds));
}

void PlanAttr::print(AsmPrinter &printer) const {
  llvm::ListSeparator comma;
  printer << "<";
  if (!getEngine().empty()) {
    printer << StringRef(comma) << "engine = ";
    printer.printString(getEngine());
  }
  for (auto [name, value] : {std::pair<StringRef, int64_t>{"block_m", getBlockM()},
                             {"block_n", getBlockN()},
                             {"stages", getStages()},
                             {"key_splits", getKeySplits()}})
    if (value)
      printer << StringRef(comma) << name << " = " << value;
  if (hasZones()) {
    printer << StringRef(comma) << "zones = [" << stringifyTileKind(getKinds().front());
    for (auto [threshold, kind] : llvm::zip_equal(getThresholds(), getKinds().drop_front()))
      printer << ", " << threshold << ", " << stringifyTileKind(kind);
    printer << "]";
  }
  printer << ">";
}
