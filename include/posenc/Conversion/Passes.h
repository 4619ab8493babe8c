//===- Passes.h - Conversions out of posenc ---------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CONVERSION_PASSES_H
#define POSENC_CONVERSION_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir {
class DialectRegistry;
class RewritePatternSet;
namespace posenc {

#define GEN_PASS_DECL
#include "posenc/Conversion/Passes.h.inc"

/// The patterns of --convert-posenc-to-linalg. They create no posenc op, so one
/// walk over the IR applies them all; a greedy driver works as well.
void populatePosEncToLinalgPatterns(RewritePatternSet &patterns, bool keepAttention = false);

/// The derivatives of producers that have better ones than their lowering.
void registerDifferentiableOpInterfaceExternalModels(DialectRegistry &registry);

#define GEN_PASS_REGISTRATION
#include "posenc/Conversion/Passes.h.inc"

} // namespace posenc
} // namespace mlir

#endif // POSENC_CONVERSION_PASSES_H
