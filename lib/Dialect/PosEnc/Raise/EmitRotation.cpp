//===- EmitRotation.cpp - posenc.rotate and its angles --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rotation.h"
#include "Tables.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

static bool isOp(Expr e, StringRef name) { return e->kind == Kind::Op && e->name == name; }

namespace {
/// Builds tables [T,P] or, where a batch has angles of its own, [B,T,P].
class TableBuilder {
public:
  TableBuilder(ExprContext &cx, PullBack &pull, OpBuilder &builder, Location loc,
               const Rotation &rotation)
      : cx(cx), pull(pull), builder(builder), loc(loc), rotation(rotation) {
    const Axis *axes = rotation.source.axes;
    uint64_t used = rotation.cosine->vars | rotation.sine->vars;
    if (used & axes[0].index->vars)
      outer.push_back(axes[0]);
    outer.push_back(axes[2]);
    pairs = {rotation.pair, cx.intConst(rotation.numPairs)};
  }

  /// The table of a float by (batch,) position and pair.
  Value build(Expr e) {
    SmallVector<Axis> axes(outer);
    axes.push_back(pairs);
    return fill(e, axes, builder.getF32Type());
  }

  /// position · frequency[pair], as posenc.angles; null if the angle is none.
  Value buildAngles(Expr angle) {
    if (!isOp(angle, "arith.mulf"))
      return Value();
    for (unsigned side : {0, 1}) {
      Expr position = angle->ops[side], frequency = angle->ops[1 - side];
      if (!isOp(position, "arith.sitofp") || (position->vars & rotation.pair->vars) ||
          (frequency->vars & ~rotation.pair->vars) || !frequency->type.isF32())
        continue;
      Value at = buildPositions(position->ops[0]);
      Value w = buildFrequencies(frequency);
      SmallVector<int64_t> shape(cast<RankedTensorType>(at.getType()).getShape());
      shape.push_back(rotation.numPairs);
      auto type = RankedTensorType::get(shape, builder.getF32Type());
      return AnglesOp::create(builder, loc, type, at, w, Value(), AxesAttr());
    }
    return Value();
  }

private:
  Value fill(Expr e, ArrayRef<Axis> axes, Type element) {
    Emitter sizes(cx, pull, builder, loc);
    SmallVector<OpFoldResult> extents;
    for (const Axis &axis : axes)
      extents.push_back(sizes.fold(axis.extent));
    Value init = tensor::EmptyOp::create(builder, loc, extents, element);
    SmallVector<utils::IteratorType> loops(axes.size(), utils::IteratorType::parallel);
    auto generic = linalg::GenericOp::create(
        builder, loc, init.getType(), ValueRange(), init,
        builder.getMultiDimIdentityMap(axes.size()), loops,
        [&](OpBuilder &b, Location l, ValueRange) {
          Emitter emitter(cx, pull, b, l);
          for (auto [i, axis] : llvm::enumerate(axes))
            if (axis.index->kind == Kind::Var)
              emitter.bind(axis.index, linalg::IndexOp::create(b, l, i));
          Value value = e->isFloat() ? emitter.emitFloat(e) : emitter.emitIndex(e);
          if (value.getType().isIndex() && !element.isIndex())
            value = arith::IndexCastOp::create(b, l, element, value);
          linalg::YieldOp::create(b, l, value);
        });
    return generic.getResult(0);
  }

  Value buildPositions(Expr position) {
    const Axis &t = rotation.source.axes[2];
    if (position != t.index || outer.size() != 1)
      return fill(position, outer, builder.getI64Type());
    Emitter sizes(cx, pull, builder, loc);
    bool known = t.extent->kind == Kind::IntConst;
    auto type = RankedTensorType::get({known ? t.extent->num : ShapedType::kDynamic},
                                      builder.getI64Type());
    return PositionsOp::create(builder, loc, type,
                               known ? Value() : sizes.emitIndex(t.extent), Value(), Value());
  }

  /// By rule where they are exactly those of one.
  Value buildFrequencies(Expr frequency) {
    SmallVector<float> values = constantValues(frequency);
    if (FreqAttr freq = asRule(values)) {
      auto type = RankedTensorType::get({rotation.numPairs}, builder.getF32Type());
      return InvFreqOp::create(builder, loc, type, Type(), freq, Value()).getResult();
    }
    return fill(frequency, pairs, builder.getF32Type());
  }

  /// A constant's elements by pair; empty if the frequencies are none.
  SmallVector<float> constantValues(Expr frequency) {
    if (frequency->kind != Kind::Read || !frequency->value)
      return {};
    ArrayRef<int64_t> shape = cast<ShapedType>(frequency->value.getType()).getShape();
    for (auto [index, extent] : llvm::zip_equal(frequency->ops, shape))
      if (index == rotation.pair ? extent != rotation.numPairs : extent != 1)
        return {};
    return constantFloats(frequency->value);
  }

  /// base^(−2k/r), or a factor less; null where no base gives these bits.
  FreqAttr asRule(ArrayRef<float> values) {
    if (values.size() < 2 || !(values[0] > 0) || !(values[1] > 0) || values[1] >= values[0])
      return nullptr;
    double ratio = double(values[1]) / double(values[0]);
    double base = std::pow(ratio, -double(values.size())), factor = 1.0 / double(values[0]);
    // What somebody wrote has few digits.
    for (double step : {1.0, 10.0, 100.0, 1000.0, 10000.0}) {
      double candidate = std::round(base / step) * step;
      if (!(candidate > 1) || !std::isfinite(candidate))
        continue;
      MLIRContext *ctx = builder.getContext();
      SmallVector<NamedAttribute> fields{
          builder.getNamedAttr("dim", builder.getI64IntegerAttr(2 * values.size())),
          builder.getNamedAttr("base", builder.getF64FloatAttr(candidate))};
      FreqKind kind = FreqKind::Default;
      if (factor != 1.0) {
        kind = FreqKind::Linear;
        fields.push_back(
            builder.getNamedAttr("factor", builder.getF64FloatAttr(std::round(factor))));
      }
      auto freq = FreqAttr::getChecked([&] { return InFlightDiagnostic(); }, ctx, kind,
                                       builder.getDictionaryAttr(fields));
      if (freq && llvm::equal(freq.getLibraryValues(std::nullopt), values))
        return freq;
    }
    return nullptr;
  }

  ExprContext &cx;
  PullBack &pull;
  OpBuilder &builder;
  Location loc;
  const Rotation &rotation;
  SmallVector<Axis> outer;
  Axis pairs;
};
} // namespace

/// φ where the coefficients are μ cos φ and μ sin φ with one constant μ.
static Expr commonAngle(const Rotation &rotation, double &magnitude) {
  Expr cosine, sine;
  magnitude = splitConstant(rotation.cosine, cosine);
  if (splitConstant(rotation.sine, sine) != magnitude || !cosine || !sine ||
      !isOp(cosine, "math.cos") || !isOp(sine, "math.sin") || cosine->ops[0] != sine->ops[0])
    return nullptr;
  return cosine->ops[0];
}

StoredView mlir::posenc::raise::buildRotation(ExprContext &cx, PullBack &pull,
                                              OpBuilder &builder, Location loc,
                                              const Rotation &rotation) {
  StoredView x = buildOperand(cx, pull, builder, loc, rotation.source);
  TableBuilder tables(cx, pull, builder, loc, rotation);
  SmallVector<Value> angles;
  Value magnitude;
  double factor;
  if (Expr angle = commonAngle(rotation, factor)) {
    Value table = tables.buildAngles(angle);
    angles.push_back(table ? table : tables.build(angle));
    if (factor != 1.0)
      magnitude = arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(factor));
  } else {
    angles = {tables.build(rotation.cosine), tables.build(rotation.sine)};
  }
  MLIRContext *ctx = builder.getContext();
  RotateLayoutAttr out;
  if (rotation.outLayout != rotation.inLayout)
    out = RotateLayoutAttr::get(ctx, rotation.outLayout);
  auto rotate = RotateOp::create(builder, loc, x.tensor.getType(), x.tensor, ValueRange(),
                                 angles, magnitude, rotation.inLayout, IntegerAttr(), out,
                                 rotation.offset, /*trailing=*/false, rotation.inverse,
                                 /*per_channel=*/false, /*per_head=*/false, TypeAttr(), x.dims);
  return {rotate.getResult(), x.dims};
}
