//===- DistanceFunction.h - Integers as functions of distance ---*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RAISE_DISTANCEFUNCTION_H
#define POSENC_LIB_RAISE_DISTANCEFUNCTION_H

#include "FindAttention.h"

namespace mlir::posenc::raise {

/// An integer that depends on a query index m and a key index n only through
/// d = n − m, as its values for d in [lo, hi]. If `total`, it is proved to be
/// constant below lo and above hi, for every length; else no distance outside
/// occurs.
struct DistanceFunction {
  int64_t lo = 0, hi = 0;
  bool total = false;
  SmallVector<int64_t> values;
  /// The distances that occur, where lengths are static.
  int64_t reachLo = 0, reachHi = 0;

  int64_t at(int64_t d) const { return values[std::min(std::max(d, lo), hi) - lo]; }
};

/// Proves and tabulates. None if `e` is no function of the distance, reads a
/// tensor, or does not become constant within a few thousand steps.
std::optional<DistanceFunction> tabulate(ExprContext &cx, Expr e, const Axis &query,
                                         const Axis &key);

/// Erases every cf.assert below `root` that holds for all lengths.
void eraseProvedAsserts(Operation *root, ExprContext &cx, PullBack &pull);

} // namespace mlir::posenc::raise

#endif // POSENC_LIB_RAISE_DISTANCEFUNCTION_H
