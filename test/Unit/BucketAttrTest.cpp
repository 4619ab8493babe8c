//===- BucketAttrTest.cpp - Distance to table row, exactly ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::posenc;

namespace {
class BucketAttrTest : public ::testing::Test {
protected:
  BucketAttrTest() {
    ctx.loadDialect<PosEncDialect, arith::ArithDialect, tensor::TensorDialect>();
  }

  BucketAttr t5(int64_t buckets, int64_t distance, bool bidirectional) {
    return BucketAttr::getT5(&ctx, Sign::KMinusQ, buckets, distance, bidirectional);
  }

  /// Every kind, small and large, with the odd ends.
  SmallVector<BucketAttr> samples() {
    return {t5(32, 128, true),
            t5(32, 128, false),
            t5(64, 256, true),
            t5(4, 2, true),
            t5(4, 3, false),
            BucketAttr::getClip(&ctx, Sign::QMinusK, 8, 8),
            BucketAttr::getClip(&ctx, Sign::QMinusK, -3, 5),
            BucketAttr::getClip(&ctx, Sign::KMinusQ, 0, 0),
            BucketAttr::getLut(&ctx, Sign::KMinusQ, -2, {3, 0, 0, 7, 1}),
            BucketAttr::getLut(&ctx, Sign::KMinusQ, 40, {2})};
  }

  /// The row that the built code computes, by folding it.
  std::optional<int64_t> fold(BucketAttr bucket, int64_t distance) {
    OpBuilder builder(&ctx);
    Location loc = builder.getUnknownLoc();
    OwningOpRef<ModuleOp> module(ModuleOp::create(loc));
    builder.setInsertionPointToStart(module->getBody());
    Value d = arith::ConstantIndexOp::create(builder, loc, distance);
    Value row = bucket.buildRow(builder, loc, d);
    DenseMap<Value, Attribute> known;
    for (Operation &op : *module->getBody()) {
      SmallVector<Attribute> operands;
      for (Value operand : op.getOperands())
        operands.push_back(known.lookup(operand));
      SmallVector<OpFoldResult> results;
      if (failed(op.fold(operands, results)) || results.size() != 1)
        return std::nullopt;
      auto attr = dyn_cast<Attribute>(results[0]);
      known[op.getResult(0)] = attr ? attr : known.lookup(cast<Value>(results[0]));
    }
    auto result = dyn_cast_or_null<IntegerAttr>(known.lookup(row));
    if (!result)
      return std::nullopt;
    return result.getInt();
  }

  MLIRContext ctx;
};
} // namespace

// The lists are those of the exact rule (Raffel et al. 2020, no logarithm):
// smallest distances of the rows after the first of the logarithmic ones.
TEST_F(BucketAttrTest, T5Thresholds) {
  using List = SmallVector<int64_t>;
  List causal{19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113};
  EXPECT_EQ(t5(32, 128, true).getT5Thresholds(), (List{12, 16, 23, 32, 46, 64, 91}));
  EXPECT_EQ(t5(32, 128, false).getT5Thresholds(), causal);
  EXPECT_EQ(t5(64, 128, true).getT5Thresholds(), causal);
  EXPECT_EQ(t5(32, 256, true).getT5Thresholds(), (List{13, 20, 30, 46, 70, 108, 166}));
  EXPECT_EQ(t5(64, 256, true).getT5Thresholds(),
            (List{20, 23, 27, 32, 39, 46, 54, 64, 77, 91, 108, 128, 153, 182, 216}));
}

// Powers of two over e = 128 meet a row's start exactly: where an approximate
// logarithm that is 1 ulp low goes wrong.
TEST_F(BucketAttrTest, T5ThresholdsOfManyBuckets) {
  SmallVector<int64_t> thresholds = t5(512, 2048, true).getT5Thresholds();
  EXPECT_EQ(thresholds.size(), 127u);
  EXPECT_TRUE(llvm::is_sorted(thresholds));
  for (int64_t exact : {256, 512, 1024})
    EXPECT_TRUE(llvm::is_contained(thresholds, exact)) << exact;
}

TEST_F(BucketAttrTest, T5Rows) {
  BucketAttr both = t5(32, 128, true), past = t5(32, 128, false);
  // D = j − i: the future is in the upper half; row 16 (D > 0, a = 0) is never
  // reached.
  EXPECT_EQ(both.evaluate(0), 0);
  EXPECT_EQ(both.evaluate(-7), 7);
  EXPECT_EQ(both.evaluate(7), 23);
  EXPECT_EQ(both.evaluate(-8), 8);
  EXPECT_EQ(both.evaluate(-11), 8);
  EXPECT_EQ(both.evaluate(-12), 9);
  EXPECT_EQ(both.evaluate(-91), 15);
  EXPECT_EQ(both.evaluate(-1000000), 15);
  EXPECT_EQ(both.evaluate(1000000), 31);
  for (int64_t d = -300; d <= 300; ++d)
    EXPECT_NE(both.evaluate(d), 16);
  // One direction: future keys are at distance 0.
  EXPECT_EQ(past.evaluate(5), 0);
  EXPECT_EQ(past.evaluate(-15), 15);
  EXPECT_EQ(past.evaluate(-18), 16);
  EXPECT_EQ(past.evaluate(-19), 17);
  EXPECT_EQ(past.evaluate(-113), 31);
}

TEST_F(BucketAttrTest, ClipAndLutRows) {
  BucketAttr clip = BucketAttr::getClip(&ctx, Sign::QMinusK, 2, 3);
  EXPECT_EQ(clip.evaluate(-9), 0);
  EXPECT_EQ(clip.evaluate(0), 2);
  EXPECT_EQ(clip.evaluate(9), 5);
  EXPECT_EQ(clip.getNumRows(), 6);
  BucketAttr lut = BucketAttr::getLut(&ctx, Sign::KMinusQ, -1, {4, 0, 9});
  EXPECT_EQ(lut.evaluate(-5), 4);
  EXPECT_EQ(lut.evaluate(0), 0);
  EXPECT_EQ(lut.evaluate(5), 9);
  EXPECT_EQ(lut.getNumRows(), 10);
}

// row(D) = row(min(max(D, first), last)), and no row is beyond the table.
TEST_F(BucketAttrTest, ActiveRange) {
  for (BucketAttr bucket : samples()) {
    auto [first, last] = bucket.getActiveRange();
    SmallVector<int64_t> rows = bucket.getActiveRows();
    ASSERT_EQ(int64_t(rows.size()), last - first + 1);
    for (int64_t d = -400; d <= 400; ++d) {
      int64_t clamped = std::min(std::max(d, first), last);
      EXPECT_EQ(bucket.evaluate(d), bucket.evaluate(clamped)) << d;
      EXPECT_EQ(bucket.evaluate(d), rows[clamped - first]) << d;
      EXPECT_GE(bucket.evaluate(d), 0);
      EXPECT_LT(bucket.evaluate(d), bucket.getNumRows());
    }
  }
}

TEST_F(BucketAttrTest, BuiltRowIsTheEvaluatedRow) {
  for (BucketAttr bucket : samples())
    for (int64_t d = -130; d <= 130; ++d)
      EXPECT_EQ(fold(bucket, d), bucket.evaluate(d)) << d;
}
