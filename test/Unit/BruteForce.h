//===- BruteForce.h - Score regions, score by score -------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_TEST_UNIT_BRUTEFORCE_H
#define POSENC_TEST_UNIT_BRUTEFORCE_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"
#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"

#include "gtest/gtest.h"

#include <cmath>

namespace mlir::posenc {

/// Computes a score region score by score, by folding.
class BruteForce {
public:
  explicit BruteForce(ScoreMapOp map) : BruteForce(map, map.getScore()) {}
  /// Of another region for the scores of the same op.
  BruteForce(ScoreMapOp map, Region &region) {
    OpBuilder builder(map.getContext());
    Location loc = map.getLoc();
    module = ModuleOp::create(builder, loc);
    body = module->getBody();
    Type index = builder.getIndexType();
    for (Type type : {Type(builder.getF32Type()), index, index, index, index})
      body->addArgument(type, loc);
    builder.setInsertionPointToStart(body);
    ScorePoint point{body->getArgument(0), body->getArgument(1), body->getArgument(2),
                     body->getArgument(3), body->getArgument(4)};
    IRMapping captures;
    for (Value value : getRegionCaptures(map))
      if (isa<BlockArgument>(value))
        captures.map(value, arith::ConstantOp::create(builder, loc, someTable(value)));
    yielded =
        inlineScoreRegion(builder, loc, region, point, PositionSource::get(map), captures);
  }

  float at(float s, int64_t h, int64_t m, int64_t n) {
    Builder builder(module->getContext());
    DenseMap<Value, Attribute> known;
    known[body->getArgument(0)] = builder.getF32FloatAttr(s);
    int64_t indices[] = {0, h, m, n};
    for (unsigned i = 0; i < 4; ++i)
      known[body->getArgument(i + 1)] = builder.getIndexAttr(indices[i]);
    for (Operation &op : *body) {
      SmallVector<Attribute> operands;
      for (Value operand : op.getOperands()) {
        Attribute &value = known[operand];
        if (!value)
          matchPattern(operand, m_Constant(&value));
        operands.push_back(value);
      }
      SmallVector<OpFoldResult> results;
      if (failed(op.fold(operands, results)) || results.size() != 1) {
        ADD_FAILURE() << "cannot fold " << op.getName().getStringRef().str();
        return NAN;
      }
      auto attr = dyn_cast<Attribute>(results[0]);
      known[op.getResult(0)] = attr ? attr : known.lookup(cast<Value>(results[0]));
    }
    return cast<FloatAttr>(known.lookup(yielded)).getValue().convertToFloat();
  }

private:
  /// Elements for a table that the analysis knows nothing of; none is another's.
  static DenseElementsAttr someTable(Value table) {
    auto type = cast<RankedTensorType>(table.getType());
    SmallVector<float> elements;
    for (int64_t i = 0, e = type.getNumElements(); i < e; ++i)
      elements.push_back(0.25f * float(i) - 1.0f);
    return DenseElementsAttr::get(type, ArrayRef(elements));
  }

  OwningOpRef<ModuleOp> module;
  Block *body;
  Value yielded;
};

} // namespace mlir::posenc

#endif // POSENC_TEST_UNIT_BRUTEFORCE_H
