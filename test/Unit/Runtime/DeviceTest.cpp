//===- DeviceTest.cpp - Open devices and pick images ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fake.h"

#include <cstring>
#include <unistd.h>

using namespace fake;

static posenc_status open(const char *target, const char *const *options = nullptr) {
  posenc_device *device = nullptr;
  posenc_status status = posenc_device_open(target, options, &device);
  EXPECT_EQ(device != nullptr, status == POSENC_OK);
  posenc_device_close(device);
  return status;
}

TEST(Device, Targets) {
  EXPECT_EQ(open("cpu"), POSENC_OK);
  EXPECT_EQ(open("tpu"), POSENC_ERROR_INVALID);
  EXPECT_TRUE(says("expected a target cpu, cuda[:N], hip[:N] or emulate:CHIP but got 'tpu'"));
  EXPECT_EQ(open(nullptr), POSENC_ERROR_INVALID);
  EXPECT_EQ(open("cpu:1"), POSENC_ERROR_INVALID);
  EXPECT_TRUE(says("expected the target cpu without a number but got 'cpu:1'"));
  const char *options[] = {"seed=1", nullptr};
  EXPECT_EQ(open("cpu", options), POSENC_ERROR_INVALID);
  EXPECT_TRUE(says("expected no options for cpu but got 'seed=1'"));
  EXPECT_EQ(open("cuda", options), POSENC_ERROR_INVALID);
  EXPECT_TRUE(says("expected no options for cuda but got 'seed=1'"));
  EXPECT_EQ(open("hip:x"), POSENC_ERROR_INVALID);
  EXPECT_TRUE(says("expected hip:N with the number of a device but got 'hip:x'"));
  EXPECT_EQ(open("cuda:123456"), POSENC_ERROR_INVALID);
}

TEST(Device, DescribesItself) {
  Fake cuda("cuda");
  posenc_device *device = cuda.openDevice("cuda:0");
  ASSERT_TRUE(device);
  EXPECT_STREQ(posenc_device_name(device), "Fake GPU");
  EXPECT_STREQ(posenc_device_chip(device), "sm_90a");
  EXPECT_STREQ(posenc_device_backend(device), "cuda");
  EXPECT_EQ(posenc_device_query(device, "statistics"), nullptr);
  EXPECT_EQ(posenc_device_synchronize(device), POSENC_OK);
  posenc_device_close(device);
  EXPECT_TRUE(cuda.isClean());

  Fake hip("hip");
  device = hip.openDevice();
  ASSERT_TRUE(device);
  EXPECT_STREQ(posenc_device_chip(device), "gfx942");
  EXPECT_STREQ(posenc_device_backend(device), "hip");
  posenc_device_close(device);
  EXPECT_TRUE(hip.isClean());
}

TEST(Device, Count) {
  Machine machine;
  machine.devices = 3;
  Fake cuda("cuda", machine);
  uint32_t count = 0;
  EXPECT_EQ(posenc_device_count("cuda", &count), POSENC_OK);
  EXPECT_EQ(count, 3u);
  EXPECT_EQ(posenc_device_count("cpu", &count), POSENC_OK);
  EXPECT_EQ(count, 1u);
  EXPECT_EQ(posenc_device_count("tpu", &count), POSENC_ERROR_INVALID);
  cuda.control.failAt("cuDeviceGetCount", 2, 999);
  EXPECT_EQ(posenc_device_count("cuda", &count), POSENC_ERROR_DRIVER);
  EXPECT_TRUE(says("cannot count the devices: the fake driver refuses (CUDA_ERROR_FAKE)"));
  EXPECT_TRUE(cuda.isClean());
}

TEST(Device, NoDevice) {
  Machine machine;
  machine.devices = 0;
  Fake cuda("cuda", machine);
  EXPECT_EQ(open("cuda"), POSENC_ERROR_NO_DEVICE);
  EXPECT_TRUE(says("expected a CUDA device number 0 but there are 0"));
  EXPECT_TRUE(cuda.isClean());
}

TEST(Device, LibraryMissing) {
  for (const char *kind : {"cuda", "hip"}) {
    setLibrary(kind, "no-such-library.so");
    EXPECT_EQ(open(kind), POSENC_ERROR_NO_DEVICE);
    EXPECT_TRUE(says("no-such-library.so: cannot open shared object file"));
    EXPECT_TRUE(says(std::strcmp(kind, "hip") ? "cannot open the CUDA driver: "
                                              : "cannot open the HIP driver: "));
  }
  setenv("POSENC_EMULATOR_LIBRARY", "no-such-library.so", 1);
  EXPECT_EQ(open("emulate:sm_80"), POSENC_ERROR_NO_DEVICE);
  EXPECT_TRUE(says("cannot open the emulator: no-such-library.so"));
  // A library that is something else.
  setenv("POSENC_EMULATOR_LIBRARY", getPath("cuda").c_str(), 1);
  EXPECT_EQ(open("emulate:sm_80"), POSENC_ERROR_NO_DEVICE);
  EXPECT_TRUE(says("to be posenc's emulator but it has no posenc_emulator_backend"));
  unsetenv("POSENC_EMULATOR_LIBRARY");
}

TEST(Device, SymbolMissing) {
  setLibrary("cuda", getPath("incomplete"));
  EXPECT_EQ(open("cuda"), POSENC_ERROR_NO_DEVICE);
  EXPECT_TRUE(says("to have the function cuLaunchKernel: the CUDA driver is too old"));
  setLibrary("cuda", getPath("hip"));
  EXPECT_EQ(open("cuda"), POSENC_ERROR_NO_DEVICE);
  EXPECT_TRUE(says("to have the function cuInit"));
}

/// A driver that cannot start now may start later. The name makes it one of its own:
/// others have been started by other tests.
TEST(Device, InitializationFails) {
  std::string name = ::testing::TempDir() + "posenc-fake-" + std::to_string(getpid()) + ".so";
  unlink(name.c_str());
  ASSERT_EQ(symlink(getPath("cuda").c_str(), name.c_str()), 0);
  Fake cuda("cuda");
  setLibrary("cuda", name);
  cuda.control.failAt("cuInit", 1, 100);
  EXPECT_EQ(open("cuda"), POSENC_ERROR_NO_DEVICE);
  EXPECT_TRUE(says("cannot initialize the CUDA driver: the fake driver refuses"));
  EXPECT_EQ(open("cuda"), POSENC_OK);
  EXPECT_EQ(cuda.control.countCalls("cuInit"), 2);
  unlink(name.c_str());
}

TEST(Device, SecondDevice) {
  for (const char *kind : {"cuda", "hip"}) {
    Machine machine;
    machine.devices = 2;
    Fake driver(kind, machine);
    posenc_device *first = driver.openDevice();
    posenc_device *second = driver.openDevice(std::string(kind) + ":1");
    ASSERT_TRUE(first && second);
    void *a = nullptr, *b = nullptr;
    EXPECT_EQ(posenc_alloc(first, 16, &a), POSENC_OK);
    EXPECT_EQ(posenc_alloc(second, 16, &b), POSENC_OK);
    EXPECT_EQ(posenc_free(first, a), POSENC_OK);
    EXPECT_EQ(posenc_free(second, b), POSENC_OK);
    posenc_device_close(first);
    posenc_device_close(second);
    EXPECT_TRUE(driver.isClean());
    EXPECT_EQ(open((std::string(kind) + ":2").c_str()), POSENC_ERROR_NO_DEVICE);
    EXPECT_TRUE(says("device number 2 but there are 2"));
  }
}

namespace {
struct Choice {
  std::vector<std::pair<const char *, const char *>> images; ///< chip and format
  int chosen;                                                ///< -1: none
};
} // namespace

/// The fake takes the name of the chosen image's kernel from its text.
static void expectChoice(Fake &driver, const Choice &choice) {
  posenc_device *device = driver.openDevice();
  ASSERT_TRUE(device);
  std::vector<std::string> texts;
  std::vector<posenc_rt_image> images;
  for (size_t i = 0; i < choice.images.size(); ++i)
    texts.push_back("k" + std::to_string(i));
  for (size_t i = 0; i < choice.images.size(); ++i)
    images.push_back(
        {choice.images[i].first, choice.images[i].second, texts[i].c_str(), texts[i].size()});
  posenc_rt_images list{images.size(), images.data()};
  posenc_module *module = nullptr;
  posenc_status status = posenc_module_load(device, &list, &module);
  if (choice.chosen < 0) {
    EXPECT_EQ(status, POSENC_ERROR_IMAGE);
    EXPECT_TRUE(says("expected kernels of the module for Fake GPU ("));
  } else {
    ASSERT_EQ(status, POSENC_OK) << posenc_last_error();
    uint64_t one[3] = {1, 1, 1};
    std::string kernel = "k" + std::to_string(choice.chosen);
    EXPECT_EQ(posenc_launch(module, kernel.c_str(), one, one, 0, nullptr, nullptr, 0),
              POSENC_OK)
        << kernel << ": " << posenc_last_error();
    EXPECT_EQ(posenc_module_unload(module), POSENC_OK);
  }
  posenc_device_close(device);
  EXPECT_TRUE(driver.isClean());
}

TEST(Images, NVIDIA) {
  Machine machine; // 9.0
  Fake hopper("cuda", machine);
  expectChoice(hopper, {{{"sm_80", "cubin"}, {"sm_90a", "ptx"}}, 1});
  expectChoice(hopper, {{{"sm_90", "ptx"}, {"sm_90", "cubin"}}, 1});
  expectChoice(hopper, {{{"sm_90", "cubin"}, {"sm_90a", "ptx"}}, 1});
  expectChoice(hopper, {{{"sm_90a", "cubin"}, {"sm_90a", "cubin"}}, 0});
  // A cubin of another major version does not run; PTX of an older chip does.
  expectChoice(hopper, {{{"sm_80", "cubin"}}, -1});
  expectChoice(hopper, {{{"sm_80", "cubin"}, {"sm_75", "ptx"}, {"sm_80", "ptx"}}, 2});
  expectChoice(hopper, {{{"sm_100", "ptx"}, {"sm_100a", "cubin"}, {"gfx942", "hsaco"}}, -1});
  expectChoice(hopper, {{}, -1});
  for (const char *chip : {"sm_", "sm_9", "sm_90x", "90", "sm_90000", ""})
    expectChoice(hopper, {{{chip, "ptx"}}, -1});
  expectChoice(hopper, {{{"sm_90a", "emulated"}}, -1});

  machine.major = 8;
  machine.minor = 6;
  Fake ampere("cuda", machine);
  expectChoice(ampere, {{{"sm_80", "cubin"}}, 0});
  expectChoice(ampere, {{{"sm_89", "cubin"}}, -1});
  expectChoice(ampere, {{{"sm_89", "ptx"}, {"sm_80", "ptx"}}, 1});

  // Code with instructions of one chip runs on no later one.
  machine.major = 10;
  machine.minor = 0;
  Fake blackwell("cuda", machine);
  expectChoice(blackwell, {{{"sm_90a", "ptx"}}, -1});
  expectChoice(blackwell, {{{"sm_90a", "ptx"}, {"sm_80", "ptx"}}, 1});
  expectChoice(blackwell, {{{"sm_90", "ptx"}, {"sm_100a", "ptx"}}, 1});
}

TEST(Images, AMD) {
  Fake hip("hip");
  expectChoice(hip, {{{"gfx90a", "hsaco"}, {"gfx942", "hsaco"}}, 1});
  expectChoice(hip, {{{"gfx90a", "hsaco"}}, -1});
  expectChoice(hip, {{{"gfx94", "hsaco"}}, -1});
  expectChoice(hip, {{{"gfx942", "ptx"}}, -1});
}

TEST(Images, NoneListsAll) {
  Fake cuda("cuda");
  posenc_device *device = cuda.openDevice();
  ASSERT_TRUE(device);
  Kernels kernels("hip");
  posenc_status status = call(device, [&] { launch(kernels, "nothing", nullptr, 0); });
  EXPECT_EQ(status, POSENC_ERROR_IMAGE);
  EXPECT_STREQ(posenc_last_error(), "expected kernels of kernels for Fake GPU (sm_90a) but "
                                    "there are gfx942 (hsaco)");
  posenc_device_close(device);
  EXPECT_TRUE(cuda.isClean());
}

TEST(Images, CompilersLog) {
  Fake cuda("cuda");
  posenc_device *device = cuda.openDevice();
  ASSERT_TRUE(device);
  Kernels kernels("cuda", "broken ptx");
  EXPECT_EQ(call(device, [&] { launch(kernels, "nothing", nullptr, 0); }), POSENC_ERROR_IMAGE);
  EXPECT_TRUE(says("cannot load the ptx for sm_90a: the fake driver refuses "
                   "(CUDA_ERROR_FAKE)\nline 1: fake syntax error"));
  posenc_device_close(device);
  EXPECT_TRUE(cuda.isClean());
}

TEST(Images, KernelMissing) {
  for (const char *kind : {"cuda", "hip"}) {
    Fake driver(kind);
    posenc_device *device = driver.openDevice();
    ASSERT_TRUE(device);
    Kernels kernels(kind);
    EXPECT_EQ(call(device, [&] { launch(kernels, "absent", nullptr, 0); }), POSENC_ERROR_IMAGE);
    EXPECT_TRUE(says("cannot find the kernel absent: "));
    posenc_device_close(device);
    EXPECT_TRUE(driver.isClean());
  }
}
