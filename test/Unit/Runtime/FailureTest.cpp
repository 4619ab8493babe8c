//===- FailureTest.cpp - Every call of the driver fails once --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fake.h"

#include <malloc.h>
#include <set>

using namespace fake;

static constexpr int kCode = 719; // a launch failure, in both drivers
static constexpr const char *kText = "the fake kernel crashed";

namespace {
/// What a program could ask of the runtime, in one device's life.
struct Scenario {
  Scenario(const std::string &kind, bool hasStream) : kernels(kind), hasStream(hasStream) {}

  Kernels kernels;
  bool hasStream;
  float values[4] = {0, 1, 2, 3};
  void *deviceResult = nullptr, *hostResult = nullptr;
  /// Calls of the driver before the device was closed.
  int callsBeforeClose = 0;

  /// The first error.
  posenc_status run(Fake &driver);

private:
  void program();
  posenc_status runProgram(posenc_device *device);
  posenc_status useMemory(posenc_device *device, void *stream);
  posenc_status useEvents(posenc_device *device, void *stream);
  posenc_status useModule(posenc_device *device, void *stream);
  posenc_status runOn(posenc_device *device, void *stream);
};
} // namespace

/// Releases; what did not even begin, once more.
template <class Release> static posenc_status release(Release body) {
  posenc_status status = body();
  if (status == POSENC_ERROR_NO_DEVICE)
    body();
  return status;
}

/// Compiled code.
void Scenario::program() {
  deviceResult = hostResult = nullptr;
  void *stream = posenc_rt_stream_create();
  void *host = posenc_rt_malloc(64);
  void *device = posenc_rt_mem_alloc(64, stream, 0);
  void *shared = posenc_rt_mem_alloc(64, stream, 1);
  void *result = posenc_rt_mem_alloc(64, stream, 0);
  posenc_rt_memset32(device, 0, 16, stream);
  posenc_rt_memset16(shared, 0, 32, stream);
  posenc_rt_memcpy(device, values, sizeof(values), stream);
  posenc_rt_memcpy(device, posenc_rt_constant(&kernels.module, values, sizeof(values)),
                   sizeof(values), stream);
  void *event = posenc_rt_event_create();
  posenc_rt_event_record(event, stream);
  posenc_rt_stream_wait_event(stream, event);
  addOne(kernels, device, 4);
  addOne(kernels, device, 4, 64 << 10);
  posenc_rt_event_synchronize(event);
  posenc_rt_event_destroy(event);
  posenc_rt_memcpy(result, device, sizeof(values), stream);
  void *copy = posenc_rt_aligned_alloc(64, 64);
  posenc_rt_memcpy(copy, result, sizeof(values), stream);
  posenc_rt_mem_free(device, stream);
  posenc_rt_mem_free(shared, stream);
  posenc_rt_free(host);
  posenc_rt_stream_synchronize(stream);
  posenc_rt_stream_destroy(stream);
  deviceResult = result;
  hostResult = copy;
}

posenc_status Scenario::runOn(posenc_device *device, void *stream) {
  posenc_status status = call(device, [this] { program(); }, stream);
  if (status) {
    // They are the runtime's to free, not ours.
    deviceResult = hostResult = nullptr;
    return status;
  }
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(static_cast<float *>(hostResult)[i], i + 2);
  posenc_host_free(hostResult);
  return release([&] { return posenc_free(device, deviceResult); });
}

posenc_status Scenario::runProgram(posenc_device *device) {
  if (!hasStream)
    return runOn(device, nullptr);
  void *stream = nullptr;
  if (posenc_status status = posenc_stream_create(device, &stream))
    return status;
  posenc_status status = runOn(device, stream);
  std::string first = posenc_last_error();
  posenc_status destroyed = release([&] { return posenc_stream_destroy(device, stream); });
  // A later success leaves the message of the error alone.
  if (status && !destroyed)
    EXPECT_EQ(first, posenc_last_error());
  return status ? status : destroyed;
}

posenc_status Scenario::useMemory(posenc_device *device, void *stream) {
  void *memory = nullptr;
  if (posenc_status status = posenc_alloc(device, 64, &memory))
    return status;
  posenc_status status = posenc_memset(device, memory, 1, 64, nullptr);
  if (!status)
    status = posenc_copy(device, memory, values, sizeof(values), stream);
  posenc_status freed = release([&] { return posenc_free(device, memory); });
  return status ? status : freed;
}

posenc_status Scenario::useEvents(posenc_device *device, void *stream) {
  void *begin = nullptr, *end = nullptr;
  posenc_status status = posenc_event_create(device, &begin);
  if (!status)
    status = posenc_event_create(device, &end);
  if (!status)
    status = posenc_event_record(device, begin, stream);
  if (!status)
    status = posenc_stream_wait_event(device, stream, begin);
  if (!status)
    status = posenc_event_record(device, end, stream);
  if (!status)
    status = posenc_event_synchronize(device, end);
  float milliseconds = -1;
  if (!status)
    status = posenc_event_elapsed(device, begin, end, &milliseconds);
  if (!status)
    EXPECT_GE(milliseconds, 0);
  for (void *event : {begin, end})
    if (event)
      if (posenc_status destroyed =
              release([&] { return posenc_event_destroy(device, event); });
          !status)
        status = destroyed;
  return status;
}

posenc_status Scenario::useModule(posenc_device *device, void *stream) {
  posenc_module *module = nullptr;
  if (posenc_status status = posenc_module_load(device, &kernels.images, &module))
    return status;
  uint64_t one[3] = {1, 1, 1};
  posenc_status status = posenc_launch(module, "nothing", one, one, 0, stream, nullptr, 0);
  posenc_status unloaded = release([&] { return posenc_module_unload(module); });
  return status ? status : unloaded;
}

posenc_status Scenario::run(Fake &driver) {
  kernels.module.cache = nullptr;
  posenc_device *device = nullptr;
  posenc_status status = posenc_device_open(driver.kind.c_str(), nullptr, &device);
  if (!status)
    status = runProgram(device);
  void *stream = nullptr;
  if (!status)
    status = posenc_stream_create(device, &stream);
  if (!status)
    status = useMemory(device, stream);
  if (!status)
    status = useEvents(device, stream);
  if (!status)
    status = useModule(device, stream);
  if (!status)
    status = posenc_stream_synchronize(device, stream);
  if (!status)
    status = posenc_device_synchronize(device);
  if (stream)
    if (posenc_status destroyed =
            release([&] { return posenc_stream_destroy(device, stream); });
        !status)
      status = destroyed;
  callsBeforeClose = driver.control.countCalls(nullptr);
  posenc_device_close(device);
  return status;
}

namespace {
class Failures : public ::testing::TestWithParam<Variant> {};
} // namespace

/// Nothing needs these to succeed: a device without a known attribute has no pools, and
/// nothing can be done about a context that does not go.
static bool mayFailUnnoticed(const std::string &function) {
  static const std::set<std::string> names = {"cuCtxPopCurrent_v2", "hipDeviceGetAttribute",
                                              "cuDeviceGetAttribute", "hipSetDevice"};
  return names.count(function) != 0;
}

static bool entersDevice(const std::string &function) {
  return function == "cuCtxPushCurrent_v2" || function == "hipGetDevice";
}

/// Fails the nth call; false if there is no nth call.
static bool failNth(Fake &driver, const Variant &variant, const Machine &machine, int nth) {
  driver.control.reset(machine);
  driver.control.failAt(nullptr, nth, kCode);
  Scenario scenario(variant.kind, variant.hasStream);
  posenc_status status = scenario.run(driver);
  if (driver.control.countCalls(nullptr) < nth)
    return false;
  std::string function = driver.control.getCall(nth);
  SCOPED_TRACE("call " + std::to_string(nth) + ": " + function);
  if (nth > scenario.callsBeforeClose) {
    // Without the device nothing can be given back to it, and nobody is told.
    if (!entersDevice(function))
      EXPECT_TRUE(driver.isClean());
    return true;
  }
  EXPECT_TRUE(driver.isClean());
  if (!mayFailUnnoticed(function)) {
    EXPECT_EQ(status, entersDevice(function) ? POSENC_ERROR_NO_DEVICE : POSENC_ERROR_DRIVER);
    EXPECT_TRUE(says(kText));
    EXPECT_TRUE(says("cannot "));
  }
  return true;
}

TEST_P(Failures, EveryCall) {
  const Variant &variant = GetParam();
  Machine machine;
  machine.hasPools = variant.hasPools;
  Fake driver(variant.kind, machine);
  // Once without a failure; the driver stays initialized.
  Scenario scenario(variant.kind, variant.hasStream);
  ASSERT_EQ(scenario.run(driver), POSENC_OK) << posenc_last_error();
  ASSERT_TRUE(driver.isClean());
  EXPECT_GT(scenario.callsBeforeClose, 50);
  size_t before = 0;
  // In the second round the host's memory does not grow any more.
  for (int round = 0; round < 2; ++round) {
    int nth = 1;
    while (failNth(driver, variant, machine, nth) && !HasFailure())
      ++nth;
    EXPECT_GT(nth, scenario.callsBeforeClose);
    if (round == 0)
      before = mallinfo2().uordblks;
  }
  EXPECT_LE(mallinfo2().uordblks, before + 4096);
}

INSTANTIATE_TEST_SUITE_P(
    All, Failures,
    ::testing::Values(Variant{"cuda", true, false}, Variant{"cuda", true, true},
                      Variant{"cuda", false, false}, Variant{"cuda", false, true},
                      Variant{"hip", true, false}, Variant{"hip", true, true},
                      Variant{"hip", false, false}, Variant{"hip", false, true}),
    [](const auto &info) { return getName(info.param); });
