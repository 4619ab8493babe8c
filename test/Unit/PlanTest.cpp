//===- PlanTest.cpp - Plans against every score of every tile -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random regions, tiles and lengths: what a plan says of a tile has to hold for
// every score in it, the regions that it makes of the whole one have to give the
// same scores, as MLIR's own folders compute them, and the code for the ends of
// loops has to give what the tiles themselves say.
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Plan/PlanZones.h"

#include "BruteForce.h"
#include "RandomRegion.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

#include <cmath>
#include <map>
#include <set>

using namespace mlir;
using namespace mlir::posenc;

namespace {
constexpr float kScores[] = {1.5f, -7.0f};

bool isHidden(float value) { return std::isinf(value) && value < 0; }
bool isSame(float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// The regions that a kernel would evaluate in a loop.
struct LoopRegions {
  static bool mayStartFrom(const ScoreSteps &steps, const ScoreStep &step) {
    return llvm::is_contained(steps.getStrategies(step), TermStrategy::StripInit);
  }

  LoopRegions(ScoreMapOp map, const ScoreSteps &steps, const KeyLoop &loop) {
    auto inStrip = [&](const ScoreStep &step) { return mayStartFrom(steps, step); };
    std::unique_ptr<Region> region = steps.cloneForLoop(loop);
    std::unique_ptr<Region> sum = steps.cloneSum(inStrip);
    std::unique_ptr<Region> rest = steps.cloneForLoop(loop, inStrip);
    whole = std::make_unique<BruteForce>(map, *region);
    strip = std::make_unique<BruteForce>(map, *sum);
    behind = std::make_unique<BruteForce>(map, *rest);
    hasStrip = llvm::any_of(steps.getSteps(), inStrip);
    isSmaller = llvm::range_size(region->front()) < llvm::range_size(map.getScore().front());
  }

  std::unique_ptr<BruteForce> whole, strip, behind;
  bool hasStrip, isSmaller;
};

/// A random region with a plan of random tiles.
class PlanCheck {
public:
  PlanCheck(unsigned seed, ScoreMapOp map, std::string text)
      : random(seed), map(map), text(std::move(text)), structure(map), steps(structure),
        brute(map), blockM(1 + below(12)), blockN(1 + below(12)) {
    PlanZones zones = findPlanZones(steps, blockM, blockN);
    plan = PlanAttr::get(map.getContext(), "", blockM, blockN, 1, 1, zones.thresholds,
                         zones.kinds);
    offset = *structure.getDistanceOffset();
    queries = 1 + below(24);
    keys = 1 + below(40);
  }

  /// Loops that know the offset, or do not.
  void checkTiles(bool knownOffset) {
    LoopPlan loops(plan, knownOffset ? std::optional<int64_t>(offset) : std::nullopt);
    std::map<const KeyLoop *, int64_t> counts;
    for (int64_t m0 = 0; m0 < queries; m0 += blockM) {
      checkBoundaries(loops, m0);
      for (int64_t n0 = 0; n0 < keys; n0 += blockN) {
        const KeyLoop &loop = loops.getLoop(m0, n0, offset);
        ++counts[&loop];
        checkTile(loop, m0, n0);
        if (::testing::Test::HasFailure())
          return;
      }
    }
    SmallVector<int64_t> claimed = loops.countTiles(queries, keys, offset);
    for (auto [loop, count] : llvm::zip_equal(loops.getLoops(), claimed))
      EXPECT_EQ(count, counts[&loop]) << name(0, 0);
    for (const KeyLoop &loop : loops.getLoops())
      checkConstant(loop);
    regions.clear();
  }

  unsigned skipped = 0, uniform = 0, band = 0, masked = 0, strips = 0, leftOut = 0;

private:
  int64_t below(int64_t limit) { return int64_t(random() % limit); }

  std::string name(int64_t m0, int64_t n0) const {
    return "tile " + std::to_string(m0) + ", " + std::to_string(n0) + " of " +
           std::to_string(blockM) + " x " + std::to_string(blockN) + " of\n" + text;
  }

  /// The code that is built folds to the numbers that are computed, and these are
  /// where the loop of a tile changes.
  void checkBoundaries(const LoopPlan &loops, int64_t m0) {
    SmallVector<int64_t> ends = loops.getBoundaries(m0, offset, keys);
    for (int64_t n0 = 0; n0 < keys; n0 += blockN) {
      const KeyLoop *loop = &loops.getLoop(m0, n0, offset);
      size_t number = loop - loops.getLoops().data();
      EXPECT_LE(ends[number], n0) << name(m0, n0);
      EXPECT_GT(ends[number + 1], n0) << name(m0, n0);
    }
    OwningOpRef<ModuleOp> module = ModuleOp::create(map.getLoc());
    OpBuilder builder = OpBuilder::atBlockBegin(module->getBody());
    auto index = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(builder, map.getLoc(), value);
    };
    int64_t from = below(keys) / blockN * blockN;
    SmallVector<Value> whole = loops.buildBoundaries(builder, map.getLoc(), index(m0),
                                                     index(offset), nullptr, index(keys));
    SmallVector<Value> part = loops.buildBoundaries(builder, map.getLoc(), index(m0),
                                                    index(offset), index(from), index(keys));
    for (auto [end, all, some] : llvm::zip_equal(ends, whole, part)) {
      EXPECT_EQ(end, *getConstantIntValue(all)) << name(m0, 0);
      EXPECT_EQ(std::max(end, from), *getConstantIntValue(some)) << name(m0, from);
    }
  }

  void checkTile(const KeyLoop &loop, int64_t m0, int64_t n0) {
    int64_t m1 = std::min(m0 + blockM, queries), n1 = std::min(n0 + blockN, keys);
    std::unique_ptr<LoopRegions> &built = regions[&loop];
    if (!built)
      built = std::make_unique<LoopRegions>(map, steps, loop);
    strips += built->hasStrip;
    leftOut += built->isSmaller;
    (loop.kind == TileKind::Skipped  ? skipped
     : loop.kind == TileKind::Band   ? band
     : loop.kind == TileKind::Masked ? masked
                                     : uniform)++;
    for (int64_t m = m0; m < m1; ++m)
      for (int64_t n = n0; n < n1; ++n)
        for (float s : kScores) {
          float value = brute.at(s, 1, m, n);
          checkKind(loop, value, s, m, n);
          if (!loop.isVisited())
            continue;
          EXPECT_TRUE(isSame(built->whole->at(s, 1, m, n), value)) << name(m0, n0);
          float start = built->strip->at(0, 1, m1 - 1, n + (m1 - 1 - m));
          checkSum(built->behind->at(s + start, 1, m, n), value, s, name(m0, n0));
        }
    EXPECT_GE(m0 + offset - (n1 - 1), loop.minDistance) << name(m0, n0);
    EXPECT_LE(m1 - 1 + offset - n0, loop.maxDistance) << name(m0, n0);
  }

  /// Sums in another order.
  static void checkSum(float sum, float value, float s, const std::string &where) {
    if (std::isinf(value) || std::isnan(value))
      EXPECT_TRUE(isSame(sum, value)) << sum << " for " << value << " in " << where;
    else
      EXPECT_NEAR(sum, value, 1e-4 * (1 + std::fabs(value) + std::fabs(s))) << where;
  }

  void checkKind(const KeyLoop &loop, float value, float s, int64_t m, int64_t n) {
    std::string where = stringifyTileKind(loop.kind).str() + " " + name(m, n);
    if (loop.kind == TileKind::Skipped)
      EXPECT_TRUE(isHidden(value)) << where;
    else if (loop.kind != TileKind::Masked)
      EXPECT_FALSE(isHidden(value)) << where;
    if (loop.kind == TileKind::Full && steps.addsOneValue(loop))
      EXPECT_EQ(value, s) << where;
    if (loop.kind == TileKind::Full || loop.kind == TileKind::Constant)
      values[{&loop, s}].push_back(value);
  }

  /// One function of the score for all of a loop.
  void checkConstant(const KeyLoop &loop) {
    for (float s : kScores) {
      for (float value : values[{&loop, s}])
        EXPECT_TRUE(isSame(value, values[{&loop, s}].front())) << name(0, 0);
      values.erase({&loop, s});
    }
  }

  std::mt19937 random;
  ScoreMapOp map;
  std::string text;
  ScoreStructure structure;
  ScoreSteps steps;
  BruteForce brute;
  int64_t blockM, blockN, queries, keys, offset;
  PlanAttr plan;
  std::map<std::pair<const KeyLoop *, float>, std::vector<float>> values;
  std::map<const KeyLoop *, std::unique_ptr<LoopRegions>> regions;
};

class PlanTest : public ::testing::Test {
protected:
  PlanTest() {
    ctx.loadDialect<PosEncDialect, arith::ArithDialect, math::MathDialect,
                    tensor::TensorDialect, func::FuncDialect>();
  }

  PlanAttr getPlan(int64_t blockM, int64_t blockN, ArrayRef<int64_t> thresholds,
                   ArrayRef<TileKind> kinds) {
    return PlanAttr::get(&ctx, "", blockM, blockN, 1, 1, thresholds, kinds);
  }

  MLIRContext ctx;
};
} // namespace

TEST_F(PlanTest, TilesOfRandomRegions) {
  unsigned skipped = 0, uniform = 0, band = 0, masked = 0, strips = 0, leftOut = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    RandomRegion region(seed);
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(region.getText(), &ctx);
    ASSERT_TRUE(module) << region.getText();
    ScoreMapOp map;
    module->walk([&](ScoreMapOp found) { map = found; });
    PlanCheck check(seed, map, region.getText());
    check.checkTiles(/*knownOffset=*/seed % 2);
    if (HasFailure())
      return;
    skipped += check.skipped;
    uniform += check.uniform;
    band += check.band;
    masked += check.masked;
    strips += check.strips;
    leftOut += check.leftOut;
  }
  // A test of claims that are never made would be none.
  for (unsigned count : {skipped, uniform, band, masked, strips, leftOut})
    EXPECT_GT(count, 50u);
}

/// All thresholds, tiles, offsets and lengths of a small range against the
/// definition: the kinds of the zones of a tile's distances.
TEST_F(PlanTest, LoopsOfSmallPlans) {
  using K = TileKind;
  for (int64_t blockM : {1, 2, 3, 8})
    for (int64_t blockN : {1, 2, 4, 6})
      for (int64_t first : {-5, 0, 2})
        for (int64_t length : {1, 4, 9, 20})
          for (int64_t offset : {-7, 0, 5}) {
            PlanAttr plan = getPlan(blockM, blockN, {first, first + length},
                                    {K::Skipped, K::Full, K::Constant});
            LoopPlan loops(plan, offset);
            for (int64_t m0 = 0; m0 < 30; m0 += blockM)
              for (int64_t n0 = 0; n0 < 30; n0 += blockN) {
                std::optional<K> kind;
                std::set<int> zones;
                for (int64_t m = m0; m < m0 + blockM; ++m)
                  for (int64_t n = n0; n < n0 + blockN; ++n) {
                    int64_t d = m + offset - n;
                    zones.insert(d < first ? 0 : d < first + length ? 1 : 2);
                  }
                for (int zone : zones)
                  kind = kind ? joinKinds(*kind, plan.getKinds()[zone]) : plan.getKinds()[zone];
                ASSERT_EQ(loops.getLoop(m0, n0, offset).kind, *kind)
                    << blockM << " x " << blockN << ", " << first << " + " << length << ", at "
                    << m0 << ", " << n0 << " + " << offset;
              }
          }
}

TEST_F(PlanTest, JoinedKinds) {
  using K = TileKind;
  EXPECT_EQ(joinKinds(K::Full, K::Full), K::Full);
  EXPECT_EQ(joinKinds(K::Constant, K::Constant), K::Band);
  EXPECT_EQ(joinKinds(K::Constant, K::Full), K::Band);
  EXPECT_EQ(joinKinds(K::Band, K::Full), K::Band);
  EXPECT_EQ(joinKinds(K::Skipped, K::Skipped), K::Skipped);
  EXPECT_EQ(joinKinds(K::Skipped, K::Full), K::Masked);
  EXPECT_EQ(joinKinds(K::Masked, K::Band), K::Masked);
}
