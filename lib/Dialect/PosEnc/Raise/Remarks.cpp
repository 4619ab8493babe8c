//===- Remarks.cpp - Why a softmax was not raised -------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Raise/Remarks.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;

void posenc::printMissedRemarks(MLIRContext &context) {
  if (context.getRemarkEngine())
    return;
  remark::RemarkCategories categories;
  categories.missed = kRaiseRemarkCategory.str();
  // Without a streamer remarks go out as diagnostics only.
  LogicalResult result = remark::enableOptimizationRemarks(
      context, /*streamer=*/nullptr, std::make_unique<remark::RemarkEmittingPolicyAll>(),
      categories, /*printAsEmitRemarks=*/true);
  (void)result; // fails only on a malformed category
}
