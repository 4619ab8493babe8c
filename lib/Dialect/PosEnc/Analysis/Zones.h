//===- Zones.h - Where functions of the distance are constant ---*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_ANALYSIS_ZONES_H
#define POSENC_LIB_ANALYSIS_ZONES_H

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"

namespace mlir::posenc {

/// Says whether an expression has one value while variables stay in ranges.
class ConstancyEvaluator {
public:
  /// `varying`: the variables that differ from score to score.
  ConstancyEvaluator(scalar::Expr root, uint64_t varying);

  struct Result {
    bool constant;          ///< one value, which may depend on captured values
    scalar::Interval range; ///< bounds of it
  };
  Result run(ArrayRef<scalar::Evaluator::Range> ranges);

private:
  bool isConstant(unsigned index) const;

  scalar::Evaluator evaluator;
  uint64_t varying;
  SmallVector<bool> constant;
};

/// Intervals of `d` within [lo, hi] that together cover it, each of more than
/// one distance if it is constant. What is not found constant varies.
SmallVector<TermZone> findConstantZones(scalar::ExprContext &cx, scalar::Expr e, scalar::Expr d,
                                        uint64_t varying, int64_t lo, int64_t hi);

} // namespace mlir::posenc

#endif // POSENC_LIB_ANALYSIS_ZONES_H
