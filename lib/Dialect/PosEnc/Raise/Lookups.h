//===- Lookups.h - Rows of tables by position -------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RAISE_LOOKUPS_H
#define POSENC_LIB_RAISE_LOOKUPS_H

#include "PullBack.h"

namespace mlir::posenc::raise {

/// Replaces gathers by position below `root` by posenc.lookup.
void raiseLookups(ExprContext &cx, PullBack &pull, Operation *root);

} // namespace mlir::posenc::raise

#endif // POSENC_LIB_RAISE_LOOKUPS_H
