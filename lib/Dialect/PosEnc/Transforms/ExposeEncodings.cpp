//===- ExposeEncodings.cpp - What encodings are, as tensors ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Transforms/Passes.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"
#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCEXPOSEENCODINGS
#include "posenc/Dialect/PosEnc/Transforms/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;
using L = AttentionOp::Logical;

namespace {
/// A tensor and what it shows.
struct Exposed {
  Value tensor;
  std::string label;
};
} // namespace

static OpFoldResult extentOf(OpBuilder &b, Location loc, Value tensor, DimsAttr dims, L which) {
  return tensor::getMixedSize(b, loc, tensor, dims.dimOf(which));
}

/// The score region of `op` as a map of its own: what it makes of scores of 0.
static Value exposeScore(OpBuilder &b, AttentionOp op) {
  Location loc = op.getLoc();
  Value q = op.getQ(), k = op.getK();
  SmallVector<OpFoldResult> sizes;
  for (L which : {L::Batch, L::Head, L::Seq})
    sizes.push_back(extentOf(b, loc, q, op.getQDims(), which));
  sizes.push_back(extentOf(b, loc, k, op.getKDims(), L::Seq));
  Value init = tensor::EmptyOp::create(b, loc, sizes, b.getF32Type());
  auto map = ScoreMapOp::create(b, loc, init);
  map.getQPositionsMutable().assign(op.getQPositions() ? ValueRange(op.getQPositions())
                                                       : ValueRange());
  map.getKPositionsMutable().assign(op.getKPositions() ? ValueRange(op.getKPositions())
                                                       : ValueRange());
  map.getQOffsetMutable().assign(op.getQOffset() ? ValueRange(op.getQOffset()) : ValueRange());
  map.getKOffsetMutable().assign(op.getKOffset() ? ValueRange(op.getKOffset()) : ValueRange());
  IRMapping mapping;
  op.getScore().cloneInto(&map.getScore(), mapping);
  return map.getResult(0);
}

/// For each row and channel d, channel d of what `region` makes of the unit
/// vector d: the cosine of a rotation's angle, the factor of a scale.
static Value exposeRows(OpBuilder &b, Location loc, Region &region,
                        ArrayRef<OpFoldResult> sizes) {
  Value init = tensor::EmptyOp::create(b, loc, sizes, b.getF32Type());
  SmallVector<utils::IteratorType> loops(4, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, loc, init.getType(), ValueRange(), init, b.getMultiDimIdentityMap(4), loops,
      [&](OpBuilder &body, Location at, ValueRange) {
        SmallVector<Value> index;
        for (int64_t dim = 0; dim < 4; ++dim)
          index.push_back(linalg::IndexOp::create(body, at, dim));
        Value one = arith::ConstantOp::create(body, at, body.getF32FloatAttr(1.0f));
        Value zero = arith::ConstantOp::create(body, at, body.getF32FloatAttr(0.0f));
        auto load = [&](Value d) -> Value {
          Value same = arith::CmpIOp::create(body, at, arith::CmpIPredicate::eq, d, index[3]);
          return arith::SelectOp::create(body, at, same, one, zero);
        };
        Value element =
            inlineRowElement(body, at, region, index[0], index[1], index[2], index[3], load);
        linalg::YieldOp::create(body, at, element);
      });
  return generic.getResult(0);
}

static void exposeAttention(OpBuilder &b, AttentionOp op, unsigned number,
                            SmallVectorImpl<Exposed> &exposed) {
  std::string name = "attention " + std::to_string(number) + " ";
  if (op.hasScore())
    exposed.push_back({exposeScore(b, op), name + "score"});
  struct Side {
    Region &region;
    Value tensor;
    DimsAttr dims;
    StringRef name;
  };
  for (const Side &side : {Side{op.getQRows(), op.getQ(), op.getQDims(), "q_rows"},
                           Side{op.getKRows(), op.getK(), op.getKDims(), "k_rows"},
                           Side{op.getVRows(), op.getV(), op.getVDims(), "v_rows"},
                           Side{op.getORows(), op.getOutput(), op.getODims(), "o_rows"}}) {
    if (side.region.empty())
      continue;
    SmallVector<OpFoldResult> sizes;
    for (L which : {L::Batch, L::Head, L::Seq, L::Channel})
      sizes.push_back(extentOf(b, op.getLoc(), side.tensor, side.dims, which));
    exposed.push_back({exposeRows(b, op.getLoc(), side.region, sizes), name + side.name.str()});
  }
}

/// Makes `function` return what `exposed` holds, and nothing else.
static void returnExposed(func::FuncOp function, ArrayRef<Exposed> exposed) {
  Operation *terminator = function.getBody().front().getTerminator();
  SmallVector<Value> values;
  for (const Exposed &one : exposed)
    values.push_back(one.tensor);
  terminator->setOperands(values);
  function.setType(FunctionType::get(function.getContext(), function.getArgumentTypes(),
                                     ValueRange(values).getTypes()));
  function.removeResAttrsAttr();
  for (auto [at, one] : llvm::enumerate(exposed))
    function.setResultAttr(at, "posenc.shows",
                           StringAttr::get(function.getContext(), one.label));
}

namespace {
struct ExposeEncodings final : posenc::impl::PosEncExposeEncodingsBase<ExposeEncodings> {
  using Base::Base;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      if (!function.isDeclaration() && function.getBody().hasOneBlock())
        expose(function, symbols);
  }

  /// Ops in nested regions, whose values the end of the function does not see,
  /// are not shown.
  void expose(func::FuncOp function, SymbolTable &symbols) {
    func::FuncOp copy = function.clone();
    SmallVector<Exposed> exposed;
    unsigned attentions = 0, maps = 0;
    for (Operation &op : llvm::make_early_inc_range(copy.getBody().front())) {
      if (auto attention = dyn_cast<AttentionOp>(op); attention && attention.hasPureTensor()) {
        OpBuilder b(attention);
        exposeAttention(b, attention, attentions++, exposed);
      }
      if (auto map = dyn_cast<ScoreMapOp>(op); map && map->getNumResults() == 1)
        exposed.push_back({map.getResult(0), "score_map " + std::to_string(maps++)});
    }
    if (exposed.empty()) {
      copy.erase();
      return;
    }
    copy.setName((function.getName() + "_encodings").str());
    copy.setPublic();
    returnExposed(copy, exposed);
    symbols.insert(copy, std::next(Block::iterator(function)));
  }
};
} // namespace
