//===- AttentionKernel.h - Online softmax on tiles --------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_CPU_ATTENTIONKERNEL_H
#define POSENC_LIB_CODEGEN_CPU_ATTENTIONKERNEL_H

#include "LaneEvaluator.h"
#include "VectorHelpers.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::posenc::cpu {

/// How the kernel is cut: queries and keys per block, and the register tile.
struct KernelShape {
  int64_t blockM, blockN;
  RegisterTile tile;
};

/// Builds attention on memrefs as loops over tiles:
///
///     parallel (b, h, block of queries)
///       Q ← the block's queries, f32, scaled
///       for each block of keys
///         K ← its keys, f32, transposed; V ← its values, f32
///         S ← Q · K; S ← score(S); online softmax of S into (max, sum, O)
///         O ← O + S · V
///       o ← O / sum; lse
///
/// Capitals are buffers of one task. Row regions are evaluated while packing,
/// the score region on vectors of keys.
class AttentionKernel {
public:
  AttentionKernel(AttentionOp op, const KernelShape &shape, ImplicitLocOpBuilder &builder);

  /// Builds the kernel at the builder's position; gives its outermost loop.
  scf::ParallelOp build();

private:
  struct Operand {
    Value memref;
    DimsAttr dims;
    Region *rows;
  };
  /// Where a row lies: batch, head of that tensor, index.
  struct Row {
    Value b, h, t;
  };

  void buildExtents();
  void buildTask(Value b, Value h, Value block);
  void allocateScratch();
  void buildKeyBlock(Value b, Value h, Value keyHead, Value n0);
  void buildSoftmaxRow(Value row, Value b, Value h, Value n0, Value keys, Value columns);
  Value buildScores(Value row, Value b, Value h, Value n0, Value keys, Value columns);
  Value buildWeight(Value score, Value shift);
  Value buildWeights(Value row, Value shift, Value columns);
  void rescaleOutput(Value row, Value factor);
  void buildLse(Value b, Value h);

  void buildQueries(Value b, Value h);
  void initializeRows(Value h);
  /// Panels of `keys` rows from `first` on.
  void packKeys(const Row &first, Value keys, Value columns);
  void packValues(const Row &first, Value keys);
  void buildOutput(Value b, Value h);
  void normalizeRow(Value row);
  void storeRow(Value b, Value h, Value row);

  /// Channel `d` of a row after its row region, as an f32, in scalar code.
  Value buildChannel(OpBuilder &builder, const Operand &operand, const Row &row, Value d);
  /// Stores lanes into a memref of any layout; index number `counting` grows
  /// with the lane.
  void storeLanes(Value vector, Value memref, ArrayRef<Value> indices, unsigned counting,
                  Value mask);
  /// Indices into a tensor that stores its dimensions in the order `dims`.
  SmallVector<Value> permute(DimsAttr dims, const Row &row, Value d);
  Value getExtent(const Operand &operand, AttentionOp::Logical which);

  Value index(int64_t value);
  Value minimum(Value a, Value b);
  Value roundUp(Value a, int64_t to);
  Value maskBelow(Value limit, Value at);
  /// for (i = from; i < to; i += step), with the builder inside `body` only.
  void loop(Value from, Value to, int64_t step, function_ref<void(Value)> body);
  Value allocate(ArrayRef<OpFoldResult> shape);

  AttentionOp op;
  KernelShape shape;
  ImplicitLocOpBuilder &builder;
  VectorType f32Lanes;
  Operand q, k, v, o;

  Value batch, queryHeads, queriesTotal, headSize, keysTotal, valueSize, group;
  Value valueColumns;
  // Of the task that is being built.
  Value m0, rows;
  Value queries, keyPanel, valuePanel, scores, output, maxima, sums;
  SmallVector<Value> scratch;
};

} // namespace mlir::posenc::cpu

#endif // POSENC_LIB_CODEGEN_CPU_ATTENTIONKERNEL_H
