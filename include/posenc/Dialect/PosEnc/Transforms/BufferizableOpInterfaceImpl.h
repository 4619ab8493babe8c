//===- BufferizableOpInterfaceImpl.h - Bufferize attention ------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
#define POSENC_DIALECT_POSENC_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
namespace posenc {
/// One-shot bufferization of posenc.attention and of the ops in its regions.
/// The other posenc ops on tensors become linalg first.
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);
} // namespace posenc
} // namespace mlir

#endif // POSENC_DIALECT_POSENC_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
