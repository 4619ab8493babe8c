//===- Product.h - Content × relative terms of scores -----------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scores read elements of contractions that are not q · k: after the index
// arithmetic of skews and gathers is gone, each is Σ_d x[…, d] · t[row, …, d] with
// x of the query or of the key, and a row by both.
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RAISE_PRODUCT_H
#define POSENC_LIB_RAISE_PRODUCT_H

#include "Emit.h"

namespace mlir::posenc::raise {

/// constant · Σ_d (rows + bias) · table, each an element of a tensor.
struct Product {
  Expr rows = nullptr, table = nullptr;
  Expr bias = nullptr; ///< null where there is none
  double constant = 1.0;
  Axis channel;
};

/// A tensor with the channel last, and the indices before it; of a table the row
/// is the first of them.
struct ProductTensor {
  Value tensor = {};
  SmallVector<Expr> indices = {};
  Expr rowExtent = nullptr; ///< of a table
};

/// The product that the element `read` is. None if it is no contraction, if it is
/// q · k or another product of something of the query and something of the key,
/// or if one of its factors is computed by query and key.
std::optional<Product> findProduct(ExprContext &cx, PullBack &pull, const Attention &attention,
                                   Expr read);

/// Reshapes, cuts and transposes the tensor of `read` in front of the attention.
ProductTensor buildProductTensor(ExprContext &cx, PullBack &pull, const Attention &attention,
                                 const Axis &channel, Expr read, bool isTable,
                                 OpBuilder &outside, Location loc);
/// What that will be, without the tensor. None if the channel, and a table's row,
/// are not found apart from the rest.
std::optional<ProductTensor> planProductTensor(ExprContext &cx, PullBack &pull,
                                               const Attention &attention, const Axis &channel,
                                               Expr read, bool isTable);

/// Gives the attention its value_rel.
void addValueRel(ExprContext &cx, PullBack &pull, OpBuilder &outside,
                 const Attention &attention, AttentionOp op);
/// Whether the table can be one: rows by distance, shared by heads or per head.
bool isValueTable(ExprContext &cx, PullBack &pull, const Attention &attention, Expr table);

/// A term that is added to a score, as the linear code around one leaf.
struct LinearPart {
  Expr leaf = nullptr;
  /// Factors and divisors, and what has to be true for the part to exist.
  SmallVector<std::pair<Expr, bool>> factors = {};
  SmallVector<Expr> conditions = {};
  bool negative = false;
};

/// Adds terms with products in them to scores.
class ProductEmitter {
public:
  ProductEmitter(ExprContext &cx, PullBack &pull, const Attention &attention, AttentionOp op,
                 Emitter &emitter, OpBuilder &outside)
      : cx(cx), pull(pull), attention(attention), op(op), emitter(emitter), outside(outside) {}

  /// Whether there is a product in `e`.
  bool mentions(Expr e);
  /// score + term, or score − term. `addPlain` adds what has no product in it.
  Value add(Value score, Expr term, bool negative, std::pair<Value, Value> positions,
            llvm::function_ref<Value(Value, Expr)> addPlain);

private:
  void split(Expr e, LinearPart part, SmallVectorImpl<LinearPart> &parts);
  bool splitProduct(Expr e, LinearPart &part, SmallVectorImpl<LinearPart> &parts);
  Expr weigh(const LinearPart &part, double constant, Expr value);
  Value addProduct(Value score, LinearPart &part, std::pair<Value, Value> positions);
  ProductTensor captureRows(const Product &product);
  Expr insideTable(Expr row, Expr extent, Expr exists);
  const std::optional<Product> &productOf(Expr read);

  ExprContext &cx;
  PullBack &pull;
  const Attention &attention;
  AttentionOp op;
  Emitter &emitter;
  OpBuilder &outside;
  llvm::DenseMap<Expr, std::optional<Product>> products;
  llvm::DenseMap<Expr, bool> mentioned;
};

} // namespace mlir::posenc::raise

#endif // POSENC_LIB_RAISE_PRODUCT_H
