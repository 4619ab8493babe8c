//===- LaunchTest.cpp - Many launches, and many at once -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fake.h"

#include <malloc.h>
#include <thread>

using namespace fake;

namespace {
class Launches : public ::testing::TestWithParam<Variant> {};
} // namespace

/// A program that allocates, computes in two kernels and gives back everything.
static void program(Kernels &kernels, float *values, int64_t count) {
  void *stream = posenc_rt_stream_create();
  void *a = posenc_rt_mem_alloc(count * sizeof(float), stream, 0);
  void *b = posenc_rt_mem_alloc(count * sizeof(float), stream, 0);
  void *host = posenc_rt_malloc(16);
  posenc_rt_memcpy(a, values, count * sizeof(float), stream);
  addOne(kernels, a, count);
  posenc_rt_memcpy(b, a, count * sizeof(float), stream);
  addOne(kernels, b, count);
  posenc_rt_memcpy(values, b, count * sizeof(float), stream);
  posenc_rt_mem_free(a, stream);
  posenc_rt_mem_free(b, stream);
  posenc_rt_free(host);
  posenc_rt_stream_synchronize(stream);
  posenc_rt_stream_destroy(stream);
}

TEST_P(Launches, TenThousandDoNotGrow) {
  const Variant &variant = GetParam();
  Machine machine;
  machine.hasPools = variant.hasPools;
  Fake driver(variant.kind, machine);
  posenc_device *device = driver.openDevice();
  ASSERT_TRUE(device);
  void *stream = nullptr;
  if (variant.hasStream)
    ASSERT_EQ(posenc_stream_create(device, &stream), POSENC_OK);
  Kernels kernels(variant.kind);
  float values[8] = {};
  auto run = [&] {
    ASSERT_EQ(call(device, [&] { program(kernels, values, 8); }, stream), POSENC_OK);
  };
  // The first ones load modules and fill caches and the fake's log.
  for (int i = 0; i < 1000; ++i)
    run();
  size_t before = mallinfo2().uordblks;
  uint64_t peak = driver.control.countPeakBytes();
  constexpr int calls = 4000; // and the 1000: 10,000 launches
  for (int i = 0; i < calls; ++i)
    run();
  EXPECT_LE(mallinfo2().uordblks, before + 1024);
  EXPECT_EQ(driver.control.countPeakBytes(), peak);
  EXPECT_EQ(values[7], 10000);
  const char *load = *variant.kind == 'h' ? "hipModuleLoadDataEx" : "cuModuleLoadDataEx";
  const char *find = *variant.kind == 'h' ? "hipModuleGetFunction" : "cuModuleGetFunction";
  const char *create = *variant.kind == 'h' ? "hipStreamCreateWithFlags" : "cuStreamCreate";
  EXPECT_EQ(driver.control.countCalls(load), 1);
  EXPECT_EQ(driver.control.countCalls(find), 1);
  EXPECT_EQ(driver.control.countCalls(create), 1);
  // Once for each result: the end of the call has nothing left to wait for.
  const char *wait = *variant.kind == 'h' ? "hipStreamSynchronize" : "cuStreamSynchronize";
  EXPECT_EQ(driver.control.countCalls(wait), 5000);
  if (stream)
    EXPECT_EQ(posenc_stream_destroy(device, stream), POSENC_OK);
  posenc_device_close(device);
  EXPECT_TRUE(driver.isClean());
}

INSTANTIATE_TEST_SUITE_P(All, Launches,
                         ::testing::Values(Variant{"cuda", true, false},
                                           Variant{"cuda", true, true},
                                           Variant{"cuda", false, false},
                                           Variant{"hip", true, false},
                                           Variant{"hip", false, false}),
                         [](const auto &info) { return getName(info.param); });

TEST(MemoryCache, SharesBlocksAndGivesThemBack) {
  Machine machine;
  machine.hasPools = false;
  machine.memory = 1 << 20;
  Fake driver("cuda", machine);
  posenc_device *device = driver.openDevice();
  ASSERT_TRUE(device);
  auto use = [&](uint64_t bytes) {
    return call(device, [&] { posenc_rt_mem_free(allocate(bytes), nullptr); });
  };
  for (uint64_t bytes : {1, 100, 512, 1})
    EXPECT_EQ(use(bytes), POSENC_OK);
  EXPECT_EQ(driver.control.countCalls("cuMemAlloc_v2"), 1);
  // Sizes that differ by little share a block, and at most an eighth is wasted.
  EXPECT_EQ(use(300000), POSENC_OK);
  EXPECT_EQ(use(300001), POSENC_OK);
  EXPECT_EQ(driver.control.countCalls("cuMemAlloc_v2"), 2);
  EXPECT_LE(driver.control.countPeakBytes(), 512u + 300000u * 9 / 8);
  // What idles makes room, for compiled code and for posenc_alloc.
  EXPECT_EQ(use(900000), POSENC_OK) << posenc_last_error();
  void *memory = nullptr;
  EXPECT_EQ(posenc_alloc(device, 900000, &memory), POSENC_OK) << posenc_last_error();
  EXPECT_EQ(driver.control.getLive().memory, 1);
  EXPECT_EQ(posenc_free(device, memory), POSENC_OK);
  // A buffer that a call hands over leaves the cache.
  EXPECT_EQ(call(device, [&] { memory = allocate(100); }), POSENC_OK);
  EXPECT_EQ(posenc_free(device, memory), POSENC_OK);
  EXPECT_EQ(driver.control.getLive().memory, 0);
  posenc_device_close(device);
  EXPECT_TRUE(driver.isClean());
}

TEST(Launch, ManyThreads) {
  for (const char *kind : {"cuda", "hip"})
    for (bool hasPools : {true, false}) {
      Machine machine;
      machine.hasPools = hasPools;
      Fake driver(kind, machine);
      posenc_device *device = driver.openDevice();
      ASSERT_TRUE(device);
      // All load the same module for the first time, and some calls fail.
      Kernels kernels(kind);
      std::vector<std::thread> threads;
      for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
          std::string mine = "thread " + std::to_string(t);
          for (int i = 0; i < 100; ++i) {
            float values[8] = {};
            EXPECT_EQ(call(device, [&] { program(kernels, values, 8); }), POSENC_OK);
            EXPECT_EQ(values[0], 2);
            EXPECT_EQ(call(device,
                           [&] {
                             allocate(16);
                             posenc_rt_malloc(16);
                             posenc_rt_assert_failed(mine.c_str());
                           }),
                      POSENC_ERROR_ASSERTION);
            EXPECT_EQ(mine, posenc_last_error());
          }
        });
      for (std::thread &thread : threads)
        thread.join();
      EXPECT_EQ(driver.control.getLive().modules, 1);
      EXPECT_LE(driver.control.getLive().streams, 8);
      posenc_device_close(device);
      EXPECT_TRUE(driver.isClean());
    }
}
