//===- Backends.h - The kinds of devices that there are ---------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_BACKENDS_H
#define POSENC_LIB_RUNTIME_BACKENDS_H

#include "posenc/Runtime/Backend.h"

#include <string>

namespace posenc::runtime {

const posenc_backend *getCPUBackend();
const posenc_backend *getCUDABackend();
const posenc_backend *getHIPBackend();
/// Opens libposenc_emulator. Null with an error kept if that fails.
const posenc_backend *openEmulatorBackend();

/// The backend called `name`; null with an error kept if there is none.
const posenc_backend *findBackend(const std::string &name, posenc_status &status);

} // namespace posenc::runtime

#endif // POSENC_LIB_RUNTIME_BACKENDS_H
