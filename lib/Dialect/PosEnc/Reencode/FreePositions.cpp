//===- FreePositions.cpp - What does not need positions, without them -----===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Models keep position ids in a buffer as long as their table, and read more than
// the table by it: BERT's token types, all 0 unless they are given. Such a value is
// the same at every position; read by the buffer it would end where that ends.
//
//===----------------------------------------------------------------------===//

#include "Reencode.h"

#include "../Raise/PullBack.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;
using namespace mlir::posenc::reencode;

/// What an op reads, inside its regions too.
static SetVector<Value> getRead(Operation *op) {
  SetVector<Value> read(op->getOperands().begin(), op->getOperands().end());
  getUsedValuesDefinedAbove(op->getRegions(), read);
  return read;
}

SetVector<Operation *> reencode::findIndexBuffers(Value value) {
  SetVector<Operation *> buffers;
  SetVector<Value> worklist;
  worklist.insert(value);
  for (unsigned i = 0; i < worklist.size(); ++i) {
    Operation *op = worklist[i].getDefiningOp();
    if (!op)
      continue;
    auto type = dyn_cast<RankedTensorType>(worklist[i].getType());
    if (op->hasTrait<OpTrait::ConstantLike>() && type && type.getNumElements() > 1 &&
        type.getElementType().isIntOrIndex())
      buffers.insert(op);
    for (Value read : getRead(op))
      worklist.insert(read);
  }
  return buffers;
}

namespace {
/// Builds an element as code of a body whose loops are the element's indices.
class ElementBuilder {
public:
  ElementBuilder(OpBuilder &builder, Location loc, ArrayRef<Expr> indices)
      : builder(builder), loc(loc), indices(indices) {}

  /// Null if it is more than an element of a tensor at known indices.
  Value build(Expr e) {
    if (e->isInt() && e->lo == e->hi)
      return arith::ConstantIndexOp::create(builder, loc, e->lo);
    if (e->kind == Kind::FloatConst)
      return arith::ConstantOp::create(builder, loc, cast<FloatAttr>(e->attr));
    for (auto [loop, index] : llvm::enumerate(indices))
      if (e == index)
        return linalg::IndexOp::create(builder, loc, loop);
    if (e->kind != Kind::Read || !e->value)
      return {};
    SmallVector<Value> at;
    auto type = cast<RankedTensorType>(e->value.getType());
    for (auto [dim, index] : llvm::enumerate(e->ops)) {
      // What was asserted of the indices has to be known of them.
      bool inside =
          index->lo >= 0 && !type.isDynamicDim(dim) && index->hi < type.getDimSize(dim);
      Value built = inside ? build(index) : Value();
      if (!built)
        return {};
      at.push_back(built);
    }
    return tensor::ExtractOp::create(builder, loc, e->value, at);
  }

private:
  OpBuilder &builder;
  Location loc;
  ArrayRef<Expr> indices;
};

/// Finds and rebuilds such values of a function.
class PositionFreer {
public:
  PositionFreer(RewriterBase &rewriter, FunctionOpInterface function,
                const SetVector<Operation *> &buffers, SetVector<Value> &sizes)
      : rewriter(rewriter), function(function), buffers(buffers), sizes(sizes) {}

  void run() {
    SmallVector<Operation *> last;
    for (Operation &op : function.getFunctionBody().front())
      classify(&op);
    for (Operation &op : function.getFunctionBody().front())
      if (byBuffer.contains(&op) && !onData.contains(&op) && isRead(&op))
        last.push_back(&op);
    for (Operation *op : last)
      rebuild(op);
  }

private:
  void classify(Operation *op) {
    // A size is none of the elements.
    if (isa<tensor::DimOp>(op))
      return;
    bool buffer = buffers.contains(op), data = false;
    for (Value read : getRead(op)) {
      Operation *producer = read.getDefiningOp();
      buffer |= byBuffer.contains(producer);
      data |= !producer || onData.contains(producer);
    }
    if (buffer)
      byBuffer.insert(op);
    if (data)
      onData.insert(op);
  }

  /// Whether what is computed from data reads it.
  bool isRead(Operation *op) {
    return llvm::any_of(op->getUsers(), [&](Operation *user) {
      while (user->getParentOp() != function.getOperation())
        user = user->getParentOp();
      return onData.contains(user) || user->hasTrait<OpTrait::IsTerminator>();
    });
  }

  void rebuild(Operation *op) {
    auto old = dyn_cast<linalg::LinalgOp>(op);
    if (!old || !old.hasPureTensorSemantics() || op->getNumResults() != 1)
      return missed(op);
    Value result = op->getResult(0), init = old.getDpsInits()[0];
    auto type = cast<RankedTensorType>(result.getType());
    ExprContext cx(op->getContext());
    PullBack pull(cx);
    SmallVector<Expr> indices;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      indices.push_back(cx.var(pull.extent(result, dim)));
    Expr element = pull.element(result, indices, Depth::Full);
    rewriter.setInsertionPoint(op);
    bool built = true;
    SmallVector<utils::IteratorType> loops(type.getRank(), utils::IteratorType::parallel);
    auto body = [&](OpBuilder &b, Location loc, ValueRange args) {
      Value value = ElementBuilder(b, loc, indices).build(element);
      if (value && value.getType().isIndex() && type.getElementType().isInteger())
        value = arith::IndexCastOp::create(b, loc, type.getElementType(), value);
      built = value && value.getType() == type.getElementType();
      linalg::YieldOp::create(b, loc, built ? value : args[0]);
    };
    auto made =
        linalg::GenericOp::create(rewriter, op->getLoc(), type, ValueRange(), init,
                                  rewriter.getMultiDimIdentityMap(type.getRank()), loops, body);
    if (!built) {
      rewriter.eraseOp(made);
      return missed(op);
    }
    SetVector<Value> read = getRead(op);
    rewriter.replaceOp(op, made);
    eraseUnread(rewriter, read.getArrayRef(), sizes);
  }

  void missed(Operation *op) {
    remark::missed(op->getLoc(), remark::RemarkOpts::name("buffer")
                                     .category("posenc-reencode")
                                     .function(function.getName()))
        << remark::reason("{0}",
                          "it reads the positions of the table, and ends where they end");
  }

  RewriterBase &rewriter;
  FunctionOpInterface function;
  const SetVector<Operation *> &buffers;
  SetVector<Value> &sizes;
  llvm::DenseSet<Operation *> byBuffer, onData;
};
} // namespace

void reencode::freePositions(RewriterBase &rewriter, FunctionOpInterface function,
                             const SetVector<Operation *> &buffers,
                             SetVector<Value> &sizes) {
  if (!buffers.empty())
    PositionFreer(rewriter, function, buffers, sizes).run();
}
