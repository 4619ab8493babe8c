//===- NeedsReference.cpp - What no kernel computes fused -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Utils/NeedsReference.h"

using namespace mlir;
using namespace mlir::posenc;

std::optional<std::string> posenc::whyNeedsReference(AttentionOp op) {
  if (op.hasScore())
    for (auto stage : op.getScore().front().getOps<StageOpInterface>())
      return ("the stage '" + stage->getName().getStringRef() + "' in its score region").str();
  if (op.getValueRel())
    return "rows that value_rel adds to values";
  return std::nullopt;
}

LogicalResult posenc::verifyForKernels(AttentionOp op) {
  std::optional<std::string> reason = whyNeedsReference(op);
  if (!reason)
    return success();
  return op.emitOpError()
         << "expected attention that a kernel can compute but got " << *reason
         << ": convert it with --convert-posenc-to-linalg before bufferization";
}
