//===- Selection.h - What may be raised, and what was -----------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The option `only` and the remark of a raised attention speak of structures in
// the same words: docs/Raising.md has the table.
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RAISE_SELECTION_H
#define POSENC_LIB_RAISE_SELECTION_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "llvm/ADT/SmallSet.h"
#include "llvm/Support/GlobPattern.h"

#include <optional>
#include <string>

namespace mlir::posenc::raise {

/// The structure of one thing that meets the scores or the values.
struct TermWord {
  StringRef word;    ///< "affine", "mask", …
  std::string where; ///< the op that does it
};

/// The terms of an attention in the order in which they change the score.
SmallVector<TermWord> describeTerms(AttentionOp op);

/// What was raised, for people.
std::string describeRaised(AttentionOp op);

/// The functions and structures that may be raised.
class Selection {
public:
  /// Reads `@pattern`s and structures. On failure `error` says what was wrong.
  static std::optional<Selection> parse(ArrayRef<std::string> entries, std::string &error);

  /// Whether a function of this name may be raised.
  bool allowsFunction(StringRef name) const;
  /// Whether an attention of this structure may be; else why not.
  bool allowsTerms(AttentionOp op, std::string &reason) const;

private:
  std::vector<llvm::GlobPattern> functions;
  llvm::SmallSet<StringRef, 4> words;
};

} // namespace mlir::posenc::raise

#endif // POSENC_LIB_RAISE_SELECTION_H
