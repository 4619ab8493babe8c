//===- Rotation.h - Rotated rows (RoPE) -------------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// y_a = x_a C − x_b S and y_b = x_b C + x_a S for pairs of channels (a, b), found
// by comparing what the elements of a tensor are, channel by channel.
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RAISE_ROTATION_H
#define POSENC_LIB_RAISE_ROTATION_H

#include "Emit.h"

namespace mlir::posenc::raise {

/// How the rows of an operand are those of another tensor, rotated.
struct Rotation {
  /// The operand before, on the axes of the one after.
  OperandView source;
  RotateLayout inLayout = RotateLayout::Half, outLayout = RotateLayout::Half;
  int64_t offset = 0, numPairs = 0;
  bool inverse = false;
  /// The index of the pair, and the two coefficients by it and the operand's axes.
  Expr pair = nullptr, cosine = nullptr, sine = nullptr;
};

/// None if the rows of `view` are no rotated rows, up to rounding.
std::optional<Rotation> findRotation(ExprContext &cx, const OperandView &view);

/// posenc.rotate in front of the attention.
StoredView buildRotation(ExprContext &cx, PullBack &pull, OpBuilder &builder, Location loc,
                         const Rotation &rotation);

} // namespace mlir::posenc::raise

#endif // POSENC_LIB_RAISE_ROTATION_H
