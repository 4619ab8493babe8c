//===- EqualExtents.h - Which extents of a function are tied ----*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_TOOLS_EQUALEXTENTS_H
#define POSENC_LIB_TOOLS_EQUALEXTENTS_H

#include "Run/Signature.h"

namespace mlir {
namespace posenc {

/// Numbers the dynamic extents of a function's arguments, then results, that must be equal
/// wherever the function is defined; -1 where nothing is known. Those that can only be
/// a constant are this constant in `signature` afterwards.
std::vector<std::vector<int64_t>> findEqualExtents(func::FuncOp function, Signature &signature);

/// Whether arguments, which came from `paths`, have equal extents where they must.
bool checkEqualExtents(const std::vector<std::vector<int64_t>> &symbols,
                       const std::vector<Array> &arguments,
                       const std::vector<std::string> &paths, std::string &error);

} // namespace posenc
} // namespace mlir

#endif // POSENC_LIB_TOOLS_EQUALEXTENTS_H
