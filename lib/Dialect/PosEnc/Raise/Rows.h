//===- Rows.h - Names of maps from distances to rows ------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RAISE_ROWS_H
#define POSENC_LIB_RAISE_ROWS_H

#include "DistanceFunction.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

namespace mlir::posenc::raise {

/// The bucket that gives every pair of positions the row of `row`, and none where
/// `exists` (if given) is false: by name, else as a list. Null if the row is no
/// function of the distance, or may leave the table of `numRows` rows.
BucketAttr nameRows(ExprContext &cx, Expr row, Expr exists, const Attention &attention,
                    int64_t numRows);

/// The name of a function all of whose values are rows.
BucketAttr nameTotalRows(MLIRContext *ctx, const DistanceFunction &f, int64_t numRows);

/// A DeBERTa bucket that agrees with `f` from `lo` to `hi`, and beyond if
/// `everywhere`; null if there is none.
BucketAttr fitDeberta(MLIRContext *ctx, const DistanceFunction &f, int64_t lo, int64_t hi,
                      bool everywhere, int64_t numRows);

} // namespace mlir::posenc::raise

#endif // POSENC_LIB_RAISE_ROWS_H
