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

Value posenc::cpu::buildExp(ImplicitLocOpBuilder &b, Value x) {
  Type type = x.getType();
  auto constant = [&](float value) { return buildFloat(b, type, value); };
  // −127 ln 2: from there on the exponent field below becomes 0, a factor of +0.
  Value low = constant(-88.0296919311130543f);
  Value below = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, low);
  x = arith::SelectOp::create(b, below, low, x);
  // x log2 e = n + f. Adding 1.5 · 2^23 rounds to an integer and leaves it in the
  // low bits, here with the bias of exponents.
  Value log2e = constant(1.44269504088896341f), magic = constant(12582912.0f + 127.0f);
  Value shifted = math::FmaOp::create(b, x, log2e, magic);
  Value whole = arith::SubFOp::create(b, magic, shifted);
  Value fraction = math::FmaOp::create(b, x, log2e, whole);
  // Minimax polynomial for 2^f on [−1/2, 1/2] of relative error 9.2e-8, with the
  // constant term 1.
  Value p = constant(1.326472731307149e-3f);
  for (float c : {9.671512991189957e-3f, 5.550733581185341e-2f, 0.24022242426872253f,
                  0.6931470036506653f, 1.0f})
    p = math::FmaOp::create(b, p, fraction, constant(c));
  Type bits = buildInteger(b, type, 0).getType();
  Value exponent = arith::ShLIOp::create(b, arith::BitcastOp::create(b, bits, shifted),
                                         buildInteger(b, type, 23));
  return arith::MulFOp::create(b, p, arith::BitcastOp::create(b, type, exponent));
}

SmallVector<Value> posenc::cpu::buildTileProduct(ImplicitLocOpBuilder &b,
                                                 const RegisterTile &tile, Value from, Value to,
                                                 ValueRange init, TileOperand left,
                                                 TileOperand right) {
  VectorType type = VectorType::get(tile.width, b.getF32Type());
  Value one = arith::ConstantIndexOp::create(b, 1);
  auto loop = scf::ForOp::create(b, from, to, one, init);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value k = loop.getInductionVar();
  SmallVector<Value> columns, sums;
  for (int64_t v = 0; v < tile.vectors; ++v)
    columns.push_back(right(v, k));
  for (int64_t r = 0; r < tile.rows; ++r) {
    Value wide = vector::BroadcastOp::create(b, type, left(r, k));
    for (int64_t v = 0; v < tile.vectors; ++v)
      sums.push_back(math::FmaOp::create(b, wide, columns[v],
                                         loop.getRegionIterArgs()[r * tile.vectors + v]));
  }
  scf::YieldOp::create(b, sums);
  return llvm::to_vector_of<Value>(loop.getResults());
}

/// Swaps the blocks off the diagonal, of half the size each time.
SmallVector<Value> posenc::cpu::buildTranspose(ImplicitLocOpBuilder &b, ArrayRef<Value> rows) {
  SmallVector<Value> result(rows);
  int64_t width = rows.size();
  for (int64_t half = width / 2; half >= 1; half /= 2) {
    SmallVector<int64_t> upper, lower;
    for (int64_t lane = 0; lane < width; ++lane) {
      bool isRight = lane & half;
      upper.push_back(isRight ? width + lane - half : lane);
      lower.push_back(isRight ? width + lane : lane + half);
    }
    for (int64_t row = 0; row < width; ++row) {
      if (row & half)
        continue;
      Value top = result[row], bottom = result[row + half];
      result[row] = vector::ShuffleOp::create(b, top, bottom, upper);
      result[row + half] = vector::ShuffleOp::create(b, top, bottom, lower);
    }
  }
  return result;
}
