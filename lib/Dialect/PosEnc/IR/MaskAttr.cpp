//===- MaskAttr.cpp - Which keys a query sees -----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/Support/MathExtras.h"
#include <cstdlib>
#include <limits>

using namespace mlir;
using namespace mlir::posenc;

MaskAttr MaskAttr::getCausal(MLIRContext *ctx, int64_t offset) {
  return get(ctx, MaskKind::Causal, kUnbounded, offset, 0);
}
MaskAttr MaskAttr::getWindow(MLIRContext *ctx, int64_t left, int64_t right) {
  auto end = [](int64_t bound) { return bound == -1 ? kUnbounded : bound; };
  return get(ctx, MaskKind::Window, end(left), end(right), 0);
}
MaskAttr MaskAttr::getChunked(MLIRContext *ctx, int64_t size) {
  return get(ctx, MaskKind::Chunked, kUnbounded, kUnbounded, size);
}
MaskAttr MaskAttr::getPrefix(MLIRContext *ctx) {
  return get(ctx, MaskKind::Prefix, kUnbounded, kUnbounded, 0);
}

bool MaskAttr::isDistance() const {
  return getKind() == MaskKind::Causal || getKind() == MaskKind::Window;
}
std::optional<int64_t> MaskAttr::getMinDistance() const {
  if (getRight() == kUnbounded)
    return std::nullopt;
  return -getRight();
}
std::optional<int64_t> MaskAttr::getMaxDistance() const {
  if (getLeft() == kUnbounded)
    return std::nullopt;
  return getLeft();
}
bool MaskAttr::isVisible(int64_t distance) const {
  return (getLeft() == kUnbounded || distance <= getLeft()) &&
         (getRight() == kUnbounded || -distance <= getRight());
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

Value MaskAttr::buildChunk(OpBuilder &b, Location loc, Value position) const {
  uint64_t size = getSize();
  // A shift rounds down, and is cheap for every score.
  if (llvm::isPowerOf2_64(size)) {
    Value bits = arith::ConstantIndexOp::create(b, loc, llvm::Log2_64(size));
    return arith::ShRSIOp::create(b, loc, position, bits);
  }
  Value divisor = arith::ConstantIndexOp::create(b, loc, getSize());
  return arith::FloorDivSIOp::create(b, loc, position, divisor);
}

Value MaskAttr::buildVisible(OpBuilder &b, Location loc, Value i, Value j, Value length) const {
  using P = arith::CmpIPredicate;
  auto compare = [&](P predicate, Value x, Value y) -> Value {
    return arith::CmpIOp::create(b, loc, predicate, x, y);
  };
  if (getKind() == MaskKind::Chunked)
    return compare(P::eq, buildChunk(b, loc, i), buildChunk(b, loc, j));
  if (getKind() == MaskKind::Prefix)
    return arith::OrIOp::create(b, loc, compare(P::sle, j, i), compare(P::slt, j, length));
  Value distance = arith::SubIOp::create(b, loc, i, j);
  Value visible;
  auto keep = [&](P predicate, int64_t bound) {
    Value limit = arith::ConstantIndexOp::create(b, loc, bound);
    Value inside = compare(predicate, distance, limit);
    visible = visible ? arith::AndIOp::create(b, loc, visible, inside).getResult() : inside;
  };
  if (std::optional<int64_t> low = getMinDistance())
    keep(P::sge, *low);
  if (std::optional<int64_t> high = getMaxDistance())
    keep(P::sle, *high);
  return visible;
}

//===----------------------------------------------------------------------===//
// Verifier and syntax
//===----------------------------------------------------------------------===//

LogicalResult MaskAttr::verify(function_ref<InFlightDiagnostic()> emitError, MaskKind kind,
                               int64_t left, int64_t right, int64_t size) {
  switch (kind) {
  case MaskKind::Window:
    if ((left != kUnbounded && left < 0) || (right != kUnbounded && right < 0))
      return emitError() << "(M1) expected left and right of at least 0 but got left = " << left
                         << ", right = " << right;
    if (left == kUnbounded && right == kUnbounded)
      return emitError() << "(M1) expected left or right but got neither";
    return success();
  case MaskKind::Chunked:
    if (size < 1 || size > std::numeric_limits<int32_t>::max())
      return emitError() << "(M2) expected a size from 1 to 2^31 - 1 but got " << size;
    return success();
  case MaskKind::Causal:
    if (right == kUnbounded || std::abs(right) > std::numeric_limits<int32_t>::max())
      return emitError() << "(M3) expected an offset of less than 2^31 but got " << right;
    return success();
  case MaskKind::Prefix:
    return success();
  }
  llvm_unreachable("all kinds are covered");
}

/// `left = L` and `right = R`, each once.
static ParseResult parseWindow(AsmParser &parser, int64_t &left, int64_t &right) {
  while (succeeded(parser.parseOptionalComma())) {
    SMLoc loc = parser.getCurrentLocation();
    StringRef name;
    int64_t value;
    if (parser.parseKeyword(&name) || parser.parseEqual() || parser.parseInteger(value))
      return failure();
    if (value < 0)
      return parser.emitError(loc)
             << "(M1) expected " << name << " of at least 0 but got " << value;
    if (name != "left" && name != "right")
      return parser.emitError(loc) << "expected left or right but got '" << name << "'";
    (name == "left" ? left : right) = value;
  }
  return success();
}

static ParseResult parseNumber(AsmParser &parser, StringRef name, int64_t &value) {
  return failure(parser.parseKeyword(name) || parser.parseEqual() ||
                 parser.parseInteger(value));
}

static ParseResult parseFields(AsmParser &parser, MaskKind kind, int64_t &left, int64_t &right,
                               int64_t &size) {
  switch (kind) {
  case MaskKind::Causal:
    right = 0;
    return failure(succeeded(parser.parseOptionalComma()) &&
                   parseNumber(parser, "offset", right));
  case MaskKind::Window:
    return parseWindow(parser, left, right);
  case MaskKind::Chunked:
    return failure(parser.parseComma() || parseNumber(parser, "size", size));
  case MaskKind::Prefix:
    return success();
  }
  llvm_unreachable("all kinds are covered");
}

Attribute MaskAttr::parse(AsmParser &parser, Type) {
  constexpr StringLiteral what = "a mask kind (causal, window, chunked, prefix)";
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  if (parser.parseLess())
    return {};
  SMLoc kindLoc = parser.getCurrentLocation();
  if (parser.parseOptionalKeyword(&word)) {
    parser.emitError(kindLoc) << "expected " << what;
    return {};
  }
  std::optional<MaskKind> kind = symbolizeMaskKind(word);
  if (!kind) {
    parser.emitError(kindLoc) << "expected " << what << " but got '" << word << "'";
    return {};
  }
  int64_t left = kUnbounded, right = kUnbounded, size = 0;
  if (parseFields(parser, *kind, left, right, size) || parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), *kind, left,
                    right, size);
}

void MaskAttr::print(AsmPrinter &printer) const {
  printer << "<" << stringifyMaskKind(getKind());
  if (getKind() == MaskKind::Causal && getRight() != 0)
    printer << ", offset = " << getRight();
  if (getKind() == MaskKind::Window && getLeft() != kUnbounded)
    printer << ", left = " << getLeft();
  if (getKind() == MaskKind::Window && getRight() != kUnbounded)
    printer << ", right = " << getRight();
  if (getKind() == MaskKind::Chunked)
    printer << ", size = " << getSize();
  printer << ">";
}
