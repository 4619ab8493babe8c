//===- Reencode.h - Steps of re-encoding a function -------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_REENCODE_REENCODE_H
#define POSENC_LIB_REENCODE_REENCODE_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::posenc::reencode {

/// A sum of embeddings and rows of a table by position.
struct LearnedSum {
  Operation *sum;       ///< of two operands, element by element
  OpOperand *positions; ///< the operand that is the rows
  OpOperand *others;
  Value table;
  int64_t numPositions; ///< how many positions the table has a row for
};

/// Writes small tensors of integers that are resources as constants that one can read.
void readIndexBuffers(FunctionOpInterface function);

/// All such sums of the function.
SmallVector<LearnedSum> findLearnedSums(FunctionOpInterface function);

/// Replaces the sum by its other operand. Returns that, or null (with an error) if the
/// operand cannot take the sum's place.
Value removeRows(RewriterBase &rewriter, const LearnedSum &sum);

/// Erases what nothing reads any more, with the assertions in it, from `roots` upwards.
/// Sizes of tensors that are gone are added to `sizes`.
void eraseUnread(RewriterBase &rewriter, ArrayRef<Value> roots, SetVector<Value> &sizes);

/// Erases assertions about sizes that no tensor has any more.
void eraseAssertions(RewriterBase &rewriter, FunctionOpInterface function,
                     const SetVector<Value> &sizes);

/// Erases the constants that nothing reads any more.
void eraseUnreadConstants(RewriterBase &rewriter, FunctionOpInterface function);

/// Constant tensors of integers that the value is computed from.
SetVector<Operation *> findIndexBuffers(Value value);

/// Values that are computed from the buffers and from no argument's elements, but do
/// not depend on them, are computed anew without.
void freePositions(RewriterBase &rewriter, FunctionOpInterface function,
                   const SetVector<Operation *> &buffers, SetVector<Value> &sizes);

/// What an encoding is made of.
struct EncodingOptions {
  enum Kind { None, ALiBi, T5, RoPE } kind = None;
  int64_t numBuckets = 32, maxDistance = 128;
  double base = 10000.0;
  bool fit = false;
};

/// Whether no query sees a key behind it, by whatever fill.
bool isCausal(AttentionOp op);

/// The bucket of T5's table for an attention.
BucketAttr getBucket(AttentionOp op, const EncodingOptions &options);

/// Adds a function that gives the table of `bucket` which is nearest to what the rows of
/// `sum` contribute to the scores of `op`.
LogicalResult fitTable(RewriterBase &rewriter, FunctionOpInterface function,
                       const LearnedSum &sum, AttentionOp op, BucketAttr bucket, bool causal);

/// Adds the encoding to one attention. `getTable` gives T5's table for so many heads.
LogicalResult addEncoding(RewriterBase &rewriter, AttentionOp op,
                          const EncodingOptions &options,
                          function_ref<Value(int64_t)> getTable);

} // namespace mlir::posenc::reencode

#endif // POSENC_LIB_REENCODE_REENCODE_H
