//===- RegionInlining.h - Evaluate posenc regions in a lowering -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The one place where a score region or a row region becomes scalar code. Every
// lowering (reference, CPU, GPU engines) calls these, so that all of them
// evaluate the same formulas.
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_UTILS_REGIONINLINING_H
#define POSENC_DIALECT_POSENC_UTILS_REGIONINLINING_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/IR/IRMapping.h"

namespace mlir::posenc {

/// Where positions come from: position operands or offsets, as tensors or
/// memrefs; null members mean "position = index".
struct PositionSource {
  Value qPositions, kPositions, qOffset, kOffset;

  static PositionSource get(AttentionOp op);
  static PositionSource get(ScoreMapOp op);
  /// The same values after `mapping` (for code in another function).
  PositionSource remapped(const IRMapping &mapping) const;
};

/// Builds positions[axis, b, index], positions[b, index] or positions[index],
/// or, without positions, index + offset (an absent offset is 0).
Value buildPosition(OpBuilder &builder, Location loc, Value positions, Value offset,
                    std::optional<uint64_t> axis, Value b, Value index);

/// The scalar arguments of a score region.
struct ScorePoint {
  Value score, b, h, m, n;
};

/// Builds the value that `region` yields for one score. Modifiers are expanded
/// to arith, math and loads, unless they are kept for somebody who asks them for
/// more; captured values go through `captures` first. An empty region yields the
/// score itself.
Value inlineScoreRegion(OpBuilder &builder, Location loc, Region &region,
                        const ScorePoint &point, const PositionSource &positions,
                        const IRMapping &captures = {}, bool keepModifiers = false);

/// Builds what a stage's result is at the point that is built.
using StageReader = llvm::function_ref<Value(OpBuilder &, Value result)>;

/// The same for any value of the region's top level, `wanted`, and only what it
/// is computed from; results of stages come from `readStage`.
Value inlineScoreValue(OpBuilder &builder, Location loc, Region &region, Value wanted,
                       const ScorePoint &point, const PositionSource &positions,
                       StageReader readStage, bool keepModifiers = false);

/// Builds element `d` of the row that `region` yields for the row (b, h, t);
/// `load` builds any element (f32) of the incoming row. An empty region yields
/// the incoming row.
Value inlineRowElement(OpBuilder &builder, Location loc, Region &region, Value b, Value h,
                       Value t, Value d, function_ref<Value(Value)> load,
                       const IRMapping &captures = {});

/// Tensors and memrefs (and other values) from outside that `op`'s regions read.
SetVector<Value> getRegionCaptures(Operation *op);

} // namespace mlir::posenc

#endif // POSENC_DIALECT_POSENC_UTILS_REGIONINLINING_H
