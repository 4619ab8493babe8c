//===- TensorView.h - q, k, v, o of a kernel through strides -- -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_KERNEL_TENSORVIEW_H
#define POSENC_CODEGEN_KERNEL_TENSORVIEW_H

#include "posenc/Codegen/Kernel/Emit.h"
#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

namespace mlir::posenc::kernel {

/// A row of q, k, v or o.
struct RowIndex {
  Value b, h, t;
};

/// A rank-4 memref in any storage order and with any strides.
class TensorView {
public:
  TensorView() = default;
  TensorView(Value memref, DimsAttr dims) : memref(memref), dims(dims) {}

  int64_t staticExtent(AttentionOp::Logical which) const {
    return AttentionOp::getExtent(memref, dims, which);
  }
  /// A constant where static.
  Value extent(const Emit &emit, AttentionOp::Logical which) const;
  Type elementType() const;
  /// Elements in 128 bits: 4 or 8.
  int64_t elementsPer128() const;

  /// One element, widened to f32.
  Value load(const Emit &emit, const RowIndex &row, Value channel) const;
  /// Rounds an f32 to the element type.
  void store(const Emit &emit, Value value, const RowIndex &row, Value channel) const;

  /// Whether rows can be accessed `width` elements at a time: null if never,
  /// else an i1 that is the same for all threads. Channels must be adjacent;
  /// what the types leave open is checked at run time.
  Value vectorizable(const Emit &emit, int64_t width) const;
  /// `width` elements from `channel` on, widened; only where vectorizable.
  Value loadVector(const Emit &emit, const RowIndex &row, Value channel, int64_t width) const;
  void storeVector(const Emit &emit, Value values, const RowIndex &row, Value channel) const;

private:
  SmallVector<Value> order(const RowIndex &row, Value channel) const;
  Value memref;
  DimsAttr dims;
};

} // namespace mlir::posenc::kernel

#endif // POSENC_CODEGEN_KERNEL_TENSORVIEW_H
