//===- CallTest.cpp - Calls of compiled code and their failures -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fake.h"

#include <cstdint>
#include <cstring>
#include <thread>

using namespace fake;

namespace {
/// A device of the CUDA fake that nothing fails on.
class Call : public ::testing::Test {
protected:
  void SetUp() override {
    device = driver.openDevice();
    ASSERT_TRUE(device);
  }
  void TearDown() override {
    posenc_device_close(device);
    EXPECT_TRUE(driver.isClean());
  }

  Fake driver{"cuda"};
  Kernels kernels{"cuda"};
  posenc_device *device = nullptr;
};
} // namespace

TEST_F(Call, ComputesAndHandsOver) {
  float values[3] = {1, 2, 3}, *result = nullptr;
  EXPECT_EQ(call(device,
                 [&] {
                   void *stream = posenc_rt_stream_create();
                   void *memory = allocate(sizeof(values));
                   posenc_rt_memcpy(memory, values, sizeof(values), stream);
                   addOne(kernels, memory, 3);
                   result = static_cast<float *>(posenc_rt_malloc(sizeof(values)));
                   posenc_rt_memcpy(result, memory, sizeof(values), stream);
                   posenc_rt_mem_free(memory, stream);
                   posenc_rt_stream_synchronize(stream);
                 }),
            POSENC_OK)
      << posenc_last_error();
  EXPECT_EQ(result[0], 2);
  EXPECT_EQ(result[2], 4);
  EXPECT_EQ(driver.control.getLive().memory, 0);
  posenc_host_free(result);
}

TEST_F(Call, AssertionFreesEverything) {
  EXPECT_EQ(call(device,
                 [&] {
                   posenc_rt_malloc(100);
                   allocate(100);
                   posenc_rt_event_create();
                   posenc_rt_assert_failed("expected more rows");
                 }),
            POSENC_ERROR_ASSERTION);
  EXPECT_STREQ(posenc_last_error(), "expected more rows");
  Live live = driver.control.getLive();
  EXPECT_EQ(live.memory, 0);
  EXPECT_EQ(live.events, 0);
}

TEST_F(Call, OutOfDeviceMemory) {
  EXPECT_EQ(call(device,
                 [&] {
                   allocate(1000);
                   allocate(uint64_t(1) << 40);
                 }),
            POSENC_ERROR_OUT_OF_MEMORY);
  EXPECT_STREQ(posenc_last_error(), "cannot allocate 1099511627776 bytes on the device: the "
                                    "fake device is full (CUDA_ERROR_FAKE)");
  EXPECT_EQ(driver.control.getLive().memory, 0);
  void *memory = nullptr;
  EXPECT_EQ(posenc_alloc(device, uint64_t(1) << 40, &memory), POSENC_ERROR_OUT_OF_MEMORY);
  EXPECT_EQ(memory, nullptr);
  // The pool gave back what it kept before the runtime gave up.
  EXPECT_EQ(driver.control.countCalls("cuMemPoolTrimTo"), 1);
}

TEST_F(Call, OutOfHostMemory) {
  EXPECT_EQ(call(device, [] { posenc_rt_malloc(uint64_t(1) << 60); }),
            POSENC_ERROR_OUT_OF_MEMORY);
  EXPECT_STREQ(posenc_last_error(), "cannot allocate 1152921504606846976 bytes on the host");
  EXPECT_EQ(call(device, [] { posenc_rt_aligned_alloc(64, uint64_t(1) << 60); }),
            POSENC_ERROR_OUT_OF_MEMORY);
  // Memory for nothing is not null: null is a failure to callers of malloc.
  EXPECT_EQ(call(device,
                 [] {
                   void *memory = posenc_rt_malloc(0);
                   EXPECT_NE(memory, nullptr);
                   posenc_rt_free(memory);
                   posenc_rt_free(nullptr);
                   void *aligned = posenc_rt_aligned_alloc(1, 0);
                   EXPECT_NE(aligned, nullptr);
                   posenc_rt_free(aligned);
                   aligned = posenc_rt_aligned_alloc(4096, 1);
                   EXPECT_EQ(uintptr_t(aligned) % 4096, 0u);
                   posenc_rt_free(aligned);
                 }),
            POSENC_OK);
}

TEST_F(Call, KernelFailsWhileTheCallFinishes) {
  // The launch is fine; only the wait at the end of the call tells.
  driver.control.failAt("cuStreamSynchronize", 1, 719);
  EXPECT_EQ(call(device,
                 [&] {
                   posenc_rt_malloc(10);
                   launch(kernels, "nothing", nullptr, 0);
                   allocate(10);
                 }),
            POSENC_ERROR_DRIVER);
  EXPECT_STREQ(posenc_last_error(),
               "cannot finish a stream's work: the fake kernel crashed (CUDA_ERROR_FAKE)");
  EXPECT_EQ(driver.control.getLive().memory, 0);
}

TEST_F(Call, LaunchFails) {
  driver.control.failAt("cuLaunchKernel", 1, 701);
  EXPECT_EQ(call(device, [&] { launch(kernels, "nothing", nullptr, 0, 100); }),
            POSENC_ERROR_DRIVER);
  EXPECT_STREQ(posenc_last_error(),
               "cannot launch the kernel nothing with 1x1x1 blocks of 32x1x1 threads and 100 "
               "bytes of dynamic shared memory: the fake driver refuses (CUDA_ERROR_FAKE)");
}

TEST_F(Call, LaunchOfImpossibleSizes) {
  auto launchSizes = [&](uint64_t grid, uint64_t block) {
    return call(device, [&] {
      posenc_rt_launch(&kernels.module, "nothing", grid, 1, 1, block, 1, 1, 0, nullptr, nullptr,
                       0);
    });
  };
  EXPECT_EQ(launchSizes(uint64_t(1) << 32, 1), POSENC_ERROR_INVALID);
  EXPECT_STREQ(posenc_last_error(),
               "expected fewer than 2^32 blocks in the launch of nothing but got 4294967296");
  EXPECT_EQ(launchSizes(1, uint64_t(1) << 32), POSENC_ERROR_INVALID);
  EXPECT_TRUE(says("expected fewer than 2^32 threads in the launch of nothing"));
  EXPECT_EQ(launchSizes(1, 0), POSENC_ERROR_INVALID);
  EXPECT_TRUE(says("expected threads in the launch of nothing but got none"));
  EXPECT_EQ(launchSizes(1, 2048), POSENC_ERROR_DRIVER);
  EXPECT_EQ(driver.control.countCalls("cuLaunchKernel"), 1);
  EXPECT_EQ(launchSizes(0, 1), POSENC_OK);
  EXPECT_EQ(driver.control.countCalls("cuLaunchKernel"), 1);
}

TEST_F(Call, CallersStream) {
  void *stream = nullptr, *memory = nullptr;
  ASSERT_EQ(posenc_stream_create(device, &stream), POSENC_OK);
  EXPECT_EQ(call(
                device,
                [&] {
                  void *mine = posenc_rt_stream_create();
                  EXPECT_EQ(mine, stream);
                  memory = posenc_rt_mem_alloc(16, mine, 0);
                  posenc_rt_memset32(memory, 0, 4, mine);
                  addOne(kernels, memory, 4);
                  posenc_rt_stream_synchronize(mine);
                  posenc_rt_stream_destroy(mine);
                },
                stream),
            POSENC_OK);
  // Nothing reaches the host: nobody waited, and the stream is still there.
  EXPECT_EQ(driver.control.countCalls("cuStreamSynchronize"), 0);
  EXPECT_EQ(driver.control.countCalls("cuStreamCreate"), 1);
  EXPECT_EQ(posenc_free(device, memory), POSENC_OK);
  EXPECT_EQ(posenc_stream_destroy(device, stream), POSENC_OK);
}

TEST_F(Call, WaitsOnlyWhereTheHostLooks) {
  EXPECT_EQ(call(device,
                 [&] {
                   void *stream = posenc_rt_stream_create();
                   float *a = static_cast<float *>(allocate(16)), *b = a;
                   b = static_cast<float *>(allocate(16));
                   for (int i = 0; i < 10; ++i) {
                     posenc_rt_memset32(a, 0, 4, stream);
                     addOne(kernels, a, 4);
                     posenc_rt_memcpy(b, a, 16, stream);
                     posenc_rt_stream_synchronize(stream);
                   }
                   EXPECT_EQ(driver.control.countCalls("cuStreamSynchronize"), 0);
                   float host[4];
                   posenc_rt_memcpy(host, b, 16, stream);
                   posenc_rt_stream_synchronize(stream);
                   EXPECT_EQ(driver.control.countCalls("cuStreamSynchronize"), 1);
                   EXPECT_EQ(host[3], 1);
                   // Memory that the host can read at any time.
                   auto *shared = static_cast<float *>(posenc_rt_mem_alloc(16, stream, 1));
                   addOne(kernels, a, 4);
                   posenc_rt_stream_synchronize(stream);
                   EXPECT_EQ(driver.control.countCalls("cuStreamSynchronize"), 2);
                   posenc_rt_mem_free(shared, stream);
                   posenc_rt_mem_free(a, stream);
                   posenc_rt_mem_free(b, stream);
                 }),
            POSENC_OK);
}

TEST_F(Call, NestedFailureStaysInside) {
  posenc_status inner = POSENC_OK;
  EXPECT_EQ(call(device,
                 [&] {
                   void *memory = allocate(16);
                   inner = call(device, [&] {
                     allocate(16);
                     posenc_rt_assert_failed("inner");
                   });
                   EXPECT_STREQ(posenc_last_error(), "inner");
                   EXPECT_EQ(driver.control.getLive().memory, 1);
                   addOne(kernels, memory, 4);
                   posenc_rt_mem_free(memory, nullptr);
                 }),
            POSENC_OK);
  EXPECT_EQ(inner, POSENC_ERROR_ASSERTION);
  EXPECT_EQ(driver.control.getLive().memory, 0);
}

TEST_F(Call, NestedResultsAreFreedWithTheOuterCall) {
  EXPECT_EQ(call(device,
                 [&] {
                   void *outer = allocate(16);
                   void *result = nullptr;
                   EXPECT_EQ(call(device,
                                  [&] {
                                    // Of the surrounding call.
                                    posenc_rt_mem_free(outer, nullptr);
                                    result = allocate(16);
                                    posenc_rt_malloc(16);
                                  }),
                             POSENC_OK);
                   addOne(kernels, result, 4);
                   posenc_rt_assert_failed("outer");
                 }),
            POSENC_ERROR_ASSERTION);
  EXPECT_EQ(driver.control.getLive().memory, 0);
  // One stream served both.
  EXPECT_EQ(driver.control.countCalls("cuStreamCreate"), 1);
}

TEST_F(Call, OtherDeviceInside) {
  Fake hip("hip");
  posenc_device *other = hip.openDevice();
  ASSERT_TRUE(other);
  EXPECT_EQ(call(device,
                 [&] {
                   void *memory = allocate(16);
                   EXPECT_EQ(call(other,
                                  [&] {
                                    allocate(16);
                                    posenc_rt_mem_free(memory, nullptr);
                                    posenc_rt_assert_failed("inner");
                                  }),
                             POSENC_ERROR_ASSERTION);
                   EXPECT_EQ(driver.control.getLive().memory, 0);
                   EXPECT_EQ(hip.control.getLive().memory, 0);
                 }),
            POSENC_OK);
  posenc_device_close(other);
  EXPECT_TRUE(hip.isClean());
}

TEST_F(Call, ConstantsStayOnTheDevice) {
  static const float weights[4] = {1, 2, 3, 4};
  void *first = nullptr;
  for (int i = 0; i < 3; ++i) {
    float value = 0;
    EXPECT_EQ(call(device,
                   [&] {
                     void *stream = posenc_rt_stream_create();
                     void *copy = posenc_rt_constant(&kernels.module, weights, 16);
                     EXPECT_NE(copy, weights);
                     if (!first)
                       first = copy;
                     EXPECT_EQ(copy, first);
                     posenc_rt_memcpy(&value, static_cast<float *>(copy) + 3, 4, stream);
                     posenc_rt_stream_synchronize(stream);
                     // What a failing call frees is not among them.
                     if (i == 1)
                       posenc_rt_assert_failed("enough");
                   }),
              i == 1 ? POSENC_ERROR_ASSERTION : POSENC_OK);
    EXPECT_EQ(value, 4);
  }
  EXPECT_EQ(driver.control.getLive().memory, 1);
  posenc_rt_module_forget(&kernels.module);
  EXPECT_EQ(driver.control.getLive().memory, 0);
  // Again, and gone with the device.
  EXPECT_EQ(call(device, [&] { posenc_rt_constant(&kernels.module, weights, 16); }), POSENC_OK);
}

TEST_F(Call, ModuleAtAnotherProgramsAddress) {
  auto run = [&](const char *kernel) {
    return call(device, [&] { launch(kernels, kernel, nullptr, 0); });
  };
  EXPECT_EQ(run("nothing"), POSENC_OK);
  EXPECT_EQ(driver.control.getLive().modules, 1);
  // As after dlclose and dlopen: the same address, other contents.
  kernels.module.cache = nullptr;
  kernels.text = "other";
  kernels.image.data = kernels.text.c_str();
  EXPECT_EQ(run("other"), POSENC_OK) << posenc_last_error();
  EXPECT_EQ(driver.control.getLive().modules, 2);
  posenc_rt_module_forget(&kernels.module);
  EXPECT_EQ(driver.control.getLive().modules, 1);
  EXPECT_EQ(run("other"), POSENC_OK);
  kernels.module.cache = nullptr;
  posenc_rt_module_forget(&kernels.module);
}

TEST(CPU, Memory) {
  posenc_device *device = nullptr;
  ASSERT_EQ(posenc_device_open("cpu", nullptr, &device), POSENC_OK);
  EXPECT_STREQ(posenc_device_chip(device), "");
  void *memory = nullptr;
  ASSERT_EQ(posenc_alloc(device, 100, &memory), POSENC_OK);
  EXPECT_EQ(uintptr_t(memory) % 64, 0u);
  EXPECT_EQ(posenc_memset(device, memory, 7, 100, nullptr), POSENC_OK);
  EXPECT_EQ(static_cast<char *>(memory)[99], 7);
  EXPECT_EQ(call(device,
                 [&] {
                   posenc_rt_memset32(memory, 0x01020304, 2, nullptr);
                   posenc_rt_memset16(memory, 0x0506, 1, nullptr);
                 }),
            POSENC_OK);
  const unsigned char expected[8] = {6, 5, 2, 1, 4, 3, 2, 1};
  EXPECT_EQ(std::memcmp(memory, expected, 8), 0);
  EXPECT_EQ(posenc_free(device, memory), POSENC_OK);
  EXPECT_EQ(posenc_alloc(device, UINT64_MAX, &memory), POSENC_ERROR_OUT_OF_MEMORY);
  EXPECT_TRUE(says("cannot allocate 18446744073709551615 bytes: out of memory"));
  Kernels kernels("cuda");
  EXPECT_EQ(call(device, [&] { launch(kernels, "nothing", nullptr, 0); }), POSENC_ERROR_IMAGE);
  EXPECT_STREQ(posenc_last_error(),
               "expected kernels of kernels for cpu but there are sm_90a (ptx)");
  void *begin = nullptr, *end = nullptr;
  float milliseconds = -1;
  ASSERT_EQ(posenc_event_create(device, &begin), POSENC_OK);
  ASSERT_EQ(posenc_event_create(device, &end), POSENC_OK);
  EXPECT_EQ(posenc_event_record(device, begin, nullptr), POSENC_OK);
  EXPECT_EQ(posenc_event_elapsed(device, begin, end, &milliseconds), POSENC_ERROR_INVALID);
  EXPECT_EQ(posenc_event_record(device, end, nullptr), POSENC_OK);
  EXPECT_EQ(posenc_event_elapsed(device, begin, end, &milliseconds), POSENC_OK);
  EXPECT_GE(milliseconds, 0);
  EXPECT_EQ(posenc_event_destroy(device, begin), POSENC_OK);
  EXPECT_EQ(posenc_event_destroy(device, end), POSENC_OK);
  posenc_device_close(device);
}

TEST(CPU, StridedCopy) {
  float from[6] = {0, 1, 2, 3, 4, 5}, to[6] = {};
  // 2x3, transposed on the way; offsets of one element at the target.
  const int64_t source[] = {0, intptr_t(from), 0, 3, 2, 1, 3};
  float shifted[7] = {};
  const int64_t target[] = {0, intptr_t(shifted), 1, 3, 2, 2, 1};
  struct {
    int64_t rank;
    const int64_t *descriptor;
  } a{2, source}, b{2, target};
  posenc_rt_memref_copy(sizeof(float), &a, &b);
  std::memcpy(to, shifted + 1, sizeof(to));
  const float expected[6] = {0, 3, 1, 4, 2, 5};
  EXPECT_EQ(std::memcmp(to, expected, sizeof(to)), 0);
}

TEST(CompiledCodeDeathTest, WithoutACall) {
  EXPECT_DEATH(posenc_rt_stream_create(),
               "error: expected compiled code to be called through posenc_call");
  EXPECT_DEATH(posenc_rt_assert_failed("alone"), "error: alone");
}
