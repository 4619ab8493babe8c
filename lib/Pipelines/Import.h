//===- Import.h - How every pipeline begins ---------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Private to lib/Pipelines: the passes that all pipelines share, as text.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_PIPELINES_IMPORT_H
#define POSENC_LIB_PIPELINES_IMPORT_H

#include "llvm/ADT/StringRef.h"

namespace mlir::posenc {

/// The caller's tensors are read only; TOSA becomes linalg, its loops (which
/// tosa-to-linalg refuses) scf; everything else passes through.
inline constexpr llvm::StringLiteral kImport =
    "posenc-protect-arguments,"
    "func.func(tosa-optional-decompositions,tosa-infer-shapes,tosa-make-broadcastable,"
    "tosa-to-linalg-named,canonicalize,tosa-layerwise-constant-fold,tosa-make-broadcastable,"
    "tosa-to-scf,tosa-to-linalg,tosa-to-arith{include-apply-rescale=true},tosa-to-tensor),"
    "lower-affine,canonicalize,cse";

/// Products of rows are computed before attention, what is not attention becomes
/// linalg generics, kernels know distances as bucketed by `clip` alone, and what is
/// costly of them is a table.
inline constexpr llvm::StringLiteral kPosEncToLinalg =
    "posenc-decompose-products,posenc-tabulate,convert-posenc-to-linalg{keep-attention=true},"
    "posenc-expand-buckets,posenc-expand-modifiers,"
    "posenc-decompose-aggregates";

} // namespace mlir::posenc

#endif // POSENC_LIB_PIPELINES_IMPORT_H
