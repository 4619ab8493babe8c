//===- PackageManifest.h - What a package says about itself -----*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_PACKAGEMANIFEST_H
#define POSENC_LIB_RUNTIME_PACKAGEMANIFEST_H

#include "posenc/Runtime/Package.h"

#include <string>
#include <string_view>
#include <vector>

namespace posenc::runtime {

struct ManifestValue {
  std::string name;
  posenc_package_value value = {}; // its name points nowhere
};

struct ManifestEntry {
  std::string name;
  std::vector<ManifestValue> arguments, results;
  /// Names of the symbols in the shapes, by number.
  std::vector<std::string> symbols;
};

struct ManifestTarget {
  std::string name, backend, chip, format;
  /// What a CPU must have to run the target's host code.
  std::vector<std::string> cpuFeatures;
};

struct Manifest {
  std::vector<ManifestEntry> entries;
  std::vector<ManifestTarget> targets;
  /// The library that the code was linked for.
  std::string runtime;
};

/// On failure `error` says what in the manifest is not as it must be.
bool parseManifest(std::string_view text, Manifest &manifest, std::string &error);

} // namespace posenc::runtime

#endif // POSENC_LIB_RUNTIME_PACKAGEMANIFEST_H
