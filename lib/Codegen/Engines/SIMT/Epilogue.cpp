//===- Epilogue.cpp - Output rows and LSE of the SIMT engine --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SIMT.h"

#include "posenc/Codegen/Kernel/OnlineSoftmax.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::simt;

/// Puts the thread's part of row y + 16 i into workgroup memory, normalized.
static void storeAccumulators(const Context &context, ArrayRef<Value> accumulators,
                              Value normalizer) {
  const Emit &emit = context.emit;
  const Layout &layout = context.layout;
  Value first = emit.mul(context.x, layout.valueWidth);
  for (auto [block, accumulator] : llvm::enumerate(accumulators)) {
    Value factor =
        vector::BroadcastOp::create(emit.builder, emit.loc, accumulator.getType(), normalizer);
    Value column = emit.add(first, Layout::lanes * layout.valueWidth * block);
    vector::StoreOp::create(emit.builder, emit.loc, emit.mulF(accumulator, factor),
                            context.outputRows, ValueRange{context.y, column},
                            /*nontemporal=*/false, llvm::MaybeAlign(4 * layout.valueWidth));
  }
}

/// Adjacent channels of a row of o: one access where rows are aligned.
static void storeAdjacent(const Context &context, Value vectorizable, const RowIndex &row,
                          Value local, Value column, int64_t width) {
  const Emit &emit = context.emit;
  AttentionKernel &kernel = context.kernel;
  auto type = VectorType::get(width, emit.builder.getF32Type());
  Value values = vector::LoadOp::create(emit.builder, emit.loc, type, context.outputRows,
                                        ValueRange{local, column}, /*nontemporal=*/false,
                                        llvm::MaybeAlign(16));
  auto choice =
      scf::IfOp::create(emit.builder, emit.loc, vectorizable, /*withElseRegion=*/true);
  emit.builder.setInsertionPointToStart(choice.thenBlock());
  kernel.o.storeVector(emit, values, row, column);
  emit.builder.setInsertionPointToStart(choice.elseBlock());
  for (int64_t e = 0; e < width; ++e) {
    OpBuilder::InsertionGuard guard(emit.builder);
    Value at = emit.add(column, e);
    auto guarded =
        scf::IfOp::create(emit.builder, emit.loc, emit.less(at, kernel.extents.valueChannels));
    emit.builder.setInsertionPointToStart(guarded.thenBlock());
    Value element = vector::ExtractOp::create(emit.builder, emit.loc, values, e);
    kernel.o.store(emit, element, row, at);
  }
}

/// Copies 16 rows from workgroup memory to o, through the output's row region.
static void storeRows(const Context &context, Value firstRow, Value vectorizable) {
  const Emit &emit = context.emit;
  AttentionKernel &kernel = context.kernel;
  int64_t width = vectorizable ? kernel.o.elementsPer128() : 1;
  auto copy = [&](Value local, Value column) {
    RowIndex row{kernel.batch, kernel.queryHead, emit.add(firstRow, local)};
    Value inside = emit.both(emit.less(row.t, kernel.extents.queries),
                             emit.less(column, kernel.extents.valueChannels));
    auto guarded = scf::IfOp::create(emit.builder, emit.loc, inside);
    emit.builder.setInsertionPointToStart(guarded.thenBlock());
    if (vectorizable)
      return storeAdjacent(context, vectorizable, row, local, column, width);
    Value element = inlineRowElement(
        emit.builder, emit.loc, kernel.op.getORows(), row.b, row.h, row.t, column,
        [&](Value channel) -> Value {
          return memref::LoadOp::create(emit.builder, emit.loc, context.outputRows,
                                        ValueRange{local, channel});
        },
        kernel.captures);
    kernel.o.store(emit, element, row, column);
  };
  forEachInTile(context, Layout::lanes, context.layout.valueColumns(), width, copy);
}

/// The first lane of a row writes its LSE.
static void storeLse(const Context &context, Value row, Value lse) {
  const Emit &emit = context.emit;
  AttentionKernel &kernel = context.kernel;
  Value writes =
      emit.both(emit.less(context.x, emit.index(1)), emit.less(row, kernel.extents.queries));
  OpBuilder::InsertionGuard guard(emit.builder);
  auto guarded = scf::IfOp::create(emit.builder, emit.loc, writes);
  emit.builder.setInsertionPointToStart(guarded.thenBlock());
  memref::StoreOp::create(emit.builder, emit.loc, lse, kernel.lse,
                          ValueRange{kernel.batch, kernel.queryHead, row});
}

void simt::emitEpilogue(const Context &context, ArrayRef<Value> state) {
  const Emit &emit = context.emit;
  AttentionKernel &kernel = context.kernel;
  const Layout &layout = context.layout;
  Value vectorizable;
  if (kernel.op.getORows().empty())
    vectorizable = kernel.o.vectorizable(emit, kernel.o.elementsPer128());
  auto reduce = [&](Value value, function_ref<Value(Value, Value)> combine) {
    return context.reduceRow(value, combine);
  };
  for (int64_t i = 0; i < layout.rowsPerThread; ++i) {
    ArrayRef<Value> row = state.take_front(2 + layout.valueBlocks);
    state = state.drop_front(row.size());
    SoftmaxResult result = finishSoftmax(emit, {row[0], row[1]}, kernel.lse != nullptr, reduce);
    if (result.lse)
      storeLse(context, emit.add(kernel.firstQuery, context.localRows[i]), result.lse);
    storeAccumulators(context, row.drop_front(2), result.normalizer);
    emit.barrier();
    storeRows(context, emit.add(kernel.firstQuery, Layout::lanes * i), vectorizable);
    if (i + 1 < layout.rowsPerThread)
      emit.barrier();
  }
}
