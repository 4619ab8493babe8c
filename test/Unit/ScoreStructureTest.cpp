//===- ScoreStructureTest.cpp - Claims against every score of a tile ------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random regions, random tiles: what the analysis claims of a tile has to hold
// for every score in it, as MLIR's own folders compute it.
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"

#include "BruteForce.h"
#include "RandomRegion.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc;

namespace {
class ScoreStructureTest : public ::testing::Test {
protected:
  ScoreStructureTest() {
    ctx.loadDialect<PosEncDialect, arith::ArithDialect, math::MathDialect,
                    tensor::TensorDialect, func::FuncDialect>();
  }

  ScoreMapOp parse(const std::string &text) {
    module = parseSourceString<ModuleOp>(text, &ctx);
    ScoreMapOp found;
    if (module)
      module->walk([&](ScoreMapOp map) { found = map; });
    EXPECT_TRUE(found) << text;
    return found;
  }

  MLIRContext ctx;
  OwningOpRef<ModuleOp> module;
};

/// The scores of a set of queries and keys, for a few incoming scores.
struct Sample {
  static constexpr float kScores[] = {0.0f, 1.5f, -40.0f};
  bool anyHidden = false, allHidden = true, same = true;
  double worstBias = 0.0;
  std::optional<float> first[3];

  void add(BruteForce &brute, int64_t h, int64_t m, int64_t n, std::optional<double> bias) {
    for (auto [i, s] : llvm::enumerate(kScores)) {
      float value = brute.at(s, h, m, n);
      bool hidden = std::isinf(value) && value < 0;
      anyHidden |= hidden;
      allHidden &= hidden;
      if (!first[i])
        first[i] = value;
      same &= value == *first[i];
      if (bias)
        worstBias = std::max(worstBias, std::fabs(value - (s + *bias)) /
                                            (1.0 + std::fabs(s) + std::fabs(*bias)));
    }
  }

  void check(const TileClass &tile, const std::string &what) const {
    if (tile.visibility == Visibility::Masked)
      EXPECT_TRUE(allHidden) << "masked: " << what;
    if (tile.visibility == Visibility::Unmasked)
      EXPECT_FALSE(anyHidden) << "unmasked: " << what;
    if (tile.constant)
      EXPECT_TRUE(same) << "constant: " << what;
    if (tile.bias)
      EXPECT_LT(worstBias, 1e-5) << "bias: " << what;
  }
};
} // namespace

namespace {
/// One random region under test.
class RegionCheck {
public:
  RegionCheck(unsigned seed, ScoreMapOp map, std::string text)
      : text(std::move(text)), structure(map), brute(map), random(seed) {}

  /// A tile by its indices; returns whether anything is claimed of it.
  bool checkTile() {
    int64_t m0 = below(80), n0 = below(80), rows = 1 + below(5), columns = 1 + below(5);
    int64_t h = below(2);
    ScoreTile tile{m0, m0 + rows, n0, n0 + columns};
    TileClass found = structure.classify(tile);
    Sample sample;
    for (int64_t m = tile.m0; m < tile.m1; ++m)
      for (int64_t n = tile.n0; n < tile.n1; ++n)
        sample.add(brute, h, m, n, found.bias);
    sample.check(found, name("tile", m0, n0));
    return found.constant || found.visibility != Visibility::Mixed;
  }

  void checkZones() {
    for (const ScoreZone &zone : structure.getZones()) {
      Sample sample = sampleZone(zone.lo, zone.hi, zone.tile.bias);
      if (sample.first[0])
        sample.check(zone.tile, name("zone", zone.lo, zone.hi));
    }
    // The zones of a term are seen where it is the only one.
    if (structure.getTerms().size() != 1)
      return;
    for (const TermZone &zone : structure.getTerms().front().zones)
      if (zone.value)
        EXPECT_TRUE(sampleZone(zone.lo, zone.hi, std::nullopt).same)
            << name("zone", zone.lo, zone.hi);
  }

private:
  int64_t below(int64_t limit) { return int64_t(random() % limit); }

  std::string name(const char *what, int64_t a, int64_t b) const {
    return what + (" [" + std::to_string(a) + ", " + std::to_string(b) + "] of\n") + text;
  }

  /// A few pairs at the ends of a zone and within it.
  Sample sampleZone(int64_t from, int64_t to, std::optional<double> bias) {
    Sample sample;
    int64_t offset = *structure.getDistanceOffset();
    int64_t lo = std::max<int64_t>(from, -60 + offset), hi = std::min<int64_t>(to, 60 + offset);
    for (unsigned t = 0; t < 24 && lo <= hi; ++t) {
      int64_t d = (t == 0 ? lo : t == 1 ? hi : lo + below(hi - lo + 1)) - offset;
      int64_t n = below(20) + std::max<int64_t>(0, -d);
      sample.add(brute, 0, n + d, n, bias);
    }
    return sample;
  }

  std::string text;
  ScoreStructure structure;
  BruteForce brute;
  std::mt19937 random;
};
} // namespace

/// Tiles by their indices, then by their distances alone.
TEST_F(ScoreStructureTest, TilesOfRandomRegions) {
  unsigned claims = 0;
  for (unsigned seed = 1; seed <= 250; ++seed) {
    RandomRegion region(seed);
    ScoreMapOp map = parse(region.getText());
    if (!map)
      return;
    RegionCheck check(seed, map, region.getText());
    for (unsigned t = 0; t < 12; ++t)
      claims += check.checkTile();
    check.checkZones();
    if (HasFailure())
      return;
  }
  // A test of claims that are never made would be none.
  EXPECT_GT(claims, 500u);
}

/// A region whose terms depend on i − j alone does not change along diagonals,
/// one that depends on one side alone not along the other.
TEST_F(ScoreStructureTest, InputsOfRandomRegions) {
  unsigned distance = 0, oneSided = 0;
  for (unsigned seed = 1000; seed < 1400; ++seed) {
    RandomRegion region(seed);
    ScoreMapOp map = parse(region.getText());
    if (!map)
      return;
    ScoreStructure structure(map);
    unsigned inputs = 0;
    for (const ScoreTerm &term : structure.getTerms())
      inputs |= term.inputs;
    inputs &= ~(kUniformInputs | InputScore);
    bool onDistance = (inputs | InputDistance) == InputDistance;
    bool onQuery = (inputs | InputQuery) == InputQuery;
    bool onKey = (inputs | InputKey) == InputKey;
    if (!onDistance && !onQuery && !onKey)
      continue;
    distance += onDistance;
    oneSided += onQuery || onKey;
    BruteForce brute(map);
    std::mt19937 random(seed);
    for (unsigned t = 0; t < 20; ++t) {
      int64_t m = random() % 100, n = random() % 100, step = random() % 50;
      float here = brute.at(0.5f, 1, m, n);
      std::string what = std::to_string(m) + ", " + std::to_string(n) + " of\n";
      if (onDistance)
        EXPECT_EQ(here, brute.at(0.5f, 1, m + step, n + step)) << what << region.getText();
      if (onQuery)
        EXPECT_EQ(here, brute.at(0.5f, 1, m, n + step)) << what << region.getText();
      if (onKey)
        EXPECT_EQ(here, brute.at(0.5f, 1, m + step, n)) << what << region.getText();
    }
    if (HasFailure())
      return;
  }
  EXPECT_GT(distance, 20u);
  EXPECT_GT(oneSided, 20u);
}

//===----------------------------------------------------------------------===//
// By interface
//===----------------------------------------------------------------------===//

namespace {
/// A modifier that the analysis has never heard of: s + q[m] · table[…].
class ForeignProductOp : public Op<ForeignProductOp, OpTrait::OneResult, OpTrait::ZeroRegions,
                                   OpTrait::ZeroSuccessors, OpTrait::AtLeastNOperands<2>::Impl,
                                   OpTrait::OneTypedResult<FloatType>::Impl,
                                   MemoryEffectOpInterface::Trait, ScoreModOpInterface::Trait> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ForeignProductOp)
  using Op::Op;
  static StringRef getOperationName() { return "foreign.product"; }
  static ArrayRef<StringRef> getAttributeNames() { return {}; }

  void getEffects(SmallVectorImpl<MemoryEffects::EffectInstance> &) {}
  OpOperand &getScoreMutable() { return getOperation()->getOpOperand(0); }
  Value buildScalar(OpBuilder &, Location, ValueRange operands) { return operands[0]; }
  ScoreModForm getForm() { return ScoreModForm::Product; }
  std::optional<ScoreProduct> getProduct() {
    return ScoreProduct{ScoreProduct::Rows::Query, 0, 1};
  }
};

/// One whose scalar form is all there is to know.
class ForeignScalarOp : public Op<ForeignScalarOp, OpTrait::OneResult, OpTrait::ZeroRegions,
                                  OpTrait::ZeroSuccessors, OpTrait::AtLeastNOperands<3>::Impl,
                                  OpTrait::OneTypedResult<FloatType>::Impl,
                                  MemoryEffectOpInterface::Trait, ScoreModOpInterface::Trait> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ForeignScalarOp)
  using Op::Op;
  static StringRef getOperationName() { return "foreign.scalar"; }
  static ArrayRef<StringRef> getAttributeNames() { return {}; }

  void getEffects(SmallVectorImpl<MemoryEffects::EffectInstance> &) {}
  OpOperand &getScoreMutable() { return getOperation()->getOpOperand(0); }
  Value buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
    Value d = arith::SubIOp::create(b, loc, operands[2], operands[1]);
    Value wide = arith::IndexCastOp::create(b, loc, b.getI64Type(), d);
    Value f = arith::SIToFPOp::create(b, loc, b.getF32Type(), wide);
    return arith::AddFOp::create(b, loc, operands[0], f);
  }
};

class ForeignDialect : public Dialect {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ForeignDialect)
  static constexpr StringLiteral getDialectNamespace() { return "foreign"; }
  explicit ForeignDialect(MLIRContext *ctx)
      : Dialect(getDialectNamespace(), ctx, TypeID::get<ForeignDialect>()) {
    addOperations<ForeignProductOp, ForeignScalarOp>();
  }
};
} // namespace

TEST_F(ScoreStructureTest, OpsOfOtherDialects) {
  ctx.loadDialect<ForeignDialect>();
  ScoreMapOp map = parse(R"(
    func.func @f(%init: tensor<1x2x?x?xf32>, %t: tensor<9x16xf32>) -> tensor<1x2x?x?xf32> {
      %r = posenc.score_map outs(%init : tensor<1x2x?x?xf32>) score(%s, %b, %h, %m, %n) {
        %x = "foreign.product"(%s, %t) : (f32, tensor<9x16xf32>) -> f32
        %y = "foreign.scalar"(%x, %m, %n) : (f32, index, index) -> f32
        posenc.yield %y : f32
      }
      return %r : tensor<1x2x?x?xf32>
    })");
  ASSERT_TRUE(map);
  ScoreStructure structure(map);
  ASSERT_EQ(structure.getTerms().size(), 2u);
  const ScoreTerm &product = structure.getTerms()[0], &scalar = structure.getTerms()[1];
  EXPECT_EQ(product.action, TermAction::Product);
  ASSERT_TRUE(product.product);
  EXPECT_EQ(product.product->tableOperand, 1u);
  EXPECT_EQ(scalar.action, TermAction::Add);
  ASSERT_TRUE(scalar.affine);
  EXPECT_FALSE(scalar.affine->absolute);
  EXPECT_FALSE(structure.classify(0, 10).constant);
}

TEST_F(ScoreStructureTest, Stages) {
  ScoreMapOp map = parse(R"(
    func.func @f(%init: tensor<1x2x?x?xf32>, %v: tensor<4x2xf32>) -> tensor<1x2x?x?xf32> {
      %r = posenc.score_map outs(%init : tensor<1x2x?x?xf32>) score(%s, %b, %h, %m, %n) {
        %i = posenc.q_pos : index
        %j = posenc.k_pos : index
        %x = posenc.mask %s at(%i, %j) <causal>
        %e = math.exp %x : f32
        %p = posenc.row_scan sum reverse %e : f32
        %q = posenc.head_mix(%p, %x) layers(%v) : tensor<4x2xf32>
        %y = arith.addf %s, %q : f32
        %z = posenc.mask %y at(%i, %j) <causal>
        posenc.yield %z : f32
      }
      return %r : tensor<1x2x?x?xf32>
    })");
  ASSERT_TRUE(map);
  ScoreStructure structure(map);
  ASSERT_EQ(structure.getStages().size(), 2u);
  const ScoreStage &scan = structure.getStages()[0], &mix = structure.getStages()[1];
  EXPECT_EQ(scan.action, TermAction::RowScan);
  ASSERT_EQ(scan.inputs.size(), 1u);
  ASSERT_EQ(scan.inputs[0].size(), 2u);
  EXPECT_EQ(scan.inputs[0][0].action, TermAction::Mask);
  EXPECT_EQ(scan.inputs[0][0].zones.size(), 2u);
  EXPECT_EQ(scan.inputs[0][1].action, TermAction::Pointwise);
  EXPECT_EQ(mix.action, TermAction::HeadMix);
  ASSERT_EQ(mix.inputs.size(), 2u);
  ASSERT_EQ(mix.inputs[0].size(), 1u);
  EXPECT_EQ(mix.inputs[0][0].inputs, unsigned(InputStage));
  // s + the second stage, then the mask.
  ASSERT_EQ(structure.getTerms().size(), 2u);
  EXPECT_EQ(structure.getTerms()[0].action, TermAction::Add);
  EXPECT_EQ(structure.getTerms()[0].inputs, unsigned(InputStage));
  // The mask hides every such score, but the stages have read them.
  EXPECT_EQ(structure.classify(-10, -1).visibility, Visibility::Mixed);
  EXPECT_FALSE(structure.classify(-10, -1).constant);
  EXPECT_EQ(structure.classify(ScoreTile{0, 4, 100, 110}).visibility, Visibility::Mixed);
  EXPECT_EQ(structure.classify(ScoreTile{100, 110, 0, 4}).visibility, Visibility::Mixed);
  for (const ScoreZone &zone : structure.getZones())
    EXPECT_EQ(zone.tile.visibility, Visibility::Mixed);
}
