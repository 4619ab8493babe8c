//===- PackageImpl.h - A loaded package -------------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_PACKAGEIMPL_H
#define POSENC_LIB_RUNTIME_PACKAGEIMPL_H

#include "PackageFormat.h"
#include "PackageManifest.h"

struct posenc_package {
  std::string manifestText;
  posenc::runtime::Manifest manifest;
  /// What the C API shows of the manifest.
  std::vector<posenc_package_entry> entries;
  std::vector<posenc_package_target> targets;
  std::vector<std::vector<posenc_package_value>> values;

  /// The memory that the code was opened from. Open as long as the code is: the loader
  /// tells libraries apart by the name, which has the number of the descriptor.
  int fd = -1;
  void *handle = nullptr;
  const posenc::runtime::PackageCode *code = nullptr;

  posenc_package() = default;
  posenc_package(const posenc_package &) = delete;
  posenc_package &operator=(const posenc_package &) = delete;
  ~posenc_package();

  /// The number of the target that calls on this device use. On failure says why.
  posenc_status select(posenc_device *device, size_t &target) const;
};

#endif // POSENC_LIB_RUNTIME_PACKAGEIMPL_H
