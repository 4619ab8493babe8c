//===- SIMT.h - The pieces of the SIMT engine ----------------- -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_ENGINES_SIMT_SIMT_H
#define POSENC_LIB_CODEGEN_ENGINES_SIMT_SIMT_H

#include "posenc/Codegen/Kernel/Engine.h"
#include "posenc/Codegen/Kernel/ScoreTile.h"

namespace mlir::posenc::simt {

using namespace kernel;

/// The block as 16 × 16 threads: x in one group of 16 lanes holds the columns
/// of a row, so that row reductions stay inside a warp or wave of any size; y
/// holds rows. A thread's score (i, j) is row y + 16 i, key x + 16 j: adjacent
/// lanes have adjacent keys. Its output (i, c, e) is row y + 16 i, channel
/// 16 · width · c + width · x + e.
struct Layout {
  static constexpr int64_t threads = 256, lanes = 16;
  static constexpr int64_t keysPerThread = 4, keyTile = lanes * keysPerThread;
  /// Channels of q and k that are in workgroup memory at a time. The padding
  /// moves the rows that 8 lanes read at once to different banks.
  static constexpr int64_t chunk = 32, chunkStride = chunk + 4;
  static constexpr int64_t probabilityStride = keyTile + 4;
  static constexpr int64_t maxValueChannels = 256;

  int64_t rowsPerThread; // 4; fewer for few queries
  int64_t valueWidth;    // adjacent output channels of a thread: 1, 2 or 4
  int64_t valueBlocks;   // how many such groups
  int64_t valueRows;     // keys whose values are in workgroup memory at a time

  static Layout get(AttentionOp op, int64_t queryTile);
  int64_t queryTile() const { return lanes * rowsPerThread; }
  int64_t valueColumns() const { return lanes * valueWidth * valueBlocks; }
  /// q and k chunks, then probabilities, at the end output rows: one at a time.
  int64_t scratchElements() const;
  int64_t valueElements() const { return valueRows * valueColumns(); }
};

/// A kernel under construction with what all its parts use.
struct Context {
  const Emit &emit;
  AttentionKernel &kernel;
  Layout layout;
  Value x, y;
  /// Views of workgroup memory. The first three share memory with each other.
  Value queryChunk, keyChunk, probabilities, outputRows, values;
  /// Row y + 16 i, counted from the first of the tile.
  SmallVector<Value> localRows;

  Context(const Emit &emit, AttentionKernel &kernel);
  /// 16 lanes with the same y.
  Value reduceRow(Value value, llvm::function_ref<Value(Value, Value)> combine) const {
    return emit.reduce16(value, combine);
  }
};

/// One of q, k, v as the source of tiles.
struct TileSource {
  TensorView view;
  Region &rowRegion;
  Value head, rows, channels;
  /// Null: element by element. Else an i1, the same for all threads, whether rows
  /// may be read 128 bits at a time.
  Value vectorizable;
};

/// Copies rows firstRow … + rows, channels firstChannel … + columns to `buffer`
/// as f32, with the row region applied and zeros past the ends. Ends without a
/// barrier.
void stageTile(const Context &context, const TileSource &source, Value firstRow,
               Value firstChannel, Value buffer, int64_t rows, int64_t columns);

/// Runs `body` for positions 0 … rows · columns − 1 in steps of `width` columns,
/// spread over the block.
void forEachInTile(const Context &context, int64_t rows, int64_t columns, int64_t width,
                   llvm::function_ref<void(Value row, Value column)> body);

/// Writes a row's normalized accumulators and its LSE.
void emitEpilogue(const Context &context, ArrayRef<Value> state);

} // namespace mlir::posenc::simt

#endif // POSENC_LIB_CODEGEN_ENGINES_SIMT_SIMT_H
