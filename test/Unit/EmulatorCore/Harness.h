//===- Harness.h - Kernels written by hand, for tests of the emulator -===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A kernel is a function over a posenc_emu_thread, as posenc-emulate would have made it;
// its ops are lines of a table.
//===----------------------------------------------------------------------===//

#ifndef POSENC_TEST_UNIT_EMULATORCORE_HARNESS_H
#define POSENC_TEST_UNIT_EMULATORCORE_HARNESS_H

#include "posenc/Runtime/Emulator/EmulatedCode.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// The text in full when it lacks a part.
#define EXPECT_HAS(text, part) EXPECT_PRED_FORMAT2(posenc::emulator::test::contains, text, part)

namespace posenc::emulator::test {

testing::AssertionResult contains(const char *, const char *, const std::string &text,
                                  const std::string &part);

using Kernel = void (*)(posenc_emu_thread *, void **);

/// How a kernel is run.
struct Conditions {
  uint32_t grid = 1, block = 32, wave = 32;
  uint64_t seed = 0;
  uint32_t dynamicShared = 0;
  bool checks = true, statistics = false;
  unsigned workers = 1;
  std::vector<posenc_emu_shared> shared = {{"tile", 0, 4096}};
  uint64_t sharedBytes = 4096 + 256;
  std::vector<posenc_emu_module::posenc_emu_range> constants = {};
};

/// A device and a module of one kernel.
class Machine {
public:
  Machine(std::vector<posenc_emu_site> sites, Kernel kernel, Conditions setup = {});
  ~Machine();

  /// Runs with pointers to these values as arguments. All reports, or the error.
  template <class... T> std::string run(T... values) {
    std::vector<void *> arguments = {&values...};
    return launch(arguments);
  }
  void *allocate(uint64_t bytes);
  void release(void *memory);
  void upload(void *to, const void *from, uint64_t bytes);
  void zero(void *memory, uint64_t bytes);
  std::string statistics() const;

private:
  std::string launch(std::vector<void *> arguments);
  struct State;
  std::unique_ptr<State> state;
};

/// Sites by kind. The location is the op's number: "k.mlir:3:1".
posenc_emu_site load(unsigned bytes = 4);
posenc_emu_site store(unsigned bytes = 4);
posenc_emu_site atomic();
posenc_emu_site op(const char *name, const char *signature = ">", const char *attributes = "");
posenc_emu_site loop(const char *attributes);
std::vector<posenc_emu_site> sites(std::vector<posenc_emu_site> list);

/// What compiled code does around an access.
template <class T> T read(posenc_emu_thread *t, const T *address, uint32_t site) {
  if (t->api->load)
    t->api->load(t, address, sizeof(T), site);
  return *address;
}
template <class T> void write(posenc_emu_thread *t, T *address, T value, uint32_t site) {
  if (t->api->store)
    t->api->store(t, address, sizeof(T), site);
  *address = value;
}
/// Instructions without results, with 64-bit operands.
template <class... T> void execute(posenc_emu_thread *t, uint32_t site, T... operands) {
  posenc_emu_slot slots[sizeof...(T) + 1] = {posenc_emu_slot(operands)...};
  posenc_emu_slot results[4] = {};
  t->api->call(t, site, slots, results, nullptr, nullptr);
}
template <class T> T argument(void **arguments, unsigned index) {
  return *static_cast<T *>(arguments[index]);
}
inline uint32_t lane(const posenc_emu_thread *t) { return t->thread_id[0]; }

} // namespace posenc::emulator::test

#endif // POSENC_TEST_UNIT_EMULATORCORE_HARNESS_H
