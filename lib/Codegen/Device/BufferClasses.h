//===- BufferClasses.h - Which buffers live on the device ---------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_DEVICE_BUFFERCLASSES_H
#define POSENC_LIB_CODEGEN_DEVICE_BUFFERCLASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/EquivalenceClasses.h"

namespace mlir::posenc {

/// Partitions the memref values of a module into classes that may name the
/// same buffer. A class is on the device if a kernel uses one of its values or
/// one crosses a function boundary.
class BufferClasses {
public:
  explicit BufferClasses(ModuleOp module);
  bool isOnDevice(Value memref) const;

private:
  void visit(Operation *op);
  void visitControlFlow(Operation *op);
  bool crossesBoundary(Operation *op);
  void join(Value a, Value b);
  void joinAll(ValueRange values);
  void markDevice(Value value);

  llvm::EquivalenceClasses<void *> classes;
  SmallVector<void *> deviceValues;
  llvm::DenseSet<void *> deviceLeaders;
};

/// The op is, or lies in, something that runs on the device.
bool isInKernel(Operation *op);

} // namespace mlir::posenc

#endif // POSENC_LIB_CODEGEN_DEVICE_BUFFERCLASSES_H
