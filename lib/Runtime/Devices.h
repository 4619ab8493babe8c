//===- Devices.h - All open devices -----------------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_DEVICES_H
#define POSENC_LIB_RUNTIME_DEVICES_H

#include "Device.h"

namespace posenc::runtime {

void addOpenDevice(posenc_device *device);
void removeOpenDevice(posenc_device *device);

/// Names a module of a program for as long as the process runs: its address may serve
/// another program later.
uintptr_t getIdentity(posenc_rt_module *module);

} // namespace posenc::runtime

#endif // POSENC_LIB_RUNTIME_DEVICES_H
