//===- MaskTilesTest.cpp - Tiles of masks that are no interval ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each tile of chunked and prefix masks is called masked, unmasked or mixed as
// its scores are, and not merely soundly.
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"
#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::posenc;

namespace {
class MaskTilesTest : public ::testing::Test {
protected:
  MaskTilesTest() { ctx.loadDialect<PosEncDialect, arith::ArithDialect, func::FuncDialect>(); }

  ScoreMapOp parse(StringRef masks) {
    std::string text = R"(
      func.func @f(%init: tensor<1x2x?x?xf32>) -> tensor<1x2x?x?xf32> {
        %p = arith.constant 9 : index
        %o = posenc.score_map outs(%init : tensor<1x2x?x?xf32>) score(%s, %b, %h, %m, %n) {
          %i = posenc.q_pos : index
          %j = posenc.k_pos : index
          )" + masks.str() +
                       R"(
          posenc.yield %r : f32
        }
        return %o : tensor<1x2x?x?xf32>
      })";
    module = parseSourceString<ModuleOp>(text, &ctx);
    ScoreMapOp map;
    if (module)
      module->walk([&](ScoreMapOp op) { map = op; });
    return map;
  }

  /// Holds tiles of 1 to 9 by 1 to 9 scores against what `visible` says of each.
  void check(StringRef masks, function_ref<bool(int64_t, int64_t)> visible) {
    ScoreMapOp map = parse(masks);
    ASSERT_TRUE(map);
    ScoreStructure structure(map);
    for (int64_t m0 = 0; m0 < 20; ++m0)
      for (int64_t n0 = 0; n0 < 20; ++n0)
        for (int64_t rows : {1, 4, 9})
          for (int64_t columns : {1, 4, 9}) {
            int64_t seen = 0;
            for (int64_t m = m0; m < m0 + rows; ++m)
              for (int64_t n = n0; n < n0 + columns; ++n)
                seen += visible(m, n);
            Visibility expected = Visibility::Mixed;
            if (seen == 0)
              expected = Visibility::Masked;
            if (seen == rows * columns)
              expected = Visibility::Unmasked;
            ScoreTile tile{m0, m0 + rows, n0, n0 + columns};
            EXPECT_EQ(structure.classify(tile).visibility, expected)
                << masks.str() << ": " << m0 << " + " << rows << ", " << n0 << " + " << columns;
          }
  }

  MLIRContext ctx;
  OwningOpRef<ModuleOp> module;
};
} // namespace

TEST_F(MaskTilesTest, Chunked) {
  for (int64_t size : {4, 6}) // a shift and a division
    check("%r = posenc.mask %s at(%i, %j) <chunked, size = " + std::to_string(size) + ">",
          [&](int64_t m, int64_t n) { return m / size == n / size; });
}

TEST_F(MaskTilesTest, ChunkedAndCausal) {
  check(R"(%1 = posenc.mask %s at(%i, %j) <causal>
           %r = posenc.mask %1 at(%i, %j) <chunked, size = 8>)",
        [](int64_t m, int64_t n) { return m / 8 == n / 8 && n <= m; });
}

TEST_F(MaskTilesTest, Prefix) {
  check("%r = posenc.mask %s at(%i, %j) <prefix> length(%p)",
        [](int64_t m, int64_t n) { return n <= m || n < 9; });
}

TEST_F(MaskTilesTest, CausalWithOffset) {
  check("%r = posenc.mask %s at(%i, %j) <causal, offset = -3>",
        [](int64_t m, int64_t n) { return n <= m - 3; });
}
