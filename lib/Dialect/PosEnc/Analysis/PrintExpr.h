//===- PrintExpr.h - Expressions of a score region as text ------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_ANALYSIS_PRINTEXPR_H
#define POSENC_LIB_ANALYSIS_PRINTEXPR_H

#include "Coordinates.h"
#include "RegionExprs.h"

#include "mlir/IR/AsmState.h"

namespace mlir::posenc {

/// Prints expressions; what is longer than a few nodes only as what it reads.
class ExprPrinter {
public:
  ExprPrinter(raw_ostream &os, AsmState &state, const RegionExprs &region,
              const Coordinates &coordinates)
      : os(os), state(state), region(region), coordinates(coordinates) {}

  void print(scalar::Expr e);
  /// What is subtracted from what, of an axis.
  void printAxis(const CoordinateAxis &axis);

private:
  void printNode(scalar::Expr e);
  void printSum(scalar::Expr e);
  void printVariable(scalar::Expr e);
  void printList(ArrayRef<scalar::Expr> list, StringRef separator);

  raw_ostream &os;
  AsmState &state;
  const RegionExprs &region;
  const Coordinates &coordinates;
};

} // namespace mlir::posenc

#endif // POSENC_LIB_ANALYSIS_PRINTEXPR_H
