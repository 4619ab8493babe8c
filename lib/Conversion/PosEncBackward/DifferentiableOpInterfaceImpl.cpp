//===- DifferentiableOpInterfaceImpl.cpp - Derivatives of producers -------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../PosEncToLinalg/LinalgBuilders.h"

#include "posenc/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/DialectRegistry.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::reference;

namespace {
/// C_t = Σ_{u ≤ t} lf_u: d lf_t = Σ_{u ≥ t} d C_u, summed from the last token to the
/// first. Differentiating the lowering would take a square of the length.
struct DecayGateGradient
    : DifferentiableOpInterface::ExternalModel<DecayGateGradient, DecayGateOp> {
  void buildGradients(Operation *op, OpBuilder &builder, Location loc, ValueRange gradients,
                      GradientSink &sink) const {
    auto gate = cast<DecayGateOp>(op);
    unsigned axis = gate.getSequenceAxis();
    Value length = getValueOrCreateConstantIndexOp(
        builder, loc, tensor::getMixedSize(builder, loc, gate.getGates(), axis));
    Value sums = buildSums(builder, loc, gradients[0], axis, length);
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, gate.getGates());
    unsigned rank = sizes.size();
    SmallVector<unsigned> loops = llvm::to_vector(llvm::seq<unsigned>(0, rank));
    Value result = buildForEach(
        builder, loc, {{gate.getGates(), loops}}, buildEmpty(builder, loc, sizes),
        [&](OpBuilder &b, Location l, ValueRange elements) {
          SmallVector<Value> at = buildIndices(b, l, rank);
          Value t = at[axis];
          at[axis] = buildMirrored(b, l, length, t);
          Value sum = tensor::ExtractOp::create(b, l, sums, at);
          if (gate.getLogsigmoid())
            sum = buildTimesSlope(b, l, sum, buildConvert(b, l, elements[0], b.getF32Type()));
          return gate.getStart() ? buildFromStart(b, l, gate, at[0], t, sum) : sum;
        });
    sink.add(gate.getGates(), result);
  }

private:
  static Value buildMirrored(OpBuilder &b, Location loc, Value length, Value t) {
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    Value last = arith::SubIOp::create(b, loc, length, one);
    return arith::SubIOp::create(b, loc, last, t);
  }

  /// The sums in the order of the summation: element u is that of token T − 1 − u.
  static Value buildSums(OpBuilder &builder, Location loc, Value gradient, unsigned axis,
                         Value length) {
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, gradient);
    SmallVector<OpFoldResult> rows = sizes;
    rows.erase(rows.begin() + axis);
    unsigned rank = sizes.size();
    Value running = buildFilled(builder, loc, rows, 0.0f);
    Value result = buildEmpty(builder, loc, sizes);
    AffineMap all = builder.getMultiDimIdentityMap(rank);
    SmallVector<AffineMap> maps{all.dropResult(axis), all};
    SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
    iterators[axis] = utils::IteratorType::reduction;
    auto sum = linalg::GenericOp::create(
        builder, loc, TypeRange{running.getType(), result.getType()}, ValueRange{},
        ValueRange{running, result}, maps, iterators,
        [&](OpBuilder &b, Location l, ValueRange elements) {
          SmallVector<Value> at = buildIndices(b, l, rank);
          at[axis] = buildMirrored(b, l, length, at[axis]);
          Value element = tensor::ExtractOp::create(b, l, gradient, at);
          Value next = arith::AddFOp::create(b, l, elements[0], element);
          linalg::YieldOp::create(b, l, ValueRange{next, next});
        });
    return sum.getResult(1);
  }

  /// d ln σ(x) / dx = σ(−x) = 1 / (1 + e^x).
  static Value buildTimesSlope(OpBuilder &b, Location loc, Value gradient, Value x) {
    Value power = math::ExpOp::create(b, loc, x);
    Value below = arith::AddFOp::create(b, loc, power, buildF32(b, loc, 1.0f));
    return arith::DivFOp::create(b, loc, gradient, below);
  }

  /// What stands before the start has no part in the sums.
  static Value buildFromStart(OpBuilder &b, Location loc, DecayGateOp gate, Value row, Value t,
                              Value gradient) {
    Value start = tensor::ExtractOp::create(b, loc, gate.getStart(), row);
    if (!start.getType().isIndex())
      start = arith::IndexCastOp::create(b, loc, b.getIndexType(), start);
    Value counts = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, t, start);
    return arith::SelectOp::create(b, loc, counts, gradient, buildF32(b, loc, 0.0f));
  }
};
} // namespace

void posenc::registerDifferentiableOpInterfaceExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *ctx, PosEncDialect *) {
    DecayGateOp::attachInterface<DecayGateGradient>(*ctx);
  });
}
