//===- BackendTest.cpp - The emulator behind the runtime's table -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Runtime/Backend.h"
#include "posenc/Runtime/CompiledCode.h"
#include "posenc/Runtime/Emulator/EmulatedCode.h"
#include "posenc/Runtime/Runtime.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

const posenc_backend &backend() { return *posenc_emulator_backend(); }

void increment(posenc_emu_thread *t, void **arguments) {
  auto *data = *static_cast<uint32_t **>(arguments[0]);
  if (t->api->load)
    t->api->load(t, data + t->thread_id[0], 4, 0);
  ++data[t->thread_id[0]];
}

struct Backend : testing::Test {
  Backend() {
    module = {POSENC_EMU_VERSION,
              32,
              "sm_90a",
              1,
              1,
              0,
              0,
              &kernel,
              &site,
              nullptr,
              0,
              nullptr,
              1,
              0};
  }
  ~Backend() override {
    if (device)
      backend().close(device);
  }
  posenc_status open(const char *chip, std::vector<const char *> options = {}) {
    options.push_back(nullptr);
    return backend().open(chip, options.data(), &device);
  }
  posenc_status load(const char *chip, const char *format) {
    posenc_rt_image image = {chip, format, &module, sizeof(module)};
    return backend().module_load(device, &image, &loaded);
  }
  static std::string message() { return backend().message(); }

  posenc_emu_kernel kernel = {"increment", "k.mlir:1:1", increment, 1};
  posenc_emu_site site = {"llvm.load", "k.mlir:2:1", "", "ptr>i32", 4, POSENC_EMU_LOAD};
  posenc_emu_module module;
  posenc_backend_device *device = nullptr;
  posenc_backend_module *loaded = nullptr;
};

TEST_F(Backend, Options) {
  EXPECT_EQ(open("", {}), POSENC_ERROR_INVALID);
  EXPECT_EQ(message(), "expected a chip, as in emulate:sm_90a");
  EXPECT_EQ(open("sm_90a", {"speed=11"}), POSENC_ERROR_INVALID);
  EXPECT_EQ(message(), "expected an option checks=on|off, statistics=on|off, schedule=SEED or "
                       "workers=N but got speed=11");
  EXPECT_EQ(open("sm_90a", {"schedule=-1"}), POSENC_ERROR_INVALID);
  EXPECT_EQ(open("sm_90a", {"checks=maybe"}), POSENC_ERROR_INVALID);
  EXPECT_EQ(open("sm_90a", {"checks=off", "statistics=on", "schedule=7", "workers=1"}),
            POSENC_OK);
  posenc_backend_info info;
  backend().info(device, &info);
  EXPECT_EQ(std::string(info.name), "emulate:sm_90a");
  EXPECT_EQ(std::string(info.chip), "sm_90a");
  EXPECT_EQ(std::string(backend().query(device, "statistics")), "[]");
  EXPECT_EQ(backend().query(device, "weather"), nullptr);
}

TEST_F(Backend, RefusesOtherImages) {
  ASSERT_EQ(open("sm_90a"), POSENC_OK);
  EXPECT_EQ(load("sm_90a", "ptx"), POSENC_ERROR_IMAGE);
  EXPECT_EQ(message(), "expected an image of format emulated but got ptx");
  EXPECT_EQ(load("gfx942", "emulated"), POSENC_ERROR_IMAGE);
  EXPECT_EQ(message(), "expected an image for sm_90a but got one for gfx942");
  module.version = 99;
  EXPECT_EQ(load("sm_90a", "emulated"), POSENC_ERROR_IMAGE);
  EXPECT_EQ(message(), "expected an emulated module of version 1 but got 99");
  module.version = POSENC_EMU_VERSION;
  module.chip = "sm_80";
  EXPECT_EQ(load("sm_90a", "emulated"), POSENC_ERROR_IMAGE);
  EXPECT_EQ(message(), "expected an emulated module for sm_90a but got one for sm_80");
  module.chip = "sm_90a";
  module.wave = 16;
  EXPECT_EQ(load("sm_90a", "emulated"), POSENC_ERROR_IMAGE);
  EXPECT_EQ(message(), "expected 32 or 64 lanes per warp but got 16");
  posenc_rt_image right = {"sm_90a", "emulated", &module, 0};
  posenc_rt_image other = {"sm_80", "emulated", &module, 0};
  EXPECT_GT(backend().rank(device, &right), 0u);
  EXPECT_EQ(backend().rank(device, &other), 0u);
}

TEST_F(Backend, Launches) {
  ASSERT_EQ(open("sm_90a", {"workers=2"}), POSENC_OK);
  ASSERT_EQ(load("sm_90a", "emulated"), POSENC_OK);
  posenc_backend_kernel *function = nullptr;
  EXPECT_EQ(backend().module_kernel(device, loaded, "decrement", &function),
            POSENC_ERROR_IMAGE);
  EXPECT_EQ(message(), "no kernel @decrement in the module");
  ASSERT_EQ(backend().module_kernel(device, loaded, "increment", &function), POSENC_OK);
  void *stream = nullptr, *memory = nullptr;
  ASSERT_EQ(backend().stream_create(device, &stream), POSENC_OK);
  ASSERT_EQ(backend().mem_alloc(device, 128, stream, 0, &memory), POSENC_OK);
  ASSERT_EQ(backend().set(device, memory, 41, 4, 32, stream), POSENC_OK);
  void *arguments[] = {&memory};
  posenc_backend_launch launch = {{1, 1, 1}, {32, 1, 1}, 0, stream, arguments, 1};
  EXPECT_EQ(backend().launch(device, function, &launch), POSENC_OK);
  uint32_t results[32];
  EXPECT_EQ(backend().copy(device, results, memory, 128, stream), POSENC_OK);
  for (uint32_t result : results)
    EXPECT_EQ(result, 42u);
  EXPECT_EQ(backend().copy(device, results, memory, 129, stream), POSENC_ERROR_INVALID);
  EXPECT_EQ(message(),
            "the source of a copy of 129 bytes does not lie within one device allocation");
  launch.argument_count = 0;
  EXPECT_EQ(backend().launch(device, function, &launch), POSENC_ERROR_DRIVER);
  EXPECT_EQ(message(), "expected 1 arguments of kernel @increment but got 0");
  EXPECT_EQ(backend().mem_free(device, memory, stream), POSENC_OK);
  EXPECT_EQ(backend().mem_free(device, memory, stream), POSENC_ERROR_INVALID);
  launch.argument_count = 1;
  testing::internal::CaptureStderr();
  EXPECT_EQ(backend().launch(device, function, &launch), POSENC_ERROR_PROGRAM);
  std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(text,
            "k.mlir:2:1: error: emulator: out-of-bounds read of global memory that has been "
            "freed in kernel @increment, block (0,0,0), thread (0,0,0), address global+0x0 "
            "(freed allocation of 128 bytes)\n");
  EXPECT_EQ(message(), "the emulator found 1 problem in kernel @increment");
  EXPECT_EQ(backend().stream_destroy(device, stream), POSENC_OK);
  EXPECT_EQ(backend().module_unload(device, loaded), POSENC_OK);
}

TEST_F(Backend, EventsMeasure) {
  ASSERT_EQ(open("sm_90a"), POSENC_OK);
  void *begin = nullptr, *end = nullptr;
  ASSERT_EQ(backend().event_create(device, &begin), POSENC_OK);
  ASSERT_EQ(backend().event_create(device, &end), POSENC_OK);
  float none = -1;
  EXPECT_EQ(backend().event_elapsed(device, begin, end, &none), POSENC_ERROR_INVALID);
  EXPECT_EQ(message(), "cannot measure the time to an event that did not happen");
  EXPECT_EQ(backend().event_record(device, begin, nullptr), POSENC_OK);
  EXPECT_EQ(backend().event_record(device, end, nullptr), POSENC_OK);
  float milliseconds = -1;
  EXPECT_EQ(backend().event_elapsed(device, begin, end, &milliseconds), POSENC_OK);
  EXPECT_GE(milliseconds, 0);
  EXPECT_EQ(backend().event_destroy(device, begin), POSENC_OK);
  EXPECT_EQ(backend().event_destroy(device, end), POSENC_OK);
}

} // namespace
