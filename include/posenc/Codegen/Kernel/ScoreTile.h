//===- ScoreTile.h - Scores in registers and where they stand - -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_KERNEL_SCORETILE_H
#define POSENC_CODEGEN_KERNEL_SCORETILE_H

#include "posenc/Codegen/Kernel/AttentionKernel.h"

namespace mlir::posenc::kernel {

/// An engine states once per kernel which scores a thread holds: register
/// r is the score of query rows[rowOf[r]] and key columns[columnOf[r]]. The
/// shared pieces know nothing else about a layout.
struct ScoreTile {
  SmallVector<Value> rows, columns; // indices m and n, possibly past the ends
  SmallVector<unsigned> rowOf, columnOf;

  unsigned size() const { return rowOf.size(); }
};

/// Applies the score region to every register: `scores` become what the softmax
/// takes, −inf past the last key. Rows past the last query hold some value of a
/// row inside.
void applyScoreRegion(const Emit &emit, AttentionKernel &kernel, const ScoreTile &tile,
                      MutableArrayRef<Value> scores);

/// The factor that the softmax still has to apply to the values that
/// applyScoreRegion leaves, to get exponents of 2.
float getExponentFactor(AttentionOp op);

/// Key indices [begin, end) that this block's queries can see, begin on a
/// multiple of `keyTile`.
struct KeyRange {
  Value begin, end;
};
/// Reads the distance masks that the region ends with; what other masks hide is
/// computed and discarded.
KeyRange buildKeyRange(const Emit &emit, AttentionKernel &kernel, int64_t queryTile,
                       int64_t keyTile);

} // namespace mlir::posenc::kernel

#endif // POSENC_CODEGEN_KERNEL_SCORETILE_H
