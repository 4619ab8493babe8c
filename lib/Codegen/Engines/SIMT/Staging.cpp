//===- Staging.cpp - Tiles of q, k, v to workgroup memory -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SIMT.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::simt;

void simt::forEachInTile(const Context &context, int64_t rows, int64_t columns, int64_t width,
                         function_ref<void(Value, Value)> body) {
  const Emit &emit = context.emit;
  OpBuilder::InsertionGuard guard(emit.builder);
  int64_t total = rows * columns / width;
  // The same number of rounds for every thread; the last may have nothing left
  // for some of them.
  auto loop =
      scf::ForOp::create(emit.builder, emit.loc, emit.index(0),
                         emit.index(llvm::divideCeil(total, Layout::threads)), emit.index(1));
  emit.builder.setInsertionPointToStart(loop.getBody());
  Value item =
      emit.add(emit.mul(loop.getInductionVar(), Layout::threads), context.kernel.thread);
  if (total % Layout::threads != 0) {
    auto rest = scf::IfOp::create(emit.builder, emit.loc, emit.less(item, emit.index(total)));
    emit.builder.setInsertionPointToStart(rest.thenBlock());
  }
  Value perRow = emit.index(columns / width);
  body(emit.div(item, perRow), emit.mul(emit.rem(item, perRow), width));
}

namespace {
/// A place of a tile in its tensor. What lies past the ends becomes row or
/// channel 0, so that loads need no branch; `inside` says whether it did.
struct Place {
  Value row, channel, inside;
};
} // namespace

static Place pullInside(const Emit &emit, const TileSource &source, Value row, Value channel) {
  Value rowInside = emit.less(row, source.rows);
  Value channelInside = emit.less(channel, source.channels);
  Value zero = emit.index(0);
  return {emit.select(rowInside, row, zero), emit.select(channelInside, channel, zero),
          emit.both(rowInside, channelInside)};
}

/// `width` adjacent channels of a row: one access where rows are aligned, else
/// one by one. Channels past the end are some number.
static Value loadAdjacent(const Emit &emit, const TileSource &source, const RowIndex &index,
                          Value channel, int64_t width) {
  auto choice = scf::IfOp::create(emit.builder, emit.loc,
                                  VectorType::get(width, emit.builder.getF32Type()),
                                  source.vectorizable, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(emit.builder);
  emit.builder.setInsertionPointToStart(choice.thenBlock());
  scf::YieldOp::create(emit.builder, emit.loc,
                       source.view.loadVector(emit, index, channel, width));
  emit.builder.setInsertionPointToStart(choice.elseBlock());
  int64_t known = source.view.staticExtent(AttentionOp::Channel);
  bool whole = !ShapedType::isDynamic(known) && known % width == 0;
  SmallVector<Value> elements;
  for (int64_t e = 0; e < width; ++e) {
    Value at = emit.add(channel, e), zero = emit.f32(0.0f);
    if (whole) {
      elements.push_back(source.view.load(emit, index, at));
      continue;
    }
    Value inside = emit.less(at, source.channels);
    at = emit.select(inside, at, emit.index(0));
    elements.push_back(emit.select(inside, source.view.load(emit, index, at), zero));
  }
  scf::YieldOp::create(emit.builder, emit.loc,
                       vector::FromElementsOp::create(emit.builder, emit.loc,
                                                      choice.getResult(0).getType(), elements)
                           .getResult());
  return choice.getResult(0);
}

void simt::stageTile(const Context &context, const TileSource &source, Value firstRow,
                     Value firstChannel, Value buffer, int64_t rows, int64_t columns) {
  const Emit &emit = context.emit;
  AttentionKernel &kernel = context.kernel;
  int64_t width = source.vectorizable ? source.view.elementsPer128() : 1;
  forEachInTile(context, rows, columns, width, [&](Value row, Value column) {
    Place place =
        pullInside(emit, source, emit.add(firstRow, row), emit.add(firstChannel, column));
    RowIndex index{kernel.batch, source.head, place.row};
    if (source.vectorizable) {
      Value loaded = loadAdjacent(emit, source, index, place.channel, width);
      Value zero = emit.splat(loaded.getType(), 0.0f);
      vector::StoreOp::create(emit.builder, emit.loc, emit.select(place.inside, loaded, zero),
                              buffer, ValueRange{row, column}, /*nontemporal=*/false,
                              llvm::MaybeAlign(16));
      return;
    }
    Value element = inlineRowElement(
        emit.builder, emit.loc, source.rowRegion, index.b, index.h, index.t, place.channel,
        [&](Value channel) { return source.view.load(emit, index, channel); }, kernel.captures);
    memref::StoreOp::create(emit.builder, emit.loc,
                            emit.select(place.inside, element, emit.f32(0.0f)), buffer,
                            ValueRange{row, column});
  });
}
