//===- PackageCheck.h - Whether tensors fit an entry ------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_PACKAGECHECK_H
#define POSENC_LIB_RUNTIME_PACKAGECHECK_H

#include "PackageManifest.h"

namespace posenc::runtime {

/// "[2, 40]".
std::string formatShape(const int64_t *shape, uint32_t rank);

/// Bytes of a tensor whose extents are checked.
uint64_t getByteCount(const posenc_tensor &tensor);

/// Whether the arguments, and the results that have data, are what the entry takes.
/// Otherwise `error` names the one that is not and says what was expected.
bool checkTensors(const ManifestEntry &entry, const posenc_tensor *arguments,
                  uint32_t argumentCount, const posenc_tensor *results, uint32_t resultCount,
                  std::string &error);

} // namespace posenc::runtime

#endif // POSENC_LIB_RUNTIME_PACKAGECHECK_H
