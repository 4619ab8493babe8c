//===- Fake.cpp - Devices of a fake driver --------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fake.h"

#include <cstdlib>
#include <dlfcn.h>

using namespace fake;

const Control &fake::open(const std::string &path) {
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void *control = library ? dlsym(library, "fake_control") : nullptr;
  if (!control) {
    std::fprintf(stderr, "cannot open %s: %s\n", path.c_str(), dlerror());
    std::abort();
  }
  return *static_cast<const Control *>(control);
}

std::string fake::getPath(const std::string &name) {
  return POSENC_TEST_LIBRARY_DIR "/posenc-test-fake-" + name + ".so";
}

void fake::setLibrary(const std::string &kind, const std::string &path) {
  setenv(kind == "hip" ? "POSENC_HIP_LIBRARY" : "POSENC_CUDA_LIBRARY", path.c_str(), 1);
}

Fake::Fake(const std::string &kind, const Machine &machine)
    : control(fake::open(getPath(kind))), kind(kind) {
  setLibrary(kind, getPath(kind));
  control.reset(machine);
}

posenc_device *Fake::openDevice(const std::string &target) {
  posenc_device *device = nullptr;
  posenc_status status =
      posenc_device_open((target.empty() ? kind : target).c_str(), nullptr, &device);
  EXPECT_EQ(status, POSENC_OK) << posenc_last_error();
  return device;
}

::testing::AssertionResult Fake::isClean() const {
  Live live = control.getLive();
  if (live.total())
    return ::testing::AssertionFailure()
           << live.memory << " blocks, " << live.streams << " streams, " << live.events
           << " events, " << live.modules << " modules, " << live.contexts << " contexts, "
           << live.pools << " pools are left";
  if (control.countMistakes())
    return ::testing::AssertionFailure()
           << control.countMistakes() << " mistakes, the last: " << control.getMistake();
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult fake::says(const std::string &text) {
  std::string message = posenc_last_error();
  if (message.find(text) != std::string::npos)
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "expected '" << text << "' in '" << message << "'";
}
