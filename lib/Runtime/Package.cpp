//===- Package.cpp - Load a package and say what is in it -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Runtime/Package.h"

#include "Device.h"
#include "Error.h"
#include "PackageFeatures.h"
#include "PackageFile.h"
#include "PackageImpl.h"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <memory>
#include <sys/mman.h>
#include <unistd.h>

using namespace posenc::runtime;

posenc_package::~posenc_package() {
  // Devices must not keep kernels of code that goes away.
  for (uint64_t i = 0; code && i < code->targetCount; ++i)
    for (uint64_t j = 0; j < code->targets[i]->moduleCount; ++j)
      posenc_rt_module_forget(code->targets[i]->modules[j]);
  if (handle)
    dlclose(handle);
  if (fd >= 0)
    close(fd);
}

/// A file without a name that nobody can change any more.
static int makeSealedFile(std::string_view bytes, std::string &error) {
#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif
  // Systems that want to hear of executable memory know the last flag, older ones do not.
  int fd = memfd_create("posenc-package", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  if (fd < 0 && errno == EINVAL)
    fd = memfd_create("posenc-package", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  bool ok = fd >= 0;
  while (ok && !bytes.empty()) {
    ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written > 0)
      bytes.remove_prefix(written);
    ok = written > 0 || (written < 0 && errno == EINTR);
  }
  int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  ok = ok && fcntl(fd, F_ADD_SEALS, seals) == 0;
  if (ok)
    return fd;
  error = std::string("cannot make a file in memory: ") + std::strerror(errno);
  if (fd >= 0)
    close(fd);
  return -1;
}

/// The code must be what the manifest says before any of it is called.
static bool checkCode(const posenc_package &package, std::string &error) {
  const PackageCode &code = *package.code;
  bool fits = code.targetCount == package.manifest.targets.size();
  for (uint64_t i = 0; fits && i < code.targetCount; ++i)
    fits = code.targets[i]->functionCount == package.manifest.entries.size();
  if (!fits)
    error = "the code does not have the targets and entries of the manifest";
  return fits;
}

static bool openCode(posenc_package &package, std::string_view bytes, std::string &error) {
  package.fd = makeSealedFile(bytes, error);
  if (package.fd < 0)
    return false;
  std::string path = "/proc/self/fd/" + std::to_string(package.fd);
  package.handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!package.handle) {
    const char *reason = dlerror();
    error = std::string("the system cannot load the code: ") + (reason ? reason : "unknown");
    return false;
  }
  auto *code = static_cast<const PackageCode *>(dlsym(package.handle, kPackageSymbol));
  if (!code) {
    error = std::string("the code has no symbol ") + kPackageSymbol;
    return false;
  }
  package.code = code;
  if (checkCode(package, error))
    return true;
  package.code = nullptr;
  return false;
}

/// Pointers into the manifest, which does not change any more.
static void describe(posenc_package &package) {
  auto add = [&](const std::vector<ManifestValue> &values) {
    std::vector<posenc_package_value> shown;
    for (const ManifestValue &value : values) {
      shown.push_back(value.value);
      shown.back().name = value.name.c_str();
    }
    package.values.push_back(std::move(shown));
    return package.values.back().data();
  };
  for (const ManifestEntry &entry : package.manifest.entries)
    package.entries.push_back({entry.name.c_str(), uint32_t(entry.arguments.size()),
                               uint32_t(entry.results.size()), add(entry.arguments),
                               add(entry.results)});
  for (const ManifestTarget &target : package.manifest.targets)
    package.targets.push_back({target.name.c_str(), target.backend.c_str(), target.chip.c_str(),
                               target.format.c_str()});
}

static posenc_status load(std::string_view bytes, const std::string &name,
                          posenc_package **result) {
  auto package = std::make_unique<posenc_package>();
  PackageParts parts;
  std::string error;
  auto refuse = [&] { return fail(POSENC_ERROR_INVALID, name + ": " + error); };
  if (!verifyPackage(bytes, parts, error))
    return refuse();
  package->manifestText = parts.manifest;
  if (!parseManifest(parts.manifest, package->manifest, error))
    return refuse();
  const char *runtime = "libposenc_runtime.so." POSENC_RUNTIME_SOVERSION;
  if (package->manifest.runtime != runtime) {
    error = std::string("expected a package for ") + runtime + " but it is for " +
            package->manifest.runtime;
    return refuse();
  }
  describe(*package);
  if (!openCode(*package, bytes, error))
    return refuse();
  *result = package.release();
  return POSENC_OK;
}

posenc_status posenc_package_load(const char *path, posenc_package **package) {
  return guarded({{path, "the path of a package"}, {package, "a place for the package"}}, [&] {
    std::vector<char> bytes;
    std::string error;
    if (!readFile(path, bytes, error))
      return fail(POSENC_ERROR_INVALID, std::string(path) + ": " + error);
    return load(std::string_view(bytes.data(), bytes.size()), path, package);
  });
}

posenc_status posenc_package_load_memory(const void *data, uint64_t bytes,
                                         posenc_package **package) {
  return guarded({{package, "a place for the package"}}, [&] {
    if (!data && bytes)
      return fail(POSENC_ERROR_INVALID, "expected the bytes of a package but got null");
    // A copy: the caller's memory could change between the check and the use.
    std::string copy(bytes ? static_cast<const char *>(data) : "", bytes);
    return load(copy, "the package in memory", package);
  });
}

void posenc_package_unload(posenc_package *package) { delete package; }

const char *posenc_package_manifest(const posenc_package *package) {
  return package ? package->manifestText.c_str() : "";
}

uint32_t posenc_package_entry_count(const posenc_package *package) {
  return package ? uint32_t(package->entries.size()) : 0;
}

const posenc_package_entry *posenc_package_entry_at(const posenc_package *package,
                                                    uint32_t index) {
  return package && index < package->entries.size() ? &package->entries[index] : nullptr;
}

const posenc_package_entry *posenc_package_find_entry(const posenc_package *package,
                                                      const char *name) {
  if (!package || !name)
    return nullptr;
  for (const posenc_package_entry &entry : package->entries)
    if (std::strcmp(entry.name, name) == 0)
      return &entry;
  return nullptr;
}

uint32_t posenc_package_target_count(const posenc_package *package) {
  return package ? uint32_t(package->targets.size()) : 0;
}

const posenc_package_target *posenc_package_target_at(const posenc_package *package,
                                                      uint32_t index) {
  return package && index < package->targets.size() ? &package->targets[index] : nullptr;
}

/// What this machine's CPU lacks for the target's host code; empty if it has all.
static std::string getMissingFeature(const ManifestTarget &target) {
  for (const std::string &feature : target.cpuFeatures)
    if (!cpuHasFeature(feature))
      return feature;
  return "";
}

/// 0 if the kernels are not for the device, else more is better.
static uint64_t rankTarget(posenc_device &device, const ManifestTarget &target) {
  std::string backend = device.backend->name;
  if (target.backend != backend)
    return 0;
  // Code that uses more of the CPU is taken for the better one.
  if (backend == "cpu")
    return 1 + target.cpuFeatures.size();
  if (backend == "emulate")
    return target.chip == device.info.chip;
  posenc_rt_image image = {target.chip.c_str(), target.format.c_str(), nullptr, 0};
  return device.backend->rank(device.handle, &image);
}

posenc_status posenc_package::select(posenc_device *device, size_t &result) const {
  uint64_t best = 0;
  std::string names, lacking;
  for (size_t i = 0; i < manifest.targets.size(); ++i) {
    const ManifestTarget &target = manifest.targets[i];
    names += (i ? ", " : "") + target.name;
    uint64_t rank = rankTarget(*device, target);
    std::string missing = rank ? getMissingFeature(target) : "";
    if (!missing.empty())
      lacking = "this machine cannot run " + target.name + ": it has no " + missing;
    if (rank <= best || !missing.empty())
      continue;
    best = rank;
    result = i;
  }
  if (best)
    return POSENC_OK;
  if (!lacking.empty())
    return fail(POSENC_ERROR_IMAGE, lacking);
  std::string where = device->info.name, chip = device->info.chip;
  if (!chip.empty() && chip != where)
    where += " (" + chip + ")";
  return fail(POSENC_ERROR_IMAGE,
              "expected a target for " + where + " but the package has " + names);
}

posenc_status posenc_package_select(const posenc_package *package, posenc_device *device,
                                    const posenc_package_target **target) {
  return guarded(
      {{package, "a package"}, {device, "a device"}, {target, "a place for the target"}}, [&] {
        size_t index = 0;
        posenc_status status = package->select(device, index);
        if (!status)
          *target = &package->targets[index];
        return status;
      });
}
