//===- Scalars.h - Values and ops as the emulator sees them -----*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_EMULATE_SCALARS_H
#define POSENC_LIB_CODEGEN_EMULATE_SCALARS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Operation.h"

#include <string>

namespace mlir::posenc::emulate {

/// Scalars that a value of this type consists of: lanes of a vector, fields of a
/// struct, elements of an array. 0 for types that have no such parts.
unsigned countScalars(Type type);

/// The parts of an aggregate, or the lanes of a vector.
SmallVector<Type> getParts(Type type);

/// The types of those scalars.
void getScalarTypes(Type type, SmallVectorImpl<Type> &out);

/// Takes a value apart into its scalars.
void splitScalars(OpBuilder &builder, Location loc, Value value, SmallVectorImpl<Value> &out);

/// Puts a value together from the scalars at the front of `scalars`, which are
/// dropped from it.
Value joinScalars(OpBuilder &builder, Location loc, Type type, ArrayRef<Value> &scalars);

/// posenc_emu_site::signature.
std::string formatSignature(TypeRange operands, TypeRange results);
/// posenc_emu_site::attributes.
std::string formatAttributes(Operation *op);
/// posenc_emu_site::location: FILE:LINE:COLUMN if there is one in it. An unknown
/// location is that of the function.
std::string formatLocation(Operation *op);

/// The op's name, or that of the intrinsic that it calls.
StringRef getInstructionName(Operation *op);

} // namespace mlir::posenc::emulate

#endif // POSENC_LIB_CODEGEN_EMULATE_SCALARS_H
