//===- PosEncDialect.h - The posenc dialect class ---------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_IR_POSENCDIALECT_H
#define POSENC_DIALECT_POSENC_IR_POSENCDIALECT_H

#include "mlir/IR/Dialect.h"

#include "posenc/Dialect/PosEnc/IR/PosEncDialect.h.inc"

#endif // POSENC_DIALECT_POSENC_IR_POSENCDIALECT_H
