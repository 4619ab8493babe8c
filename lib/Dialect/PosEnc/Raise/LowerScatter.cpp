//===- LowerScatter.cpp - tosa.scatter, which upstream leaves -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// out[n, k, c] = input[n, w, c] for the w with indices[n, w] = k, else
// values_in[n, k, c]. No index occurs twice, so that the w may be searched for
// in any order: a reduction, as which elements of the result can be followed.
//
//===----------------------------------------------------------------------===//

#include "Normalize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;

void mlir::posenc::raise::lowerScatters(func::FuncOp function) {
  SmallVector<tosa::ScatterOp> scatters;
  function.walk([&](tosa::ScatterOp op) { scatters.push_back(op); });
  for (tosa::ScatterOp op : scatters) {
    OpBuilder builder(op);
    MLIRContext *ctx = builder.getContext();
    AffineExpr n, k, c, w;
    bindDims(ctx, n, k, c, w);
    AffineMap maps[] = {AffineMap::get(4, 0, {n, w}, ctx), AffineMap::get(4, 0, {n, w, c}, ctx),
                        AffineMap::get(4, 0, {n, k, c}, ctx)};
    using utils::IteratorType;
    IteratorType loops[] = {IteratorType::parallel, IteratorType::parallel,
                            IteratorType::parallel, IteratorType::reduction};
    auto generic = linalg::GenericOp::create(
        builder, op.getLoc(), op.getValuesIn().getType(),
        ValueRange{op.getIndices(), op.getInput()}, op.getValuesIn(), maps, loops,
        [](OpBuilder &b, Location loc, ValueRange args) {
          Value at = arith::IndexCastOp::create(b, loc, b.getIndexType(), args[0]);
          Value here = linalg::IndexOp::create(b, loc, 1);
          Value hit = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, at, here);
          Value kept = arith::SelectOp::create(b, loc, hit, args[1], args[2]);
          linalg::YieldOp::create(b, loc, kept);
        });
    Value result = generic.getResult(0);
    if (result.getType() != op.getType())
      result = tensor::CastOp::create(builder, op.getLoc(), op.getType(), result);
    op.replaceAllUsesWith(result);
    op.erase();
  }
}
