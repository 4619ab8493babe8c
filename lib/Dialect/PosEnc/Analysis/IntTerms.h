//===- IntTerms.h - Sums as terms, products as factors ----------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_ANALYSIS_INTTERMS_H
#define POSENC_LIB_ANALYSIS_INTTERMS_H

#include "posenc/Dialect/PosEnc/Analysis/ScalarExpr.h"

namespace mlir::posenc::scalar {

/// The terms of a as (node, coefficient), and its constant.
inline int64_t terms(Expr a, SmallVectorImpl<std::pair<Expr, int64_t>> &result) {
  if (a->kind == Kind::IntConst)
    return a->num;
  if (a->kind != Kind::Sum) {
    result.push_back({a, 1});
    return 0;
  }
  for (auto [node, coef] : llvm::zip(a->ops, a->coefs))
    result.push_back({node, coef});
  return a->num;
}

/// Factors of a product; a itself if it is none.
inline ArrayRef<Expr> factors(const Expr &a) {
  if (a->kind == Kind::Mul)
    return a->ops;
  return ArrayRef<Expr>(a);
}

} // namespace mlir::posenc::scalar

#endif // POSENC_LIB_ANALYSIS_INTTERMS_H
