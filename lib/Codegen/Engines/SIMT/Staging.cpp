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
  Value perRow = emit.index(columns / width);
  auto loop = scf::ForOp::create(emit.builder, emit.loc, context.kernel.thread,
                                 emit.index(rows * columns / width),
                                 emit.index(Layout::threads));
  OpBuilder::InsertionGuard guard(emit.builder);
  emit.builder.setInsertionPointToStart(loop.getBody());
  Value item = loop.getInductionVar();
  body(emit.div(item, perRow), emit.mul(emit.rem(item, perRow), width));
}

void simt::buildVectorOrScalar(const Emit &emit, Value vectorizable,
                               function_ref<void()> vector, function_ref<void()> scalar) {
  if (!vectorizable)
    return scalar();
  OpBuilder::InsertionGuard guard(emit.builder);
  auto choice =
      scf::IfOp::create(emit.builder, emit.loc, vectorizable, /*withElseRegion=*/true);
  emit.builder.setInsertionPointToStart(choice.thenBlock());
  vector();
  emit.builder.setInsertionPointToStart(choice.elseBlock());
  scalar();
}

/// A place of the tile in the tensor. Indices past the ends are pulled inside,
/// so that loads need no branch; `inside` says whether they were.
namespace {
struct Place {
  Value row, channel, inside;
};
} // namespace

static Place clampPlace(const Emit &emit, const TileSource &source, Value row, Value channel,
                        int64_t width) {
  Value inside = emit.both(emit.less(row, source.rows), emit.less(channel, source.channels));
  return {emit.min(row, emit.sub(source.rows, emit.index(1))),
          emit.min(channel, emit.sub(source.channels, emit.index(width))), inside};
}

void simt::stageTile(const Context &context, const TileSource &source, Value firstRow,
                     Value firstChannel, Value buffer, int64_t rows, int64_t columns) {
  const Emit &emit = context.emit;
  AttentionKernel &kernel = context.kernel;
  auto vector = [&] {
    int64_t width = source.view.elementsPer128();
    Value zero = emit.splat(VectorType::get(width, emit.builder.getF32Type()), 0.0f);
    forEachInTile(context, rows, columns, width, [&](Value row, Value column) {
      Place place = clampPlace(emit, source, emit.add(firstRow, row),
                               emit.add(firstChannel, column), width);
      RowIndex index{kernel.batch, source.head, place.row};
      Value loaded = source.view.loadVector(emit, index, place.channel, width);
      vector::StoreOp::create(emit.builder, emit.loc, emit.select(place.inside, loaded, zero),
                              buffer, ValueRange{row, column}, /*nontemporal=*/false,
                              llvm::MaybeAlign(16));
    });
  };
  auto scalar = [&] {
    forEachInTile(context, rows, columns, 1, [&](Value row, Value column) {
      Place place = clampPlace(emit, source, emit.add(firstRow, row),
                               emit.add(firstChannel, column), 1);
      RowIndex index{kernel.batch, source.head, place.row};
      Value element = inlineRowElement(
          emit.builder, emit.loc, source.rowRegion, index.b, index.h, index.t, place.channel,
          [&](Value channel) { return source.view.load(emit, index, channel); },
          kernel.captures);
      memref::StoreOp::create(emit.builder, emit.loc,
                              emit.select(place.inside, element, emit.f32(0.0f)), buffer,
                              ValueRange{row, column});
    });
  };
  buildVectorOrScalar(emit, source.vectorizable, vector, scalar);
}
