//===- SplitTerms.h - A score region as a list of steps ---------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_ANALYSIS_SPLITTERMS_H
#define POSENC_LIB_ANALYSIS_SPLITTERMS_H

#include "Coordinates.h"
#include "RegionExprs.h"

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"

namespace mlir::posenc {

/// A value of the region and the earlier value that all of the score's influence
/// on it passes through.
struct ScoreSegment {
  Value from, to;
};

/// Segments from the score to the yielded value, in order. A first segment
/// without `from` does not read the score at all.
/// The cuts between the block's score and `to`. Stages are not looked through.
SmallVector<ScoreSegment> findSegments(Block &block, Value to);

/// The terms of a region: op, action, value and fill. `incoming` is the variable
/// that stands for the score before each term.
std::vector<ScoreTerm> splitTerms(scalar::ExprContext &cx, RegionExprs &region,
                                  Coordinates &coordinates, scalar::Expr incoming, Value to);

} // namespace mlir::posenc

#endif // POSENC_LIB_ANALYSIS_SPLITTERMS_H
