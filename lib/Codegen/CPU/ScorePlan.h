//===- ScorePlan.h - Which scores a kernel computes, and how ----*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The one place where the kernel for processors asks what is known of a score
// region. All claims are about distances d = i − j.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_CPU_SCOREPLAN_H
#define POSENC_LIB_CODEGEN_CPU_SCOREPLAN_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

namespace mlir::posenc::cpu {

/// Distances from lo to hi, inclusive; none is no bound.
struct DistanceRange {
  std::optional<int64_t> lo, hi;
};

struct ScorePlan {
  /// Outside of this every score is −inf.
  DistanceRange visible;
  /// The score is s + g, or −inf, with g independent of s.
  bool additive = false;
  /// Where g is kept, per head (and per batch if `perBatch`): there is none; by
  /// distance; by query and key.
  enum Added { Nothing, Strip, Matrix };
  Added added = Nothing;
  bool perBatch = false;
  /// Of additive scores: where no mask hides any; none if that is nowhere known.
  std::optional<DistanceRange> unmasked;

  static ScorePlan get(AttentionOp op);
};

} // namespace mlir::posenc::cpu

#endif // POSENC_LIB_CODEGEN_CPU_SCOREPLAN_H
