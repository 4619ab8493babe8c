//===- PosEncAttrs.cpp - Attributes of the posenc dialect -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

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
