//===- Transforms.h - Pattern sets on the posenc dialect --------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_TRANSFORMS_TRANSFORMS_H
#define POSENC_DIALECT_POSENC_TRANSFORMS_TRANSFORMS_H

namespace mlir {
class RewritePatternSet;
namespace posenc {

/// Reads of a score_map in a score region become the map's own region, and
/// modifiers of zero that are added to a score become modifiers of the score.
void populateFuseScoreMapPatterns(RewritePatternSet &patterns);

/// Transposes around attention become `dims`.
void populateFuseLayoutPatterns(RewritePatternSet &patterns);

/// Rotations of q, k, v and o become row regions.
void populateFuseRotationPatterns(RewritePatternSet &patterns);

} // namespace posenc
} // namespace mlir

#endif // POSENC_DIALECT_POSENC_TRANSFORMS_TRANSFORMS_H
