//===- Defined.h - Arithmetic without undefined results ---------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_EMULATE_DEFINED_H
#define POSENC_LIB_CODEGEN_EMULATE_DEFINED_H

#include "mlir/IR/Builders.h"

namespace mlir::posenc::emulate {

/// An integer, or the same in each lane of a vector.
Value createSplat(OpBuilder &builder, Location loc, Type type, const llvm::APInt &value);

/// True if every lane of an integer is known to be below `bound`.
bool isKnownBelow(Value value, uint64_t bound);
/// True if every lane is known not to be `value`.
bool isKnownNot(Value integer, const llvm::APInt &value);

/// Number of lanes that extractelement or insertelement chooses from with an index
/// that may be beyond it, or 0.
unsigned getUncheckedLanes(Operation *op);

/// Gives the op a result where LLVM has none, and no undefined behaviour: a compiler
/// of the host must not reason from what the emulator reports.
/// `replace` gets each result that another value replaces.
void makeDefined(Operation *op, function_ref<void(Value from, Value to)> replace);

} // namespace mlir::posenc::emulate

#endif // POSENC_LIB_CODEGEN_EMULATE_DEFINED_H
