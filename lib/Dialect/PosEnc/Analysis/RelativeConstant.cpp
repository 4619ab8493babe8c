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
/// The constant as a matrix [queries][keys] of attributes.
struct Matrix {
  int64_t rows = 0, columns = 0;
  bool keyFirst = false;
  SmallVector<Attribute> elements;

  Attribute at(int64_t m, int64_t n) const {
    return elements[keyFirst ? n * rows + m : m * columns + n];
  }
};
} // namespace

/// T[m, n], T[n, m] or T[m · N + n]; other dimensions are of extent 1.
static std::optional<Matrix> getMatrix(ElementsAttr elements, ArrayRef<Expr> indices,
                                       Expr query, Expr key) {
  SmallVector<std::pair<Expr, int64_t>> used;
  for (auto [index, extent] : llvm::zip_equal(indices, elements.getShapedType().getShape()))
    if (extent != 1)
      used.push_back({index, extent});
  Matrix matrix;
  if (used.size() == 2) {
    matrix.keyFirst = used[0].first == key && used[1].first == query;
    if (!matrix.keyFirst && !(used[0].first == query && used[1].first == key))
      return std::nullopt;
    matrix.rows = used[matrix.keyFirst ? 1 : 0].second;
    matrix.columns = used[matrix.keyFirst ? 0 : 1].second;
  } else if (used.size() == 1 && used[0].first->kind == Kind::Sum) {
    Expr sum = used[0].first;
    int64_t coefQuery = 0, coefKey = 0;
    for (auto [term, coef] : llvm::zip(sum->ops, sum->coefs))
      (term == query ? coefQuery : coefKey) = term == query || term == key ? coef : -1;
    if (sum->ops.size() != 2 || sum->num != 0 || coefKey != 1 || coefQuery < 2 ||
        used[0].second % coefQuery != 0)
      return std::nullopt;
    matrix.columns = coefQuery;
    matrix.rows = used[0].second / coefQuery;
  } else {
    return std::nullopt;
  }
  llvm::append_range(matrix.elements, elements.getValues<Attribute>());
  return matrix;
}

/// The matrix as a table over (m div w − n div w, m mod w − n mod w), its first
/// entry that of the smallest differences; empty if it is none.
static SmallVector<Attribute> tabulate(const Matrix &matrix, int64_t width, int64_t &firstRow,
                                       int64_t &rows) {
  firstRow = -((matrix.columns - 1) / width);
  rows = (matrix.rows - 1) / width - firstRow + 1;
  int64_t columns = 2 * width - 1;
  SmallVector<Attribute> table(rows * columns);
  for (int64_t m = 0; m < matrix.rows; ++m)
    for (int64_t n = 0; n < matrix.columns; ++n) {
      int64_t row = m / width - n / width - firstRow;
      Attribute &entry = table[row * columns + m % width - n % width + width - 1];
      if (entry && entry != matrix.at(m, n))
        return {};
      entry = matrix.at(m, n);
    }
  // Differences that do not occur.
  for (Attribute &entry : table)
    entry = entry ? entry : matrix.elements.front();
  return table;
}

Expr mlir::posenc::readAsDifference(ExprContext &cx, ElementsAttr elements,
                                    ArrayRef<Expr> indices, Expr query, Expr key) {
  std::optional<Matrix> matrix = getMatrix(elements, indices, query, key);
  if (!matrix)
    return nullptr;
  Type element = elements.getElementType();
  // A width of 1 is the plain difference; a grid has more than one row.
  for (int64_t width = 1; 2 * width <= std::min(matrix->rows, matrix->columns); ++width) {
    if (matrix->rows % width != 0 || matrix->columns % width != 0)
      continue;
    int64_t firstRow, rows;
    SmallVector<Attribute> table = tabulate(*matrix, width, firstRow, rows);
    if (table.empty())
      continue;
    auto type = RankedTensorType::get({rows, 2 * width - 1}, element);
    Expr w = cx.intConst(width);
    Expr row = cx.sub(cx.floorDiv(query, w), cx.floorDiv(key, w));
    Expr column = cx.sub(cx.mod(query, w), cx.mod(key, w));
    return cx.readConstant(
        Value(), DenseElementsAttr::get(type, table),
        {cx.sub(row, cx.intConst(firstRow)), cx.add(column, cx.intConst(width - 1))});
  }
  return nullptr;
}
