//===- SoftmaxFlow.cpp - Find attention that is spelt out -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SoftmaxFlow.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::posenc;

namespace {
/// What is known of one dimension of a tensor.
struct Axis {
  /// The product whose own axis this is; −1 for none.
  int product = -1;
  /// 0: axis of the first factor, 1: of the second.
  int factor = 0;
  /// Whether exp was applied on the way.
  bool exponential = false;
};
using Axes = SmallVector<Axis, 4>;

/// What happened to one product along the axis of one factor.
struct Events {
  SmallVector<Operation *, 2> sums;
  Operation *weighing = nullptr;
};

class SoftmaxFlow {
public:
  SmallVector<SpelledOutAttention> run(Operation *root);

private:
  void visit(Operation *op);
  void visitConstants(Operation *op);
  void visitLinalg(linalg::LinalgOp op);
  void visitInput(linalg::LinalgOp op, OpOperand &input, Axes &loops);
  void visitGathers(linalg::LinalgOp op, Axes &loops);
  void visitReductions(linalg::LinalgOp op, ArrayRef<Axis> loops);
  void visitProduct(linalg::LinalgOp op);
  void visitView(Operation *op);

  bool isConstant(Value value) const { return constants.contains(value); }
  Events &eventsOf(const Axis &axis) { return events[axis.product * 2 + axis.factor]; }

  DenseSet<Value> constants;
  DenseMap<Value, Axes> axesOf;
  SmallVector<Operation *> products;
  SmallVector<Events> events;
};
} // namespace

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

/// Calls `visit` on the ops in `block`, at any depth, that `value` is computed
/// from.
static void walkSlice(Block &block, Value value, function_ref<void(Operation *)> visit) {
  SmallVector<Value> worklist{value};
  DenseSet<Operation *> seen;
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val().getDefiningOp();
    if (!op || !block.getParent()->isAncestor(op->getParentRegion()) || !seen.insert(op).second)
      continue;
    visit(op);
    llvm::append_range(worklist, op->getOperands());
  }
}

/// Whether `value` is computed from `source` in `block`.
static bool dependsOn(Block &block, Value value, Value source) {
  bool found = value == source;
  walkSlice(block, value,
            [&](Operation *op) { found |= llvm::is_contained(op->getOperands(), source); });
  return found;
}

/// Whether the body takes an exponential of `source`.
static bool takesExp(Block &block, Value source) {
  return llvm::any_of(block, [&](Operation &op) {
    return isa<math::ExpOp, math::Exp2Op, math::ExpM1Op>(op) &&
           dependsOn(block, op.getOperand(0), source);
  });
}

template <typename... Ops> static bool bodyHas(linalg::LinalgOp op) {
  return llvm::any_of(*op.getBlock(), llvm::IsaPred<Ops...>);
}

static bool isReduction(linalg::LinalgOp op, unsigned loop) {
  return op.getIteratorTypesArray()[loop] == utils::IteratorType::reduction;
}

//===----------------------------------------------------------------------===//
// Linalg
//===----------------------------------------------------------------------===//

/// Axes of an input arrive at the loops that run over them.
void SoftmaxFlow::visitInput(linalg::LinalgOp op, OpOperand &input, Axes &loops) {
  auto known = axesOf.find(input.get());
  if (known == axesOf.end())
    return;
  bool exp = takesExp(*op.getBlock(), op.getMatchingBlockArgument(&input));
  AffineMap map = op.getMatchingIndexingMap(&input);
  for (auto [axis, expr] : llvm::zip(known->second, map.getResults())) {
    auto loop = dyn_cast<AffineDimExpr>(expr);
    if (axis.product < 0 || !loop || loops[loop.getPosition()].product >= 0)
      continue;
    Axis &target = loops[loop.getPosition()];
    target = axis;
    target.exponential |= exp;
  }
}

/// The same for tensors that the body reads with tensor.extract.
void SoftmaxFlow::visitGathers(linalg::LinalgOp op, Axes &loops) {
  Block &body = *op.getBlock();
  body.walk([&](tensor::ExtractOp extract) {
    auto known = axesOf.find(extract.getTensor());
    if (known == axesOf.end())
      return;
    bool exp = takesExp(body, extract.getResult());
    for (auto [axis, index] : llvm::zip(known->second, extract.getIndices())) {
      if (axis.product < 0)
        continue;
      Axis source = axis;
      walkSlice(body, index, [&](Operation *def) {
        auto loop = dyn_cast<linalg::IndexOp>(def);
        if (!loop || loops[loop.getDim()].product >= 0)
          return;
        loops[loop.getDim()] = source;
        loops[loop.getDim()].exponential |= exp;
      });
    }
  });
}

/// Sums and weighted sums along an axis of a product.
void SoftmaxFlow::visitReductions(linalg::LinalgOp op, ArrayRef<Axis> loops) {
  for (auto [loop, axis] : llvm::enumerate(loops)) {
    if (axis.product < 0 || !axis.exponential || !isReduction(op, loop) ||
        !bodyHas<arith::AddFOp>(op))
      continue;
    AffineExpr dim = getAffineDimExpr(loop, op.getContext());
    int product = axis.product;
    bool weighs = llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *input) {
      if (!op.getMatchingIndexingMap(input).getResultPosition(dim))
        return false;
      auto known = axesOf.find(input->get());
      return known == axesOf.end() || llvm::none_of(known->second, [&](const Axis &other) {
               return other.product == product;
             });
    });
    Events &found = eventsOf(axis);
    if (weighs)
      found.weighing = op;
    else
      found.sums.push_back(op);
  }
}

/// A new product: two factors, each with loops of its own, summed over loops
/// that both share.
void SoftmaxFlow::visitProduct(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumReductionLoops() == 0 || op.getNumDpsInits() != 1 ||
      !bodyHas<arith::MulFOp>(op) || !bodyHas<arith::AddFOp>(op) || op->getNumResults() != 1)
    return;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  if (isConstant(op.getDpsInputs()[0]) || isConstant(op.getDpsInputs()[1]))
    return;
  Axes axes(maps[2].getNumResults());
  bool own[2] = {false, false};
  for (auto [axis, expr] : llvm::zip_equal(axes, maps[2].getResults())) {
    bool first = maps[0].getResultPosition(expr).has_value();
    bool second = maps[1].getResultPosition(expr).has_value();
    if (!isa<AffineDimExpr>(expr) || first == second)
      continue;
    axis.product = products.size();
    axis.factor = first ? 0 : 1;
    own[axis.factor] = true;
  }
  if (!own[0] || !own[1])
    return;
  products.push_back(op);
  events.resize(2 * products.size());
  axesOf[op->getResult(0)] = axes;
}

void SoftmaxFlow::visitLinalg(linalg::LinalgOp op) {
  if (!op.hasPureTensorSemantics())
    return;
  Axes loops(op.getNumLoops());
  for (OpOperand *input : op.getDpsInputOperands())
    visitInput(op, *input, loops);
  visitGathers(op, loops);
  visitReductions(op, loops);
  for (OpOperand &init : op.getDpsInitsMutable()) {
    Axes axes;
    for (AffineExpr expr : op.getMatchingIndexingMap(&init).getResults()) {
      auto loop = dyn_cast<AffineDimExpr>(expr);
      axes.push_back(loop ? loops[loop.getPosition()] : Axis());
    }
    axesOf[op.getTiedOpResult(&init)] = axes;
  }
  visitProduct(op);
}

//===----------------------------------------------------------------------===//
// Everything else
//===----------------------------------------------------------------------===//

static SmallVector<int64_t> getNonUnitDims(RankedTensorType type) {
  SmallVector<int64_t> dims;
  for (int64_t dim = 0; type && dim < type.getRank(); ++dim)
    if (type.getDimSize(dim) != 1)
      dims.push_back(dim);
  return dims;
}

/// Reshapes, slices, casts: axes keep their place, or move with their group.
void SoftmaxFlow::visitView(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0)
    return;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  auto known = axesOf.find(op->getOperand(0));
  if (!type || known == axesOf.end())
    return;
  Axes from = known->second, to(type.getRank());
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    for (auto [dim, group] : llvm::enumerate(collapse.getReassociationIndices()))
      for (int64_t source : group)
        if (from[source].product >= 0)
          to[dim] = from[source];
  } else if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    for (auto [dim, group] : llvm::enumerate(expand.getReassociationIndices()))
      for (int64_t target : group)
        if (type.getDimSize(target) != 1)
          to[target] = from[dim];
  } else if (isa<tensor::ReshapeOp, tensor::ExtractSliceOp>(op)) {
    // What changes stands in front (batch and heads) or is a unit dimension.
    auto source = dyn_cast<RankedTensorType>(op->getOperand(0).getType());
    SmallVector<int64_t> sourceDims = getNonUnitDims(source), dims = getNonUnitDims(type);
    for (auto [a, b] : llvm::zip(llvm::reverse(sourceDims), llvm::reverse(dims)))
      to[b] = from[a];
  } else if (from.size() == to.size()) {
    to = from;
  }
  axesOf[op->getResult(0)] = to;
}

/// A value is a constant here if it is made of constants alone.
void SoftmaxFlow::visitConstants(Operation *op) {
  bool constant = op->hasTrait<OpTrait::ConstantLike>() || isa<tensor::EmptyOp>(op) ||
                  (op->getNumOperands() > 0 && isMemoryEffectFree(op));
  SetVector<Value> captures;
  if (constant && op->getNumRegions() > 0)
    getUsedValuesDefinedAbove(op->getRegions(), captures);
  auto fixed = [&](Value v) { return isConstant(v); };
  if (constant && llvm::all_of(op->getOperands(), fixed) && llvm::all_of(captures, fixed))
    constants.insert(op->result_begin(), op->result_end());
}

void SoftmaxFlow::visit(Operation *op) {
  visitConstants(op);
  if (auto softmax = dyn_cast<linalg::SoftmaxOp>(op)) {
    visitView(op);
    if (op->getNumResults() == 0)
      return;
    auto known = axesOf.find(op->getResult(0));
    if (known == axesOf.end())
      return;
    Axis &axis = known->second[softmax.getDimension()];
    if (axis.product < 0)
      return;
    axis.exponential = true;
    eventsOf(axis).sums.push_back(op);
  } else if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    visitLinalg(linalgOp);
  } else if (!isa<AttentionOp, ScoreMapOp>(op)) {
    visitView(op);
  }
}

SmallVector<SpelledOutAttention> SoftmaxFlow::run(Operation *root) {
  root->walk<WalkOrder::PreOrder>([&](Operation *op) { visit(op); });
  SmallVector<SpelledOutAttention> found;
  for (auto [index, product] : llvm::enumerate(products)) {
    for (int factor : {0, 1}) {
      Events &e = events[2 * index + factor];
      // Weights may also be multiplied first and summed then: a second sum.
      Operation *weighing = e.weighing;
      if (!weighing && e.sums.size() > 1)
        weighing = e.sums.back();
      if (!weighing || e.sums.empty())
        continue;
      found.push_back({product, e.sums.front(), weighing});
      break;
    }
  }
  return found;
}

SmallVector<SpelledOutAttention> posenc::findSpelledOutAttention(Operation *root) {
  return SoftmaxFlow().run(root);
}
