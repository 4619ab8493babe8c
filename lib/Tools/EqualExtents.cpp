//===- EqualExtents.cpp - Which extents of a function are tied ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Only ops that always run count: those in the function's own block. What an op there
// wants equal is equal in every call that is defined.
//===----------------------------------------------------------------------===//

#include "EqualExtents.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

#include "llvm/ADT/EquivalenceClasses.h"

#include <map>
#include <optional>

using namespace mlir;
using namespace mlir::posenc;

namespace {
/// A dimension of a tensor.
using Extent = std::pair<const void *, int64_t>;

class ExtentClasses {
public:
  void add(Operation *op);
  void close();
  /// The extents that the type states, once all classes are known.
  void addConstants(Value tensor);
  /// What all members of a class are, if that is known.
  std::optional<int64_t> getConstant(const void *leader) const {
    auto it = constants.find(leader);
    return it == constants.end() ? std::nullopt : std::optional(it->second);
  }
  const void *find(Value tensor, int64_t axis) {
    Extent extent = makeExtent(tensor, axis);
    classes.insert(extent);
    return &*classes.findLeader(extent);
  }

private:
  static Extent makeExtent(Value tensor, int64_t axis) {
    return {tensor.getAsOpaquePointer(), axis};
  }
  void tie(Value a, int64_t i, Value b, int64_t j) {
    classes.unionSets(makeExtent(a, i), makeExtent(b, j));
  }
  void tieAll(Value a, Value b);
  void addLinalg(linalg::LinalgOp op);
  void addAttention(AttentionOp op);
  void addHeadMix(HeadMixOp op, AttentionOp attention);
  void addReshape(Value wide, Value narrow, ArrayRef<ReassociationIndices> groups);
  void addReshape(tensor::ReshapeOp op);
  void addEmpty(tensor::EmptyOp op);

  llvm::EquivalenceClasses<Extent> classes;
  /// A dimension that is another one times a constant.
  struct Multiple {
    Extent whole, part;
    int64_t factor;
  };
  std::vector<Multiple> multiples;
  std::map<const void *, int64_t> constants;
};
} // namespace

static int64_t getRank(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type ? type.getRank() : -1;
}

void ExtentClasses::tieAll(Value a, Value b) {
  if (getRank(a) != getRank(b))
    return;
  for (int64_t axis = 0; axis < getRank(a); ++axis)
    tie(a, axis, b, axis);
}

void ExtentClasses::addLinalg(linalg::LinalgOp op) {
  std::map<unsigned, std::pair<Value, int64_t>> loops;
  for (OpOperand &operand : op->getOpOperands()) {
    if (getRank(operand.get()) < 0)
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [axis, expr] : llvm::enumerate(map.getResults())) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      if (!dim)
        continue;
      auto [it, isNew] =
          loops.try_emplace(dim.getPosition(), operand.get(), static_cast<int64_t>(axis));
      if (!isNew)
        tie(it->second.first, it->second.second, operand.get(), axis);
    }
  }
}

void ExtentClasses::addAttention(AttentionOp op) {
  using L = AttentionOp;
  auto tieLogical = [&](Value a, DimsAttr aDims, Value b, DimsAttr bDims,
                        ArrayRef<AttentionOp::Logical> which) {
    for (AttentionOp::Logical dim : which)
      tie(a, aDims.dimOf(dim), b, bDims.dimOf(dim));
  };
  if (getRank(op.getQ()) != 4 || getRank(op.getK()) != 4 || getRank(op.getV()) != 4 ||
      getRank(op.getOutput()) != 4)
    return;
  tieLogical(op.getQ(), op.getQDims(), op.getK(), op.getKDims(), {L::Batch, L::Channel});
  tieLogical(op.getK(), op.getKDims(), op.getV(), op.getVDims(), {L::Batch, L::Head, L::Seq});
  tieLogical(op.getQ(), op.getQDims(), op.getOutput(), op.getODims(),
             {L::Batch, L::Head, L::Seq});
  tieLogical(op.getV(), op.getVDims(), op.getOutput(), op.getODims(), {L::Channel});
  if (Value sinks = op.getSinks(); sinks && getRank(sinks) == 1)
    tie(op.getQ(), op.getQDims().dimOf(L::Head), sinks, 0);
  if (Value table = op.getValueRel(); table && getRank(table) >= 2)
    tie(op.getV(), op.getVDims().dimOf(L::Channel), table, getRank(table) - 1);
  op.getScore().walk([&](HeadMixOp mix) { addHeadMix(mix, op); });
}

/// A network over the heads takes all scores of all heads and gives one per head.
void ExtentClasses::addHeadMix(HeadMixOp op, AttentionOp attention) {
  Extent heads = makeExtent(attention.getQ(), attention.getQDims().dimOf(AttentionOp::Head));
  Value before;
  for (HeadMixOp::Layer layer : HeadMixOp::getLayersOf(op.getLayers())) {
    if (before)
      tie(before, 1, layer.weight, 0);
    else
      multiples.push_back(
          {makeExtent(layer.weight, 0), heads, static_cast<int64_t>(op.getScores().size())});
    if (layer.bias)
      tie(layer.weight, 1, layer.bias, 0);
    before = layer.weight;
  }
  classes.unionSets(heads, makeExtent(before, 1));
}

/// In a group of dimensions with one that is not constant, this one times the others is
/// the dimension that the group becomes.
void ExtentClasses::addReshape(Value wide, Value narrow,
                               ArrayRef<ReassociationIndices> groups) {
  auto type = cast<RankedTensorType>(wide.getType());
  for (auto [axis, group] : llvm::enumerate(groups)) {
    int64_t factor = 1, dynamic = -1, count = 0;
    for (int64_t dim : group) {
      if (type.isDynamicDim(dim)) {
        dynamic = dim;
        ++count;
      } else {
        factor *= type.getDimSize(dim);
      }
    }
    if (count == 1 && factor > 0)
      multiples.push_back({makeExtent(narrow, axis), makeExtent(wide, dynamic), factor});
  }
}

/// The elements stay the same in number: with one dimension on either side that is not
/// constant, and the others of equal product, these two are equal.
void ExtentClasses::addReshape(tensor::ReshapeOp op) {
  if (getRank(op.getSource()) < 0 || getRank(op.getResult()) < 0)
    return;
  int64_t factors[2] = {1, 1}, dynamic[2] = {-1, -1};
  Value sides[] = {op.getSource(), op.getResult()};
  for (int side : {0, 1}) {
    auto type = cast<RankedTensorType>(sides[side].getType());
    if (type.getNumDynamicDims() != 1)
      return;
    for (auto [axis, extent] : llvm::enumerate(type.getShape())) {
      if (ShapedType::isDynamic(extent))
        dynamic[side] = axis;
      else
        factors[side] *= extent;
    }
  }
  if (factors[0] == factors[1] && factors[0] != 0)
    tie(sides[0], dynamic[0], sides[1], dynamic[1]);
}

static Value skipCasts(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<arith::IndexCastOp, arith::IndexCastUIOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

void ExtentClasses::addEmpty(tensor::EmptyOp op) {
  unsigned next = 0;
  for (int64_t axis = 0; axis < getRank(op.getResult()); ++axis) {
    if (!op.getType().isDynamicDim(axis))
      continue;
    auto dim = skipCasts(op.getDynamicSizes()[next++]).getDefiningOp<tensor::DimOp>();
    if (dim && dim.getConstantIndex() && getRank(dim.getSource()) > 0)
      tie(op.getResult(), axis, dim.getSource(), *dim.getConstantIndex());
  }
}

void ExtentClasses::add(Operation *op) {
  if (auto structured = dyn_cast<linalg::LinalgOp>(op))
    addLinalg(structured);
  if (auto attention = dyn_cast<AttentionOp>(op))
    addAttention(attention);
  if (auto empty = dyn_cast<tensor::EmptyOp>(op))
    addEmpty(empty);
  if (auto reshape = dyn_cast<tensor::ReshapeOp>(op))
    addReshape(reshape);
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    addReshape(collapse.getSrc(), collapse.getResult(), collapse.getReassociationIndices());
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    addReshape(expand.getResult(), expand.getSrc(), expand.getReassociationIndices());
  if (auto destination = dyn_cast<DestinationStyleOpInterface>(op))
    for (OpResult result : op->getResults())
      tieAll(result, destination.getTiedOpOperand(result)->get());
  if (OpTrait::hasElementwiseMappableTraits(op) || isa<tensor::CastOp>(op))
    for (Value operand : op->getOperands())
      for (Value result : op->getResults())
        tieAll(operand, result);
}

/// Equal factors of equal dimensions are equal, and so are equal multiples' parts.
void ExtentClasses::close() {
  auto leader = [&](Extent extent) {
    classes.insert(extent);
    return *classes.findLeader(extent);
  };
  for (bool changed = true; changed;) {
    changed = false;
    std::map<std::pair<Extent, int64_t>, Extent> wholes, parts;
    for (const Multiple &multiple : multiples) {
      auto unite = [&](auto &known, Extent key, Extent value) {
        auto [it, isNew] = known.try_emplace({leader(key), multiple.factor}, value);
        if (isNew || leader(it->second) == leader(value))
          return;
        classes.unionSets(it->second, value);
        changed = true;
      };
      unite(wholes, multiple.part, multiple.whole);
      unite(parts, multiple.whole, multiple.part);
      if (multiple.factor == 1 && leader(multiple.whole) != leader(multiple.part)) {
        classes.unionSets(multiple.whole, multiple.part);
        changed = true;
      }
    }
  }
}

void ExtentClasses::addConstants(Value tensor) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  for (int64_t axis = 0; axis < (type ? type.getRank() : 0); ++axis)
    if (!type.isDynamicDim(axis))
      constants.try_emplace(find(tensor, axis), type.getDimSize(axis));
}

/// The function's arguments, then what it returns, with the types that it declares.
static SmallVector<std::pair<Value, RankedTensorType>> getInterface(func::FuncOp function) {
  SmallVector<std::pair<Value, RankedTensorType>> interface;
  for (Value argument : function.getArguments())
    interface.push_back({argument, dyn_cast<RankedTensorType>(argument.getType())});
  if (llvm::hasSingleElement(function.getBody()))
    for (auto [value, type] : llvm::zip_equal(function.front().getTerminator()->getOperands(),
                                              function.getResultTypes()))
      interface.push_back({value, dyn_cast<RankedTensorType>(type)});
  return interface;
}

using Symbols = std::vector<std::vector<int64_t>>;

/// Sets the constants in the signature and numbers the other classes that have members.
static Symbols describe(ArrayRef<std::pair<Value, RankedTensorType>> interface,
                        ExtentClasses &classes, Signature &signature) {
  std::map<const void *, int64_t> uses, numbers;
  size_t argumentCount = signature.arguments.size();
  auto forEach = [&](auto &&body) {
    for (auto [index, entry] : llvm::enumerate(interface))
      for (int64_t axis = 0; axis < (entry.second ? entry.second.getRank() : 0); ++axis)
        if (entry.second.isDynamicDim(axis))
          body(index, axis, classes.find(entry.first, axis));
  };
  Symbols symbols;
  for (const auto *specs : {&signature.arguments, &signature.results})
    for (const ValueSpec &spec : *specs)
      symbols.emplace_back(spec.shape.size(), -1);
  forEach([&](size_t, int64_t, const void *leader) { ++uses[leader]; });
  forEach([&](size_t index, int64_t axis, const void *leader) {
    ValueSpec &spec = index < argumentCount ? signature.arguments[index]
                                            : signature.results[index - argumentCount];
    if (std::optional<int64_t> constant = classes.getConstant(leader))
      spec.shape[axis] = *constant;
    // A symbol that stands at one place alone says no more than "?".
    else if (uses[leader] > 1)
      symbols[index][axis] = numbers.try_emplace(leader, numbers.size()).first->second;
  });
  return symbols;
}

Symbols mlir::posenc::findEqualExtents(func::FuncOp function, Signature &signature) {
  ExtentClasses classes;
  if (llvm::hasSingleElement(function.getBody())) {
    for (Operation &op : function.front())
      classes.add(&op);
    classes.close();
  }
  for (Value argument : function.getArguments())
    classes.addConstants(argument);
  for (Operation &op : function.front())
    for (Value result : op.getResults())
      classes.addConstants(result);
  return describe(getInterface(function), classes, signature);
}

/// "dimension 1 of --in a.npy".
static std::string getPlace(size_t axis, const std::string &path) {
  return "dimension " + std::to_string(axis) + " of --in " + path;
}

bool mlir::posenc::checkEqualExtents(const Symbols &symbols,
                                     const std::vector<Array> &arguments,
                                     const std::vector<std::string> &paths,
                                     std::string &error) {
  std::map<int64_t, std::pair<int64_t, std::string>> known;
  for (auto [index, array] : llvm::enumerate(arguments))
    for (auto [axis, extent] : llvm::enumerate(array.shape)) {
      // A scalar comes in an array of any rank.
      int64_t symbol = axis < symbols[index].size() ? symbols[index][axis] : -1;
      if (symbol < 0)
        continue;
      std::string place = getPlace(axis, paths[index]);
      auto [it, isNew] = known.try_emplace(symbol, extent, place);
      if (isNew || it->second.first == extent)
        continue;
      error = place + ": expected extent " + std::to_string(it->second.first) + ", as in " +
              it->second.second + ", but got " + std::to_string(extent);
      return false;
    }
  return true;
}
