//===- BufferDeallocation.h - Kernels free nothing -------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_DEVICE_BUFFERDEALLOCATION_H
#define POSENC_CODEGEN_DEVICE_BUFFERDEALLOCATION_H

namespace mlir {
class DialectRegistry;
namespace posenc {
/// Lets upstream's ownership-based buffer deallocation step over
/// posenc.attention on memrefs and over launches of kernels.
void registerBufferDeallocationOpInterfaceExternalModels(DialectRegistry &registry);
} // namespace posenc
} // namespace mlir

#endif // POSENC_CODEGEN_DEVICE_BUFFERDEALLOCATION_H
