//===- PackageFile.h - The bytes of a package -------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_PACKAGEFILE_H
#define POSENC_LIB_RUNTIME_PACKAGEFILE_H

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace posenc::runtime {

/// Reads a regular file. On failure returns false and says why in `error`.
bool readFile(const std::string &path, std::vector<char> &bytes, std::string &error);

/// Where the parts of a package lie in its bytes.
struct PackageParts {
  size_t sealOffset = 0;
  std::string_view manifest;
};

/// Finds the parts of a file that claims to be a package for this kind of machine.
/// Believes nothing that the file says about itself without a check.
bool findParts(std::string_view bytes, PackageParts &parts, std::string &error);

/// Computes the checksum of a package whose seal lies at an offset.
void computeChecksum(std::string_view bytes, size_t sealOffset, unsigned char checksum[16]);

/// findParts, then the seal's magic, format and checksum. If this returns true, the
/// bytes are as a compiler of this format wrote them.
bool verifyPackage(std::string_view bytes, PackageParts &parts, std::string &error);

} // namespace posenc::runtime

#endif // POSENC_LIB_RUNTIME_PACKAGEFILE_H
