//===- RelativeConstant.cpp - Constant matrices of differences ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A proof by all elements: two that share a difference are the same. Indices
// past the matrix are read by nobody, so that nothing is claimed for them.
//
//===----------------------------------------------------------------------===//

#include "RelativeConstant.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::scalar;

namespace {
/// The constant as matrices [queries][keys] of attributes, one for each value of
/// the indices that are no positions: a head, as a rule.
struct Matrices {
  int64_t rows = 0, columns = 0, queryStride = 0, keyStride = 0;
  SmallVector<Expr> others;
  SmallVector<int64_t> otherExtents;
  SmallVector<int64_t> offsets = {0};
  SmallVector<Attribute> elements;

  Attribute at(int64_t offset, int64_t m, int64_t n) const {
    return elements[offset + m * queryStride + n * keyStride];
  }

  /// A dimension that position does not index: one matrix for each of its indices.
  void split(Expr index, int64_t extent, int64_t stride) {
    others.push_back(index);
    otherExtents.push_back(extent);
    SmallVector<int64_t> split;
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < extent; ++i)
        split.push_back(offset + i * stride);
    offsets = std::move(split);
  }
};
} // namespace

/// The coefficients of query · c + key; false for any other index.
static bool isRowMajor(Expr sum, Expr query, Expr key, int64_t &columns) {
  if (sum->kind != Kind::Sum || sum->ops.size() != 2 || sum->num != 0)
    return false;
  bool queryFirst = sum->ops[0] == query && sum->ops[1] == key;
  if (!queryFirst && !(sum->ops[0] == key && sum->ops[1] == query))
    return false;
  columns = sum->coefs[queryFirst ? 0 : 1];
  return columns >= 2 && sum->coefs[queryFirst ? 1 : 0] == 1;
}

/// T[…, m, …, n, …], in any order, or T[…, m · N + n]; what else indexes it does
/// not depend on m and n.
static std::optional<Matrices> getMatrices(ElementsAttr elements, ArrayRef<Expr> indices,
                                           Expr query, Expr key) {
  Matrices matrices;
  int64_t stride = elements.getNumElements();
  for (auto [index, extent] : llvm::zip_equal(indices, elements.getShapedType().getShape())) {
    stride /= std::max<int64_t>(extent, 1);
    int64_t columns = 0;
    if (extent == 1)
      continue;
    if (index == query && matrices.rows == 0) {
      matrices.rows = extent;
      matrices.queryStride = stride;
    } else if (index == key && matrices.columns == 0) {
      matrices.columns = extent;
      matrices.keyStride = stride;
    } else if (matrices.rows == 0 && matrices.columns == 0 &&
               isRowMajor(index, query, key, columns) && extent % columns == 0) {
      matrices.rows = extent / columns;
      matrices.columns = columns;
      matrices.queryStride = columns * stride;
      matrices.keyStride = stride;
    } else if (index->vars & (query->vars | key->vars)) {
      return std::nullopt;
    } else {
      matrices.split(index, extent, stride);
    }
  }
  if (matrices.rows == 0 || matrices.columns == 0)
    return std::nullopt;
  llvm::append_range(matrices.elements, elements.getValues<Attribute>());
  return matrices;
}

/// A matrix as a table over (m div w − n div w, m mod w − n mod w), its first
/// entry that of the smallest differences, behind `table`; false if it is none.
static bool tabulate(const Matrices &matrices, int64_t offset, int64_t width,
                     SmallVectorImpl<Attribute> &table) {
  int64_t firstRow = -((matrices.columns - 1) / width), columns = 2 * width - 1;
  int64_t rows = (matrices.rows - 1) / width - firstRow + 1, start = table.size();
  table.resize(start + rows * columns);
  for (int64_t m = 0; m < matrices.rows; ++m)
    for (int64_t n = 0; n < matrices.columns; ++n) {
      int64_t row = m / width - n / width - firstRow;
      Attribute &entry = table[start + row * columns + m % width - n % width + width - 1];
      if (entry && entry != matrices.at(offset, m, n))
        return false;
      entry = matrices.at(offset, m, n);
    }
  // Differences that do not occur.
  for (Attribute &entry : table)
    entry = entry ? entry : matrices.elements.front();
  return true;
}

Expr mlir::posenc::readAsDifference(ExprContext &cx, ElementsAttr elements,
                                    ArrayRef<Expr> indices, Expr query, Expr key) {
  std::optional<Matrices> matrices = getMatrices(elements, indices, query, key);
  if (!matrices)
    return nullptr;
  // A width of 1 is the plain difference; a grid has more than one row.
  for (int64_t width = 1; 2 * width <= std::min(matrices->rows, matrices->columns); ++width) {
    if (matrices->rows % width != 0 || matrices->columns % width != 0)
      continue;
    SmallVector<Attribute> table;
    if (!llvm::all_of(matrices->offsets, [&](int64_t offset) {
          return tabulate(*matrices, offset, width, table);
        }))
      continue;
    int64_t firstRow = -((matrices->columns - 1) / width), columns = 2 * width - 1;
    SmallVector<int64_t> shape(matrices->otherExtents);
    shape.append({int64_t(table.size()) / int64_t(matrices->offsets.size()) / columns, columns});
    auto type = RankedTensorType::get(shape, elements.getElementType());
    Expr w = cx.intConst(width);
    Expr row = cx.sub(cx.floorDiv(query, w), cx.floorDiv(key, w));
    Expr column = cx.sub(cx.mod(query, w), cx.mod(key, w));
    SmallVector<Expr> at(matrices->others);
    at.append({cx.sub(row, cx.intConst(firstRow)), cx.add(column, cx.intConst(width - 1))});
    return cx.readConstant(Value(), DenseElementsAttr::get(type, table), at);
  }
  return nullptr;
}
