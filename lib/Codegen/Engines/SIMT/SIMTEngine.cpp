//===- SIMTEngine.cpp - Attention on plain f32 arithmetic -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SIMT.h"

#include "posenc/Codegen/Kernel/OnlineSoftmax.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::simt;

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

Layout Layout::get(AttentionOp op, int64_t queryTile) {
  int64_t channels = getStaticExtent(op, AttentionOp::Channel, /*ofKeys=*/true);
  if (ShapedType::isDynamic(channels))
    channels = maxValueChannels;
  Layout layout;
  layout.rowsPerThread = queryTile / lanes;
  layout.valueWidth = channels <= lanes ? 1 : channels <= 2 * lanes ? 2 : 4;
  layout.valueBlocks =
      std::max<int64_t>(1, llvm::divideCeil(channels, lanes * layout.valueWidth));
  // 8 KB of values, whole groups of 4 keys.
  layout.valueRows = std::min<int64_t>(keyTile, 2048 / layout.valueColumns() / 4 * 4);
  while (keyTile % layout.valueRows != 0)
    layout.valueRows -= 4;
  return layout;
}

int64_t Layout::scratchElements() const {
  return std::max({(queryTile() + keyTile) * chunkStride, queryTile() * probabilityStride,
                   lanes * valueColumns()});
}

/// rows × columns of a workgroup buffer, from element `offset` on.
static Value viewWorkgroup(const Emit &emit, Value buffer, int64_t offset, int64_t rows,
                           int64_t columns, int64_t stride) {
  auto from = cast<MemRefType>(buffer.getType());
  auto layout = StridedLayoutAttr::get(from.getContext(), offset, {stride, 1});
  auto type =
      MemRefType::get({rows, columns}, from.getElementType(), layout, from.getMemorySpace());
  return memref::ReinterpretCastOp::create(emit.builder, emit.loc, type, buffer, offset,
                                           ArrayRef<int64_t>{rows, columns},
                                           ArrayRef<int64_t>{stride, 1});
}

Context::Context(const Emit &emit, AttentionKernel &kernel)
    : emit(emit), kernel(kernel), layout(Layout::get(kernel.op, kernel.queryTile)) {
  x = emit.rem(kernel.thread, emit.index(Layout::lanes));
  y = emit.div(kernel.thread, emit.index(Layout::lanes));
  Value scratch = kernel.workgroup[0];
  int64_t tile = layout.queryTile(), columns = layout.valueColumns();
  queryChunk = viewWorkgroup(emit, scratch, 0, tile, Layout::chunk, Layout::chunkStride);
  keyChunk = viewWorkgroup(emit, scratch, tile * Layout::chunkStride, Layout::keyTile,
                           Layout::chunk, Layout::chunkStride);
  probabilities =
      viewWorkgroup(emit, scratch, 0, tile, Layout::keyTile, Layout::probabilityStride);
  outputRows = viewWorkgroup(emit, scratch, 0, Layout::lanes, columns, columns);
  values = viewWorkgroup(emit, kernel.workgroup[1], 0, layout.valueRows, columns, columns);
  for (int64_t i = 0; i < layout.rowsPerThread; ++i)
    localRows.push_back(emit.add(y, Layout::lanes * i));
}

//===----------------------------------------------------------------------===//
// Scores of a tile
//===----------------------------------------------------------------------===//

namespace {
/// Emits the loop over keys.
class Body {
public:
  Body(const Emit &emit, AttentionKernel &kernel)
      : context(emit, kernel), emit(emit), kernel(kernel), layout(context.layout),
        query(source(kernel.q, kernel.op.getQRows(), kernel.queryHead, kernel.extents.queries,
                     kernel.extents.channels)),
        key(source(kernel.k, kernel.op.getKRows(), kernel.keyHead, kernel.extents.keys,
                   kernel.extents.channels)),
        value(source(kernel.v, kernel.op.getVRows(), kernel.keyHead, kernel.extents.keys,
                     kernel.extents.valueChannels)) {}

  void emitAll();

private:
  TileSource source(const TensorView &view, Region &rowRegion, Value head, Value rows,
                    Value channels) {
    // A row transform asks for other channels than its own.
    Value wide = rowRegion.empty() ? view.vectorizable(emit, view.elementsPer128()) : Value();
    return {view, rowRegion, head, rows, channels, wide};
  }
  using LoopBody = function_ref<SmallVector<Value>(Value, ValueRange)>;
  /// With a name, statistics count its trips.
  SmallVector<Value> loop(Value from, Value to, int64_t step, ValueRange init, LoopBody body,
                          StringRef name = "");

  SmallVector<Value> dotChunk(Value channels, ValueRange sums);
  SmallVector<Value> buildScores(Value firstKey);
  void accumulateRows(Value firstKey, MutableArrayRef<Value> sums);
  void multiplyValues(Value firstKey, Value end, MutableArrayRef<Value> sums);
  SoftmaxState emitInitialState();
  SmallVector<Value> emitTile(Value firstKey, Value end, ValueRange state);

  Context context;
  const Emit &emit;
  AttentionKernel &kernel;
  const Layout &layout;
  TileSource query, key, value;
};
} // namespace

SmallVector<Value> Body::loop(Value from, Value to, int64_t step, ValueRange init,
                              LoopBody body, StringRef name) {
  auto forOp = scf::ForOp::create(emit.builder, emit.loc, from, to, emit.index(step), init);
  // The bodies are unrolled as far as registers allow; unrolling the loops
  // around them too would spill.
  MLIRContext *context = forOp.getContext();
  auto unroll = LLVM::LoopUnrollAttr::get(context, /*disable=*/emit.builder.getBoolAttr(true),
                                          {}, {}, {}, {}, {}, {});
  forOp->setAttr("llvm.loop_annotation",
                 LLVM::LoopAnnotationAttr::get(context, {}, {}, {}, unroll, {}, {}, {}, {}, {},
                                               {}, {}, {}, {}, {}, {}));
  if (!name.empty())
    forOp->setAttr("posenc.loop", LLVM::MMRATagAttr::get(context, "loop", name));
  OpBuilder::InsertionGuard guard(emit.builder);
  emit.builder.setInsertionPointToStart(forOp.getBody());
  SmallVector<Value> results = body(forOp.getInductionVar(), forOp.getRegionIterArgs());
  if (!results.empty())
    scf::YieldOp::create(emit.builder, emit.loc, results);
  return SmallVector<Value>(forOp.getResults());
}

/// Four adjacent f32 of a row in workgroup memory.
static Value loadFour(const Emit &emit, Value buffer, Value row, Value column) {
  auto type = VectorType::get(4, emit.builder.getF32Type());
  return vector::LoadOp::create(emit.builder, emit.loc, type, buffer, ValueRange{row, column},
                                /*nontemporal=*/false, llvm::MaybeAlign(16));
}

/// Adds the products of `channels` staged channels to the sums. Where the chip
/// has packed f32, a sum is a pair (even and odd channels): both operands of the
/// instruction then lie in adjacent registers as they were loaded.
SmallVector<Value> Body::dotChunk(Value channels, ValueRange sums) {
  return loop(emit.index(0), channels, 4, sums, [&](Value channel, ValueRange args) {
    SmallVector<Value> next(args);
    auto loadParts = [&](Value buffer, Value row) {
      Value four = loadFour(emit, buffer, row, channel);
      SmallVector<Value, 4> parts;
      for (int64_t at = 0; at < 4; at += kernel.target.packedF32 ? 2 : 1)
        parts.push_back(
            kernel.target.packedF32
                ? Value(vector::ShuffleOp::create(emit.builder, emit.loc, four, four,
                                                  ArrayRef<int64_t>{at, at + 1}))
                : vector::ExtractOp::create(emit.builder, emit.loc, four, at));
      return parts;
    };
    SmallVector<SmallVector<Value, 4>> keys;
    for (int64_t j = 0; j < Layout::keysPerThread; ++j)
      keys.push_back(loadParts(context.keyChunk, emit.add(context.x, Layout::lanes * j)));
    for (int64_t i = 0; i < layout.rowsPerThread; ++i) {
      SmallVector<Value, 4> row = loadParts(context.queryChunk, context.localRows[i]);
      for (int64_t j = 0; j < Layout::keysPerThread; ++j)
        for (auto [a, b] : llvm::zip_equal(row, keys[j])) {
          Value &sum = next[i * Layout::keysPerThread + j];
          sum = emit.fma(a, b, sum);
        }
    }
    return next;
  });
}

/// q · k for the thread's rows and keys. Ends with a barrier: the chunks' memory
/// is free.
SmallVector<Value> Body::buildScores(Value firstKey) {
  bool packed = kernel.target.packedF32;
  Type type = emit.builder.getF32Type();
  if (packed)
    type = VectorType::get(2, type);
  SmallVector<Value> sums(layout.rowsPerThread * Layout::keysPerThread, emit.splat(type, 0.0f));
  Value channels = kernel.extents.channels;
  int64_t known = getStaticExtent(kernel.op, AttentionOp::Channel, /*ofKeys=*/false);
  sums = loop(emit.index(0), channels, Layout::chunk, sums, [&](Value first, ValueRange args) {
    stageTile(context, query, kernel.firstQuery, first, context.queryChunk, layout.queryTile(),
              Layout::chunk);
    stageTile(context, key, firstKey, first, context.keyChunk, Layout::keyTile, Layout::chunk);
    emit.barrier();
    Value count = emit.index(Layout::chunk);
    if (ShapedType::isDynamic(known) || known % Layout::chunk != 0)
      count = emit.min(count, emit.sub(channels, first));
    SmallVector<Value> next = dotChunk(count, args);
    emit.barrier();
    return next;
  });
  for (Value &sum : sums) {
    if (!packed)
      break;
    auto half = [&](int64_t at) -> Value {
      return vector::ExtractOp::create(emit.builder, emit.loc, sum, at);
    };
    sum = emit.addF(half(0), half(1));
  }
  return sums;
}

//===----------------------------------------------------------------------===//
// Probabilities times values
//===----------------------------------------------------------------------===//

/// Adds the staged values of keys firstKey … of the tile to the rows' sums.
void Body::accumulateRows(Value firstKey, MutableArrayRef<Value> sums) {
  auto type = VectorType::get(layout.valueWidth, emit.builder.getF32Type());
  Value column = emit.mul(context.x, layout.valueWidth);
  SmallVector<Value> init(sums.begin(), sums.end());
  auto body = [&](Value local, ValueRange args) {
    SmallVector<Value> next(args), rows;
    for (Value row : context.localRows)
      rows.push_back(loadFour(emit, context.probabilities, row, emit.add(firstKey, local)));
    for (int64_t e = 0; e < 4; ++e) {
      SmallVector<Value> weights;
      for (Value row : rows)
        weights.push_back(vector::BroadcastOp::create(
            emit.builder, emit.loc, type,
            vector::ExtractOp::create(emit.builder, emit.loc, row, e)));
      for (int64_t c = 0; c < layout.valueBlocks; ++c) {
        Value at = emit.add(column, Layout::lanes * layout.valueWidth * c);
        Value loaded = vector::LoadOp::create(
            emit.builder, emit.loc, type, context.values, ValueRange{emit.add(local, e), at},
            /*nontemporal=*/false, llvm::MaybeAlign(4 * layout.valueWidth));
        for (int64_t i = 0; i < layout.rowsPerThread; ++i) {
          Value &sum = next[i * layout.valueBlocks + c];
          sum = emit.fma(weights[i], loaded, sum);
        }
      }
    }
    return next;
  };
  llvm::copy(loop(emit.index(0), emit.index(layout.valueRows), 4, init, body), sums.begin());
}

/// Stages the tile's values a few keys at a time and accumulates. Expects the
/// probabilities to be written; ends with a barrier.
void Body::multiplyValues(Value firstKey, Value end, MutableArrayRef<Value> sums) {
  Value keys = emit.min(emit.sub(end, firstKey), emit.index(Layout::keyTile));
  int64_t known = getStaticExtent(kernel.op, AttentionOp::Channel, /*ofKeys=*/true);
  if (ShapedType::isDynamic(known) || known == 0) {
    // Values without channels have no element to load.
    keys = emit.min(keys, emit.mul(kernel.extents.valueChannels, Layout::keyTile));
    emit.barrier();
  }
  SmallVector<Value> init(sums.begin(), sums.end());
  auto body = [&](Value first, ValueRange args) {
    stageTile(context, value, emit.add(firstKey, first), emit.index(0), context.values,
              layout.valueRows, layout.valueColumns());
    emit.barrier();
    SmallVector<Value> next(args);
    accumulateRows(first, next);
    emit.barrier();
    return next;
  };
  llvm::copy(loop(emit.index(0), keys, layout.valueRows, init, body), sums.begin());
}

//===----------------------------------------------------------------------===//
// Loop over keys
//===----------------------------------------------------------------------===//

/// `state` holds, for each of the thread's rows, maximum, sum, and accumulators.
SmallVector<Value> Body::emitTile(Value firstKey, Value end, ValueRange state) {
  ScoreTile tile;
  // Constants last: distances then differ from one another by constants.
  Value firstRow = emit.add(kernel.firstQuery, context.y);
  for (int64_t j = 0; j < Layout::keysPerThread; ++j)
    tile.columns.push_back(emit.add(emit.add(firstKey, context.x), Layout::lanes * j));
  for (int64_t i = 0; i < layout.rowsPerThread; ++i) {
    tile.rows.push_back(emit.add(firstRow, Layout::lanes * i));
    for (int64_t j = 0; j < Layout::keysPerThread; ++j) {
      tile.rowOf.push_back(i);
      tile.columnOf.push_back(j);
    }
  }
  SmallVector<Value> scores = buildScores(firstKey);
  applyScoreRegion(emit, kernel, tile, scores);

  Value factor = emit.f32(getExponentFactor(kernel.op));
  SmallVector<SoftmaxState> rows;
  SmallVector<Value> sums;
  auto reduce = [&](Value value, function_ref<Value(Value, Value)> combine) {
    return context.reduceRow(value, combine);
  };
  for (int64_t i = 0; i < layout.rowsPerThread; ++i) {
    MutableArrayRef<Value> mine =
        MutableArrayRef<Value>(scores).slice(i * Layout::keysPerThread, Layout::keysPerThread);
    ValueRange old = state.slice(i * (2 + layout.valueBlocks), 2 + layout.valueBlocks);
    rows.push_back({old[0], old[1]});
    Value shrink = updateSoftmax(emit, rows.back(), mine, factor, reduce);
    for (Value sum : old.drop_front(2))
      sums.push_back(emit.mulF(
          sum, vector::BroadcastOp::create(emit.builder, emit.loc, sum.getType(), shrink)));
    for (auto [j, probability] : llvm::enumerate(mine))
      memref::StoreOp::create(
          emit.builder, emit.loc, probability, context.probabilities,
          ValueRange{context.localRows[i], emit.add(context.x, Layout::lanes * j)});
  }
  multiplyValues(firstKey, end, sums);
  SmallVector<Value> next;
  for (auto [i, row] : llvm::enumerate(rows)) {
    next.append({row.max, row.sum});
    llvm::append_range(next,
                       ArrayRef<Value>(sums).slice(i * layout.valueBlocks, layout.valueBlocks));
  }
  return next;
}

SoftmaxState Body::emitInitialState() {
  if (!kernel.sinks)
    return SoftmaxState::initial(emit);
  Value sink = memref::LoadOp::create(emit.builder, emit.loc, kernel.sinks, kernel.queryHead);
  if (!sink.getType().isF32())
    sink = arith::ExtFOp::create(emit.builder, emit.loc, emit.builder.getF32Type(), sink);
  return SoftmaxState::withSink(emit, sink, emit.less(context.x, emit.index(1)));
}

void Body::emitAll() {
  SoftmaxState initial = emitInitialState();
  Value zero = emit.splat(VectorType::get(layout.valueWidth, emit.builder.getF32Type()), 0.0f);
  SmallVector<Value> state;
  for (int64_t i = 0; i < layout.rowsPerThread; ++i) {
    state.append({initial.max, initial.sum});
    state.append(layout.valueBlocks, zero);
  }
  KeyRange range = buildKeyRange(emit, kernel, layout.queryTile(), Layout::keyTile);
  state = loop(
      range.begin, range.end, Layout::keyTile, state,
      [&](Value firstKey, ValueRange args) { return emitTile(firstKey, range.end, args); },
      "keys");
  emitEpilogue(context, state);
}

//===----------------------------------------------------------------------===//
// Engine
//===----------------------------------------------------------------------===//

namespace {
class SIMTEngine : public Engine {
public:
  StringRef getName() const override { return "simt"; }

  bool supports(AttentionOp op, const GPUTarget &, std::string &reason) const override {
    int64_t channels = getStaticExtent(op, AttentionOp::Channel, /*ofKeys=*/true);
    if (ShapedType::isDynamic(channels) || channels <= Layout::maxValueChannels)
      return true;
    reason = "expected a value head size of at most " +
             std::to_string(Layout::maxValueChannels) + " but got " + std::to_string(channels);
    return false;
  }

  SmallVector<TileShape> getTiles(AttentionOp op, const GPUTarget &) const override {
    constexpr int64_t lanes = Layout::lanes, keys = Layout::keyTile;
    int64_t queries = getStaticExtent(op, AttentionOp::Seq, /*ofKeys=*/false);
    SmallVector<TileShape> tiles{{4 * lanes, keys}, {2 * lanes, keys}, {lanes, keys}};
    // Rows of the tile that hold no query still cost their arithmetic.
    if (!ShapedType::isDynamic(queries) && queries <= 2 * lanes)
      std::swap(tiles.front(), queries <= lanes ? tiles.back() : tiles[1]);
    return tiles;
  }

  /// Regions are evaluated per score; masks of distances shorten the loop, too.
  ArrayRef<TermStrategy> getStrategies() const override {
    static constexpr TermStrategy all[] = {TermStrategy::Bounds, TermStrategy::PerScore};
    return all;
  }

  LaunchConfig configure(AttentionOp op, const GPUTarget &, TileShape tile) const override {
    Layout layout = Layout::get(op, tile.blockM);
    return {Layout::threads,
            layout.queryTile(),
            {layout.scratchElements(), layout.valueElements()},
            layout.rowsPerThread * (2 + layout.valueWidth * layout.valueBlocks)};
  }

  void emitHost(const Emit &emit, AttentionOp op) const override {
    int64_t channels = getStaticExtent(op, AttentionOp::Channel, /*ofKeys=*/true);
    if (!ShapedType::isDynamic(channels))
      return;
    TensorView view(op.getV(), op.getVDims());
    Value fits = emit.less(view.extent(emit, AttentionOp::Channel),
                           emit.index(Layout::maxValueChannels + 1));
    cf::AssertOp::create(emit.builder, emit.loc, fits,
                         "posenc.attention: expected a value head size of at most " +
                             std::to_string(Layout::maxValueChannels));
  }

  void emitBody(const Emit &emit, AttentionKernel &kernel) const override {
    // With few rows ptxas would rather spill than have fewer blocks at a time.
    if (kernel.target.vendor == Vendor::NVIDIA && kernel.queryTile == Layout::lanes)
      kernel.func->setAttr("nvvm.minctasm", emit.builder.getI32IntegerAttr(3));
    Body(emit, kernel).emitAll();
  }
};
} // namespace

std::unique_ptr<Engine> kernel::createSIMTEngine() { return std::make_unique<SIMTEngine>(); }
