//===- Signature.h - What a function takes and gives ------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_TOOLS_RUN_SIGNATURE_H
#define POSENC_LIB_TOOLS_RUN_SIGNATURE_H

#include "posenc/Support/ValueSpec.h"
#include "posenc/Tools/Driver.h"

namespace mlir {
namespace posenc {

struct Signature {
  std::string name;
  std::vector<ValueSpec> arguments, results;
};

/// On failure, prints which argument or result has a type that no .npy file
/// can hold.
FailureOr<Signature> getSignature(func::FuncOp function, const Driver &driver);

} // namespace posenc
} // namespace mlir

#endif // POSENC_LIB_TOOLS_RUN_SIGNATURE_H
