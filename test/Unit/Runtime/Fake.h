//===- Fake.h - Devices of a fake driver ------------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_TEST_UNIT_RUNTIME_FAKE_H
#define POSENC_TEST_UNIT_RUNTIME_FAKE_H

#include "../../lib/FakeDriver/FakeDriver.h"
#include "posenc/Runtime/Runtime.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fake {

/// The control of the library at a path.
const Control &open(const std::string &path);
/// The path of posenc-test-fake-NAME.so.
std::string getPath(const std::string &name);
/// Makes the runtime take this library for "cuda" or "hip".
void setLibrary(const std::string &kind, const std::string &path);

/// A driver of a kind, and a machine in which a device of it is opened.
class Fake {
public:
  Fake(const std::string &kind, const Machine &machine = {});

  posenc_device *openDevice(const std::string &target = "");

  /// Nothing lives any more, and the runtime made no mistake.
  ::testing::AssertionResult isClean() const;

  const Control &control;
  std::string kind;
};

/// What tests run on: a driver with or without memory pools, on the runtime's stream or
/// one of the caller's.
struct Variant {
  const char *kind;
  bool hasPools, hasStream;
};

inline std::string getName(const Variant &variant) {
  return std::string(variant.kind) + (variant.hasPools ? "Pools" : "") +
         (variant.hasStream ? "Stream" : "");
}

/// A module of a program whose kernels are words of a text.
struct Kernels {
  explicit Kernels(const std::string &kind, const char *text = "kernels add_one nothing")
      : text(text), image{kind == "hip" ? "gfx942" : "sm_90a", kind == "hip" ? "hsaco" : "ptx",
                          this->text.c_str(), this->text.size()} {}

  std::string text;
  posenc_rt_image image;
  posenc_rt_images images{1, &image};
  posenc_rt_module module{"kernels", &images, nullptr};
};

/// posenc_last_error has this in it.
::testing::AssertionResult says(const std::string &text);

/// Runs a lambda without anything to clean up as compiled code.
template <class Body>
posenc_status call(posenc_device *device, Body body, void *stream = nullptr) {
  return posenc_call(
      device, stream, [](void *argument) { (*static_cast<Body *>(argument))(); }, &body);
}

/// Device memory, as compiled code with one stream gets it.
inline void *allocate(uint64_t bytes) {
  return posenc_rt_mem_alloc(bytes, posenc_rt_stream_create(), 0);
}

inline void launch(Kernels &kernels, const char *name, void **arguments, uint64_t count,
                   uint32_t shared = 0) {
  posenc_rt_launch(&kernels.module, name, 1, 1, 1, 32, 1, 1, shared, nullptr, arguments, count);
}

/// add_one on device memory.
inline void addOne(Kernels &kernels, void *memory, int64_t count, uint32_t shared = 0) {
  void *arguments[] = {&memory, &count};
  launch(kernels, "add_one", arguments, 2, shared);
}

} // namespace fake

#endif // POSENC_TEST_UNIT_RUNTIME_FAKE_H
