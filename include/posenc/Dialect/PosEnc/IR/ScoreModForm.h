//===- ScoreModForm.h - What a modifier asks of a kernel -------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_IR_SCOREMODFORM_H
#define POSENC_DIALECT_POSENC_IR_SCOREMODFORM_H

#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <optional>

namespace mlir::posenc {

/// What a kernel has to have at hand to compute a modifier.
enum class ScoreModForm : uint8_t {
  Scalar,  ///< one score and the operands
  LowRank, ///< a product of a row per query and one per key; a scalar form, too
  Product, ///< one more product of rows and a table, a relative dot product
  RowScan, ///< all scores of the row up to this one, in order
  HeadMix, ///< the scores of all heads
};

/// Consecutive operands of an op.
struct OperandSpan {
  unsigned first = 0, count = 0;
};

/// The product that a modifier of the form `Product` adds, Σ_d (x + u) · t: rows
/// x of q or k (or other rows) times the row of a table t that the op chooses.
/// Every tensor is an operand, read at index operands that stand before d; the
/// table's chosen row stands before its indices. `rowsOperand` is the operand x
/// also where it is recognised as attention's own q or k.
struct ScoreProduct {
  enum class Rows : uint8_t { Query, Key, Operand };
  Rows rows = Rows::Query;
  unsigned rowsOperand = 0;
  unsigned tableOperand = 0;
  OperandSpan rowsIndices = {}, tableIndices = {};
  std::optional<unsigned> biasOperand = std::nullopt; ///< u
  OperandSpan biasIndices = {};
};

/// The factors of a modifier of the form `LowRank`: two tensors and the
/// operands that index them; their last dimension is summed over.
struct ScoreFactors {
  unsigned left = 0, right = 0;
  llvm::SmallVector<unsigned> leftIndices, rightIndices;
  /// The operand that the sum is multiplied by; none is 1.
  std::optional<unsigned> weight;
};

} // namespace mlir::posenc

#endif // POSENC_DIALECT_POSENC_IR_SCOREMODFORM_H
