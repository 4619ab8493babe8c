//===- HeadMixOp.cpp - A small network over the heads ---------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Activation.h"
#include "RegionOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

static int64_t getRank(Value tensor) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  return type ? type.getRank() : -1;
}

SmallVector<HeadMixOp::Layer> HeadMixOp::getLayersOf(ValueRange operands) {
  SmallVector<Layer> layers;
  for (Value operand : operands) {
    if (getRank(operand) == 1 && !layers.empty())
      layers.back().bias = operand;
    else
      layers.push_back({operand, Value()});
  }
  return layers;
}

int64_t HeadMixOp::Layer::getTaps() {
  auto type = cast<RankedTensorType>(weight.getType());
  return type.getRank() == 3 ? type.getDimSize(2) : 1;
}

ScoreModForm HeadMixOp::getForm() { return ScoreModForm::HeadMix; }

//===----------------------------------------------------------------------===//
// Verifier
//===----------------------------------------------------------------------===//

/// (H1).
static LogicalResult verifyRanks(HeadMixOp op) {
  if (op.getScores().empty() || op.getLayers().empty())
    return op.emitOpError() << "(H1) expected at least one score and one layer but got "
                            << op.getScores().size() << " and " << op.getLayers().size();
  bool mayBeBias = false;
  for (Value operand : op.getLayers()) {
    int64_t rank = getRank(operand);
    bool weight = rank == 2 || rank == 3;
    if (!weight && (rank != 1 || !mayBeBias))
      return op.emitOpError() << "(H1) expected weights of rank 2 or 3, each with at most one "
                                 "bias of rank 1 behind it, but got "
                              << operand.getType();
    mayBeBias = weight;
  }
  return success();
}

/// The static number of heads of the scores, or kDynamic.
static int64_t getStaticHeads(HeadMixOp op) {
  if (auto attention = dyn_cast<AttentionOp>(op->getParentOp()))
    return attention.getQueryExtent(AttentionOp::Head);
  auto type = dyn_cast<ShapedType>(cast<ScoreMapOp>(op->getParentOp()).getOutput().getType());
  return type && type.hasRank() && type.getRank() == 4 ? type.getDimSize(1)
                                                       : ShapedType::kDynamic;
}

/// (H2) and (H3).
static LogicalResult verifyExtents(HeadMixOp op) {
  int64_t heads = getStaticHeads(op);
  int64_t in = ShapedType::isDynamic(heads) ? heads : heads * op.getScores().size();
  SmallVector<HeadMixOp::Layer> layers = HeadMixOp::getLayersOf(op.getLayers());
  for (auto [number, layer] : llvm::enumerate(layers)) {
    auto weight = cast<RankedTensorType>(layer.weight.getType());
    if (!compatible(weight.getDimSize(0), in))
      return op.emitOpError() << "(H2) expected layer " << number << " to take "
                              << extentText(in) << " values but got " << weight;
    int64_t taps = layer.getTaps();
    if (ShapedType::isDynamic(taps) || taps % 2 == 0)
      return op.emitOpError() << "(H3) expected a static, odd number of taps but got "
                              << extentText(taps);
    int64_t out = weight.getDimSize(1);
    bool last = number + 1 == layers.size();
    if (last && !compatible(out, heads))
      return op.emitOpError() << "(H2) expected the last layer to give " << extentText(heads)
                              << " values, one per head, but got " << weight;
    if (layer.bias &&
        !compatible(cast<RankedTensorType>(layer.bias.getType()).getDimSize(0), out))
      return op.emitOpError() << "(H2) expected a bias of " << extentText(out)
                              << " values but got " << layer.bias.getType();
    in = out;
  }
  return success();
}

LogicalResult HeadMixOp::verify() {
  if (failed(verifyRanks(*this)) || failed(verifyExtents(*this)))
    return failure();
  size_t layers = getLayersOf(getLayers()).size();
  if ((layers > 1) != getActivation().has_value())
    return emitOpError() << "(H4) expected an activation if and only if there are several "
                            "layers but got "
                         << (getActivation() ? "one" : "none") << " for " << layers;
  return success();
}

//===----------------------------------------------------------------------===//
// On tensors
//===----------------------------------------------------------------------===//

namespace {
/// Builds the layers one after the other on tensors [B,C,Tq,Tk].
class MixBuilder {
public:
  MixBuilder(OpBuilder &builder, Location loc, Value like)
      : builder(builder), loc(loc), sizes(tensor::getMixedSizes(builder, loc, like)) {}

  /// [B,out,Tq,Tk] of the biases, or of zeros.
  Value buildInit(HeadMixOp::Layer layer) {
    SmallVector<OpFoldResult> extents(sizes);
    extents[1] = tensor::getMixedSize(builder, loc, layer.weight, 1);
    Value empty = tensor::EmptyOp::create(builder, loc, extents, builder.getF32Type());
    if (!layer.bias) {
      Value zero = arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(0.0f));
      return linalg::FillOp::create(builder, loc, zero, empty).getResult(0);
    }
    return buildGeneric(4, {{layer.bias, {1}}}, empty,
                        [&](OpBuilder &b, ValueRange in) { return widen(b, in[0]); });
  }

  /// sum + Σ_c Σ_t z[c, n + t − (K − 1) / 2] · W[first + c, o, t].
  Value buildLayer(HeadMixOp::Layer layer, Value z, unsigned part, bool whole, Value sum) {
    int64_t taps = layer.getTaps();
    Value weight = whole ? layer.weight : buildRows(layer.weight, z, part);
    if (getRank(layer.weight) == 2)
      return buildGeneric(5, {{z, {0, 4, 2, 3}}, {weight, {4, 1}}}, sum,
                          [&](OpBuilder &b, ValueRange in) {
                            return buildSum(b, in[0], widen(b, in[1]), in[2]);
                          });
    return buildGeneric(6, {{weight, {4, 1, 5}}}, sum, [&](OpBuilder &b, ValueRange in) {
      return buildSum(b, buildTap(b, z, taps), widen(b, in[0]), in[1]);
    });
  }

  /// Not in place: linalg's fusion would apply it once per unit that reads it.
  Value buildActivated(Activation activation, Value y) {
    Value empty = tensor::EmptyOp::create(builder, loc, tensor::getMixedSizes(builder, loc, y),
                                          builder.getF32Type());
    return buildGeneric(4, {{y, {0, 1, 2, 3}}}, empty, [&](OpBuilder &b, ValueRange in) {
      return buildActivation(b, loc, activation, in[0]);
    });
  }

private:
  struct Input {
    Value tensor;
    SmallVector<unsigned> loops;
  };

  /// Loops (b, o, m, n, …): those behind the first four are reductions.
  Value buildGeneric(unsigned numLoops, ArrayRef<Input> inputs, Value init,
                     function_ref<Value(OpBuilder &, ValueRange)> body) {
    SmallVector<Value> tensors;
    SmallVector<AffineMap> maps;
    auto addMap = [&](ArrayRef<unsigned> loops) {
      maps.push_back(AffineMap::getMultiDimMapWithTargets(numLoops, loops, init.getContext()));
    };
    for (const Input &input : inputs) {
      tensors.push_back(input.tensor);
      addMap(input.loops);
    }
    addMap({0, 1, 2, 3});
    SmallVector<utils::IteratorType> iterators(numLoops, utils::IteratorType::reduction);
    std::fill_n(iterators.begin(), 4, utils::IteratorType::parallel);
    auto generic =
        linalg::GenericOp::create(builder, loc, init.getType(), tensors, init, maps, iterators,
                                  [&](OpBuilder &b, Location l, ValueRange in) {
                                    linalg::YieldOp::create(b, l, body(b, in));
                                  });
    return generic.getResult(0);
  }

  Value widen(OpBuilder &b, Value value) {
    return convertScalarToDtype(b, loc, value, b.getF32Type(), /*isUnsignedCast=*/false);
  }

  Value buildSum(OpBuilder &b, Value z, Value weight, Value sum) {
    return arith::AddFOp::create(b, loc, sum, arith::MulFOp::create(b, loc, z, weight));
  }

  /// Rows part · H … of a weight, for the scores number `part`.
  Value buildRows(Value weight, Value z, unsigned part) {
    OpFoldResult heads = tensor::getMixedSize(builder, loc, z, 1);
    SmallVector<OpFoldResult> extents = tensor::getMixedSizes(builder, loc, weight);
    SmallVector<OpFoldResult> offsets(extents.size(), builder.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(extents.size(), builder.getIndexAttr(1));
    if (std::optional<int64_t> known = getConstantIntValue(heads)) {
      offsets[0] = builder.getIndexAttr(*known * part);
    } else {
      Value number = arith::ConstantIndexOp::create(builder, loc, part);
      offsets[0] = arith::MulIOp::create(builder, loc, cast<Value>(heads), number).getResult();
    }
    extents[0] = heads;
    return tensor::ExtractSliceOp::create(builder, loc, weight, offsets, extents, strides);
  }

  /// z[b, c, m, n + t − (K − 1) / 2], 0 outside, in loops (b, o, m, n, c, t).
  Value buildTap(OpBuilder &b, Value z, int64_t taps) {
    auto index = [&](unsigned loop) -> Value { return linalg::IndexOp::create(b, loc, loop); };
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value half = arith::ConstantIndexOp::create(b, loc, (taps - 1) / 2);
    Value keys = getValueOrCreateConstantIndexOp(b, loc, sizes[3]);
    Value at = arith::AddIOp::create(b, loc, index(3), index(5));
    at = arith::SubIOp::create(b, loc, at, half);
    // Unsigned, so that what is below 0 is too large.
    Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, at, keys);
    Value safe = arith::SelectOp::create(b, loc, inside, at, zero);
    Value value =
        tensor::ExtractOp::create(b, loc, z, ValueRange{index(0), index(4), index(2), safe});
    Value nothing = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0.0f));
    return arith::SelectOp::create(b, loc, inside, value, nothing);
  }

  OpBuilder &builder;
  Location loc;
  SmallVector<OpFoldResult> sizes;
};
} // namespace

Value HeadMixOp::buildOnTensors(OpBuilder &builder, Location loc, ValueRange operands) {
  Adaptor in(operands, *this);
  SmallVector<Value> z(in.getScores());
  MixBuilder mix(builder, loc, z.front());
  SmallVector<Layer> layers = getLayersOf(in.getLayers());
  for (auto [number, layer] : llvm::enumerate(layers)) {
    Value y = mix.buildInit(layer);
    for (auto [part, tensor] : llvm::enumerate(z))
      y = mix.buildLayer(layer, tensor, part, /*whole=*/z.size() == 1, y);
    if (number + 1 < layers.size())
      y = mix.buildActivated(*getActivation(), y);
    z = {y};
  }
  return z.front();
}
