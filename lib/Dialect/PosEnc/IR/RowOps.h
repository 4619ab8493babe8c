//===- RowOps.h - What transforms of rows share -----------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Private to lib/Dialect/PosEnc/IR: the two forms of a row transform (a row with
// `at`, or a tensor), and the tables that they read.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_DIALECT_POSENC_IR_ROWOPS_H
#define POSENC_LIB_DIALECT_POSENC_IR_ROWOPS_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include <optional>

namespace mlir::posenc::rowops {

/// The extents of a tensor's rows; dynamic where they are not known, and for
/// the row form.
struct RowExtents {
  int64_t batch = ShapedType::kDynamic, heads = ShapedType::kDynamic;
  int64_t tokens = ShapedType::kDynamic, channels = ShapedType::kDynamic;

  /// [B,H,T,D] in the order `dims`, [B,T,D] or [T,D].
  static RowExtents get(RankedTensorType type, DimsAttr dims);
};

/// Which ids the messages of an op carry.
struct RowIds {
  StringRef form, dims, perHead;
};

/// The form of x, `dims` and `per_head`.
LogicalResult verifyRowForm(Operation *op, Value x, ValueRange at, DimsAttr dims, bool perHead,
                            const RowIds &ids);

/// Whether the leading extents of a table, `rank` of them, are the last ones of
/// (B,H,T), or without `perHead` of (B,T).
bool tableFits(ArrayRef<int64_t> leading, const RowExtents &rows, bool perHead);

/// How many indices there are for a table's leading dimensions.
int64_t getNumIndices(ValueRange at, bool isRow, bool perHead);

/// The element of a table at the last of `at`, and at `last` if there is one.
Value buildTableRead(OpBuilder &b, Location loc, Value table, ValueRange at, Value last);

/// (b, h, t) with `perHead`, else (b, t).
SmallVector<Value> selectIndices(Value b, Value h, Value t, bool perHead);

/// Whether a tensor of rank 4, stored in the order `own`, is one that a consumer
/// reads in the order `dims`.
bool isRowTensor(Value x, DimsAttr own, DimsAttr dims);

/// Whether a factor of the row is one of what the region yields.
bool isLinearRowRegion(Region &region);

/// Canonicalization of attention by what its row regions hold.
void addAttentionPatterns(RewritePatternSet &patterns);
/// A part of it: queries and keys that are written in one other order.
void addCommonLayoutPatterns(RewritePatternSet &patterns);
/// Of rotate: channels that were permuted first.
void addRotationLayoutPatterns(RewritePatternSet &patterns);

} // namespace mlir::posenc::rowops

#endif // POSENC_LIB_DIALECT_POSENC_IR_ROWOPS_H
