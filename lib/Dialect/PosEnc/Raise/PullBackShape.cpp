//===- PullBackShape.cpp - Elements through reshapes and slices ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PullBack.h"

#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::posenc::raise;

Expr mlir::posenc::raise::linearise(ExprContext &cx, ArrayRef<Expr> indices,
                                    ArrayRef<Expr> extents) {
  Expr flat = cx.intConst(0);
  for (auto [index, extent] : llvm::zip(indices, extents))
    flat = cx.add(cx.mul(flat, extent), index);
  return flat;
}

SmallVector<Expr> mlir::posenc::raise::delinearise(ExprContext &cx, Expr flat,
                                                   ArrayRef<Expr> extents) {
  SmallVector<Expr> indices(extents.size(), cx.intConst(0));
  Expr inner = cx.intConst(1);
  int64_t outermost = 0;
  while (outermost + 1 < int64_t(extents.size()) && extents[outermost]->isConst(1))
    ++outermost;
  for (int64_t i = int64_t(extents.size()) - 1; i >= outermost; --i) {
    Expr above = cx.floorDiv(flat, inner);
    // The outermost index needs no modulo.
    indices[i] = i == outermost ? above : cx.mod(above, extents[i]);
    inner = cx.mul(inner, extents[i]);
  }
  return indices;
}

Expr PullBack::throughReshape(Value source, Value result, ArrayRef<Expr> indices, Depth depth) {
  return element(source, reshapeIndices(indices, extentsOf(result), extentsOf(source)), depth);
}

/// expand_shape and collapse_shape, group by group: no products of unrelated
/// extents arise.
static SmallVector<Expr> collapseGroups(ExprContext &cx, ArrayRef<ReassociationIndices> groups,
                                        ArrayRef<Expr> indices, ArrayRef<Expr> extents) {
  SmallVector<Expr> result;
  for (const ReassociationIndices &group : groups) {
    SmallVector<Expr> i, e;
    for (int64_t d : group) {
      i.push_back(indices[d]);
      e.push_back(extents[d]);
    }
    result.push_back(linearise(cx, i, e));
  }
  return result;
}

static SmallVector<Expr> expandGroups(ExprContext &cx, ArrayRef<ReassociationIndices> groups,
                                      ArrayRef<Expr> indices, ArrayRef<Expr> extents) {
  SmallVector<Expr> result(extents.size(), cx.intConst(0));
  for (auto [group, index] : llvm::zip(groups, indices)) {
    SmallVector<Expr> e;
    for (int64_t d : group)
      e.push_back(extents[d]);
    for (auto [d, i] : llvm::zip(group, delinearise(cx, index, e)))
      result[d] = i;
  }
  return result;
}

SmallVector<Expr> PullBack::extentsOf(Value tensor) {
  SmallVector<Expr> list;
  for (int64_t i = 0, e = cast<RankedTensorType>(tensor.getType()).getRank(); i < e; ++i)
    list.push_back(extentInLoop(tensor, i));
  return list;
}

Expr PullBack::throughShape(Operation *op, ArrayRef<Expr> indices, Depth depth) {
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    return element(expand.getSrc(),
                   collapseGroups(cx, expand.getReassociationIndices(), indices,
                                  extentsOf(expand.getResult())),
                   depth);
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    // To rank 0 there are no groups, only unit dimensions.
    return element(collapse.getSrc(),
                   expandGroups(cx, collapse.getReassociationIndices(), indices,
                                extentsOf(collapse.getSrc())),
                   depth);
  if (auto reshape = dyn_cast<tensor::ReshapeOp>(op)) {
    if (!isa<RankedTensorType>(reshape.getSource().getType()))
      return nullptr;
    return throughReshape(reshape.getSource(), reshape.getResult(), indices, depth);
  }
  return throughSlices(op, indices, depth);
}

/// a <= index < a + size
static Expr within(ExprContext &cx, Expr index, Expr offset, Expr size) {
  Expr relative = cx.sub(index, offset);
  return cx.logicalAnd(cx.ge0(relative), cx.compare(arith::CmpIPredicate::slt, relative, size));
}

Expr PullBack::throughInsertion(tensor::InsertSliceOp insert, ArrayRef<Expr> indices,
                                Depth depth) {
  if (!insert.hasUnitStride())
    return nullptr;
  llvm::SmallBitVector dropped = insert.getDroppedDims();
  Expr inside = cx.boolConst(true);
  SmallVector<Expr> source;
  for (auto [i, index] : llvm::enumerate(indices)) {
    Expr offset = inLoop(fold(insert.getMixedOffsets()[i]));
    Expr size = inLoop(fold(insert.getMixedSizes()[i]));
    inside = cx.logicalAnd(inside, within(cx, index, offset, size));
    if (!dropped.test(i))
      source.push_back(cx.sub(index, offset));
  }
  Expr inserted = element(insert.getSource(), source, depth);
  // What nobody wrote may as well be the first of several insertions.
  bool first = insert.getDest().getDefiningOp<tensor::EmptyOp>() &&
               llvm::any_of(insert->getUsers(), llvm::IsaPred<tensor::InsertSliceOp>);
  return first ? inserted
               : cx.select(inside, inserted, element(insert.getDest(), indices, depth));
}

Expr PullBack::throughPadding(tensor::PadOp pad, ArrayRef<Expr> indices, Depth depth) {
  Value padding = pad.getConstantPaddingValue();
  if (!padding)
    return nullptr;
  Expr inside = cx.boolConst(true);
  SmallVector<Expr> source;
  for (auto [i, index] : llvm::enumerate(indices)) {
    Expr low = inLoop(fold(pad.getMixedLowPad()[i]));
    Expr size = extentInLoop(pad.getSource(), i);
    inside = cx.logicalAnd(inside, within(cx, index, low, size));
    source.push_back(cx.sub(index, low));
  }
  return cx.select(inside, element(pad.getSource(), source, depth), scalar(padding));
}

Expr PullBack::throughSlices(Operation *op, ArrayRef<Expr> indices, Depth depth) {
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    SmallVector<Expr> source;
    unsigned next = 0;
    for (unsigned i = 0, e = slice.getSourceType().getRank(); i < e; ++i) {
      Expr index = dropped.test(i) ? cx.intConst(0) : indices[next++];
      source.push_back(cx.add(cx.mul(index, inLoop(fold(slice.getMixedStrides()[i]))),
                              inLoop(fold(slice.getMixedOffsets()[i]))));
    }
    return element(slice.getSource(), source, depth);
  }
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return throughInsertion(insert, indices, depth);
  if (auto concat = dyn_cast<tensor::ConcatOp>(op)) {
    int64_t dim = concat.getDim();
    Expr offset = cx.intConst(0), value = nullptr;
    for (Value input : concat.getInputs()) {
      SmallVector<Expr> source(indices);
      source[dim] = cx.sub(indices[dim], offset);
      Expr part = element(input, source, depth);
      value = value ? cx.select(cx.ge0(source[dim]), part, value) : part;
      offset = cx.add(offset, extentInLoop(input, dim));
    }
    return value;
  }
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    return throughPadding(pad, indices, depth);
  auto elements = dyn_cast<tensor::FromElementsOp>(op);
  if (!elements || elements.getType().getRank() > 1)
    return nullptr;
  Expr value = scalar(elements.getElements().front());
  for (auto [i, v] : llvm::enumerate(elements.getElements().drop_front()))
    value = cx.select(cx.eq0(cx.sub(indices[0], cx.intConst(i + 1))), scalar(v), value);
  return value;
}
//===----------------------------------------------------------------------===//
// Extents
//===----------------------------------------------------------------------===//

Expr PullBack::fold(OpFoldResult value) {
  if (auto attr = dyn_cast<Attribute>(value))
    return cx.intConst(cast<IntegerAttr>(attr).getInt());
  return scalar(cast<Value>(value));
}

Expr PullBack::extent(Value tensor, int64_t dim) {
  auto key = std::make_pair(tensor, dim);
  if (Expr known = extents.lookup(key))
    return known;
  auto type = cast<RankedTensorType>(tensor.getType());
  Expr result =
      type.isDynamicDim(dim) ? computeExtent(tensor, dim) : cx.intConst(type.getDimSize(dim));
  // What says nothing better than its tensor is named after it.
  if (!result || result->lo < 0)
    result = cx.dim(tensor, dim);
  return extents[key] = result;
}

bool PullBack::sameExtent(Expr a, Expr b) { return a == b || equalExtents.isEquivalent(a, b); }

void PullBack::compareShapes(linalg::LinalgOp op) {
  if (!comparedShapes.insert(op).second)
    return;
  SmallVector<Expr> first(op.getNumLoops(), nullptr);
  for (OpOperand &operand : op->getOpOperands())
    for (auto [i, e] : llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults())) {
      auto dim = dyn_cast<AffineDimExpr>(e);
      auto type = dyn_cast<RankedTensorType>(operand.get().getType());
      if (!dim || !type || !type.isDynamicDim(i))
        continue;
      Expr here = extent(operand.get(), i);
      Expr &other = first[dim.getPosition()];
      if (other && other != here)
        equalExtents.unionSets(other, here);
      other = here;
    }
}

Expr PullBack::computeExtent(Value tensor, int64_t dim) {
  Operation *op = tensor.getDefiningOp();
  if (!op)
    return nullptr;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return extent(linalgOp.getDpsInitOperand(cast<OpResult>(tensor).getResultNumber())->get(),
                  dim);
  return llvm::TypeSwitch<Operation *, Expr>(op)
      .Case([&](tensor::EmptyOp empty) { return fold(empty.getMixedSizes()[dim]); })
      .Case(
          [&](tensor::ExpandShapeOp expand) { return fold(expand.getMixedOutputShape()[dim]); })
      .Case([&](tensor::CollapseShapeOp collapse) {
        Expr product = cx.intConst(1);
        ReassociationIndices group = collapse.getReassociationIndices()[dim];
        for (int64_t d : group)
          product = cx.mul(product, extent(collapse.getSrc(), d));
        return product;
      })
      .Case([&](tensor::ReshapeOp reshape) {
        return element(reshape.getShape(), {cx.intConst(dim)}, Depth::Full);
      })
      .Case([&](tensor::CastOp cast) -> Expr {
        if (!isa<RankedTensorType>(cast.getSource().getType()))
          return nullptr;
        return extent(cast.getSource(), dim);
      })
      .Case([&](tensor::ExtractSliceOp slice) -> Expr {
        llvm::SmallBitVector dropped = slice.getDroppedDims();
        for (unsigned i = 0, next = 0; i < dropped.size(); ++i)
          if (!dropped.test(i) && next++ == dim)
            return fold(slice.getMixedSizes()[i]);
        return nullptr;
      })
      .Case([&](tensor::InsertSliceOp insert) { return extent(insert.getDest(), dim); })
      .Case([&](tensor::ConcatOp concat) {
        if (uint64_t(dim) != concat.getDim())
          return extent(concat.getInputs()[0], dim);
        Expr sum = cx.intConst(0);
        for (Value input : concat.getInputs())
          sum = cx.add(sum, extent(input, dim));
        return sum;
      })
      .Case([&](tensor::PadOp pad) {
        return cx.add(extent(pad.getSource(), dim), cx.add(fold(pad.getMixedLowPad()[dim]),
                                                           fold(pad.getMixedHighPad()[dim])));
      })
      .Default(Expr(nullptr));
}
