//===- AtomicOrder.h - Order between blocks by atomic accesses --------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Blocks of a launch are unordered but for what they learn from each other by atomic
// accesses to the same address: a block that makes one knows what the blocks did that
// made one before it. Kept by block, not by thread, and not through third blocks: it
// may hide a race, and makes none up but for chains over several addresses.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_ATOMICORDER_H
#define POSENC_LIB_RUNTIME_EMULATOR_ATOMICORDER_H

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace posenc::emulator {

class AtomicOrder {
public:
  /// What a block knows: per address, how many blocks had been there.
  struct Known {
    std::unordered_map<uint64_t, uint64_t> seen;
    uint64_t latest = 0; ///< address

    void clear() { seen.clear(); }
    bool empty() const { return seen.empty(); }
  };

  /// `block` accesses `address` when its time is `clock`. That is told before it happens:
  /// what it finds may be younger, of others that came in between. Those are learnt of with
  /// the next access, or when it matters.
  void access(uint64_t address, uint64_t block, uint32_t clock, Known &known) {
    std::lock_guard<std::mutex> guard(lock);
    refresh(known);
    if (objects.size() >= kAddresses && !objects.count(address))
      address = 0;
    Visits &visits = objects[address];
    auto [visit, isNew] = visits.try_emplace(block, Visit{visits.size(), clock});
    (void)isNew;
    visit->second.clock = clock;
    known.latest = address;
    known.seen[address] = visits.size();
  }
  /// Whether what `block` did at `clock` is known.
  bool isPast(uint64_t block, uint32_t clock, Known &known) {
    if (known.empty())
      return false;
    std::lock_guard<std::mutex> guard(lock);
    refresh(known);
    for (auto [address, seen] : known.seen) {
      const Visits &visits = objects[address];
      auto visit = visits.find(block);
      if (visit != visits.end() && visit->second.order < seen && visit->second.clock >= clock)
        return true;
    }
    return false;
  }

private:
  /// More share one entry, which orders more.
  static constexpr size_t kAddresses = 1 << 16;
  struct Visit {
    uint64_t order;
    uint32_t clock;
  };
  using Visits = std::unordered_map<uint64_t, Visit>;

  void refresh(Known &known) {
    if (!known.empty())
      known.seen[known.latest] = objects[known.latest].size();
  }

  std::mutex lock;
  std::unordered_map<uint64_t, Visits> objects;
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_ATOMICORDER_H
