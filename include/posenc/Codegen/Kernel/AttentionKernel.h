//===- AttentionKernel.h - An attention op inside its kernel -- -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_KERNEL_ATTENTIONKERNEL_H
#define POSENC_CODEGEN_KERNEL_ATTENTIONKERNEL_H

#include "posenc/Codegen/Kernel/TensorView.h"
#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "llvm/ADT/STLExtras.h"

namespace mlir::posenc::kernel {

/// How an engine wants its kernel launched.
struct LaunchConfig {
  int64_t threads;
  /// Queries that one block computes.
  int64_t queryTile;
  /// f32 elements of each workgroup buffer, aligned to 16 bytes.
  SmallVector<int64_t> workgroupBuffers;
  /// f32 values that a thread holds from tile to tile.
  int64_t accumulators;

  int64_t getWorkgroupBytes() const { return 4 * llvm::sum_of(workgroupBuffers); }
};

/// Logical extents; constants where any operand's type has them.
struct Extents {
  Value batch, queryHeads, keyHeads, queries, keys, channels, valueChannels;
};

/// What an engine sees while it emits the body of a kernel: the op's operands
/// as the kernel's own values, and which part of the output this block owns.
struct AttentionKernel {
  AttentionOp op;
  GPUTarget target;
  gpu::GPUFuncOp func;
  TensorView q, k, v, o;
  Value lse, sinks; // null without
  PositionSource positions;
  IRMapping captures;
  Extents extents;
  /// This block's batch, query head, its key head, and first query.
  Value batch, queryHead, keyHead, firstQuery;
  Value thread;
  /// Queries that the block computes.
  int64_t queryTile;
  SmallVector<Value> workgroup;
};

/// Static logical extent, from whichever operand knows it, or kDynamic.
int64_t getStaticExtent(AttentionOp op, AttentionOp::Logical which, bool ofKeys);

using EmitBody = llvm::function_ref<void(const Emit &, AttentionKernel &)>;

/// Creates a gpu.module before the function that holds `op`, with one kernel
/// whose body `emitBody` fills, and a launch in the place of `op`, which is
/// erased. One block per query tile, query head and batch, all in grid
/// dimension x (the other dimensions end at 65535), tiles of one head first.
void outlineAttention(AttentionOp op, const GPUTarget &target, StringRef engine,
                      const LaunchConfig &config, EmitBody emitBody);

} // namespace mlir::posenc::kernel

#endif // POSENC_CODEGEN_KERNEL_ATTENTIONKERNEL_H
