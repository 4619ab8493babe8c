//===- PosEncAttrs.cpp - Attributes of the posenc dialect -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/APInt.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::posenc;

#include "posenc/Dialect/PosEnc/IR/PosEncEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "posenc/Dialect/PosEnc/IR/PosEncAttrs.cpp.inc"

void PosEncDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "posenc/Dialect/PosEnc/IR/PosEncAttrs.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// DimsAttr
//===----------------------------------------------------------------------===//

static constexpr StringLiteral kLogicalLetters = "bhtd";

DimsAttr DimsAttr::parseWord(MLIRContext *ctx, StringRef word) {
  SmallVector<int64_t> perm(4, -1);
  if (word.size() != 4)
    return {};
  for (auto [dim, letter] : llvm::enumerate(word)) {
    size_t logical = kLogicalLetters.find(letter);
    if (logical == StringRef::npos || perm[logical] != -1)
      return {};
    perm[logical] = dim;
  }
  return DimsAttr::get(ctx, perm);
}

DimsAttr DimsAttr::getDefault(MLIRContext *ctx) { return DimsAttr::get(ctx, {0, 1, 2, 3}); }

std::string DimsAttr::getWord() const {
  std::string word(4, ' ');
  for (auto [logical, dim] : llvm::enumerate(getPerm()))
    word[dim] = kLogicalLetters[logical];
  return word;
}

bool DimsAttr::isIdentity() const { return llvm::equal(getPerm(), llvm::seq<int64_t>(0, 4)); }

int64_t DimsAttr::logicalOf(int64_t dim) const {
  return llvm::find(getPerm(), dim) - getPerm().begin();
}

LogicalResult DimsAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               ArrayRef<int64_t> perm) {
  SmallVector<int64_t> sorted(perm);
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, 4)))
    return emitError() << "expected a permutation of the letters b, h, t, d";
  return success();
}

Attribute DimsAttr::parse(AsmParser &parser, Type) {
  StringRef word;
  SMLoc loc;
  if (parser.parseLess())
    return {};
  loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&word))
    return {};
  DimsAttr dims = parseWord(parser.getContext(), word);
  if (!dims) {
    parser.emitError(loc) << "expected a permutation of the letters b, h, t, d but got '"
                          << word << "'";
    return {};
  }
  if (parser.parseGreater())
    return {};
  return dims;
}

void DimsAttr::print(AsmPrinter &printer) const { printer << "<" << getWord() << ">"; }

//===----------------------------------------------------------------------===//
// Shared parsing
//===----------------------------------------------------------------------===//

/// `, name = integer`
static ParseResult parseIntField(AsmParser &parser, StringRef name, int64_t &value) {
  return failure(parser.parseComma() || parser.parseKeyword(name) || parser.parseEqual() ||
                 parser.parseInteger(value));
}

/// A keyword of an enum, with a message that lists what is allowed.
template <typename Enum>
static ParseResult parseEnumKeyword(AsmParser &parser, Enum &value, StringRef what,
                                    std::optional<Enum> (*symbolize)(StringRef)) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  if (parser.parseOptionalKeyword(&word))
    return parser.emitError(loc) << "expected " << what;
  std::optional<Enum> parsed = symbolize(word);
  if (!parsed)
    return parser.emitError(loc) << "expected " << what << " but got '" << word << "'";
  value = *parsed;
  return success();
}

//===----------------------------------------------------------------------===//
// BucketAttr
//===----------------------------------------------------------------------===//
// params: t5 {num_buckets, max_distance, bidirectional}, clip {left, right},
//         lut {origin, rows…}

namespace {
/// The numbers that T5's formula is made of.
struct T5Shape {
  int64_t half;  // n': rows of one direction
  int64_t exact; // e: distances with a row of their own
  int64_t maxDistance;
  bool bidirectional;
  explicit T5Shape(ArrayRef<int64_t> p)
      : half(p[2] ? p[0] / 2 : p[0]), exact(half / 2), maxDistance(p[1]), bidirectional(p[2]) {}
};
} // namespace

static int64_t evaluateT5(const T5Shape &t, ArrayRef<int64_t> thresholds, int64_t distance) {
  int64_t base = t.bidirectional && distance > 0 ? t.half : 0;
  int64_t a = t.bidirectional ? std::abs(distance) : std::max<int64_t>(-distance, 0);
  if (a < t.exact)
    return base + a;
  return base + t.exact + llvm::count_if(thresholds, [&](int64_t x) { return a >= x; });
}

BucketAttr BucketAttr::getT5(MLIRContext *ctx, Sign sign, int64_t numBuckets,
                             int64_t maxDistance, bool bidirectional) {
  return get(ctx, BucketKind::T5, sign, {numBuckets, maxDistance, bidirectional});
}
BucketAttr BucketAttr::getClip(MLIRContext *ctx, Sign sign, int64_t left, int64_t right) {
  return get(ctx, BucketKind::Clip, sign, {left, right});
}
BucketAttr BucketAttr::getLut(MLIRContext *ctx, Sign sign, int64_t origin,
                              ArrayRef<int64_t> rows) {
  SmallVector<int64_t> params{origin};
  llvm::append_range(params, rows);
  return get(ctx, BucketKind::Lut, sign, params);
}

/// base^exponent, in `bits` bits that hold it.
static APInt bigPow(uint64_t base, unsigned exponent, unsigned bits) {
  APInt result(bits, 1), power(bits, base);
  for (; exponent; exponent >>= 1) {
    if (exponent & 1)
      result *= power;
    // The last square is not used and may not fit.
    if (exponent > 1)
      power *= power;
  }
  return result;
}

SmallVector<int64_t> BucketAttr::getT5Thresholds() const {
  T5Shape t(getParams());
  // Smallest a with a^steps · e^k >= e^steps · M^k. Both sides, divided by e^k,
  // are at most M^steps for a <= M.
  unsigned steps = t.half - t.exact;
  unsigned bits = steps * (64 - llvm::countl_zero<uint64_t>(t.maxDistance)) + 1;
  SmallVector<int64_t> thresholds;
  for (unsigned k = 1; k < steps; ++k) {
    APInt rhs = bigPow(t.exact, steps - k, bits) * bigPow(t.maxDistance, k, bits);
    auto reached = [&](int64_t a) { return bigPow(a, steps, bits).uge(rhs); };
    // A guess in floating point, made exact from both sides.
    double guess = t.exact * std::pow(double(t.maxDistance) / t.exact, double(k) / steps);
    int64_t a = t.maxDistance;
    if (guess < double(t.maxDistance))
      a = std::max<int64_t>(t.exact, static_cast<int64_t>(guess));
    while (a < t.maxDistance && !reached(a))
      ++a;
    while (a > t.exact && reached(a - 1))
      --a;
    thresholds.push_back(a);
  }
  return thresholds;
}

SmallVector<int64_t> BucketAttr::getActiveRows() const {
  auto [first, last] = getActiveRange();
  SmallVector<int64_t> rows;
  if (getKind() != BucketKind::T5) {
    for (int64_t distance = first; distance <= last; ++distance)
      rows.push_back(evaluate(distance));
    return rows;
  }
  SmallVector<int64_t> thresholds = getT5Thresholds();
  for (int64_t distance = first; distance <= last; ++distance)
    rows.push_back(evaluateT5(T5Shape(getParams()), thresholds, distance));
  return rows;
}

int64_t BucketAttr::evaluate(int64_t distance) const {
  ArrayRef<int64_t> p = getParams();
  switch (getKind()) {
  case BucketKind::Clip:
    return std::min(std::max(distance, -p[0]), p[1]) + p[0];
  case BucketKind::Lut: {
    int64_t size = p.size() - 1;
    return p[1 + std::min(std::max<int64_t>(distance - p[0], 0), size - 1)];
  }
  case BucketKind::T5:
    return evaluateT5(T5Shape(p), getT5Thresholds(), distance);
  }
  llvm_unreachable("all kinds are covered");
}

int64_t BucketAttr::getNumRows() const {
  ArrayRef<int64_t> p = getParams();
  switch (getKind()) {
  case BucketKind::Clip:
    return p[0] + p[1] + 1;
  case BucketKind::Lut:
    return *llvm::max_element(p.drop_front()) + 1;
  case BucketKind::T5:
    return p[0];
  }
  llvm_unreachable("all kinds are covered");
}

std::pair<int64_t, int64_t> BucketAttr::getActiveRange() const {
  ArrayRef<int64_t> p = getParams();
  switch (getKind()) {
  case BucketKind::Clip:
    return {-p[0], p[1]};
  case BucketKind::Lut:
    return {p[0], p[0] + static_cast<int64_t>(p.size()) - 2};
  case BucketKind::T5: {
    SmallVector<int64_t> thresholds = getT5Thresholds();
    int64_t last = thresholds.empty() ? T5Shape(p).exact : thresholds.back();
    return {-last, p[2] ? last : 0};
  }
  }
  llvm_unreachable("all kinds are covered");
}

/// e + #{thresholds ≤ a}, or a itself below e: branch-free integer code.
static Value buildT5Row(OpBuilder &b, Location loc, BucketAttr attr, Value distance) {
  T5Shape t(attr.getParams());
  auto index = [&](int64_t v) -> Value { return arith::ConstantIndexOp::create(b, loc, v); };
  Value zero = index(0), one = index(1);
  Value negated = arith::SubIOp::create(b, loc, zero, distance);
  Value a = arith::MaxSIOp::create(b, loc, negated, t.bidirectional ? distance : zero);
  Value row = arith::MinSIOp::create(b, loc, a, index(t.exact));
  for (int64_t threshold : attr.getT5Thresholds()) {
    Value reached =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, a, index(threshold));
    Value step = arith::SelectOp::create(b, loc, reached, one, zero);
    row = arith::AddIOp::create(b, loc, row, step);
  }
  if (!t.bidirectional)
    return row;
  Value future = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, distance, zero);
  Value base = arith::SelectOp::create(b, loc, future, index(t.half), zero);
  return arith::AddIOp::create(b, loc, row, base);
}

Value BucketAttr::buildRow(OpBuilder &b, Location loc, Value distance) const {
  auto index = [&](int64_t v) -> Value { return arith::ConstantIndexOp::create(b, loc, v); };
  if (getKind() == BucketKind::T5)
    return buildT5Row(b, loc, *this, distance);
  auto [first, last] = getActiveRange();
  Value low = arith::MaxSIOp::create(b, loc, distance, index(first));
  Value clamped = arith::MinSIOp::create(b, loc, low, index(last));
  Value offset = arith::SubIOp::create(b, loc, clamped, index(first));
  if (getKind() == BucketKind::Clip)
    return offset;
  ArrayRef<int64_t> rows = getParams().drop_front();
  auto type = RankedTensorType::get({static_cast<int64_t>(rows.size())}, b.getIndexType());
  Value table = arith::ConstantOp::create(b, loc, DenseIntElementsAttr::get(type, rows));
  return tensor::ExtractOp::create(b, loc, table, offset);
}

LogicalResult BucketAttr::verify(function_ref<InFlightDiagnostic()> emitError, BucketKind kind,
                                 Sign, ArrayRef<int64_t> p) {
  switch (kind) {
  case BucketKind::T5: {
    if (p.size() != 3)
      return emitError() << "t5 has three parameters";
    int64_t unit = p[2] ? 4 : 2;
    // The limit keeps the exact thresholds cheap.
    if (p[0] < 4 || p[0] > 1024 || p[0] % unit != 0)
      return emitError() << "(K1) expected num_buckets to be a multiple of " << unit
                         << " from 4 to 1024 but got " << p[0];
    if (p[1] <= p[0] / unit || p[1] > std::numeric_limits<int32_t>::max())
      return emitError() << "(K2) expected max_distance to be more than " << p[0] / unit
                         << " and below 2^31 but got " << p[1];
    return success();
  }
  case BucketKind::Clip:
    if (p.size() != 2)
      return emitError() << "clip has two parameters";
    if (p[0] + p[1] < 0)
      return emitError() << "(K3) expected left + right to be at least 0 but got left = "
                         << p[0] << ", right = " << p[1];
    return success();
  case BucketKind::Lut:
    if (p.size() < 2)
      return emitError() << "(K4) expected at least one row but got none";
    for (int64_t row : p.drop_front())
      if (row < 0)
        return emitError() << "(K4) expected rows of at least 0 but got " << row;
    return success();
  }
  llvm_unreachable("all kinds are covered");
}

static ParseResult parseT5Fields(AsmParser &parser, SmallVectorImpl<int64_t> &p) {
  StringRef flag;
  SMLoc loc;
  if (parseIntField(parser, "num_buckets", p.emplace_back()) ||
      parseIntField(parser, "max_distance", p.emplace_back()) || parser.parseComma() ||
      parser.parseKeyword("bidirectional") || parser.parseEqual())
    return failure();
  loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&flag))
    return failure();
  if (flag != "true" && flag != "false")
    return parser.emitError(loc) << "expected true or false but got '" << flag << "'";
  p.push_back(flag == "true");
  return success();
}

static ParseResult parseLutFields(AsmParser &parser, SmallVectorImpl<int64_t> &p) {
  if (parseIntField(parser, "origin", p.emplace_back()) || parser.parseComma() ||
      parser.parseKeyword("outside") || parser.parseEqual() || parser.parseKeyword("clamp") ||
      parser.parseComma() || parser.parseKeyword("rows") || parser.parseEqual())
    return failure();
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square,
                                        [&] { return parser.parseInteger(p.emplace_back()); });
}

Attribute BucketAttr::parse(AsmParser &parser, Type) {
  BucketKind kind;
  Sign sign;
  SmallVector<int64_t> p;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parseEnumKeyword<BucketKind>(parser, kind, "a bucket kind (t5, clip, lut)",
                                   symbolizeBucketKind) ||
      parser.parseComma() ||
      parseEnumKeyword<Sign>(parser, sign, "the sign of the distance (q_minus_k, k_minus_q)",
                             symbolizeSign))
    return {};
  ParseResult fields = success();
  switch (kind) {
  case BucketKind::T5:
    fields = parseT5Fields(parser, p);
    break;
  case BucketKind::Clip:
    fields = failure(parseIntField(parser, "left", p.emplace_back()) ||
                     parseIntField(parser, "right", p.emplace_back()));
    break;
  case BucketKind::Lut:
    fields = parseLutFields(parser, p);
    break;
  }
  if (fields || parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), kind, sign,
                    ArrayRef<int64_t>(p));
}

void BucketAttr::print(AsmPrinter &printer) const {
  ArrayRef<int64_t> p = getParams();
  printer << "<" << stringifyBucketKind(getKind()) << ", " << stringifySign(getSign());
  switch (getKind()) {
  case BucketKind::T5:
    printer << ", num_buckets = " << p[0] << ", max_distance = " << p[1]
            << ", bidirectional = " << (p[2] ? "true" : "false");
    break;
  case BucketKind::Clip:
    printer << ", left = " << p[0] << ", right = " << p[1];
    break;
  case BucketKind::Lut:
    printer << ", origin = " << p[0] << ", outside = clamp, rows = [";
    llvm::interleaveComma(p.drop_front(), printer);
    printer << "]";
    break;
  }
  printer << ">";
}

//===----------------------------------------------------------------------===//
// MaskAttr
//===----------------------------------------------------------------------===//

MaskAttr MaskAttr::getCausal(MLIRContext *ctx) { return get(ctx, MaskKind::Causal, -1, 0); }
MaskAttr MaskAttr::getWindow(MLIRContext *ctx, int64_t left, int64_t right) {
  return get(ctx, MaskKind::Window, left, right);
}

std::optional<int64_t> MaskAttr::getMinDistance() const {
  if (getRight() == -1)
    return std::nullopt;
  return -getRight();
}
std::optional<int64_t> MaskAttr::getMaxDistance() const {
  if (getLeft() == -1)
    return std::nullopt;
  return getLeft();
}
bool MaskAttr::isVisible(int64_t distance) const {
  return (getLeft() == -1 || distance <= getLeft()) &&
         (getRight() == -1 || -distance <= getRight());
}

LogicalResult MaskAttr::verify(function_ref<InFlightDiagnostic()> emitError, MaskKind kind,
                               int64_t left, int64_t right) {
  if (kind == MaskKind::Causal)
    return success(left == -1 && right == 0);
  if (left < -1 || right < -1)
    return emitError() << "(M1) expected left and right of at least 0 but got left = " << left
                       << ", right = " << right;
  if (left == -1 && right == -1)
    return emitError() << "(M1) expected left or right but got neither";
  return success();
}

Attribute MaskAttr::parse(AsmParser &parser, Type) {
  MaskKind kind;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parseEnumKeyword<MaskKind>(parser, kind, "a mask kind (causal, window)",
                                 symbolizeMaskKind))
    return {};
  int64_t left = -1, right = kind == MaskKind::Causal ? 0 : -1;
  while (kind == MaskKind::Window && succeeded(parser.parseOptionalComma())) {
    SMLoc fieldLoc = parser.getCurrentLocation();
    StringRef name;
    int64_t value;
    if (parser.parseKeyword(&name) || parser.parseEqual() || parser.parseInteger(value))
      return {};
    if (value < 0) {
      parser.emitError(fieldLoc) << "(M1) expected " << name << " of at least 0 but got "
                                 << value;
      return {};
    }
    if (name != "left" && name != "right") {
      parser.emitError(fieldLoc) << "expected left or right but got '" << name << "'";
      return {};
    }
    (name == "left" ? left : right) = value;
  }
  if (parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), kind, left,
                    right);
}

void MaskAttr::print(AsmPrinter &printer) const {
  printer << "<" << stringifyMaskKind(getKind());
  if (getKind() == MaskKind::Window) {
    if (getLeft() != -1)
      printer << ", left = " << getLeft();
    if (getRight() != -1)
      printer << ", right = " << getRight();
  }
  printer << ">";
}
