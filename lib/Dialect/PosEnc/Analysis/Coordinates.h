//===- Coordinates.h - Differences of coordinates in expressions *- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_ANALYSIS_COORDINATES_H
#define POSENC_LIB_ANALYSIS_COORDINATES_H

#include "RegionExprs.h"

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"

namespace mlir::posenc {

/// Rewrites expressions of m and n into expressions of differences of
/// coordinates, wherever nothing else of m and n is left.
///
/// A coordinate is a position, or a quotient or remainder of one by a constant
/// (the row of a pixel, the chunk of a token).
class Coordinates {
public:
  Coordinates(scalar::ExprContext &cx, RegionExprs &region);

  scalar::Expr rewrite(scalar::Expr e);

  /// i − j, and the differences of the other axes.
  ArrayRef<CoordinateAxis> getAxes() const { return axes; }
  /// Of integer positions; null if there are none.
  scalar::Expr getDistance() const { return distance; }
  /// Below this the rewriting is exact: float positions are.
  int64_t getExactBelow() const { return exactBelow; }

  /// Variables that only one side knows.
  uint64_t getQueryVars() const { return queryVars; }
  uint64_t getKeyVars() const { return keyVars; }
  /// Variables that differ from score to score, differences included.
  uint64_t getVaryingVars() const {
    uint64_t vars = queryVars | keyVars;
    for (const CoordinateAxis &axis : axes)
      vars |= axis.difference->vars;
    return vars;
  }

private:
  void addPair(scalar::Expr query, scalar::Expr key, AxisKind kind, int64_t number);
  void findQuotients(scalar::Expr root);
  scalar::Expr foldFloatDifferences(scalar::Expr e);
  scalar::Expr floatDifference(scalar::Expr like, scalar::Expr a, scalar::Expr b);
  scalar::Expr cancelInSum(scalar::Expr sum);
  bool isMixed(scalar::Expr e) const;

  scalar::ExprContext &cx;
  RegionExprs &region;
  SmallVector<CoordinateAxis> axes;
  scalar::Expr distance = nullptr;
  int64_t exactBelow;
  uint64_t queryVars = 0, keyVars = 0;
  /// Replaces coordinates of keys by those of queries less the difference.
  llvm::DenseMap<scalar::Expr, scalar::Expr> keyByDifference;
  /// Quotients by what they look like, for either side.
  llvm::StringMap<PositionPair> quotients;
};

} // namespace mlir::posenc

#endif // POSENC_LIB_ANALYSIS_COORDINATES_H
