//===- Linker.h - Where the linker is ---------------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_DEVICE_LINKER_H
#define POSENC_CODEGEN_DEVICE_LINKER_H

#include "mlir/Support/LLVM.h"

#include <optional>
#include <string>

namespace mlir::posenc {

/// ld.lld in `toolsDir` (by default beside LLVM's tools), else on PATH.
std::optional<std::string> findDeviceLinker(StringRef toolsDir = "");

} // namespace mlir::posenc

#endif // POSENC_CODEGEN_DEVICE_LINKER_H
