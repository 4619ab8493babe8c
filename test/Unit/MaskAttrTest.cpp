//===- MaskAttrTest.cpp - Which distances a mask shows --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::posenc;

TEST(MaskAttrTest, CausalShowsThePast) {
  MLIRContext ctx;
  ctx.loadDialect<PosEncDialect>();
  MaskAttr mask = MaskAttr::getCausal(&ctx);
  // The distance is i − j: a past key has a positive one.
  EXPECT_TRUE(mask.isVisible(0));
  EXPECT_TRUE(mask.isVisible(1000000));
  EXPECT_FALSE(mask.isVisible(-1));
  EXPECT_EQ(mask.getMinDistance(), 0);
  EXPECT_FALSE(mask.getMaxDistance());
}

TEST(MaskAttrTest, WindowIsInclusive) {
  MLIRContext ctx;
  ctx.loadDialect<PosEncDialect>();
  MaskAttr mask = MaskAttr::getWindow(&ctx, 3, 2);
  for (int64_t d = -10; d <= 10; ++d) {
    EXPECT_EQ(mask.isVisible(d), d <= 3 && d >= -2) << d;
    bool inRange = d >= *mask.getMinDistance() && d <= *mask.getMaxDistance();
    EXPECT_EQ(mask.isVisible(d), inRange) << d;
  }
  MaskAttr open = MaskAttr::getWindow(&ctx, -1, 0);
  EXPECT_TRUE(open.isVisible(1000000));
  EXPECT_FALSE(open.isVisible(-1));
}

TEST(MaskAttrTest, CausalWithOffset) {
  MLIRContext ctx;
  ctx.loadDialect<PosEncDialect>();
  // j ≤ i + o: an offset of −1 is no unbounded end.
  for (int64_t offset : {-3, -1, 0, 1, 4}) {
    MaskAttr mask = MaskAttr::getCausal(&ctx, offset);
    for (int64_t d = -10; d <= 10; ++d)
      EXPECT_EQ(mask.isVisible(d), -d <= offset) << d;
    EXPECT_EQ(mask.getMinDistance(), -offset);
    EXPECT_FALSE(mask.getMaxDistance());
  }
}

TEST(MaskAttrTest, MoreThanTheDistance) {
  MLIRContext ctx;
  ctx.loadDialect<PosEncDialect>();
  for (MaskAttr mask : {MaskAttr::getChunked(&ctx, 4), MaskAttr::getPrefix(&ctx)}) {
    EXPECT_FALSE(mask.isDistance());
    EXPECT_FALSE(mask.getMinDistance());
    EXPECT_FALSE(mask.getMaxDistance());
  }
}
