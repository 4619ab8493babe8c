//===- PosEncTransformOps.h - Plans by transform scripts --------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_TRANSFORMOPS_POSENCTRANSFORMOPS_H
#define POSENC_DIALECT_POSENC_TRANSFORMOPS_POSENCTRANSFORMOPS_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Transform/IR/TransformDialect.h"
#include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.h"
#include "mlir/IR/OpImplementation.h"

#define GET_OP_CLASSES
#include "posenc/Dialect/PosEnc/TransformOps/PosEncTransformOps.h.inc"

namespace mlir::posenc {
/// Adds the ops to the transform dialect.
void registerTransformDialectExtension(DialectRegistry &registry);
} // namespace mlir::posenc

#endif // POSENC_DIALECT_POSENC_TRANSFORMOPS_POSENCTRANSFORMOPS_H
