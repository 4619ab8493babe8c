//===- Fiber.h - Stacks and switches of emulated threads --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Boost.Context's bare switches: a thread that a failing launch leaves behind is
// never resumed and never unwound, as the code on its stack has no unwind tables.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_FIBER_H
#define POSENC_LIB_RUNTIME_EMULATOR_FIBER_H

#include <boost/context/detail/fcontext.hpp>

#include <cstddef>
#include <cstdint>

namespace posenc::emulator {

using Context = boost::context::detail::fcontext_t;
using Transfer = boost::context::detail::transfer_t;
using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;

/// The stacks of a worker's threads, kept from block to block.
class Stacks {
public:
  Stacks() = default;
  Stacks(const Stacks &) = delete;
  Stacks &operator=(const Stacks &) = delete;
  ~Stacks() { release(); }

  /// Makes room for `count` stacks; false without memory.
  bool reserve(unsigned count);
  /// A thread on stack `index` that will run `entry`.
  Context start(unsigned index, void (*entry)(Transfer)) const;

  bool contains(unsigned index, const void *address, size_t bytes) const {
    return uintptr_t(address) - uintptr_t(low(index)) <= kUsable - bytes && bytes <= kUsable;
  }
  bool containsAny(const void *address) const {
    return uintptr_t(address) - uintptr_t(memory) < count * kStride;
  }
  /// A byte per byte of all stacks, zero at first; null without memory for it.
  uint8_t *states();
  /// For another kernel, whose variables lie elsewhere.
  void clearStates();
  uint8_t *state(const void *address) const {
    return shadow ? shadow + (uintptr_t(address) - uintptr_t(memory)) : nullptr;
  }

private:
  /// As much as a GPU gives a thread of private memory (VerifyStack.cpp), as much for its
  /// shadow, half of that for frames, and a guard page. The odd number of pages spreads
  /// the stacks over the sets of the caches.
  static constexpr size_t kPage = 4096, kUsable = 1280 * 1024, kStride = kUsable + kPage;

  void release();
  char *low(unsigned index) const { return memory + index * kStride + kPage; }

  char *memory = nullptr;
  uint8_t *shadow = nullptr;
  size_t count = 0;
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_FIBER_H
