//===- EnginePlanTest.cpp - Plans that an engine cannot have --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Kernel/Engine.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::kernel;

namespace {
/// An engine of large tiles: what it needs is said by the tile.
class LargeEngine final : public Engine {
public:
  StringRef getName() const override { return "large"; }
  bool supports(AttentionOp, const GPUTarget &, std::string &) const override { return true; }
  SmallVector<TileShape> getTiles(AttentionOp, const GPUTarget &) const override {
    return {{64, 64}, {128, 128}, {256, 64}};
  }
  ArrayRef<TermStrategy> getStrategies() const override {
    static constexpr TermStrategy all[] = {TermStrategy::PerScore};
    return all;
  }
  int64_t getMaxStages() const override { return 3; }
  LaunchConfig configure(AttentionOp, const GPUTarget &, TileShape tile) const override {
    return {128, tile.blockM, {tile.blockM * tile.blockN}, tile.blockM + 100};
  }
  void emitBody(const Emit &, AttentionKernel &) const override {}
};

class EnginePlanTest : public ::testing::Test {
protected:
  EnginePlanTest() {
    ctx.loadDialect<PosEncDialect, func::FuncDialect, tensor::TensorDialect>();
    module = parseSourceString<ModuleOp>(R"(
      func.func @f(%q: tensor<1x1x512x64xf32>, %o: tensor<1x1x512x64xf32>) {
        %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x1x512x64xf32>,
            tensor<1x1x512x64xf32>, tensor<1x1x512x64xf32>) outs(%o : tensor<1x1x512x64xf32>)
        return
      })",
                                         &ctx);
  }

  /// The reason why not; empty if accepted.
  std::string refuse(StringRef chip, int64_t blockM, int64_t blockN, int64_t stages = 1) {
    AttentionOp op;
    module->walk([&](AttentionOp found) { op = found; });
    std::string reason;
    PlanAttr plan = PlanAttr::get(&ctx, "large", blockM, blockN, stages, 1, {}, {});
    bool accepted = acceptsPlan(LargeEngine(), op, *GPUTarget::parse(chip), plan, reason);
    EXPECT_EQ(accepted, reason.empty());
    return reason;
  }

  MLIRContext ctx;
  OwningOpRef<ModuleOp> module;
};
} // namespace

TEST_F(EnginePlanTest, Accepted) {
  EXPECT_EQ(refuse("sm_90a", 64, 64), "");
  EXPECT_EQ(refuse("gfx942", 128, 128, 3), "");
}

TEST_F(EnginePlanTest, WorkgroupMemory) {
  EXPECT_EQ(
      refuse("sm_90a", 128, 128),
      "expected tiles in at most 49152 bytes of workgroup memory but 128 x 128 take 65536");
}

TEST_F(EnginePlanTest, Registers) {
  EXPECT_EQ(refuse("gfx1100", 256, 64),
            "expected tiles in at most 256 registers of a thread but 256 x 64 hold 356");
  EXPECT_EQ(refuse("gfx942", 256, 64), "");
}

TEST_F(EnginePlanTest, TilesAndStages) {
  EXPECT_EQ(
      refuse("sm_90a", 32, 64),
      "expected tiles of the engine large (64 x 64, 128 x 128, 256 x 64) but got 32 x 64");
  EXPECT_EQ(refuse("sm_90a", 64, 64, 4),
            "expected at most 3 stages with the engine large but got 4");
}
