//===- FindAttention.h - Attention from the data flow of its softmax -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which contraction is the second half of an attention, and of what. All is
// found by comparing expressions, none by walking a chain of known operations.
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RAISE_FINDATTENTION_H
#define POSENC_LIB_RAISE_FINDATTENTION_H

#include "PullBack.h"

namespace mlir::posenc::raise {

/// Why a softmax that feeds a contraction was left alone, and where.
struct Miss {
  std::string reason;
  std::optional<Location> loc;
  StringRef step = "softmax"; ///< what was being looked for
};

/// One side of the contraction: an index variable and its extent.
struct Axis {
  Expr index = nullptr;
  Expr extent = nullptr;
};

/// An operand as element `read` at (batch, head, sequence, channel).
struct OperandView {
  Expr read = nullptr;
  Axis axes[4];
};

struct Attention {
  /// The contraction of probabilities and values.
  linalg::LinalgOp contraction;
  Axis batch, head, query, key, channel, valueChannel;
  OperandView q, k, v;
  double scale = 1.0;
  /// What the values are multiplied with: a power of two, which rounds nothing.
  double valueScale = 1.0;
  /// The score as a function of `argument`, which stands for scale · q · k.
  Expr score = nullptr;
  Expr argument = nullptr;
  /// The largest n − m that is seen; null if nothing is known.
  Expr seenUpTo = nullptr;
  /// The logit of one more column that has no value, by head; or null.
  Expr sink = nullptr;
  /// The softmax, as the contraction reads it.
  Expr exponential = nullptr, divisor = nullptr;
  /// What is added to values by positions, at (…, row, valueChannel); or null. Then
  /// `contraction` is the sum of those that it was made of.
  Expr valueTable = nullptr;
  SmallVector<Operation *> consumed;
  /// The loops of the contraction by the axes above, and the axes batch, head,
  /// query, valueChannel by the contraction's own loops.
  SmallVector<Expr> loops, ownLoops;
  Expr byOwnLoops[4] = {};
};

/// p · v as factors of the softmax and the rest.
struct Factors {
  SmallVector<Expr> numerators, denominators;
  SmallVector<Expr> guards; ///< true where a row is set to zero
  Expr exponential = nullptr;
  double constant = 1.0;

  uint64_t softmaxVars() const {
    uint64_t vars = exponential->vars;
    for (Expr e : denominators)
      vars |= e->vars;
    for (Expr e : guards)
      vars |= e->vars;
    return vars;
  }
  uint64_t valueVars() const {
    uint64_t vars = 0;
    for (Expr e : numerators)
      vars |= e->vars;
    return vars;
  }
};

/// The two factors of a product, without constants, and the constant. False if
/// there are not two.
bool twoFactors(Expr product, Expr &a, Expr &b, double &constant);

/// Simplifies the score by what holds of the keys that masks leave: what a mask
/// such as −1e30 is added to is of no matter.
void simplifyWhereSeen(ExprContext &cx, Attention &attention);

/// A softmax's divisor.
struct SoftmaxSum {
  std::optional<Reduction> sum; ///< over the keys
  Expr sink = nullptr;          ///< what is added once, if anything
};

/// The divisor as a sum over as many steps as there are keys, and the rest.
std::optional<SoftmaxSum> splitSum(ExprContext &cx, PullBack &pull, Expr divisor,
                                   const Axis &key);
/// Takes off z and y what both add or subtract for every key. False if y still
/// depends on the key.
bool dropCommon(ExprContext &cx, Expr &z, Expr &y, Expr key);
/// Sets the score and the sink, from the exponent of the keys' summands and the
/// other summand.
bool findSink(ExprContext &cx, PullBack &pull, Expr z, Expr summand, Attention &found,
              Miss &miss);

/// e without conversions between float types.
Expr stripCasts(Expr e);
/// exp2(y · c) as exp of y · (c ln 2); where c is log2(e) as an f32, of y.
Expr naturalExponent(ExprContext &cx, Expr exponential);

class AttentionFinder {
public:
  AttentionFinder(ExprContext &cx, PullBack &pull) : cx(cx), pull(pull) {}

  /// Whether a softmax may reach an operand of `op`, by a short look back that
  /// costs the same in a small module and in a large one.
  static bool isCandidate(linalg::LinalgOp op);

  /// The attention that ends in `op`. On failure `miss` has a reason if there
  /// is a softmax at all.
  std::optional<Attention> match(linalg::LinalgOp op, Miss &miss);

  /// Whether another contraction of the same probabilities, with a table by
  /// position, is added to the attention's: then that is part of it from now on.
  bool addValueTable(Attention &found);

private:
  Expr valueTable(linalg::LinalgOp op, ArrayRef<Expr> loops, const Attention &found);
  bool addToSum(linalg::LinalgOp second, ArrayRef<Expr> loops, Expr table, Attention &found);
  bool collectFactors(Expr product, Factors &factors);
  bool findOperands(Attention &found, Miss &miss);
  bool findAxes(linalg::LinalgOp op, Attention &found, Miss &miss);
  bool sortAxes(const Factors &factors, Attention &found, Miss &miss);
  bool nameBatches(ArrayRef<unsigned> batches, const Factors &factors, Attention &found);
  Expr headDivisor(Expr collapsed, const Factors &factors);
  bool checkSoftmax(const Factors &factors, Attention &found, Miss &miss);
  bool neverFires(Expr guard, const Attention &found);
  bool checkGuard(Expr guard, const Axis &axis, Expr score);
  bool findScores(Attention &found, Miss &miss);
  bool isScoreContraction(Expr read, Attention &found);
  bool findValues(Attention &found, Miss &miss);
  void nameHeads(Attention &found);
  bool mentionsSoftmax(Expr product);
  bool checkTypes(const Attention &found, Miss &miss);
  bool checkKnown(const Attention &found, Miss &miss);
  bool checkContent(const Attention &found, Miss &miss);

  ExprContext &cx;
  PullBack &pull;
};

} // namespace mlir::posenc::raise

#endif // POSENC_LIB_RAISE_FINDATTENTION_H
