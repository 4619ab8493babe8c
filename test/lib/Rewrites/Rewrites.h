//===- Rewrites.h - Rewrites that keep what IR computes ---------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For tests of raising: each rewrite spells a module another way, at places
// drawn from a seed. Exact all of them, but for those of scales by powers of
// two, which are exact unless numbers leave the normal range, and exp-as-exp2,
// which rounds once more.
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_TEST_LIB_REWRITES_H
#define POSENC_TEST_LIB_REWRITES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

#include <random>

namespace mlir::posenc::test {

/// Places and choices, from a seed.
class Random {
public:
  explicit Random(uint64_t seed) : engine(seed) {}

  bool chance(double p) { return double(engine()) < p * double(engine.max()); }
  /// In [0, n). Not std::uniform_int_distribution, which differs by library.
  size_t below(size_t n) { return engine() % n; }
  template <typename Range> void shuffle(Range &range) {
    for (size_t i = range.size(); i > 1; --i)
      std::swap(range[i - 1], range[below(i)]);
  }

private:
  std::mt19937_64 engine;
};

/// Rewrites a function at some places; returns at how many.
using RewriteFn = unsigned (*)(func::FuncOp, Random &, double share);

struct Rewrite {
  StringRef name;
  RewriteFn apply;
};

ArrayRef<Rewrite> getScalarRewrites();
ArrayRef<Rewrite> getScaleRewrites();
ArrayRef<Rewrite> getTensorRewrites();
ArrayRef<Rewrite> getLinalgRewrites();

/// The operations of a kind that are drawn, before any is changed.
template <typename OpTy>
SmallVector<OpTy> draw(func::FuncOp function, Random &random, double share,
                       llvm::function_ref<bool(OpTy)> fits) {
  SmallVector<OpTy> drawn;
  function.walk([&](OpTy op) {
    if (fits(op) && random.chance(share))
      drawn.push_back(op);
  });
  return drawn;
}

/// An empty tensor of an operation's loops.
Value buildLoopTensor(OpBuilder &builder, linalg::LinalgOp op, Type element);

/// All extents of a tensor.
SmallVector<OpFoldResult> getSizes(OpBuilder &builder, Location loc, Value tensor);

} // namespace mlir::posenc::test

#endif // POSENC_TEST_LIB_REWRITES_H
