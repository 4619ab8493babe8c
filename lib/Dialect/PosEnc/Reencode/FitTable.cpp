//===- FitTable.cpp - T5 tables that say what a table of positions said ---===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What positions alone contribute to the scores of the first attention is the product
// of the queries and keys that the model itself computes from rows of positions and
// embeddings of zeros. The table with the least squared distance from that over all
// pairs of positions has the mean of each bucket's pairs in its row.
//
//===----------------------------------------------------------------------===//

#include "Reencode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::reencode;

using Logical = AttentionOp::Logical;

namespace {
/// Builds @NAME_t5_table.
class TableFitter {
public:
  TableFitter(RewriterBase &rewriter, FunctionOpInterface function, const LearnedSum &sum,
              AttentionOp op, BucketAttr bucket, bool causal)
      : b(rewriter), loc(sum.sum->getLoc()), function(function), sum(sum), op(op),
        bucket(bucket), causal(causal) {}

  LogicalResult run();

private:
  LogicalResult collect(Value value);
  Value buildEmpty(RankedTensorType type, bool zero);
  Value buildScores(Value q, Value k);
  Value buildMeans(Value scores);
  Value constant(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }

  RewriterBase &b;
  Location loc;
  FunctionOpInterface function;
  const LearnedSum &sum;
  AttentionOp op;
  BucketAttr bucket;
  bool causal;
  int64_t length = 0;
  SetVector<Operation *> slice;
  SetVector<Value> arguments;
};
} // namespace

/// Everything that the value is computed from, up to the embeddings.
LogicalResult TableFitter::collect(Value value) {
  SetVector<Value> worklist;
  worklist.insert(value);
  for (unsigned i = 0; i < worklist.size(); ++i) {
    Value next = worklist[i];
    Operation *producer = next.getDefiningOp();
    if (next == sum.others->get() || !producer)
      continue;
    slice.insert(producer);
    SetVector<Value> read(producer->getOperands().begin(), producer->getOperands().end());
    getUsedValuesDefinedAbove(producer->getRegions(), read);
    for (Value operand : read) {
      if (isa<BlockArgument>(operand) && operand != sum.others->get()) {
        bool ofTable = operand == sum.table;
        if (!isa<tensor::DimOp>(producer) || ofTable)
          return producer->emitError() << "expected queries and keys of the first attention to "
                                          "be computed from the embeddings and constants alone "
                                          "for fit but got an argument";
        arguments.insert(operand);
      }
      worklist.insert(operand);
    }
  }
  return success();
}

/// A tensor with as many tokens as there are positions, and one of whatever else is
/// dynamic. Channels are behind the tokens, but for token ids.
Value TableFitter::buildEmpty(RankedTensorType type, bool zero) {
  SmallVector<OpFoldResult> sizes;
  bool hasChannels = isa<FloatType>(type.getElementType()) && type.getRank() >= 2;
  int64_t token = type.getRank() - (hasChannels ? 2 : 1);
  for (auto [dim, extent] : llvm::enumerate(type.getShape())) {
    int64_t size = !ShapedType::isDynamic(extent) ? extent : int64_t(dim) == token ? length : 1;
    sizes.push_back(b.getIndexAttr(size));
  }
  Value made = tensor::EmptyOp::create(b, loc, sizes, type.getElementType());
  if (zero) {
    Value none = arith::ConstantOp::create(b, loc, b.getZeroAttr(type.getElementType()));
    made = linalg::FillOp::create(b, loc, none, made).getResult(0);
  }
  if (made.getType() != type)
    made = tensor::CastOp::create(b, loc, type, made);
  return made;
}

/// scale · q · k of the first of the batch, [heads, queries, keys] in f32.
Value TableFitter::buildScores(Value q, Value k) {
  int64_t heads = op.getQueryExtent(Logical::Head), keyHeads = op.getKeyExtent(Logical::Head);
  Value empty =
      tensor::EmptyOp::create(b, loc, ArrayRef<int64_t>{heads, length, length}, b.getF32Type());
  Value zero = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0.0f));
  Value init = linalg::FillOp::create(b, loc, zero, empty).getResult(0);
  // The channels' loop needs a size of its own.
  int64_t channels = op.getQueryExtent(Logical::Channel);
  Value loop = tensor::EmptyOp::create(b, loc, ArrayRef<int64_t>{channels}, b.getI1Type());
  MLIRContext *ctx = b.getContext();
  AffineExpr h, i, j, d;
  bindDims(ctx, h, i, j, d);
  AffineMap maps[] = {AffineMap::get(4, 0, {d}, ctx), AffineMap::get(4, 0, {h, i, j}, ctx)};
  SmallVector<utils::IteratorType> loops(3, utils::IteratorType::parallel);
  loops.push_back(utils::IteratorType::reduction);
  auto body = [&](OpBuilder &body, Location l, ValueRange args) {
    auto index = [&](unsigned n) -> Value { return linalg::IndexOp::create(body, l, n); };
    Value first = arith::ConstantIndexOp::create(body, l, 0);
    Value group = arith::ConstantIndexOp::create(body, l, keyHeads ? heads / keyHeads : 1);
    auto read = [&](Value tensor, DimsAttr dims, Value head, Value t) -> Value {
      SmallVector<Value> at(4);
      at[dims.dimOf(Logical::Batch)] = first;
      at[dims.dimOf(Logical::Head)] = head;
      at[dims.dimOf(Logical::Seq)] = t;
      at[dims.dimOf(Logical::Channel)] = index(3);
      Value element = tensor::ExtractOp::create(body, l, tensor, at);
      return element.getType().isF32()
                 ? element
                 : arith::ExtFOp::create(body, l, body.getF32Type(), element).getResult();
    };
    Value keyHead = arith::DivUIOp::create(body, l, index(0), group);
    Value product = arith::MulFOp::create(body, l, read(q, op.getQDims(), index(0), index(1)),
                                          read(k, op.getKDims(), keyHead, index(2)));
    Value scale = arith::ConstantOp::create(body, l, op.getScaleAttr());
    Value scaled = arith::MulFOp::create(body, l, scale, product);
    linalg::YieldOp::create(body, l,
                            arith::AddFOp::create(body, l, args[1], scaled).getResult());
  };
  return linalg::GenericOp::create(b, loc, init.getType(), loop, init, maps, loops, body)
      .getResult(0);
}

/// The mean of each bucket's scores: [rows, heads].
Value TableFitter::buildMeans(Value scores) {
  int64_t rows = bucket.getNumRows(), heads = op.getQueryExtent(Logical::Head);
  Value zero = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0.0f));
  Value one = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(1.0f));
  Value empty = tensor::EmptyOp::create(b, loc, ArrayRef<int64_t>{rows, heads}, b.getF32Type());
  Value init = linalg::FillOp::create(b, loc, zero, empty).getResult(0);
  MLIRContext *ctx = b.getContext();
  AffineExpr r, h, i, j;
  bindDims(ctx, r, h, i, j);
  AffineMap of = AffineMap::get(4, 0, {r, h}, ctx);
  AffineMap maps[] = {AffineMap::get(4, 0, {h, i, j}, ctx), of, of};
  SmallVector<utils::IteratorType> loops(2, utils::IteratorType::parallel);
  loops.append(2, utils::IteratorType::reduction);
  auto body = [&](OpBuilder &body, Location l, ValueRange args) {
    Value m = linalg::IndexOp::create(body, l, 2), n = linalg::IndexOp::create(body, l, 3);
    Value row = linalg::IndexOp::create(body, l, 0);
    using Predicate = arith::CmpIPredicate;
    Value own =
        arith::CmpIOp::create(body, l, Predicate::eq, row, bucket.buildRow(body, l, m, n).row);
    if (causal) {
      Value seen = arith::CmpIOp::create(body, l, Predicate::sle, n, m);
      own = arith::AndIOp::create(body, l, own, seen);
    }
    Value score = arith::SelectOp::create(body, l, own, args[0], zero);
    Value count = arith::SelectOp::create(body, l, own, one, zero);
    Value total = arith::AddFOp::create(body, l, args[1], score);
    Value number = arith::AddFOp::create(body, l, args[2], count);
    linalg::YieldOp::create(body, l, ValueRange{total, number});
  };
  auto sums = linalg::GenericOp::create(b, loc, TypeRange{init.getType(), init.getType()},
                                        scores, ValueRange{init, init}, maps, loops, body);
  // A row that no pair has stays 0.
  AffineMap id = b.getMultiDimIdentityMap(2);
  auto mean = linalg::GenericOp::create(
      b, loc, init.getType(), sums.getResults(), empty, ArrayRef{id, id, id},
      SmallVector<utils::IteratorType>(2, utils::IteratorType::parallel),
      [&](OpBuilder &body, Location l, ValueRange args) {
        Value count = arith::MaximumFOp::create(body, l, args[1], one);
        linalg::YieldOp::create(body, l,
                                arith::DivFOp::create(body, l, args[0], count).getResult());
      });
  return mean.getResult(0);
}

LogicalResult TableFitter::run() {
  auto type = cast<RankedTensorType>(sum.others->get().getType());
  length = type.getDimSize(type.getRank() - 2);
  if (ShapedType::isDynamic(length))
    length = sum.numPositions;
  if (ShapedType::isDynamic(op.getQueryExtent(Logical::Channel)) ||
      ShapedType::isDynamic(op.getQueryExtent(Logical::Head)) || ShapedType::isDynamic(length))
    return op.emitError() << "expected known heads, head size and rows of the table for fit";
  if (failed(collect(op.getQ())) || failed(collect(op.getK())))
    return failure();
  auto result = RankedTensorType::get({bucket.getNumRows(), op.getQueryExtent(Logical::Head)},
                                      b.getF32Type());
  b.setInsertionPointAfter(function);
  std::string name = (function.getName() + "_t5_table").str();
  auto made = func::FuncOp::create(b, loc, name, b.getFunctionType({}, result));
  b.setInsertionPointToStart(made.addEntryBlock());
  IRMapping mapping;
  for (Value argument : arguments)
    mapping.map(argument, buildEmpty(cast<RankedTensorType>(argument.getType()), false));
  mapping.map(sum.others->get(), buildEmpty(type, true));
  for (Operation &each : function.getFunctionBody().front())
    if (slice.contains(&each))
      b.clone(each, mapping);
  Value scores = buildScores(mapping.lookup(op.getQ()), mapping.lookup(op.getK()));
  func::ReturnOp::create(b, loc, buildMeans(scores));
  return success();
}

LogicalResult reencode::fitTable(RewriterBase &rewriter, FunctionOpInterface function,
                                 const LearnedSum &sum, AttentionOp op, BucketAttr bucket,
                                 bool causal) {
  return TableFitter(rewriter, function, sum, op, bucket, causal).run();
}
