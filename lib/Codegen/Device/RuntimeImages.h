//===- RuntimeImages.h - Kernels as data of the program ---------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_DEVICE_RUNTIMEIMAGES_H
#define POSENC_LIB_CODEGEN_DEVICE_RUNTIMEIMAGES_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::posenc {

/// A constant of the program's with a zero byte at its end. Equal texts do not
/// share one.
LLVM::GlobalOp createRuntimeString(ModuleOp module, Location loc, StringRef name,
                                   StringRef text);

/// A module without kernels, `posenc_module_constants`, for a program that has no other.
FailureOr<LLVM::GlobalOp> createEmptyRuntimeModule(ModuleOp module, Location loc);

/// `posenc_module_NAME` and `posenc_images_NAME` for a gpu.binary (its objects) or a
/// gpu.module (declared).
FailureOr<LLVM::GlobalOp> createRuntimeModule(ModuleOp module, SymbolOpInterface kernels);

} // namespace mlir::posenc

#endif // POSENC_LIB_CODEGEN_DEVICE_RUNTIMEIMAGES_H
