//===- AddEncoding.cpp - Relative encodings for an attention --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reencode.h"

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

#include <string>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::reencode;

using Logical = AttentionOp::Logical;

//===----------------------------------------------------------------------===//
// Biases
//===----------------------------------------------------------------------===//

bool reencode::isCausal(AttentionOp op) {
  ScoreStructure structure(op);
  return llvm::any_of(structure.getTerms(), [](const ScoreTerm &term) {
    if (term.action != TermAction::Mask || term.zones.empty())
      return false;
    const TermZone &first = term.zones.front();
    return first.hi >= -1 && first.value && first.value->isConst(0);
  });
}

BucketAttr reencode::getBucket(AttentionOp op, const EncodingOptions &options) {
  return BucketAttr::getT5(op.getContext(), Sign::KMinusQ, options.numBuckets,
                           options.maxDistance, /*bidirectional=*/!isCausal(op));
}

namespace {
/// The end of a score region, where a term is added to what it yields.
struct RegionEnd {
  Block &block;
  OpBuilder builder;
  Location loc;
  Value score, head, query, key;

  RegionEnd(RewriterBase &rewriter, AttentionOp op)
      : block(op.getOrCreateScoreBlock(rewriter)), builder(op.getContext()), loc(op.getLoc()) {
    if (block.empty()) {
      builder.setInsertionPointToEnd(&block);
      YieldOp::create(builder, loc, block.getArgument(0));
    }
    Operation *yield = block.getTerminator();
    builder.setInsertionPoint(yield);
    score = yield->getOperand(0);
    head = block.getArgument(2);
    Type index = builder.getIndexType();
    query = QPosOp::create(builder, loc, index, IntegerAttr());
    key = KPosOp::create(builder, loc, index, IntegerAttr());
  }

  void yield(Value value) { block.getTerminator()->setOperand(0, value); }
};
} // namespace

static void addALiBi(RewriterBase &rewriter, AttentionOp op, int64_t heads) {
  rewriter.setInsertionPoint(op);
  auto type = RankedTensorType::get({heads}, rewriter.getF32Type());
  Value slopes = AlibiSlopesOp::create(rewriter, op.getLoc(), type, SlopeConvention::Press,
                                       llvm::APFloat(8.0f), llvm::APFloat(-1.0f));
  RegionEnd end(rewriter, op);
  end.yield(BiasFnOp::create(end.builder, end.loc, end.builder.getF32Type(), end.score, slopes,
                             end.head, end.query, end.key, BiasFnKind::Linear,
                             DistanceKind::Absolute, /*multiply=*/false, IntegerAttr(),
                             llvm::APFloat(10000.0f)));
}

static void addT5(RewriterBase &rewriter, AttentionOp op, const EncodingOptions &options,
                  Value table) {
  BucketAttr bucket = getBucket(op, options);
  RegionEnd end(rewriter, op);
  end.yield(BiasTableOp::create(end.builder, end.loc, end.score, table, end.head, end.query,
                                end.key, bucket));
}

//===----------------------------------------------------------------------===//
// Rotations
//===----------------------------------------------------------------------===//

/// The angles of one side's positions: [T, P] or [B, T, P].
static Value buildAngles(RewriterBase &rewriter, AttentionOp op, bool query, int64_t channels,
                         double base) {
  Location loc = op.getLoc();
  int64_t pairs = channels / 2;
  Value positions = query ? op.getQPositions() : op.getKPositions();
  if (!positions) {
    Value tensor = query ? op.getQ() : op.getK();
    DimsAttr dims = query ? op.getQDims() : op.getKDims();
    OpFoldResult size = tensor::getMixedSize(rewriter, loc, tensor, dims.dimOf(Logical::Seq));
    std::optional<int64_t> known = getConstantIntValue(size);
    auto type =
        RankedTensorType::get({known.value_or(ShapedType::kDynamic)}, rewriter.getI64Type());
    positions = PositionsOp::create(rewriter, loc, type, known ? Value() : cast<Value>(size),
                                    query ? op.getQOffset() : op.getKOffset(), Value());
  }
  FreqAttr freq =
      FreqAttr::get(op.getContext(), FreqKind::Default,
                    rewriter.getDictionaryAttr(
                        {rewriter.getNamedAttr("dim", rewriter.getI64IntegerAttr(channels)),
                         rewriter.getNamedAttr("base", rewriter.getF64FloatAttr(base))}));
  auto wType = RankedTensorType::get({pairs}, rewriter.getF32Type());
  Value w = InvFreqOp::create(rewriter, loc, wType, Type(), freq, Value()).getResult();
  SmallVector<int64_t> shape(cast<RankedTensorType>(positions.getType()).getShape());
  shape.push_back(pairs);
  auto type = RankedTensorType::get(shape, rewriter.getF32Type());
  return AnglesOp::create(rewriter, loc, type, positions, w, Value(), AxesAttr());
}

/// Rotates the rows behind what is done to them already.
static void addRotation(RewriterBase &rewriter, AttentionOp op, Region &region, Value angles) {
  Block &block = op.getOrCreateRowBlock(region, rewriter);
  OpBuilder builder(op.getContext());
  Location loc = op.getLoc();
  if (block.empty()) {
    builder.setInsertionPointToEnd(&block);
    YieldOp::create(builder, loc, block.getArgument(0));
  }
  Operation *yield = block.getTerminator();
  builder.setInsertionPoint(yield);
  Value row = yield->getOperand(0);
  SmallVector<Value> at{block.getArgument(1), block.getArgument(3)};
  yield->setOperand(0, RotateOp::create(builder, loc, row.getType(), row, at, angles, Value(),
                                        RotateLayout::Half, IntegerAttr(), RotateLayoutAttr(),
                                        /*channel_offset=*/0, /*trailing=*/false,
                                        /*inverse=*/false,
                                        /*per_channel=*/false, /*per_head=*/false, TypeAttr(),
                                        DimsAttr::getDefault(op.getContext())));
}

static LogicalResult addRoPE(RewriterBase &rewriter, AttentionOp op, double base) {
  int64_t channels = op.getQueryExtent(Logical::Channel);
  if (ShapedType::isDynamic(channels))
    channels = op.getKeyExtent(Logical::Channel);
  if (ShapedType::isDynamic(channels) || channels % 2 != 0)
    return op.emitError() << "expected a known and even head size for rope but got "
                          << (ShapedType::isDynamic(channels) ? "?" : std::to_string(channels));
  rewriter.setInsertionPoint(op);
  Value ofQuery = buildAngles(rewriter, op, /*query=*/true, channels, base);
  Value ofKey = buildAngles(rewriter, op, /*query=*/false, channels, base);
  addRotation(rewriter, op, op.getQRows(), ofQuery);
  addRotation(rewriter, op, op.getKRows(), ofKey);
  return success();
}

//===----------------------------------------------------------------------===//
// Either
//===----------------------------------------------------------------------===//

LogicalResult reencode::addEncoding(RewriterBase &rewriter, AttentionOp op,
                                    const EncodingOptions &options,
                                    function_ref<Value(int64_t)> getTable) {
  if (options.kind == EncodingOptions::None)
    return success();
  for (Value positions : {op.getQPositions(), op.getKPositions()}) {
    auto type = positions ? cast<RankedTensorType>(positions.getType()) : RankedTensorType();
    if (type && (type.getRank() == 3 || !type.getElementType().isIntOrIndex()))
      return op.emitError() << "expected integer positions of one axis but got " << type;
  }
  if (options.kind == EncodingOptions::RoPE)
    return addRoPE(rewriter, op, options.base);
  int64_t heads = op.getQueryExtent(Logical::Head);
  if (ShapedType::isDynamic(heads))
    return op.emitError() << "expected a known number of heads but got ?";
  if (options.kind == EncodingOptions::ALiBi)
    addALiBi(rewriter, op, heads);
  else
    addT5(rewriter, op, options, getTable(heads));
  return success();
}
