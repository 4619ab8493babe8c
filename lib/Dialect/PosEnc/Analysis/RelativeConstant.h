//===- RelativeConstant.h - Constant matrices of differences ----*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_ANALYSIS_RELATIVECONSTANT_H
#define POSENC_LIB_ANALYSIS_RELATIVECONSTANT_H

#include "posenc/Dialect/PosEnc/Analysis/ScalarExpr.h"

namespace mlir::posenc {

/// An element of a constant that is read at both `query` and `key`, as a table
/// over their difference, or over those of rows and columns of a grid, if its
/// elements are such a function; null if not. Exporters write the indices of
/// relative tables and whole biases into a module this way.
scalar::Expr readAsDifference(scalar::ExprContext &cx, ElementsAttr elements,
                              ArrayRef<scalar::Expr> indices, scalar::Expr query,
                              scalar::Expr key);

} // namespace mlir::posenc

#endif // POSENC_LIB_ANALYSIS_RELATIVECONSTANT_H
