//===- BucketAttr.cpp - Parameters of buckets -----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// What the parameters of each kind are called, how they are parsed, printed and
// checked. What they mean is in BucketRows.cpp.
//===----------------------------------------------------------------------===//

#include "Buckets.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::buckets;

//===----------------------------------------------------------------------===//
// Fields
//===----------------------------------------------------------------------===//

namespace {
enum class FieldType { Integer, Word, Hundredths, List };

/// A parameter. A word stands for its place among the words; a list takes all
/// parameters that are left.
struct Field {
  StringRef name;
  FieldType type = FieldType::Integer;
  ArrayRef<StringRef> words = {};
  /// The first word is left out. Only a last field may be.
  bool optional = false;
};
} // namespace

static constexpr StringRef kFlag[] = {"false", "true"};
static constexpr StringRef kOutside[] = {"clamp", "zero"};
static constexpr StringRef kRule[] = {"huggingface", "microsoft"};
static constexpr StringRef kMethod[] = {"product", "euclidean", "quant", "rows", "cols"};
static constexpr StringRef kT5Cls[] = {"none", "tupe"};
static constexpr StringRef kGridCls[] = {"none", "beit", "shared"};
static constexpr StringRef kIRPECls[] = {"none", "shared"};

static constexpr Field kT5Fields[] = {{"num_buckets"},
                                      {"max_distance"},
                                      {"bidirectional", FieldType::Word, kFlag},
                                      {"cls", FieldType::Word, kT5Cls, true}};
static constexpr Field kClipFields[] = {{"left"}, {"right"}};
static constexpr Field kLutFields[] = {
    {"origin"}, {"outside", FieldType::Word, kOutside}, {"rows", FieldType::List}};
static constexpr Field kDebertaFields[] = {{"size"}, {"max"}, {"rule", FieldType::Word, kRule}};
static constexpr Field kIdentityFields[] = {{"extent"}};
static constexpr Field kGrid2DFields[] = {
    {"height"}, {"width"}, {"cls", FieldType::Word, kGridCls, true}};
static constexpr Field kGrid3DFields[] = {{"depth"}, {"height"}, {"width"}};
static constexpr Field kAbsGridFields[] = {{"height"}, {"width"}};
static constexpr Field kIRPEFields[] = {{"method", FieldType::Word, kMethod},
                                        {"height"},
                                        {"width"},
                                        {"alpha", FieldType::Hundredths},
                                        {"beta", FieldType::Hundredths},
                                        {"gamma", FieldType::Hundredths},
                                        {"cls", FieldType::Word, kIRPECls, true}};

static ArrayRef<Field> getFields(BucketKind kind) {
  switch (kind) {
  case BucketKind::T5:
    return kT5Fields;
  case BucketKind::Clip:
    return kClipFields;
  case BucketKind::Lut:
    return kLutFields;
  case BucketKind::Deberta:
    return kDebertaFields;
  case BucketKind::Identity:
    return kIdentityFields;
  case BucketKind::Grid2D:
    return kGrid2DFields;
  case BucketKind::Grid3D:
    return kGrid3DFields;
  case BucketKind::AbsGrid:
    return kAbsGridFields;
  case BucketKind::IRPE:
    return kIRPEFields;
  }
  llvm_unreachable("all kinds are covered");
}

/// The lengths of differences have no sign.
static bool hasSign(BucketKind kind) { return kind != BucketKind::AbsGrid; }

//===----------------------------------------------------------------------===//
// Parameters by name
//===----------------------------------------------------------------------===//

Cls buckets::getCls(BucketAttr attr) {
  int64_t word = attr.getParams().back();
  switch (attr.getKind()) {
  case BucketKind::T5:
    return word ? Cls::TUPE : Cls::None;
  case BucketKind::Grid2D:
    return static_cast<Cls>(word);
  case BucketKind::IRPE:
    return word ? Cls::Shared : Cls::None;
  default:
    return Cls::None;
  }
}

Grid::Grid(BucketAttr attr) : depth(1) {
  ArrayRef<int64_t> p = attr.getParams();
  if (attr.getKind() == BucketKind::Grid3D)
    depth = p[0];
  bool second = attr.getKind() == BucketKind::Grid3D || attr.getKind() == BucketKind::IRPE;
  height = p[second ? 1 : 0];
  width = p[second ? 2 : 1];
}

BucketAttr BucketAttr::getT5(MLIRContext *ctx, Sign sign, int64_t numBuckets,
                             int64_t maxDistance, bool bidirectional) {
  return get(ctx, BucketKind::T5, sign, {numBuckets, maxDistance, bidirectional, 0});
}
BucketAttr BucketAttr::getClip(MLIRContext *ctx, Sign sign, int64_t left, int64_t right) {
  return get(ctx, BucketKind::Clip, sign, {left, right});
}
BucketAttr BucketAttr::getLut(MLIRContext *ctx, Sign sign, int64_t origin,
                              ArrayRef<int64_t> rows, bool zeroOutside) {
  SmallVector<int64_t> params{origin, zeroOutside};
  llvm::append_range(params, rows);
  return get(ctx, BucketKind::Lut, sign, params);
}
BucketAttr BucketAttr::getDeberta(MLIRContext *ctx, Sign sign, int64_t size, int64_t max,
                                  bool microsoft) {
  return get(ctx, BucketKind::Deberta, sign, {size, max, microsoft});
}
BucketAttr BucketAttr::getIdentity(MLIRContext *ctx, Sign sign, int64_t extent) {
  return get(ctx, BucketKind::Identity, sign, {extent});
}
BucketAttr BucketAttr::getGrid2D(MLIRContext *ctx, Sign sign, int64_t height, int64_t width) {
  return get(ctx, BucketKind::Grid2D, sign, {height, width, 0});
}

SmallVector<int64_t> BucketAttr::getT5Thresholds() const {
  return getThresholds(T5(getParams()));
}

int64_t BucketAttr::getNumRows() const {
  ArrayRef<int64_t> p = getParams();
  static constexpr int64_t extra[] = {0, 3, 1, 1}; // by Cls
  int64_t own = extra[static_cast<int64_t>(getCls(*this))];
  switch (getKind()) {
  case BucketKind::T5:
    return p[0] + own;
  case BucketKind::Clip:
    return p[0] + p[1] + 1;
  case BucketKind::Lut:
    return *llvm::max_element(p.drop_front(2)) + 1;
  case BucketKind::Deberta:
    return 2 * p[0];
  case BucketKind::Identity:
    return p[0];
  case BucketKind::AbsGrid:
    return p[0] * p[1];
  case BucketKind::Grid2D:
  case BucketKind::Grid3D: {
    Grid grid(*this);
    return (2 * grid.depth - 1) * (2 * grid.height - 1) * (2 * grid.width - 1) + own;
  }
  case BucketKind::IRPE: {
    int64_t side = 2 * IRPE(p).limit + 1;
    return (IRPE(p).method == Method::Product ? side * side : side) + own;
  }
  }
  llvm_unreachable("all kinds are covered");
}

//===----------------------------------------------------------------------===//
// Verifier
//===----------------------------------------------------------------------===//

using EmitError = function_ref<InFlightDiagnostic()>;

static LogicalResult verifyT5(EmitError emitError, ArrayRef<int64_t> p) {
  int64_t unit = p[2] ? 4 : 2;
  // The limit keeps the exact thresholds cheap.
  if (p[0] < 4 || p[0] > 1024 || p[0] % unit != 0)
    return emitError() << "(K1) expected num_buckets to be a multiple of " << unit
                       << " from 4 to 1024 but got " << p[0];
  if (p[1] <= p[0] / unit || p[1] > std::numeric_limits<int32_t>::max())
    return emitError() << "(K2) expected max_distance to be more than " << p[0] / unit
                       << " and below 2^31 but got " << p[1];
  if (p[3] && !p[2])
    return emitError() << "(K9) expected a bidirectional bucket with a class token but got "
                          "bidirectional = false";
  return success();
}

static LogicalResult verifyDeberta(EmitError emitError, ArrayRef<int64_t> p) {
  if (p[0] < 4 || p[0] > 1024 || p[0] % 2 != 0)
    return emitError() << "(K5) expected an even size from 4 to 1024 but got " << p[0];
  if (p[1] <= p[0] / 2 + 1 || p[1] > std::numeric_limits<int32_t>::max())
    return emitError() << "(K5) expected max to be more than " << p[0] / 2 + 1
                       << " and below 2^31 but got " << p[1];
  return success();
}

/// Of such numbers ends and numbers of rows can be computed in 64 bits.
static bool isBelow2To31(int64_t x) {
  constexpr int64_t limit = std::numeric_limits<int32_t>::max();
  return x >= -limit && x <= limit;
}
static LogicalResult verifyClip(EmitError emitError, ArrayRef<int64_t> p) {
  if (!isBelow2To31(p[0]) || !isBelow2To31(p[1]))
    return emitError() << "(K3) expected |left| and |right| below 2^31 but got left = " << p[0]
                       << ", right = " << p[1];
  if (p[0] + p[1] < 0)
    return emitError() << "(K3) expected left + right to be at least 0 but got left = " << p[0]
                       << ", right = " << p[1];
  return success();
}
static LogicalResult verifyLut(EmitError emitError, ArrayRef<int64_t> p) {
  if (p.size() < 3)
    return emitError() << "(K4) expected at least one row but got none";
  if (!isBelow2To31(p[0]))
    return emitError() << "(K4) expected |origin| below 2^31 but got " << p[0];
  for (int64_t row : p.drop_front(2)) {
    if (row < 0)
      return emitError() << "(K4) expected rows of at least 0 but got " << row;
    if (!isBelow2To31(row))
      return emitError() << "(K4) expected rows below 2^31 but got " << row;
  }
  return success();
}

static LogicalResult verifyExtents(EmitError emitError, ArrayRef<int64_t> extents) {
  constexpr int64_t limit = std::numeric_limits<int32_t>::max();
  int64_t tokens = 1;
  for (int64_t extent : extents) {
    if (extent < 1 || extent > (1 << 21))
      return emitError() << "(K7) expected extents from 1 to 2^21 but got " << extent;
    tokens *= extent;
    if (tokens > limit)
      return emitError() << "(K7) expected fewer than 2^31 tokens";
  }
  return success();
}

/// A row per difference of coordinates.
static LogicalResult verifyDifferences(EmitError emitError, ArrayRef<int64_t> extents) {
  int64_t rows = 1;
  for (int64_t extent : extents) {
    rows *= 2 * extent - 1; // 2^31 times 2^22 at most
    if (rows > std::numeric_limits<int32_t>::max())
      return emitError() << "(K7) expected fewer than 2^31 rows";
  }
  return success();
}

static LogicalResult verifyIRPE(EmitError emitError, ArrayRef<int64_t> p) {
  if (failed(verifyExtents(emitError, p.slice(1, 2))))
    return failure();
  int64_t alpha = p[3], beta = p[4], gamma = p[5], unit = IRPE::kUnit;
  if (alpha <= 0 || alpha >= beta)
    return emitError() << "(K8) expected 0 < alpha < beta";
  if (beta < unit || beta > 64 * unit)
    return emitError() << "(K8) expected beta from 1 to 64";
  if (gamma <= alpha || gamma > (unit << 20))
    return emitError() << "(K8) expected gamma to be more than alpha and at most 2^20";
  return success();
}

LogicalResult BucketAttr::verify(EmitError emitError, BucketKind kind, Sign,
                                 ArrayRef<int64_t> p) {
  size_t fields = getFields(kind).size();
  if (kind == BucketKind::Lut ? p.size() < 2 : p.size() != fields)
    return emitError() << "expected " << fields << " parameters but got " << p.size();
  switch (kind) {
  case BucketKind::T5:
    return verifyT5(emitError, p);
  case BucketKind::Clip:
    return verifyClip(emitError, p);
  case BucketKind::Lut:
    return verifyLut(emitError, p);
  case BucketKind::Deberta:
    return verifyDeberta(emitError, p);
  case BucketKind::Identity:
    if (p[0] < 1 || p[0] > std::numeric_limits<int32_t>::max())
      return emitError() << "(K6) expected an extent from 1 to 2^31 - 1 but got " << p[0];
    return success();
  case BucketKind::Grid2D:
  case BucketKind::Grid3D: {
    ArrayRef<int64_t> extents = p.take_front(kind == BucketKind::Grid2D ? 2 : 3);
    return success(succeeded(verifyExtents(emitError, extents)) &&
                   succeeded(verifyDifferences(emitError, extents)));
  }
  case BucketKind::AbsGrid:
    return verifyExtents(emitError, p);
  case BucketKind::IRPE:
    return verifyIRPE(emitError, p);
  }
  llvm_unreachable("all kinds are covered");
}

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

/// One of `words`, or of the values of an enumeration, by its place.
static ParseResult parseWord(AsmParser &parser, StringRef what, ArrayRef<StringRef> words,
                             int64_t &value) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  bool missing = failed(parser.parseOptionalKeyword(&word));
  const StringRef *found = llvm::find(words, word);
  if (missing || found == words.end()) {
    InFlightDiagnostic diag = parser.emitError(loc) << "expected " << what;
    if (!missing)
      diag << " but got '" << word << "'";
    return diag;
  }
  value = found - words.begin();
  return success();
}

/// A decimal number, times 100.
static ParseResult parseHundredths(AsmParser &parser, StringRef name, int64_t &value) {
  SMLoc loc = parser.getCurrentLocation();
  double number;
  if (parser.parseFloat(number))
    return failure();
  double scaled = number * IRPE::kUnit, rounded = std::round(scaled);
  if (!(std::abs(scaled) < 1e15) || std::abs(scaled - rounded) > 1e-6)
    return parser.emitError(loc) << "(K8) expected " << name
                                 << " with at most two decimals but got " << number;
  value = static_cast<int64_t>(rounded);
  return success();
}

static ParseResult parseField(AsmParser &parser, const Field &field,
                              SmallVectorImpl<int64_t> &params) {
  if (parser.parseKeyword(field.name) || parser.parseEqual())
    return failure();
  switch (field.type) {
  case FieldType::Integer:
    return parser.parseInteger(params.emplace_back());
  case FieldType::Hundredths:
    return parseHundredths(parser, field.name, params.emplace_back());
  case FieldType::Word:
    return parseWord(parser, llvm::join(field.words, " or "), field.words,
                     params.emplace_back());
  case FieldType::List:
    return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
      return parser.parseInteger(params.emplace_back());
    });
  }
  llvm_unreachable("all types are covered");
}

Attribute BucketAttr::parse(AsmParser &parser, Type) {
  SmallVector<StringRef> kinds;
  for (int64_t kind = 0; kind <= static_cast<int64_t>(BucketKind::IRPE); ++kind)
    kinds.push_back(stringifyBucketKind(static_cast<BucketKind>(kind)));
  static constexpr StringRef signs[] = {"q_minus_k", "k_minus_q"};
  int64_t kindNumber, signNumber = 0;
  SMLoc loc = parser.getCurrentLocation();
  std::string what = "a bucket kind (" + llvm::join(kinds, ", ") + ")";
  if (parser.parseLess() || parseWord(parser, what, kinds, kindNumber))
    return {};
  auto kind = static_cast<BucketKind>(kindNumber);
  if (hasSign(kind) &&
      (parser.parseComma() ||
       parseWord(parser, "the sign of the distance (q_minus_k, k_minus_q)", signs, signNumber)))
    return {};
  SmallVector<int64_t> params;
  for (const Field &field : getFields(kind)) {
    if (field.optional && failed(parser.parseOptionalComma())) {
      params.push_back(0);
      continue;
    }
    if ((!field.optional && parser.parseComma()) || parseField(parser, field, params))
      return {};
  }
  if (parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), kind,
                    static_cast<Sign>(signNumber), ArrayRef<int64_t>(params));
}

static void printField(AsmPrinter &printer, const Field &field, ArrayRef<int64_t> rest) {
  if (field.optional && rest[0] == 0)
    return;
  printer << ", " << field.name << " = ";
  switch (field.type) {
  case FieldType::Integer:
    printer << rest[0];
    break;
  case FieldType::Hundredths: {
    int64_t tenths = rest[0] / 10 % 10, hundredths = rest[0] % 10;
    printer << rest[0] / IRPE::kUnit << "." << tenths;
    if (hundredths)
      printer << hundredths;
    break;
  }
  case FieldType::Word:
    printer << field.words[rest[0]];
    break;
  case FieldType::List:
    printer << "[";
    llvm::interleaveComma(rest, printer);
    printer << "]";
    break;
  }
}

void BucketAttr::print(AsmPrinter &printer) const {
  printer << "<" << stringifyBucketKind(getKind());
  if (hasSign(getKind()))
    printer << ", " << stringifySign(getSign());
  for (auto [number, field] : llvm::enumerate(getFields(getKind())))
    printField(printer, field, getParams().drop_front(number));
  printer << ">";
}
