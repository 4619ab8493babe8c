//===- InitAllPosEnc.h - Register everything of posenc ----------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The only header that a tool, a plugin or an embedding compiler needs.
//===----------------------------------------------------------------------===//

#ifndef POSENC_INITALLPOSENC_H
#define POSENC_INITALLPOSENC_H

namespace mlir {
class DialectRegistry;
namespace posenc {
/// The dialect with its interface implementations.
void registerAllDialects(DialectRegistry &registry);
/// Passes and pipelines, once per process.
void registerAllPasses();
} // namespace posenc
} // namespace mlir

#endif // POSENC_INITALLPOSENC_H
