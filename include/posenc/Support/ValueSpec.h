//===- ValueSpec.h - What an argument or a result is ------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_SUPPORT_VALUESPEC_H
#define POSENC_SUPPORT_VALUESPEC_H

#include "posenc/Support/Npy.h"

#include <string>
#include <vector>

namespace mlir {
namespace posenc {

/// The type of an argument or a result, as arrays see it.
struct ValueSpec {
  DType type = DType::F32;
  bool isTensor = false; // else a scalar, passed by value
  bool isSignless = false;
  std::vector<int64_t> shape; // -1: any extent
};

/// Checks an array against an argument and gives it the argument's type where
/// a file cannot say it (bfloat16). On failure `error` says what was expected.
bool bindArgument(const ValueSpec &spec, Array &array, std::string &error);

} // namespace posenc
} // namespace mlir

#endif // POSENC_SUPPORT_VALUESPEC_H
