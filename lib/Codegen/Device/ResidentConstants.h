//===- ResidentConstants.h - Constants that stay on the device --*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_DEVICE_RESIDENTCONSTANTS_H
#define POSENC_LIB_CODEGEN_DEVICE_RESIDENTCONSTANTS_H

#include "mlir/IR/Builders.h"

namespace mlir::posenc {

/// What posenc-place-buffers calls and posenc-host-to-runtime replaces:
/// (constant on the host, bytes) -> its copy on the device.
inline constexpr StringLiteral kConstantOnDevice = "posenc_constant_on_device";

/// The device's copy of a constant, a static and contiguous memref.
FailureOr<Value> createResidentConstant(OpBuilder &builder, Location loc, Value host);

} // namespace mlir::posenc

#endif // POSENC_LIB_CODEGEN_DEVICE_RESIDENTCONSTANTS_H
