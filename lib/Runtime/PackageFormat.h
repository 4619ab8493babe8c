//===- PackageFormat.h - What a package file consists of --------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Shared by the compiler, which writes packages, and the runtime, which reads them.
// docs/Packages.md describes the format; a change here is a new format version.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_PACKAGEFORMAT_H
#define POSENC_LIB_RUNTIME_PACKAGEFORMAT_H

#include "posenc/Runtime/CompiledCode.h"

#include <cstdint>

namespace posenc::runtime {

constexpr uint32_t kPackageFormat = 1;

constexpr const char kManifestSection[] = ".posenc.manifest";
constexpr const char kSealSection[] = ".posenc.seal";
constexpr const char kSealMagic[16] = "posenc package\n";

/// The contents of the section kSealSection.
struct PackageSeal {
  char magic[16];  // kSealMagic
  uint32_t format; // kPackageFormat
  uint32_t reserved;
  /// XXH3-128 of all bytes of the file but these, in canonical (big endian) form.
  unsigned char checksum[16];
};
static_assert(sizeof(PackageSeal) == 40, "part of the format");

/// A function of the program. words[0] points to memory for its results (laid out like
/// a C struct of memref descriptors and scalars), the others to one descriptor or scalar
/// per argument. Runs inside posenc_call.
using PackageFunction = void (*)(void *words);

/// The code for one target, in the order of the manifest.
struct PackageTargetCode {
  uint64_t functionCount; // one per entry of the manifest
  const PackageFunction *functions;
  uint64_t moduleCount;
  posenc_rt_module *const *modules;
};

/// The symbol kPackageSymbol, the only one that a package exports.
struct PackageCode {
  uint64_t targetCount;
  const PackageTargetCode *const *targets;
};

constexpr const char kPackageSymbol[] = "posenc_package_code";

} // namespace posenc::runtime

#endif // POSENC_LIB_RUNTIME_PACKAGEFORMAT_H
