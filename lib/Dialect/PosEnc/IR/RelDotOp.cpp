//===- RelDotOp.cpp - Content × relative ----------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionOps.h"

#include "posenc/Dialect/PosEnc/IR/RowProduct.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

//===----------------------------------------------------------------------===//
// The product
//===----------------------------------------------------------------------===//

static int64_t lastExtent(Value tensor) {
  return cast<ShapedType>(tensor.getType()).getShape().back();
}

/// The number of channels; that of the first tensor which knows it statically.
static Value buildNumChannels(OpBuilder &b, Location loc, ArrayRef<Value> tensors) {
  for (Value tensor : tensors)
    if (!ShapedType::isDynamic(lastExtent(tensor)))
      return arith::ConstantIndexOp::create(b, loc, lastExtent(tensor));
  Value tensor = tensors.front();
  int64_t last = cast<ShapedType>(tensor.getType()).getRank() - 1;
  if (isa<TensorType>(tensor.getType()))
    return tensor::DimOp::create(b, loc, tensor, last);
  return memref::DimOp::create(b, loc, tensor, last);
}

Value posenc::buildRowProduct(OpBuilder &b, Location loc, const ScoreProduct &product,
                              ValueRange operands, Value row) {
  Value rows = operands[product.rowsOperand], table = operands[product.tableOperand];
  auto read = [&](OpBuilder &b, Location loc, Value tensor, ArrayRef<Value> before,
                  OperandSpan span, Value d) {
    SmallVector<Value> at(before);
    llvm::append_range(at, operands.slice(span.first, span.count));
    at.push_back(d);
    return buildRead(b, loc, tensor, at);
  };
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value end = buildNumChannels(b, loc, {rows, table});
  Value start = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0.0f));
  auto body = [&](OpBuilder &b, Location loc, Value d, ValueRange sum) {
    Value x = read(b, loc, rows, {}, product.rowsIndices, d);
    if (product.biasOperand) {
      Value u = read(b, loc, operands[*product.biasOperand], {}, product.biasIndices, d);
      x = arith::AddFOp::create(b, loc, x, u);
    }
    Value t = read(b, loc, table, {row}, product.tableIndices, d);
    Value next = arith::MulFOp::create(b, loc, x, t);
    next = arith::AddFOp::create(b, loc, sum[0], next);
    scf::YieldOp::create(b, loc, next);
  };
  return scf::ForOp::create(b, loc, zero, end, one, start, body).getResult(0);
}

//===----------------------------------------------------------------------===//
// Formula
//===----------------------------------------------------------------------===//

bool RelDotOp::isAdditive() { return true; }

ScoreModForm RelDotOp::getForm() { return ScoreModForm::Product; }

/// Whether the op's rows are those of attention's q at its query, or of k at its
/// key.
static ScoreProduct::Rows getRowsKind(RelDotOp op) {
  auto attention = op->getParentOfType<AttentionOp>();
  if (!attention || attention.getScore().empty())
    return ScoreProduct::Rows::Operand;
  Block &block = attention.getScore().front();
  OperandRange at = op.getRowsIndices();
  auto isRow = [&](Value tensor, DimsAttr dims, Value index) {
    unsigned seq = dims.dimOf(AttentionOp::Seq);
    return op.getRows() == tensor && at.size() == 3 && seq < 3 && at[seq] == index;
  };
  if (isRow(attention.getQ(), attention.getQDims(), block.getArgument(3)))
    return ScoreProduct::Rows::Query;
  if (isRow(attention.getK(), attention.getKDims(), block.getArgument(4)))
    return ScoreProduct::Rows::Key;
  return ScoreProduct::Rows::Operand;
}

std::optional<ScoreProduct> RelDotOp::getProduct() {
  auto span = [&](unsigned group) {
    auto [first, count] = getODSOperandIndexAndLength(group);
    return OperandSpan{first, count};
  };
  // In the order of the op's arguments.
  ScoreProduct product{getRowsKind(*this), span(1).first, span(3).first, span(2), span(4)};
  if (getBias()) {
    product.biasOperand = span(8).first;
    product.biasIndices = span(9);
  }
  return product;
}

Value RelDotOp::buildFromProduct(OpBuilder &b, Location loc, ValueRange operands,
                                 function_ref<Value(Value)> product) {
  Adaptor in(operands, *this);
  BucketAttr::Row row{in.getRow(), Value()};
  if (!row.row)
    row = getBucket()->buildRow(b, loc, in.getQPosition(), in.getKPosition());
  Value sum = product(row.row);
  if (row.exists) {
    Value none = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0.0f));
    sum = arith::SelectOp::create(b, loc, row.exists, sum, none);
  }
  return buildWeightedSum(b, loc, in.getScore(), in.getWeight(), sum);
}

Value RelDotOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  return buildFromProduct(b, loc, operands, [&](Value row) {
    return buildRowProduct(b, loc, *getProduct(), operands, row);
  });
}

//===----------------------------------------------------------------------===//
// Verifier, effects
//===----------------------------------------------------------------------===//

LogicalResult RelDotOp::verify() {
  bool positions = getQPosition() && getKPosition();
  if (positions != getBucket().has_value() || positions == bool(getRow()))
    return emitOpError() << "(RD1) expected either positions and a bucket or a row but got "
                         << (positions ? "positions, " : "no positions, ")
                         << (getBucket() ? "a bucket and " : "no bucket and ")
                         << (getRow() ? "a row" : "no row");
  struct Tensor {
    StringRef name;
    Value value;
    int64_t rank;
  };
  const Tensor tensors[] = {{"rows", getRows(), int64_t(getRowsIndices().size()) + 1},
                            {"a table", getTable(), int64_t(getTableIndices().size()) + 2},
                            {"a bias", getBias(), int64_t(getBiasIndices().size()) + 1}};
  for (const Tensor &tensor : tensors) {
    if (!tensor.value)
      continue;
    auto type = cast<ShapedType>(tensor.value.getType());
    if (!type.hasRank() || type.getRank() != tensor.rank)
      return emitOpError() << "(RD2) expected " << tensor.name << " of rank " << tensor.rank
                           << " but got " << type;
    if (!compatible(type.getShape().back(), lastExtent(getRows())))
      return emitOpError() << "(RD3) expected " << tensor.name << " of "
                           << lastExtent(getRows()) << " channels but got "
                           << type.getShape().back();
  }
  int64_t extent = cast<ShapedType>(getTable().getType()).getDimSize(0);
  int64_t rows = getBucket() ? getBucket()->getNumRows() : extent;
  bool fits = getBucket() && getBucket()->allowsMoreRows() ? extent >= rows : extent == rows;
  if (!ShapedType::isDynamic(extent) && !fits)
    return emitOpError() << "(RD4) expected a table of " << rows << " rows but got " << extent;
  return success();
}

void RelDotOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  addMemrefEffects(getOperation()->getOpOperands(), {}, effects);
}

//===----------------------------------------------------------------------===//
// Canonical form
//===----------------------------------------------------------------------===//

OpFoldResult RelDotOp::fold(FoldAdaptor adaptor) {
  // A weight may be infinite or no number.
  bool zero = isZeroSplat(adaptor.getTable()) && !getWeight();
  return zero ? OpFoldResult(getScore()) : OpFoldResult();
}

namespace {
/// at(j, i) is at(i, j) with the bucket that says so: DeBERTa's p2c, which gathers
/// by key and query, gets the row of its c2p.
struct QueryPositionFirst final : OpRewritePattern<RelDotOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RelDotOp op, PatternRewriter &rewriter) const override {
    if (!op.getBucket() || !op.getQPosition().getDefiningOp<KPosOp>() ||
        !op.getKPosition().getDefiningOp<QPosOp>())
      return failure();
    BucketAttr swapped = op.getBucket()->getSwapped();
    if (!swapped)
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      Value query = op.getKPosition();
      op.getKPositionMutable().assign(op.getQPosition());
      op.getQPositionMutable().assign(query);
      op.setBucketAttr(swapped);
    });
    return success();
  }
};
} // namespace

void RelDotOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) {
  patterns.add<QueryPositionFirst>(ctx);
}
