//===- ScoreModBuilders.h - What modifiers are built of --------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Pieces that implementations of ScoreModOpInterface::buildScalar share, also
// those of dialects outside posenc.
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_IR_SCOREMODBUILDERS_H
#define POSENC_DIALECT_POSENC_IR_SCOREMODBUILDERS_H

#include "mlir/IR/Builders.h"

namespace mlir::posenc {

/// Reads one element of a tensor or a memref and widens it to f32.
Value buildRead(OpBuilder &b, Location loc, Value source, ValueRange indices);
/// i − j or j − i in the positions' own type.
Value buildDistance(OpBuilder &b, Location loc, bool qMinusK, Value i, Value j);

} // namespace mlir::posenc

#endif // POSENC_DIALECT_POSENC_IR_SCOREMODBUILDERS_H
