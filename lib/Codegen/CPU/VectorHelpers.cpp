//===- VectorHelpers.cpp - Small pieces of vector code --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorHelpers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::posenc::cpu;

FlatView posenc::cpu::buildFlatView(ImplicitLocOpBuilder &b, Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  auto metadata = memref::ExtractStridedMetadataOp::create(b, memref);
  FlatView view;
  view.strides.assign(metadata.getStrides().begin(), metadata.getStrides().end());
  Value one = arith::ConstantIndexOp::create(b, 1);
  Value extent = one;
  for (auto [size, stride] : llvm::zip_equal(metadata.getSizes(), metadata.getStrides())) {
    Value last = arith::SubIOp::create(b, size, one);
    extent = arith::AddIOp::create(b, extent, arith::MulIOp::create(b, last, stride));
  }
  auto layout = StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, {1});
  auto flat = MemRefType::get({ShapedType::kDynamic}, type.getElementType(), layout,
                              type.getMemorySpace());
  view.memref = memref::ReinterpretCastOp::create(
      b, flat, metadata.getBaseBuffer(), OpFoldResult(metadata.getOffset()),
      ArrayRef<OpFoldResult>{extent}, ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
  return view;
}

Value posenc::cpu::buildFloat(ImplicitLocOpBuilder &b, Type type, float value) {
  TypedAttr attr = b.getF32FloatAttr(value);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, value);
  return arith::ConstantOp::create(b, attr);
}

static Value buildInteger(ImplicitLocOpBuilder &b, Type like, int32_t value) {
  TypedAttr attr = b.getI32IntegerAttr(value);
  if (auto vector = dyn_cast<VectorType>(like))
    attr = DenseElementsAttr::get(vector.clone(b.getI32Type()), value);
  return arith::ConstantOp::create(b, attr);
}

Value posenc::cpu::buildMax(ImplicitLocOpBuilder &b, Value a, Value c) {
  // One instruction on x86, unlike the maxima of arith.
  Value larger = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, c, a);
  return arith::SelectOp::create(b, larger, c, a);
}

Value posenc::cpu::buildExp2(ImplicitLocOpBuilder &b, Value x) {
  Type type = x.getType();
  auto constant = [&](float value) { return buildFloat(b, type, value); };
  // At −127 the fraction is 0 and the exponent field becomes 0: exactly +0.
  Value low = constant(-127.0f);
  Value below = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, low);
  x = arith::SelectOp::create(b, below, low, x);
  // Adding 1.5 · 2^23 rounds to an integer and leaves it in the low bits.
  Value magic = constant(12582912.0f);
  Value shifted = arith::AddFOp::create(b, x, magic);
  Value fraction = arith::SubFOp::create(b, x, arith::SubFOp::create(b, shifted, magic));
  // Minimax polynomial for 2^f on [−1/2, 1/2] of relative error 9.2e-8, with the
  // constant term 1.
  Value p = constant(1.326472731307149e-3f);
  for (float c : {9.671512991189957e-3f, 5.550733581185341e-2f, 0.24022242426872253f,
                  0.6931470036506653f, 1.0f})
    p = math::FmaOp::create(b, p, fraction, constant(c));
  Type bits = buildInteger(b, type, 0).getType();
  Value exponent = arith::ShLIOp::create(b, arith::BitcastOp::create(b, bits, shifted),
                                         buildInteger(b, type, 23));
  Value sum = arith::AddIOp::create(b, arith::BitcastOp::create(b, bits, p), exponent);
  return arith::BitcastOp::create(b, type, sum);
}

/// One tile of C at (m, n), from k products. The accumulators are loop-carried
/// values, so that they stay in registers.
static void buildTile(ImplicitLocOpBuilder &b, const Product &product, int64_t rows,
                      int64_t vectors, int64_t width, Value panel, Value m, Value n) {
  VectorType type = VectorType::get(width, b.getF32Type());
  Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
  SmallVector<Value> rowIndex, columnIndex, inPanel, init;
  for (int64_t r = 0; r < rows; ++r)
    rowIndex.push_back(arith::AddIOp::create(b, m, arith::ConstantIndexOp::create(b, r)));
  for (int64_t v = 0; v < vectors; ++v) {
    inPanel.push_back(arith::ConstantIndexOp::create(b, v * width));
    columnIndex.push_back(arith::AddIOp::create(b, n, inPanel.back()));
  }
  for (Value row : rowIndex)
    for (Value column : columnIndex)
      init.push_back(
          product.accumulate
              ? vector::LoadOp::create(b, type, product.c, ValueRange{row, column}).getResult()
              : buildFloat(b, type, 0.0f));
  auto loop = scf::ForOp::create(b, zero, product.k, one, init);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value k = loop.getInductionVar();
    SmallVector<Value> right, sums;
    for (Value column : inPanel)
      right.push_back(vector::LoadOp::create(b, type, product.b, ValueRange{panel, k, column}));
    for (int64_t r = 0; r < rows; ++r) {
      Value element = memref::LoadOp::create(b, product.a, ValueRange{rowIndex[r], k});
      Value left = vector::BroadcastOp::create(b, type, element);
      for (int64_t v = 0; v < vectors; ++v)
        sums.push_back(
            math::FmaOp::create(b, left, right[v], loop.getRegionIterArgs()[r * vectors + v]));
    }
    scf::YieldOp::create(b, sums);
  }
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; ++v)
      vector::StoreOp::create(b, loop.getResult(r * vectors + v), product.c,
                              ValueRange{rowIndex[r], columnIndex[v]});
}

void posenc::cpu::buildProduct(ImplicitLocOpBuilder &b, const RegisterTile &tile,
                               const Product &product) {
  OpBuilder::InsertionGuard guard(b);
  Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
  Value rows = arith::ConstantIndexOp::create(b, tile.rows);
  Value columns = arith::ConstantIndexOp::create(b, tile.columns());
  Value rest = arith::RemUIOp::create(b, product.m, rows);
  Value full = arith::SubIOp::create(b, product.m, rest);
  // A panel of B stays in the first-level cache while all rows pass.
  auto panels = scf::ForOp::create(b, zero, product.n, columns);
  b.setInsertionPointToStart(panels.getBody());
  Value n = panels.getInductionVar();
  Value panel = arith::DivUIOp::create(b, n, columns);
  auto tiles = scf::ForOp::create(b, zero, full, rows);
  auto single = scf::ForOp::create(b, full, product.m, one);
  b.setInsertionPointToStart(tiles.getBody());
  buildTile(b, product, tile.rows, tile.vectors, tile.width, panel, tiles.getInductionVar(), n);
  b.setInsertionPointToStart(single.getBody());
  buildTile(b, product, 1, tile.vectors, tile.width, panel, single.getInductionVar(), n);
}
