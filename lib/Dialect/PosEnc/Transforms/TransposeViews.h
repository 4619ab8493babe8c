//===- TransposeViews.h - Tensors that are transposes -----------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_DIALECT_POSENC_TRANSFORMS_TRANSPOSEVIEWS_H
#define POSENC_LIB_DIALECT_POSENC_TRANSFORMS_TRANSPOSEVIEWS_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::posenc {

/// A tensor whose dimension i is dimension perm[i] of `source`.
struct TransposedView {
  Value source;
  SmallVector<int64_t> perm;
};

/// What `op` permutes: linalg.transpose, or a linalg.generic that only moves
/// elements, through its maps or by tensor.extract.
std::optional<TransposedView> matchTranspose(Operation *op);

/// Sees `value` as a transpose. A transpose that stands behind casts, slices,
/// expand_shapes or collapse_shapes of unit dimensions is pulled in front of
/// them: the source of the view is then newly built code.
FailureOr<TransposedView> peelTranspose(OpBuilder &builder, Value value);

/// The source dimensions that a collapse_shape keeps, if all others are
/// static ones.
std::optional<SmallVector<int64_t>> getKeptDims(tensor::CollapseShapeOp op);

/// Reassociation that drops all dimensions but `kept` (ascending, not empty).
SmallVector<ReassociationIndices> dropDimsReassociation(int64_t rank, ArrayRef<int64_t> kept);

} // namespace mlir::posenc

#endif // POSENC_LIB_DIALECT_POSENC_TRANSFORMS_TRANSPOSEVIEWS_H
