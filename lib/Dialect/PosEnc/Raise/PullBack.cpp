//===- PullBack.cpp - Elements of tensors as scalar expressions -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PullBack.h"
#include "Tables.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::posenc::raise;

/// Deeper than any layer; keeps recursion off the end of the stack.
static constexpr unsigned kMaxNesting = 600;

double mlir::posenc::raise::splitConstant(Expr e, Expr &rest) {
  if (std::optional<double> value = e->floatValue()) {
    rest = nullptr;
    return *value;
  }
  if (e->kind == Kind::Op && (e->name == "arith.mulf" || e->name == "arith.divf")) {
    std::optional<double> right = e->ops[1]->floatValue();
    if (e->name == "arith.divf" && right)
      return splitConstant(e->ops[0], rest) / *right;
    std::optional<double> left = e->ops[0]->floatValue();
    if (e->name == "arith.mulf" && (left || right))
      return (left ? *left : *right) * splitConstant(e->ops[left ? 1 : 0], rest);
  }
  rest = e;
  return 1.0;
}

/// Whether e moves an element, up to a constant factor.
static bool isLayout(Expr e) {
  Expr rest;
  splitConstant(e, rest);
  return !rest || rest->kind == Kind::Read || rest->kind == Kind::IntConst;
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

Expr PullBack::element(Value tensor, ArrayRef<Expr> indices, Depth depth) {
  Expr leaf = cx.read(tensor, indices);
  // What indices are computed from is no content that should stay.
  if (leaf->isInt())
    depth = Depth::Full;
  auto key = std::make_pair(leaf, unsigned(depth));
  if (Expr known = elements.lookup(key))
    return known;
  if (nesting > kMaxNesting || tensor == last)
    return leaf;
  ++nesting;
  Expr result = compute(tensor, indices, depth);
  --nesting;
  if (!result || (depth == Depth::Layout && !isLayout(result)))
    result = leaf;
  elements[key] = result;
  return result;
}

Expr PullBack::constantElement(ElementsAttr attr, Value tensor, ArrayRef<Expr> indices) {
  Type type = attr.getElementType();
  if (!type.isIntOrIndexOrFloat() || (type.isInteger() && type.getIntOrFloatBitWidth() > 64))
    return nullptr;
  if (auto dense = dyn_cast<DenseElementsAttr>(attr); dense && dense.isSplat()) {
    if (isa<FloatType>(type))
      return cx.floatConst(FloatAttr::get(type, dense.getSplatValue<APFloat>()));
    APInt value = dense.getSplatValue<APInt>();
    return cx.intConst(type.isInteger(1) ? value.getZExtValue() : value.getSExtValue());
  }
  SmallVector<uint64_t> at;
  for (auto [index, extent] : llvm::zip(indices, attr.getShapedType().getShape()))
    if (index->kind == Kind::IntConst && index->num >= 0 && index->num < extent)
      at.push_back(index->num);
  if (at.size() == indices.size() && !isa<FloatType>(type)) {
    APInt value = attr.getValues<APInt>()[at];
    return cx.intConst(type.isInteger(1) ? value.getZExtValue() : value.getSExtValue());
  }
  auto dense = dyn_cast<DenseIntElementsAttr>(attr);
  constexpr int64_t limit = int64_t(1) << 20;
  if (!dense || dense.getNumElements() > limit || dense.empty())
    return nullptr;
  if (Expr sum = affineElement(dense, indices))
    return sum;
  return cx.readConstant(tensor, dense, indices);
}

/// An affine table is index arithmetic: exporters fold aranges. Null if it is none.
Expr PullBack::affineElement(DenseIntElementsAttr dense, ArrayRef<Expr> indices) {
  if (dense.getElementType().isInteger(1))
    return nullptr;
  ArrayRef<int64_t> shape = dense.getType().getShape();
  SmallVector<int64_t> stride(shape.size(), 1), step(shape.size(), 0);
  for (int64_t i = int64_t(shape.size()) - 2; i >= 0; --i)
    stride[i] = stride[i + 1] * shape[i + 1];
  auto values = dense.getValues<APInt>();
  int64_t base = values[0].getSExtValue();
  for (const APInt &value : values)
    if (std::abs(value.getSExtValue()) > kMaxExtent)
      return nullptr;
  for (size_t i = 0; i < shape.size(); ++i)
    if (shape[i] > 1)
      step[i] = values[stride[i]].getSExtValue() - base;
  for (auto [position, value] : llvm::enumerate(values)) {
    int64_t expected = base;
    for (size_t i = 0; i < shape.size(); ++i)
      expected += step[i] * (int64_t(position) / stride[i] % shape[i]);
    if (value.getSExtValue() != expected)
      return nullptr;
  }
  Expr sum = cx.intConst(base);
  for (size_t i = 0; i < shape.size(); ++i)
    sum = cx.add(sum, cx.scale(indices[i], step[i]));
  return sum;
}

Expr PullBack::compute(Value tensor, ArrayRef<Expr> indices, Depth depth) {
  auto result = dyn_cast<OpResult>(tensor);
  if (!result || !isa<RankedTensorType>(tensor.getType()))
    return nullptr;
  Operation *op = result.getOwner();
  if (op->hasTrait<OpTrait::ConstantLike>()) {
    // Of weights only their name is of interest.
    bool isFloat = isa<FloatType>(getElementTypeOrSelf(tensor.getType()));
    ElementsAttr constant;
    bool known = isFloat ? matchPattern(op, m_Constant(&constant))
                         : bool(constant = constantElements(tensor));
    return known ? constantElement(constant, tensor, indices) : nullptr;
  }
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return throughLinalg(linalgOp, result.getResultNumber(), indices, depth);
  return llvm::TypeSwitch<Operation *, Expr>(op)
      .Case([&](tensor::SplatOp splat) { return scalar(splat.getInput()); })
      .Case([&](tensor::GenerateOp generate) {
        Env env;
        for (auto [arg, index] : llvm::zip(generate.getBody().getArguments(), indices))
          env[arg] = index;
        runBlock(generate.getBody().front(), env, {}, depth);
        return lookup(generate.getBody().front().getTerminator()->getOperand(0), env);
      })
      .Default([&](Operation *other) { return throughShape(other, indices, depth); });
}

//===----------------------------------------------------------------------===//
// Linalg
//===----------------------------------------------------------------------===//

Expr PullBack::affine(AffineExpr expr, ArrayRef<Expr> dims, ArrayRef<Expr> symbols) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()];
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return cx.intConst(constant.getValue());
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Expr a = affine(binary.getLHS(), dims, symbols);
  Expr b = affine(binary.getRHS(), dims, symbols);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return cx.add(a, b);
  case AffineExprKind::Mul:
    return cx.mul(a, b);
  case AffineExprKind::Mod:
    return cx.mod(a, b);
  case AffineExprKind::FloorDiv:
    return cx.floorDiv(a, b);
  default: // ceildiv
    return cx.floorDiv(cx.add(a, cx.add(b, cx.intConst(-1))), b);
  }
}

SmallVector<Expr> PullBack::apply(AffineMap map, ArrayRef<Expr> loops) {
  SmallVector<Expr> result;
  for (AffineExpr expr : map.getResults())
    result.push_back(affine(expr, loops, {}));
  return result;
}

std::optional<unsigned> PullBack::reductionLoop(linalg::LinalgOp op) {
  std::optional<unsigned> found;
  for (auto [i, type] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (type != utils::IteratorType::reduction)
      continue;
    if (found)
      return std::nullopt;
    found = i;
  }
  return found;
}

bool PullBack::writesAll(linalg::LinalgOp op, unsigned result) {
  OpOperand *init = op.getDpsInitOperand(result);
  auto type = dyn_cast<RankedTensorType>(init->get().getType());
  llvm::SmallBitVector seen(op.getNumLoops());
  for (auto [i, expr] : llvm::enumerate(op.getMatchingIndexingMap(init).getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    bool unit = isa<AffineConstantExpr>(expr) && type && type.getDimSize(i) == 1;
    if (dim ? seen.test(dim.getPosition()) : !unit)
      return false;
    if (dim)
      seen.set(dim.getPosition());
  }
  return true;
}

bool PullBack::loopsOf(linalg::LinalgOp op, unsigned result, ArrayRef<Expr> indices,
                       SmallVectorImpl<Expr> &loops) {
  // A diagonal or a single row leaves the rest as it was.
  if (!PullBack::writesAll(op, result))
    return false;
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(result));
  loops.assign(op.getNumLoops(), nullptr);
  for (auto [expr, index] : llvm::zip(map.getResults(), indices))
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      loops[dim.getPosition()] = index;
  return true;
}

Expr PullBack::throughLinalg(linalg::LinalgOp op, unsigned result, ArrayRef<Expr> indices,
                             Depth depth) {
  if (auto fill = dyn_cast<linalg::FillOp>(op.getOperation()))
    return scalar(fill.getInputs()[0]);
  SmallVector<Expr> loops;
  if (op.getNumReductionLoops() == 1)
    return depth == Depth::Full ? throughReduction(op, result, indices) : nullptr;
  if (op.getNumReductionLoops() != 0 || !op.hasPureTensorSemantics() ||
      !loopsOf(op, result, indices, loops) || llvm::is_contained(loops, nullptr))
    return nullptr;
  compareShapes(op);
  Block *body = op.getBlock();
  Env env;
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned n = operand.getOperandNumber();
    if (n >= body->getNumArguments() || body->getArgument(n).use_empty())
      continue;
    env[body->getArgument(n)] =
        isa<RankedTensorType>(operand.get().getType())
            ? element(operand.get(), apply(op.getMatchingIndexingMap(&operand), loops), depth)
            : scalar(operand.get());
  }
  runBlock(*body, env, loops, depth);
  return lookup(body->getTerminator()->getOperand(result), env);
}

std::optional<Reduction> PullBack::reduction(linalg::LinalgOp op, unsigned result,
                                             ArrayRef<Expr> loops,
                                             llvm::function_ref<Depth(OpOperand &)> depthOf) {
  Block *body = op.getBlock();
  Env env;
  Expr accumulator = nullptr, init = nullptr;
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned n = operand.getOperandNumber();
    if (n >= body->getNumArguments())
      continue;
    BlockArgument arg = body->getArgument(n);
    if (op.isDpsInit(&operand)) {
      Expr value = cx.undef(arg.getType(), operand.get());
      env[arg] = value;
      if (op.getDpsInitOperand(result) == &operand) {
        accumulator = value;
        init = element(operand.get(), apply(op.getMatchingIndexingMap(&operand), loops),
                       Depth::Full);
      }
    } else if (!arg.use_empty()) {
      env[arg] = isa<RankedTensorType>(operand.get().getType())
                     ? element(operand.get(), apply(op.getMatchingIndexingMap(&operand), loops),
                               depthOf(operand))
                     : scalar(operand.get());
    }
  }
  runBlock(*body, env, loops, Depth::Full);
  Expr yielded = lookup(body->getTerminator()->getOperand(result), env);
  bool logical = yielded->kind == Kind::And || yielded->kind == Kind::Or;
  if (!accumulator || yielded->ops.size() != 2 || (yielded->kind != Kind::Op && !logical))
    return std::nullopt;
  Expr other = yielded->ops[0] == accumulator   ? yielded->ops[1]
               : yielded->ops[1] == accumulator ? yielded->ops[0]
                                                : nullptr;
  if (!other)
    return std::nullopt;
  StringRef combiner = yielded->kind == Kind::And  ? "arith.andi"
                       : yielded->kind == Kind::Or ? "arith.ori"
                                                   : yielded->name;
  return Reduction{combiner, init, other, nullptr};
}

std::optional<Reduction> PullBack::reduction(Expr read, Expr step, Depth depth) {
  if (read->kind != Kind::Read)
    return std::nullopt;
  auto result = dyn_cast<OpResult>(read->value);
  auto op = result ? dyn_cast<linalg::LinalgOp>(result.getOwner()) : linalg::LinalgOp();
  if (!op || !op.hasPureTensorSemantics())
    return std::nullopt;
  std::optional<unsigned> loop = reductionLoop(op);
  SmallVector<Expr> loops;
  if (!loop || !loopsOf(op, result.getResultNumber(), read->ops, loops))
    return std::nullopt;
  loops[*loop] = step;
  if (llvm::is_contained(loops, nullptr))
    return std::nullopt;
  std::optional<Reduction> found =
      reduction(op, result.getResultNumber(), loops, [&](OpOperand &) { return depth; });
  if (found)
    found->extent = loopExtents(op)[*loop];
  return found;
}

SmallVector<Expr> PullBack::loopExtents(linalg::LinalgOp op) {
  compareShapes(op);
  SmallVector<Expr> result(op.getNumLoops(), nullptr);
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (auto [i, range] : llvm::enumerate(ranges))
    if (!ShapedType::isDynamic(range))
      result[i] = cx.intConst(range);
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [i, expr] : llvm::enumerate(map.getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr); dim && !result[dim.getPosition()])
        result[dim.getPosition()] = extent(operand.get(), i);
  }
  return result;
}
