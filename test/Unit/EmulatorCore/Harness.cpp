//===- Harness.cpp - Kernels written by hand, for tests of the emulator -===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include "Device.h"
#include "Module.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace posenc::emulator;
using namespace posenc::emulator::test;

testing::AssertionResult posenc::emulator::test::contains(const char *, const char *,
                                                          const std::string &text,
                                                          const std::string &part) {
  if (text.find(part) != std::string::npos)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "expected: " << part << "\nin: " << text;
}

struct Machine::State {
  Conditions setup;
  std::vector<posenc_emu_site> sites;
  posenc_emu_kernel kernel;
  posenc_emu_module image;
  std::unique_ptr<Module> module;
  std::unique_ptr<Device> device;
  std::string reports;
};

Machine::Machine(std::vector<posenc_emu_site> sites, Kernel kernel, Conditions setup)
    : state(std::make_unique<State>()) {
  State &s = *state;
  s.setup = std::move(setup);
  s.sites = std::move(sites);
  s.kernel = {"kernel", "k.mlir:1:1", kernel, 0};
  s.image = {POSENC_EMU_VERSION,
             s.setup.wave,
             "test",
             1,
             uint32_t(s.sites.size()),
             uint32_t(s.setup.shared.size()),
             uint32_t(s.setup.constants.size()),
             &s.kernel,
             s.sites.data(),
             s.setup.shared.data(),
             s.setup.sharedBytes,
             s.setup.constants.data(),
             s.setup.checks,
             s.setup.statistics};
  std::string error;
  s.module = Module::load(s.image, error);
  EXPECT_EQ(error, "");
  Options options;
  options.checks = s.setup.checks;
  options.statistics = s.setup.statistics;
  options.schedule = s.setup.seed;
  options.workers = s.setup.workers;
  s.device = std::make_unique<Device>("test", options);
  s.device->onReportsContext = &s.reports;
  s.device->onReports = [](void *context, const std::string &text) {
    *static_cast<std::string *>(context) += text;
  };
}

Machine::~Machine() = default;

std::string Machine::launch(std::vector<void *> arguments) {
  State &s = *state;
  s.kernel.argument_count = arguments.size();
  s.reports.clear();
  const uint32_t grid[] = {s.setup.grid, 1, 1}, block[] = {s.setup.block, 1, 1};
  std::string error = s.device->launch(*s.module, s.kernel, grid, block, s.setup.dynamicShared,
                                       arguments.data(), arguments.size());
  return s.reports.empty() ? error : s.reports;
}

void *Machine::allocate(uint64_t bytes) {
  return state->device->memory().allocate(bytes, false);
}

void Machine::release(void *memory) { EXPECT_TRUE(state->device->memory().release(memory)); }

void Machine::upload(void *to, const void *from, uint64_t bytes) {
  std::string error;
  EXPECT_TRUE(state->device->memory().copy(to, from, bytes, error)) << error;
}

std::string Machine::statistics() const { return state->device->statistics(); }

void Machine::zero(void *memory, uint64_t bytes) {
  std::string error;
  EXPECT_TRUE(state->device->memory().set(memory, 0, 1, bytes, error)) << error;
}

posenc_emu_site posenc::emulator::test::load(unsigned bytes) {
  return {"llvm.load", "", "", "ptr>f32", bytes, POSENC_EMU_LOAD};
}

posenc_emu_site posenc::emulator::test::store(unsigned bytes) {
  return {"llvm.store", "", "", "f32,ptr>", bytes, POSENC_EMU_STORE};
}

posenc_emu_site posenc::emulator::test::atomic() {
  return {"llvm.atomicrmw", "", "", "ptr,f32>f32", 4, POSENC_EMU_ATOMIC};
}

posenc_emu_site posenc::emulator::test::op(const char *name, const char *signature,
                                           const char *attributes) {
  return {name, "", attributes, signature, 0, POSENC_EMU_INSTRUCTION};
}

posenc_emu_site posenc::emulator::test::loop(const char *attributes) {
  return {"loop", "", attributes, ">", 0, POSENC_EMU_LOOP};
}

std::vector<posenc_emu_site> posenc::emulator::test::sites(std::vector<posenc_emu_site> list) {
  static const char *const locations[] = {"k.mlir:0:1", "k.mlir:1:1", "k.mlir:2:1",
                                          "k.mlir:3:1", "k.mlir:4:1", "k.mlir:5:1",
                                          "k.mlir:6:1", "k.mlir:7:1"};
  for (size_t i = 0; i < list.size(); ++i)
    list[i].location = locations[i];
  return list;
}
