//===- ScoreSlice.h - Parts of score regions by themselves ------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_DIALECT_POSENC_TRANSFORMS_SCORESLICE_H
#define POSENC_LIB_DIALECT_POSENC_TRANSFORMS_SCORESLICE_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"
#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/IR/PatternMatch.h"

namespace mlir::posenc {

/// The score region of an attention or a score_map.
Region &getScoreRegion(Operation *owner);
PositionSource getPositionSource(Operation *owner);

/// Results of `block` that the score reaches, and the score itself.
llvm::DenseSet<Value> findScoreValues(Block &block);

/// The ops at the top level of `block` that `value` is computed from; what
/// `start` is computed from is not looked at.
SetVector<Operation *> findSlice(Value value, Block &block, Value start = {});
/// Whether `value` is computed from no other arguments of `block` than these;
/// positions are arguments of the side that they are of.
bool dependsOnlyOn(Value value, Block &block, ArrayRef<unsigned> arguments);

/// Whether what `value` is computed from reads a tensor at an index that depends
/// on the query or the key. Tables of modifiers are read inside, whatever the
/// positions.
bool readsByPosition(Value value, Block &block, Value start = {});

/// What a value of a score region is, for one query and key, as code elsewhere.
/// With `start`, an earlier f32 of the region, as a function of it:
/// `point.score` stands for it.
Value buildScoreSlice(OpBuilder &builder, Location loc, Operation *owner, Value value,
                      Value start, const ScorePoint &point);

/// Erases ops of a score region that nobody reads.
void eraseDeadOps(RewriterBase &rewriter, Block &block);

} // namespace mlir::posenc

#endif // POSENC_LIB_DIALECT_POSENC_TRANSFORMS_SCORESLICE_H
