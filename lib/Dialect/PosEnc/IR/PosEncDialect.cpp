//===- PosEncDialect.cpp - Registration of the posenc dialect -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::posenc;

#include "posenc/Dialect/PosEnc/IR/PosEncDialect.cpp.inc"
#include "posenc/Dialect/PosEnc/IR/PosEncInterfaces.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "posenc/Dialect/PosEnc/IR/PosEncTypes.cpp.inc"

namespace {
/// Every op may be inlined with its function: regions hold plain values.
struct PosEncInlinerInterface : public DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final { return true; }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final { return true; }
};
} // namespace

void PosEncDialect::initialize() {
  registerAttributes();
  addTypes<
#define GET_TYPEDEF_LIST
#include "posenc/Dialect/PosEnc/IR/PosEncTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "posenc/Dialect/PosEnc/IR/PosEncOps.cpp.inc"
      >();
  addInterfaces<PosEncInlinerInterface>();
  // Implemented in Transforms, attached by registerBufferizableOpInterface….
  declarePromisedInterfaces<bufferization::BufferizableOpInterface, AttentionOp, BiasDenseOp,
                            BiasFnOp, BiasLowRankOp, BiasMLPOp, BiasTableOp, RelDotOp, RotateOp,
                            RowScaleOp>();
}

Operation *PosEncDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                              Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}
