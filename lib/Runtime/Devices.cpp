//===- Devices.cpp - All open devices -------------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Devices.h"

#include "Error.h"

#include <algorithm>
#include <atomic>

using namespace posenc::runtime;

namespace {
struct OpenDevices {
  std::mutex mutex;
  std::vector<posenc_device *> list;
};
} // namespace

/// Never destroyed: other objects with static storage may close their devices later.
static OpenDevices &getOpenDevices() {
  static auto *devices = new OpenDevices;
  return *devices;
}

void posenc::runtime::addOpenDevice(posenc_device *device) {
  OpenDevices &devices = getOpenDevices();
  std::lock_guard<std::mutex> lock(devices.mutex);
  devices.list.push_back(device);
}

void posenc::runtime::removeOpenDevice(posenc_device *device) {
  OpenDevices &devices = getOpenDevices();
  std::lock_guard<std::mutex> lock(devices.mutex);
  devices.list.erase(std::remove(devices.list.begin(), devices.list.end(), device),
                     devices.list.end());
}

uintptr_t posenc::runtime::getIdentity(posenc_rt_module *module) {
  static std::atomic<uintptr_t> last{0};
  // The program's memory is C's: no std::atomic there.
  auto *cache = reinterpret_cast<uintptr_t *>(&module->cache);
  uintptr_t identity = __atomic_load_n(cache, __ATOMIC_ACQUIRE);
  if (identity)
    return identity;
  uintptr_t fresh = ++last;
  if (__atomic_compare_exchange_n(cache, &identity, fresh, false, __ATOMIC_ACQ_REL,
                                  __ATOMIC_ACQUIRE))
    return fresh;
  return identity;
}

void posenc_rt_module_forget(posenc_rt_module *module) {
  auto identity = reinterpret_cast<uintptr_t>(module->cache);
  if (!identity)
    return;
  OpenDevices &devices = getOpenDevices();
  std::lock_guard<std::mutex> lock(devices.mutex);
  for (posenc_device *device : devices.list)
    guarded([&] { return device->forget(identity); });
}
