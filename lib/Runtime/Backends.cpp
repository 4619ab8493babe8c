//===- Backends.cpp - The kinds of devices that there are -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backends.h"

#include "Error.h"

#include <cstdlib>
#include <dlfcn.h>
#include <vector>

using namespace posenc::runtime;

/// The folder that this library was loaded from, with a slash, or "".
static std::string getOwnFolder() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void *>(&getOwnFolder), &info) || !info.dli_fname)
    return "";
  std::string path = info.dli_fname;
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

/// Where the emulator may be. Beside this library first: what lies there belongs to it.
static std::vector<std::string> getEmulatorPaths() {
  if (const char *path = std::getenv("POSENC_EMULATOR_LIBRARY"); path && *path)
    return {path};
  std::string name = "libposenc_emulator.so", version = "." POSENC_RUNTIME_SOVERSION;
  std::string folder = getOwnFolder();
  return {folder + name, folder + name + version, name + version};
}

const posenc_backend *posenc::runtime::openEmulatorBackend() {
  std::string why;
  for (const std::string &path : getEmulatorPaths()) {
    // Never closed: devices may hold threads and code of it.
    void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      if (const char *error = dlerror(); error && why.empty())
        why = error;
      continue;
    }
    auto entry = reinterpret_cast<const posenc_backend *(*)()>(
        dlsym(library, "posenc_emulator_backend"));
    const posenc_backend *backend = entry ? entry() : nullptr;
    if (!backend) {
      fail(POSENC_ERROR_NO_DEVICE,
           "expected " + path +
               " to be posenc's emulator but it has no posenc_emulator_backend");
      return nullptr;
    }
    if (backend->version == POSENC_BACKEND_VERSION)
      return backend;
    fail(POSENC_ERROR_NO_DEVICE, "expected version " + std::to_string(POSENC_BACKEND_VERSION) +
                                     " of the emulator's interface but " + path + " has " +
                                     std::to_string(backend->version));
    return nullptr;
  }
  fail(POSENC_ERROR_NO_DEVICE, "cannot open the emulator: " + why);
  return nullptr;
}

const posenc_backend *posenc::runtime::findBackend(const std::string &name,
                                                   posenc_status &status) {
  status = POSENC_ERROR_NO_DEVICE;
  if (name == "cpu")
    return getCPUBackend();
  if (name == "cuda")
    return getCUDABackend();
  if (name == "hip")
    return getHIPBackend();
  if (name == "emulate")
    return openEmulatorBackend();
  status =
      fail(POSENC_ERROR_INVALID,
           "expected a target cpu, cuda[:N], hip[:N] or emulate:CHIP but got '" + name + "'");
  return nullptr;
}
