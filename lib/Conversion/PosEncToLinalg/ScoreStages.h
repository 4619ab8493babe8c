//===- ScoreStages.h - Score regions stage by stage -------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A stage (posenc.row_scan, posenc.head_mix) needs its operands for all scores
// at once. They become f32 tensors [B,H,Tq,Tk], and so does its result; what
// lies between two stages is computed anew wherever it is needed.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CONVERSION_POSENCTOLINALG_SCORESTAGES_H
#define POSENC_LIB_CONVERSION_POSENCTOLINALG_SCORESTAGES_H

#include "LinalgBuilders.h"

#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

namespace mlir::posenc::reference {

/// The score region of an op on tensors.
class ScoreStages {
public:
  /// `sizes` are those of the scores, [B,H,Tq,Tk]. Modifiers are kept, or become
  /// what they compute.
  ScoreStages(Region &region, const PositionSource &positions, ArrayRef<OpFoldResult> sizes,
              bool keepModifiers = false)
      : region(region), positions(positions), sizes(sizes), keepModifiers(keepModifiers) {}

  /// Builds the results of all stages, in order, at the insertion point.
  /// `products` are q · k; null where the incoming score is 0.
  void build(OpBuilder &builder, Location loc, Value products, FloatAttr scale);

  /// What the region yields at the indices `at`, in the body of a loop nest.
  Value buildYielded(OpBuilder &b, Location loc, Value score, ArrayRef<Value> at) const;

private:
  Value buildAt(OpBuilder &b, Location loc, Value wanted, Value score,
                ArrayRef<Value> at) const;
  /// A value of the region for all scores.
  Value buildForAll(OpBuilder &builder, Location loc, Value wanted, Value products,
                    FloatAttr scale) const;

  Region &region;
  PositionSource positions;
  SmallVector<OpFoldResult> sizes;
  bool keepModifiers;
  /// Results of stages and the tensors that hold them.
  llvm::DenseMap<Value, Value> tensors;
};

} // namespace mlir::posenc::reference

#endif // POSENC_LIB_CONVERSION_POSENCTOLINALG_SCORESTAGES_H
