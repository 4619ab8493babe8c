//===- DescribeTerms.h - What terms depend on -------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_ANALYSIS_DESCRIBETERMS_H
#define POSENC_LIB_ANALYSIS_DESCRIBETERMS_H

#include "Coordinates.h"
#include "RegionExprs.h"

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"

namespace mlir::posenc {

/// Fills in what a term's value depends on, its factors and its form.
class TermDescriber {
public:
  TermDescriber(scalar::ExprContext &cx, RegionExprs &region, Coordinates &coordinates,
                scalar::Expr incoming)
      : cx(cx), region(region), coordinates(coordinates), incoming(incoming) {}

  void describe(ScoreTerm &term);
  /// Constant factors around a function of the score alone belong to it.
  void mergePointwise(std::vector<ScoreTerm> &terms);

  /// What an expression depends on, a set of TermInput.
  unsigned inputsOf(scalar::Expr e);

private:
  unsigned inputsOfVariable(scalar::Expr var) const;
  void describeProduct(ScoreTerm &term);
  void describeException(ScoreTerm &term);
  std::optional<TermException> findException(scalar::Expr value);
  scalar::Expr valueUnder(const TermException &exception, scalar::Expr value, bool query,
                          bool key);
  void splitFactors(ScoreTerm &term);
  void splitContraction(SmallVectorImpl<scalar::Expr> &factors, ScoreTerm &term);
  std::optional<AffineForm> matchAffine(scalar::Expr e);
  std::optional<AffineForm> matchAffineInt(scalar::Expr e, Type type);
  std::optional<AffineForm> matchAffineFloat(scalar::Expr e);

  scalar::ExprContext &cx;
  RegionExprs &region;
  Coordinates &coordinates;
  scalar::Expr incoming;
  llvm::DenseMap<scalar::Expr, unsigned> inputs;
};

} // namespace mlir::posenc

#endif // POSENC_LIB_ANALYSIS_DESCRIBETERMS_H
