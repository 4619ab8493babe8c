//===- PosEnc.h - Operations, attributes, types of posenc -------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_IR_POSENC_H
#define POSENC_DIALECT_POSENC_IR_POSENC_H

#include "posenc/Dialect/PosEnc/IR/Gradients.h"
#include "posenc/Dialect/PosEnc/IR/PosEncDialect.h"
#include "posenc/Dialect/PosEnc/IR/ScoreModForm.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Attributes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include <limits>
#include <optional>

#include "posenc/Dialect/PosEnc/IR/PosEncEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "posenc/Dialect/PosEnc/IR/PosEncAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "posenc/Dialect/PosEnc/IR/PosEncTypes.h.inc"

namespace mlir::posenc {
/// What every StageOpInterface has to keep to: (Z1), (Z2).
LogicalResult verifyStage(Operation *op);
} // namespace mlir::posenc

#include "posenc/Dialect/PosEnc/IR/PosEncInterfaces.h.inc"

#define GET_OP_CLASSES
#include "posenc/Dialect/PosEnc/IR/PosEncOps.h.inc"

#endif // POSENC_DIALECT_POSENC_IR_POSENC_H
