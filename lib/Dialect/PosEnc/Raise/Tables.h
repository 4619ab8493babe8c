//===- Tables.h - Tables that biases look up --------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RAISE_TABLES_H
#define POSENC_LIB_RAISE_TABLES_H

#include "Emit.h"

namespace mlir::posenc::raise {

/// What posenc.bias_table may hold.
bool isTableElement(Type type);

/// The table as [rows] or [rows, heads], cut to the rows that the bucket has.
Value shapeTable(OpBuilder &builder, Location loc, Value table, unsigned rowDim,
                 std::optional<unsigned> headDim, int64_t numRows);

/// The elements of a constant f32 tensor; empty if it is none.
SmallVector<float> constantFloats(Value tensor);
/// The elements of a constant, of a resource too, as attributes; null if it is none.
ElementsAttr constantElements(Value tensor);

/// Recognises a term whose elements are those of one table at the rows of a grid.
std::optional<NamedTable> recognizeGrid(Expr term, const Attention &attention,
                                        OpBuilder &builder, Location loc);

/// A term that is a function of one look-up by position, and of heads.
struct MappedLookup {
  Expr read = nullptr;
};
std::optional<MappedLookup> findLookup(Expr term, const Attention &attention);

/// The table of what `term` makes of each element of `named`'s.
Value mapTable(ExprContext &cx, PullBack &pull, OpBuilder &builder, Location loc,
               const NamedTable &named, Expr term, Expr read, const Attention &attention);

} // namespace mlir::posenc::raise

#endif // POSENC_LIB_RAISE_TABLES_H
