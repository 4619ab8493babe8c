//===- BiasMLPOp.cpp - A small network as a bias --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A score region has no storage, so that a unit of a hidden layer is computed
// where it is read: a loop over the units before it, in which their own loops
// stand. With one hidden layer that is what a matrix product costs; with two,
// too, as the first layer has few inputs.
//
//===----------------------------------------------------------------------===//

#include "Activation.h"
#include "RegionOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

bool BiasMLPOp::isAdditive() { return true; }

static int64_t rankOf(Type type) {
  auto shaped = cast<ShapedType>(type);
  return shaped.hasRank() ? shaped.getRank() : -1;
}

SmallVector<BiasMLPOp::Layer> BiasMLPOp::getStructure(TypeRange types) {
  SmallVector<Layer> layers;
  for (auto [number, type] : llvm::enumerate(types)) {
    if (rankOf(type) == 1)
      layers.back().bias = number;
    else
      layers.push_back({unsigned(number), std::nullopt});
  }
  return layers;
}

//===----------------------------------------------------------------------===//
// Formula
//===----------------------------------------------------------------------===//

namespace {
/// Builds units of the network.
class NetworkBuilder {
public:
  NetworkBuilder(BiasMLPOp op, ValueRange features, ValueRange operands)
      : op(op), features(features), operands(operands),
        layers(BiasMLPOp::getStructure(op.getLayers().getTypes())) {}

  /// y_L[column].
  Value buildOutput(OpBuilder &b, Location loc, Value column) {
    return buildUnit(b, loc, layers.size() - 1, column);
  }

private:
  /// y_l[column]: the bias and the sum over the units before.
  Value buildUnit(OpBuilder &b, Location loc, unsigned number, Value column) {
    const BiasMLPOp::Layer &layer = layers[number];
    Value sum =
        layer.bias ? buildRead(b, loc, operands[*layer.bias], column) : constant(b, loc, 0.0f);
    Value weights = operands[layer.weight];
    if (number == 0) {
      for (auto [row, feature] : llvm::enumerate(features)) {
        Value at = arith::ConstantIndexOp::create(b, loc, row);
        sum = addProduct(b, loc, sum, feature, weights, at, column);
      }
      return sum;
    }
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    Value units = regionops::buildExtent(b, loc, weights, 0);
    auto body = [&](OpBuilder &inner, Location l, Value unit, ValueRange carried) {
      Value before = buildUnit(inner, l, number - 1, unit);
      Value input = buildActivation(inner, l, op.getActivation(), before);
      Value next = addProduct(inner, l, carried[0], input, weights, unit, column);
      scf::YieldOp::create(inner, l, next);
    };
    return scf::ForOp::create(b, loc, zero, units, one, sum, body).getResult(0);
  }

  static Value addProduct(OpBuilder &b, Location loc, Value sum, Value input, Value weights,
                          Value row, Value column) {
    Value weight = buildRead(b, loc, weights, {row, column});
    Value product = arith::MulFOp::create(b, loc, input, weight);
    return arith::AddFOp::create(b, loc, sum, product);
  }

  static Value constant(OpBuilder &b, Location loc, float value) {
    return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
  }

  BiasMLPOp op;
  ValueRange features, operands;
  SmallVector<BiasMLPOp::Layer> layers;
};
} // namespace

Value BiasMLPOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  Adaptor in(operands, *this);
  Value column = in.getHead();
  if (!column)
    column = arith::ConstantIndexOp::create(b, loc, 0);
  Value value =
      NetworkBuilder(*this, in.getFeatures(), in.getLayers()).buildOutput(b, loc, column);
  if (getSigmoidAttr()) {
    Value factor = arith::ConstantOp::create(b, loc, getSigmoidAttr());
    value = arith::MulFOp::create(b, loc, factor, buildSigmoid(b, loc, value));
  }
  return buildWeightedSum(b, loc, in.getScore(), in.getWeight(), value);
}

//===----------------------------------------------------------------------===//
// Verifier, effects
//===----------------------------------------------------------------------===//

/// (Y1): weights of rank 2, each with at most one bias behind it.
static LogicalResult verifyRanks(BiasMLPOp op) {
  if (op.getFeatures().empty() || op.getLayers().empty())
    return op.emitOpError() << "(Y1) expected at least one feature and one layer but got "
                            << op.getFeatures().size() << " and " << op.getLayers().size();
  int64_t last = 1;
  for (auto [number, type] : llvm::enumerate(op.getLayers().getTypes())) {
    int64_t rank = rankOf(type);
    bool fits = rank == 2 || (rank == 1 && last == 2);
    if (!fits)
      return op.emitOpError() << "(Y1) expected "
                              << (last == 2 ? "a weight of rank 2 or a bias of rank 1"
                                            : "a weight of rank 2")
                              << " as layer operand " << number << " but got " << type;
    last = rank;
  }
  return success();
}

LogicalResult BiasMLPOp::verify() {
  if (failed(verifyRanks(*this)))
    return failure();
  auto shapeOf = [&](unsigned number) {
    return cast<ShapedType>(getLayers()[number].getType()).getShape();
  };
  int64_t width = getFeatures().size();
  for (const Layer &layer : getStructure(getLayers().getTypes())) {
    ArrayRef<int64_t> weight = shapeOf(layer.weight);
    // An unknown number of rows could leave the features unread.
    bool first = layer.weight == 0;
    if (first ? weight[0] != width : !compatible(weight[0], width))
      return emitOpError() << "(Y2) expected a weight of " << extentText(width)
                           << " rows as layer operand " << layer.weight << " but got "
                           << getLayers()[layer.weight].getType();
    width = weight[1];
    if (layer.bias && !compatible(shapeOf(*layer.bias)[0], width))
      return emitOpError() << "(Y2) expected a bias of " << extentText(width)
                           << " elements as layer operand " << *layer.bias << " but got "
                           << getLayers()[*layer.bias].getType();
  }
  if (!getHead() && width != 1)
    return emitOpError() << "(Y3) expected a last layer of one column without a head but got "
                         << extentText(width);
  if (getSigmoid() && !getSigmoid()->isFinite())
    return emitOpError() << "(Y4) expected a finite factor of the sigmoid but got "
                         << getSigmoidAttr();
  return success();
}

void BiasMLPOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  addMemrefEffects(MutableArrayRef<OpOperand>(getLayersMutable().begin(), getLayers().size()),
                   {}, effects);
}
