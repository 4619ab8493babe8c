//===- Engine.h - What produces the body of a kernel ---------- -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_KERNEL_ENGINE_H
#define POSENC_CODEGEN_KERNEL_ENGINE_H

#include "posenc/Codegen/Kernel/AttentionKernel.h"

namespace mlir::posenc::kernel {

/// Queries and keys of a tile of scores.
struct TileShape {
  int64_t blockM, blockN;

  bool operator==(const TileShape &other) const {
    return blockM == other.blockM && blockN == other.blockN;
  }
};

/// A way to compute attention on a family of chips. An engine owns its schedule
/// and states its register layout once, as a ScoreTile; regions, softmax, key
/// ranges and kernel arguments are shared pieces that it calls.
class Engine {
public:
  virtual ~Engine();
  /// The name in metadata, options and plans.
  virtual StringRef getName() const = 0;
  /// Whether the engine can compute `op` on `target`; if not, `reason` says
  /// what it expected and what it got.
  virtual bool supports(AttentionOp op, const GPUTarget &target, std::string &reason) const = 0;
  /// The tiles that it can work in; the first is taken where there is no plan.
  virtual SmallVector<TileShape> getTiles(AttentionOp op, const GPUTarget &target) const = 0;
  /// The strategies by which it can compute terms.
  virtual ArrayRef<TermStrategy> getStrategies() const = 0;
  /// The most tiles of keys in flight, and tasks that share a query block's keys.
  virtual int64_t getMaxStages() const { return 1; }
  virtual int64_t getMaxKeySplits() const { return 1; }
  virtual LaunchConfig configure(AttentionOp op, const GPUTarget &target,
                                 TileShape tile) const = 0;
  /// Code on the host before the launch, such as checks of dynamic extents.
  virtual void emitHost(const Emit &emit, AttentionOp op) const {}
  /// Fills the kernel's body, without the return.
  virtual void emitBody(const Emit &emit, AttentionKernel &kernel) const = 0;
};

/// The tile that the op's plan says, or the engine's own choice.
TileShape getTile(const Engine &engine, AttentionOp op, const GPUTarget &target);

/// Whether the engine can do what a plan says of tiles, stages and splits, and by
/// which strategies the ops of the region are computed; if not, `reason` says what
/// it expected and what it got.
bool acceptsPlan(const Engine &engine, AttentionOp op, const GPUTarget &target, PlanAttr plan,
                 std::string &reason);

/// All engines, the specialized ones before the general one.
ArrayRef<std::unique_ptr<Engine>> getEngines();

/// Runs on any chip and takes any shape up to its head sizes: the last choice.
std::unique_ptr<Engine> createSIMTEngine();

} // namespace mlir::posenc::kernel

#endif // POSENC_CODEGEN_KERNEL_ENGINE_H
