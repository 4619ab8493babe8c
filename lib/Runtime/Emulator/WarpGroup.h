//===- WarpGroup.h - The threads that execute an instruction ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_WARPGROUP_H
#define POSENC_LIB_RUNTIME_EMULATOR_WARPGROUP_H

#include "Block.h"

#include "posenc/Runtime/Emulator/Instruction.h"

#include <string>
#include <string_view>

namespace posenc::emulator {

/// What models see of a block.
class WarpGroup final : public Group {
public:
  WarpGroup(Block &block, Warp &warp, OpenGroup &group)
      : block(block), warp(warp), group(group), base(warp.first) {
    mask = group.needed;
    lanes = block.launch->module->image().wave;
    if (group.site->instruction->scope == Scope::Thread) {
      firstLane = unsigned(__builtin_ctzll(group.needed));
      base += firstLane;
      mask = lanes = 1;
    }
    chipName = block.launch->module->chip();
  }

  const posenc_emu_site &site() const override { return *group.site->raw; }
  std::string_view attribute(std::string_view name) const override {
    return group.site->attribute(name);
  }
  unsigned elements(unsigned operand) const override;
  std::string_view type(unsigned operand) const override;
  bool isPoison(unsigned lane, unsigned operand, unsigned element) const override;
  void setPoison(unsigned lane, unsigned element) override;
  bool load(unsigned lane, const void *address, void *to, size_t bytes) override;
  bool store(unsigned lane, void *address, const void *from, size_t bytes) override;
  bool atomic(unsigned lane, void *address, size_t bytes) override;
  void beginCopy(unsigned lane, void *to, const void *from, size_t bytes,
                 size_t zeroFilled) override;
  void commitCopies(unsigned lane) override;
  void waitCopies(unsigned lane, unsigned pending) override;
  void arriveAfterCopies(unsigned lane, void *object) override;
  void release(unsigned lane, const void *object) override;
  void acquire(unsigned lane, const void *object) override;
  void orderLanes() override;
  Outcome barrier(BlockBarrier &barrier) override {
    return block.barrier(warp, group, barrier);
  }
  Outcome awaitBarrier(unsigned id) override { return block.awaitBarrier(warp, group, id); }
  uint64_t *state(const void *object, unsigned words) override {
    return block.state(object, words);
  }
  void report(unsigned lane, const std::string &what) override;
  void count(posenc_emu_class class_, uint64_t operations) override;

protected:
  const uint64_t *operandSlot(unsigned lane, unsigned operand,
                              unsigned element) const override {
    return thread(lane).pending.operands + group.site->operands[operand].first + element;
  }
  uint64_t *resultSlot(unsigned lane, unsigned element) override {
    return thread(lane).pending.results + element;
  }

private:
  Thread &thread(unsigned lane) const { return block.threads[base + lane]; }

  Block &block;
  Warp &warp;
  OpenGroup &group;
  unsigned base; ///< the thread that is lane 0
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_WARPGROUP_H
