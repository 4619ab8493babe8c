//===- MisuseTest.cpp - Pointers that must not be null --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Runtime/Package.h"

#include "gtest/gtest.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace {

class Misuse : public ::testing::Test {
protected:
  void SetUp() override { ASSERT_EQ(posenc_device_open("cpu", nullptr, &device), POSENC_OK); }
  void TearDown() override { posenc_device_close(device); }

  /// Every call fails with "expected WHAT but got null".
  void
  expectAll(const std::vector<std::pair<std::string, std::function<posenc_status()>>> &calls) {
    for (const auto &[what, call] : calls) {
      EXPECT_EQ(call(), POSENC_ERROR_INVALID) << what;
      EXPECT_EQ(posenc_last_error(), "expected " + what + " but got null");
    }
  }

  posenc_device *device = nullptr;
  void *memory = nullptr;
  char bytes[8] = {};
};

TEST_F(Misuse, NoDevice) {
  uint32_t count = 0;
  float time = 0;
  expectAll({
      {"a target", [&] { return posenc_device_open(nullptr, nullptr, &device); }},
      {"a place for the device", [&] { return posenc_device_open("cpu", nullptr, nullptr); }},
      {"a backend", [&] { return posenc_device_count(nullptr, &count); }},
      {"a place for the count", [&] { return posenc_device_count("cpu", nullptr); }},
      {"a device", [&] { return posenc_device_synchronize(nullptr); }},
      {"a device", [&] { return posenc_alloc(nullptr, 8, &memory); }},
      {"a device", [&] { return posenc_free(nullptr, bytes); }},
      {"a device", [&] { return posenc_copy(nullptr, bytes, bytes, 8, nullptr); }},
      {"a device", [&] { return posenc_memset(nullptr, bytes, 0, 8, nullptr); }},
      {"a device", [&] { return posenc_stream_create(nullptr, &memory); }},
      {"a device", [&] { return posenc_stream_destroy(nullptr, bytes); }},
      {"a device", [&] { return posenc_stream_synchronize(nullptr, nullptr); }},
      {"a device", [&] { return posenc_stream_wait_event(nullptr, nullptr, bytes); }},
      {"a device", [&] { return posenc_event_create(nullptr, &memory); }},
      {"a device", [&] { return posenc_event_destroy(nullptr, bytes); }},
      {"a device", [&] { return posenc_event_record(nullptr, bytes, nullptr); }},
      {"a device", [&] { return posenc_event_synchronize(nullptr, bytes); }},
      {"a device", [&] { return posenc_event_elapsed(nullptr, bytes, bytes, &time); }},
      {"a device", [&] { return posenc_call(nullptr, nullptr, [](void *) {}, nullptr); }},
  });
  EXPECT_STREQ(posenc_device_name(nullptr), "");
  EXPECT_STREQ(posenc_device_chip(nullptr), "");
  EXPECT_STREQ(posenc_device_backend(nullptr), "");
  EXPECT_EQ(posenc_device_query(nullptr, "statistics"), nullptr);
  EXPECT_EQ(posenc_device_query(device, nullptr), nullptr);
  posenc_device_close(nullptr);
}

TEST_F(Misuse, NoMemoryAndNoPlace) {
  float time = 0;
  const posenc_rt_images images = {};
  posenc_module *module = nullptr;
  expectAll({
      {"a place for the memory", [&] { return posenc_alloc(device, 8, nullptr); }},
      {"memory", [&] { return posenc_copy(device, nullptr, bytes, 8, nullptr); }},
      {"memory", [&] { return posenc_copy(device, bytes, nullptr, 8, nullptr); }},
      {"memory", [&] { return posenc_memset(device, nullptr, 0, 8, nullptr); }},
      {"a place for the stream", [&] { return posenc_stream_create(device, nullptr); }},
      {"a stream", [&] { return posenc_stream_destroy(device, nullptr); }},
      {"an event", [&] { return posenc_stream_wait_event(device, nullptr, nullptr); }},
      {"a place for the event", [&] { return posenc_event_create(device, nullptr); }},
      {"an event", [&] { return posenc_event_destroy(device, nullptr); }},
      {"an event", [&] { return posenc_event_record(device, nullptr, nullptr); }},
      {"an event", [&] { return posenc_event_synchronize(device, nullptr); }},
      {"an event", [&] { return posenc_event_elapsed(device, nullptr, nullptr, &time); }},
      {"images", [&] { return posenc_module_load(device, nullptr, &module); }},
      {"a place for the module", [&] { return posenc_module_load(device, &images, nullptr); }},
      {"a module",
       [&] { return posenc_launch(nullptr, "f", nullptr, nullptr, 0, nullptr, nullptr, 0); }},
      {"a function", [&] { return posenc_call(device, nullptr, nullptr, nullptr); }},
  });
  // Nothing to copy, nothing to release.
  EXPECT_EQ(posenc_copy(device, nullptr, nullptr, 0, nullptr), POSENC_OK);
  EXPECT_EQ(posenc_memset(device, nullptr, 1, 0, nullptr), POSENC_OK);
  EXPECT_EQ(posenc_free(device, nullptr), POSENC_OK);
  EXPECT_EQ(posenc_module_unload(nullptr), POSENC_OK);
  posenc_host_free(nullptr);
}

TEST_F(Misuse, NoPackage) {
  posenc_package *package = nullptr;
  const posenc_package_target *target = nullptr;
  expectAll({
      {"the path of a package", [&] { return posenc_package_load(nullptr, &package); }},
      {"a place for the package", [&] { return posenc_package_load("none", nullptr); }},
      {"a place for the package",
       [&] { return posenc_package_load_memory(bytes, 8, nullptr); }},
      {"the bytes of a package",
       [&] { return posenc_package_load_memory(nullptr, 8, &package); }},
      {"a package", [&] { return posenc_package_select(nullptr, device, &target); }},
      {"a package",
       [&] {
         return posenc_package_call(nullptr, device, "f", nullptr, 0, nullptr, 0, nullptr);
       }},
  });
  EXPECT_STREQ(posenc_package_manifest(nullptr), "");
  EXPECT_EQ(posenc_package_entry_count(nullptr), 0u);
  EXPECT_EQ(posenc_package_entry_at(nullptr, 0), nullptr);
  EXPECT_EQ(posenc_package_find_entry(nullptr, "f"), nullptr);
  EXPECT_EQ(posenc_package_target_count(nullptr), 0u);
  EXPECT_EQ(posenc_package_target_at(nullptr, 0), nullptr);
  posenc_package_unload(nullptr);
  posenc_tensor_release(device, nullptr);
}

} // namespace
