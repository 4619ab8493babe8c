//===- SerialLoops.h - One-iteration loops and serialization ------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_DEVICE_SERIALLOOPS_H
#define POSENC_LIB_CODEGEN_DEVICE_SERIALLOOPS_H

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::posenc {

/// Creates an empty parallel loop of one iteration at the insertion point;
/// it becomes a launch of one thread.
scf::ParallelOp createOneIteration(RewriterBase &rewriter, Location loc);

/// Moves `op` (no results) into a parallel loop of one iteration.
scf::ParallelOp wrapInOneIteration(RewriterBase &rewriter, Operation *op);

/// Replaces a parallel loop, with or without reductions, by a nest of scf.for.
/// Returns the outermost loop, or null for a loop without dimensions.
scf::ForOp serialize(RewriterBase &rewriter, scf::ParallelOp parallel);

} // namespace mlir::posenc

#endif // POSENC_LIB_CODEGEN_DEVICE_SERIALLOOPS_H
