//===- FakeGroup.h - A warp and its memory, for tests of models -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// What a model sees of the emulator, without the emulator: everything it asks for is
// done plainly and written down.
//===----------------------------------------------------------------------===//

#ifndef POSENC_TEST_UNIT_EMULATOR_FAKEGROUP_H
#define POSENC_TEST_UNIT_EMULATOR_FAKEGROUP_H

#include "posenc/Runtime/Emulator/Instruction.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace posenc::emulator {

/// A copy that began, and whether it is done.
struct FakeCopy {
  unsigned lane;
  char *to;
  const char *from;
  size_t bytes, zeroFilled;
};

/// What outlives an instruction: memory, copies, objects and what was recorded.
class FakeBlock {
public:
  /// Makes [address, address + bytes) valid.
  void allow(const void *address, size_t bytes);
  bool isValid(const void *address, size_t bytes) const;

  /// "release LANE KEY" and the like, in order. KEY: bytes from `base`.
  std::vector<std::string> events;
  const char *base = nullptr;
  /// Per lane: copies not yet in a group, and groups that are open.
  std::map<unsigned, std::vector<FakeCopy>> loose;
  std::map<unsigned, std::vector<std::vector<FakeCopy>>> groups;
  std::map<const void *, std::vector<uint64_t>> states;
  std::map<unsigned, uint64_t> counts;

private:
  std::vector<std::pair<const char *, size_t>> ranges;
};

/// One execution of one op.
class FakeGroup : public Group {
public:
  /// `attributes` and `signature` as posenc_emu_site has them. With 1 lane: a thread.
  FakeGroup(FakeBlock &block, std::string op, std::string attributes, std::string signature,
            unsigned lanes = 32, uint64_t mask = 0xFFFFFFFF);

  template <class T> void put(unsigned lane, unsigned operand, T value, unsigned element = 0) {
    // What lies above a value in its slot means nothing, and differs between lanes.
    uint64_t slot = 0xA5C3F00F12345678u * (lane + 1);
    std::memcpy(&slot, &value, sizeof(T));
    slots[lane][offset(operand) + element] = slot;
  }
  /// The same in all lanes.
  template <class T> void putAll(unsigned operand, T value) {
    for (unsigned lane = 0; lane < lanes; ++lane)
      put(lane, operand, value);
  }
  void poison(unsigned lane, unsigned operand, unsigned element = 0);

  /// The warp's lane that lane 0 is.
  void setFirstLane(unsigned lane) { firstLane = lane; }
  void setChip(std::string_view chip) { chipName = chip; }

  /// Looks the model up and runs it once. Undefined operands that the model leaves to
  /// the emulator are reported as the emulator does.
  Outcome run();
  /// Why the op is refused, or null; "no model" if there is none.
  const char *refusal() const;
  /// The chips that have the op, if `chip` has not; or null.
  const char *lacking(std::string_view chip) const;

  template <class T> T result(unsigned lane, unsigned element = 0) const {
    T value;
    std::memcpy(&value, &results[lane][element], sizeof(T));
    return value;
  }
  bool resultIsPoison(unsigned lane, unsigned element = 0) const {
    return resultPoison[lane][element];
  }
  /// "LANE: what", in order.
  std::vector<std::string> reports;

  const posenc_emu_site &site() const override { return raw; }
  std::string_view attribute(std::string_view name) const override;
  unsigned elements(unsigned operand) const override { return operands[operand].second; }
  std::string_view type(unsigned operand) const override { return operands[operand].first; }
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
  /// A block of one warp: nobody else is to come.
  Outcome barrier(BlockBarrier &) override { return Outcome::Done; }
  Outcome awaitBarrier(unsigned) override { return Outcome::Done; }
  uint64_t *state(const void *object, unsigned words) override;
  void report(unsigned lane, const std::string &what) override;
  void count(posenc_emu_class class_, uint64_t operations) override;

protected:
  const uint64_t *operandSlot(unsigned lane, unsigned operand, unsigned element) const override;
  uint64_t *resultSlot(unsigned lane, unsigned element) override;

private:
  unsigned offset(unsigned operand) const;
  bool check(unsigned lane, const char *what, const void *address, size_t bytes);
  void record(const char *what, unsigned lane, const void *object);

  FakeBlock &block;
  std::string op, attributes, signature;
  posenc_emu_site raw;
  /// Type and number of scalars.
  std::vector<std::pair<std::string, unsigned>> operands;
  std::vector<std::vector<uint64_t>> slots, results;
  std::vector<std::vector<bool>> operandPoison, resultPoison;
};

} // namespace posenc::emulator

#endif // POSENC_TEST_UNIT_EMULATOR_FAKEGROUP_H
