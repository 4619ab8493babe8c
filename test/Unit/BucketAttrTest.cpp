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
            BucketAttr::getLut(&ctx, Sign::KMinusQ, 40, {2}),
            BucketAttr::getLut(&ctx, Sign::KMinusQ, -3, {1, 0, 2}, /*zeroOutside=*/true),
            BucketAttr::getIdentity(&ctx, Sign::QMinusK, 5),
            BucketAttr::getDeberta(&ctx, Sign::QMinusK, 32, 128),
            BucketAttr::getDeberta(&ctx, Sign::QMinusK, 32, 128, /*microsoft=*/true),
            BucketAttr::getDeberta(&ctx, Sign::KMinusQ, 4, 4),
            BucketAttr::getDeberta(&ctx, Sign::KMinusQ, 4, 4, /*microsoft=*/true)};
  }

  /// Maps of more than the distance.
  SmallVector<BucketAttr> pairs() {
    auto get = [&](BucketKind kind, ArrayRef<int64_t> params, Sign sign = Sign::QMinusK) {
      return BucketAttr::get(&ctx, kind, sign, params);
    };
    SmallVector<BucketAttr> list{get(BucketKind::T5, {32, 128, 1, 1}, Sign::KMinusQ),
                                 get(BucketKind::Grid2D, {3, 4, 0}),
                                 get(BucketKind::Grid2D, {3, 4, 0}, Sign::KMinusQ),
                                 get(BucketKind::Grid2D, {3, 4, 1}),
                                 get(BucketKind::Grid2D, {1, 5, 2}),
                                 get(BucketKind::Grid3D, {2, 3, 2}),
                                 get(BucketKind::AbsGrid, {4, 3})};
    for (int64_t method = 0; method < 5; ++method)
      list.push_back(get(BucketKind::IRPE, {method, 4, 5, 190, 380, 1520, method % 2}));
    return list;
  }

  /// The row that the built code computes, by folding it; -1 for none.
  std::optional<int64_t> fold(function_ref<BucketAttr::Row(OpBuilder &, Location)> build) {
    OpBuilder builder(&ctx);
    Location loc = builder.getUnknownLoc();
    OwningOpRef<ModuleOp> module(ModuleOp::create(loc));
    builder.setInsertionPointToStart(module->getBody());
    BucketAttr::Row row = build(builder, loc);
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
    if (row.exists && !cast<BoolAttr>(known.lookup(row.exists)).getValue())
      return -1;
    auto result = dyn_cast_or_null<IntegerAttr>(known.lookup(row.row));
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
  EXPECT_EQ(both.evaluateDistance(0), 0);
  EXPECT_EQ(both.evaluateDistance(-7), 7);
  EXPECT_EQ(both.evaluateDistance(7), 23);
  EXPECT_EQ(both.evaluateDistance(-8), 8);
  EXPECT_EQ(both.evaluateDistance(-11), 8);
  EXPECT_EQ(both.evaluateDistance(-12), 9);
  EXPECT_EQ(both.evaluateDistance(-91), 15);
  EXPECT_EQ(both.evaluateDistance(-1000000), 15);
  EXPECT_EQ(both.evaluateDistance(1000000), 31);
  for (int64_t d = -300; d <= 300; ++d)
    EXPECT_NE(both.evaluateDistance(d), 16);
  // One direction: future keys are at distance 0.
  EXPECT_EQ(past.evaluateDistance(5), 0);
  EXPECT_EQ(past.evaluateDistance(-15), 15);
  EXPECT_EQ(past.evaluateDistance(-18), 16);
  EXPECT_EQ(past.evaluateDistance(-19), 17);
  EXPECT_EQ(past.evaluateDistance(-113), 31);
}

TEST_F(BucketAttrTest, ClipAndLutRows) {
  BucketAttr clip = BucketAttr::getClip(&ctx, Sign::QMinusK, 2, 3);
  EXPECT_EQ(clip.evaluateDistance(-9), 0);
  EXPECT_EQ(clip.evaluateDistance(0), 2);
  EXPECT_EQ(clip.evaluateDistance(9), 5);
  EXPECT_EQ(clip.getNumRows(), 6);
  BucketAttr lut = BucketAttr::getLut(&ctx, Sign::KMinusQ, -1, {4, 0, 9});
  EXPECT_EQ(lut.evaluateDistance(-5), 4);
  EXPECT_EQ(lut.evaluateDistance(0), 0);
  EXPECT_EQ(lut.evaluateDistance(5), 9);
  EXPECT_EQ(lut.getNumRows(), 10);
}

// δ = ⌈ln(|D| / mid) / ln((M − 1) / mid) (mid − 1)⌉ + mid, by hand for (8, 16), mid = 4:
// ln(a / 4) / ln(15 / 4) · 3 is 0.51 at 5, 0.92 at 6, 1.27 at 7, 1.84 at 9, 2.08 at 10 and 3
// at 15.
TEST_F(BucketAttrTest, DebertaRows) {
  BucketAttr hf = BucketAttr::getDeberta(&ctx, Sign::QMinusK, 8, 16);
  BucketAttr ms = BucketAttr::getDeberta(&ctx, Sign::QMinusK, 8, 16, /*microsoft=*/true);
  int64_t expected[] = {8, 9, 10, 11, 12, 13, 13, 14, 14, 14, 15, 15, 15, 15, 15, 15, 15, 15};
  for (auto [d, row] : llvm::enumerate(expected)) {
    EXPECT_EQ(hf.evaluateDistance(d), row) << d;
    EXPECT_EQ(ms.evaluateDistance(d), row) << d;
  }
  // Negative distances mirror, up to M − 1; from −M on the libraries differ (D.3).
  for (int64_t d = 1; d <= 15; ++d)
    EXPECT_EQ(hf.evaluateDistance(-d), 16 - expected[d]) << d;
  for (int64_t d = 1; d <= 15; ++d)
    EXPECT_EQ(ms.evaluateDistance(-d), 16 - expected[d]) << d;
  for (int64_t d : {16, 17, 1000}) {
    EXPECT_EQ(hf.evaluateDistance(-d), 0);
    EXPECT_EQ(ms.evaluateDistance(-d), 1);
  }
  EXPECT_EQ(hf.getNumRows(), 16);
}

TEST_F(BucketAttrTest, NoRowOutside) {
  BucketAttr identity = BucketAttr::getIdentity(&ctx, Sign::QMinusK, 3);
  EXPECT_FALSE(identity.evaluate(4, 5).has_value());
  EXPECT_EQ(identity.evaluate(5, 5), 0);
  EXPECT_EQ(identity.evaluate(7, 5), 2);
  EXPECT_FALSE(identity.evaluate(8, 5).has_value());
  EXPECT_FALSE(identity.isTotal());
  BucketAttr lut = BucketAttr::getLut(&ctx, Sign::KMinusQ, -1, {4, 0}, /*zeroOutside=*/true);
  EXPECT_FALSE(lut.evaluateDistance(-2).has_value());
  EXPECT_EQ(lut.evaluateDistance(-1), 4);
  EXPECT_EQ(lut.evaluateDistance(0), 0);
  EXPECT_FALSE(lut.evaluateDistance(1).has_value());
}

// A window of 3 x 4: Swin's index, query minus key.
TEST_F(BucketAttrTest, Grids) {
  BucketAttr swin = BucketAttr::getGrid2D(&ctx, Sign::QMinusK, 3, 4);
  EXPECT_EQ(swin.getNumRows(), 35);
  for (int64_t i = 0; i < 12; ++i)
    for (int64_t j = 0; j < 12; ++j)
      EXPECT_EQ(swin.evaluate(i, j), (i / 4 - j / 4 + 2) * 7 + i % 4 - j % 4 + 3);
  EXPECT_EQ(swin.evaluate(-5, 100), swin.evaluate(0, 11));
  // BEiT's class token: (0, 0) is written last.
  auto beit = BucketAttr::get(&ctx, BucketKind::Grid2D, Sign::QMinusK, {3, 4, 1});
  EXPECT_EQ(beit.getNumRows(), 38);
  EXPECT_EQ(beit.evaluate(0, 3), 35);
  EXPECT_EQ(beit.evaluate(3, 0), 36);
  EXPECT_EQ(beit.evaluate(0, 0), 37);
  EXPECT_EQ(beit.evaluate(6, 2), swin.evaluate(5, 1));
  // TUPE: the row of the query wins, in the row that T5 leaves free.
  auto tupe = BucketAttr::get(&ctx, BucketKind::T5, Sign::KMinusQ, {32, 128, 1, 1});
  EXPECT_EQ(tupe.getNumRows(), 33);
  EXPECT_EQ(tupe.evaluate(0, 0), 16);
  EXPECT_EQ(tupe.evaluate(0, 9), 16);
  EXPECT_EQ(tupe.evaluate(9, 0), 32);
  EXPECT_EQ(tupe.evaluate(9, 2), t5(32, 128, true).evaluate(9, 2));
  auto levit = BucketAttr::get(&ctx, BucketKind::AbsGrid, Sign::QMinusK, {3, 4});
  EXPECT_EQ(levit.getNumRows(), 12);
  EXPECT_EQ(levit.evaluate(9, 3), 2 * 4 + 2);
  EXPECT_EQ(levit.evaluate(3, 9), 2 * 4 + 2);
}

// α = 1.9, β = 3.8, γ = 15.2: 1.9 + ln(x / 1.9) / ln(8) · 1.9 reaches 2.5 at x = 3.66 and 3.5
// at 10.9.
TEST_F(BucketAttrTest, PiecewiseRows) {
  auto get = [&](int64_t method, ArrayRef<int64_t> numbers) {
    SmallVector<int64_t> params{method, 40, 40};
    llvm::append_range(params, numbers);
    params.push_back(0);
    return BucketAttr::get(&ctx, BucketKind::IRPE, Sign::QMinusK, params);
  };
  BucketAttr cols = get(4, {190, 380, 1520});
  EXPECT_EQ(cols.getNumRows(), 7);
  for (int64_t x = 0; x < 40; ++x) {
    int64_t p = x <= 1 ? x : (x <= 3 ? 2 : 3);
    EXPECT_EQ(cols.evaluate(x, 0), 3 + p) << x;
    EXPECT_EQ(cols.evaluate(0, x), 3 - p) << x;
  }
  // A tie: 1 + ln(2 / 1) / ln(4) · 3 = 2.5 rounds to 2, which is even.
  BucketAttr tie = get(4, {100, 400, 400});
  EXPECT_EQ(tie.evaluate(2, 0), 4 + 2);
  EXPECT_EQ(tie.evaluate(3, 0), 4 + 3);
  // round(sqrt(dx² + dy²)): 3.6 is 4 (i = 2 rows and 3 columns), 3.2 is 3.
  BucketAttr euclidean = get(1, {190, 380, 1520}), exact = get(1, {900, 1000, 2000});
  EXPECT_EQ(exact.evaluate(83, 0), 10 + 4);
  EXPECT_EQ(exact.evaluate(43, 0), 10 + 3);
  EXPECT_EQ(exact.evaluate(0, 43), 10 + 3);
  EXPECT_EQ(euclidean.evaluate(83, 0), 3 + 3);
  EXPECT_EQ(euclidean.evaluate(43, 0), 3 + 2);
}

// row(D) = row(min(max(D, first), last)), and no row is beyond the table.
TEST_F(BucketAttrTest, ActiveRange) {
  for (BucketAttr bucket : samples()) {
    auto [first, last] = bucket.getActiveRange();
    SmallVector<std::optional<int64_t>> rows = bucket.getActiveRows();
    ASSERT_EQ(int64_t(rows.size()), last - first + 1);
    for (int64_t d = -400; d <= 400; ++d) {
      int64_t clamped = std::min(std::max(d, first), last);
      std::optional<int64_t> row = bucket.evaluateDistance(d);
      EXPECT_EQ(row, bucket.evaluateDistance(clamped)) << d;
      EXPECT_EQ(row, rows[clamped - first]) << d;
      EXPECT_TRUE(row || !bucket.isTotal());
      EXPECT_GE(row.value_or(0), 0);
      EXPECT_LT(row.value_or(0), bucket.getNumRows());
    }
  }
}

// The range is as short as it can be: a table is expanded to it.
TEST_F(BucketAttrTest, ActiveRangeIsTight) {
  for (BucketAttr bucket : samples()) {
    SmallVector<std::optional<int64_t>> rows = bucket.getActiveRows();
    if (rows.size() > 1 && bucket.getKind() != BucketKind::Lut) {
      EXPECT_NE(rows[0], rows[1]);
      EXPECT_NE(rows.back(), rows[rows.size() - 2]);
    }
  }
}

TEST_F(BucketAttrTest, BuiltRowIsTheEvaluatedRow) {
  for (BucketAttr bucket : samples())
    for (int64_t d = -130; d <= 130; ++d)
      EXPECT_EQ(fold([&](OpBuilder &b, Location loc) {
                  Value distance = arith::ConstantIndexOp::create(b, loc, d);
                  return bucket.buildDistanceRow(b, loc, distance);
                }),
                bucket.evaluateDistance(d).value_or(-1))
          << d;
}

// Positions of the grid, and some beyond its ends.
TEST_F(BucketAttrTest, BuiltRowOfPositions) {
  SmallVector<BucketAttr> buckets = pairs();
  llvm::append_range(buckets, samples());
  for (BucketAttr bucket : buckets)
    for (int64_t i = -2; i < 22; ++i)
      for (int64_t j = -2; j < 22; ++j) {
        std::optional<int64_t> row = bucket.evaluate(i, j);
        EXPECT_TRUE(row || !bucket.isTotal());
        EXPECT_GE(row.value_or(0), 0);
        EXPECT_LT(row.value_or(0), bucket.getNumRows());
        EXPECT_EQ(fold([&](OpBuilder &b, Location loc) {
                    Value at = arith::ConstantIndexOp::create(b, loc, i);
                    Value key = arith::ConstantIndexOp::create(b, loc, j);
                    return bucket.buildRow(b, loc, at, key);
                  }),
                  row.value_or(-1))
            << i << ", " << j;
      }
}
