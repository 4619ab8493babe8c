//===- PullBack.h - Elements of tensors as scalar expressions ---*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// T[i0, i1, …] followed back through element-wise operations, transposes,
// broadcasts, reshapes, slices, paddings, concatenations and gathers to what
// computes it: constants, index arithmetic, and elements of tensors that are
// no function of one element of others (contractions, reductions, arguments,
// weights), which are the leaves.
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RAISE_PULLBACK_H
#define POSENC_LIB_RAISE_PULLBACK_H

#include "posenc/Dialect/PosEnc/Analysis/ScalarExpr.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/EquivalenceClasses.h"

namespace mlir::posenc::raise {

using namespace scalar;

/// How far an element is followed back.
enum class Depth {
  Full,   ///< through everything that is computed element by element
  Layout, ///< only through what moves elements, and products with constants
};

/// A reduction's result as its initial value and what each step adds.
struct Reduction {
  StringRef combiner; ///< "arith.addf", "arith.maximumf", "arith.andi", …
  Expr init;
  Expr body; ///< what a step combines into the result
  /// How many steps there are; null where the caller gave the loops.
  Expr extent = nullptr;
};

class PullBack {
public:
  explicit PullBack(ExprContext &cx) : cx(cx) {}

  /// Follows nothing back past `tensor` from now on. Before anything else.
  void stopAt(Value tensor) { last = tensor; }
  /// The element of `tensor` at `indices`.
  Expr element(Value tensor, ArrayRef<Expr> indices, Depth depth);
  /// An SSA scalar outside of any body.
  Expr scalar(Value value);
  /// The extent of a tensor's dimension.
  Expr extent(Value tensor, int64_t dim);
  /// The same, simplified by what assumeLoopsRun said.
  Expr extentInLoop(Value tensor, int64_t dim);
  /// How the extent is computed, whether that can be shown to be no less than 0
  /// or not. To compare, not to build.
  Expr extentFormula(Value tensor, int64_t dim);
  /// The extents of an operation's loops.
  SmallVector<Expr> loopExtents(linalg::LinalgOp op);

  /// Says that the loops over these extents run at least once, wherever elements
  /// asked for from now on are used: indices are simplified by it.
  void assumeLoopsRun(ArrayRef<Expr> extents);

  /// What computes the element `read`, in terms of elements that were moved only.
  /// Null if it is computed by more than element-wise code.
  Expr computedBy(Expr read);

  /// Whether two extents are one, as far as the operations followed so far say:
  /// where a loop runs over dimensions of several tensors, they are equal.
  bool sameExtent(Expr a, Expr b);

  /// Element `indices` of a reduction's result over one loop, which is at
  /// `step`. None if `read` is no such result.
  std::optional<Reduction> reduction(Expr read, Expr step, Depth depth);
  /// The same for an operation whose loops are all given. Each operand is
  /// followed back as `depthOf` says.
  std::optional<Reduction> reduction(linalg::LinalgOp op, unsigned result, ArrayRef<Expr> loops,
                                     llvm::function_ref<Depth(OpOperand &)> depthOf);
  /// The reduction dimension of the operation that made `read`'s tensor, if it
  /// has exactly one.
  static std::optional<unsigned> reductionLoop(linalg::LinalgOp op);
  /// Whether the operation writes every element of a result, each once per
  /// reduction: its map names different loops, and constants along unit
  /// dimensions only.
  static bool writesAll(linalg::LinalgOp op, unsigned result);

  /// The value of an SSA value inside the body of `op` at `loops`.
  Expr inBody(linalg::LinalgOp op, ArrayRef<Expr> loops, Value value);

private:
  using Env = llvm::DenseMap<Value, Expr>;
  struct Scope;

  Expr compute(Value tensor, ArrayRef<Expr> indices, Depth depth);
  Expr throughLinalg(linalg::LinalgOp op, unsigned result, ArrayRef<Expr> indices, Depth depth);
  /// The result of an integer reduction, where it is known without running it.
  Expr throughReduction(linalg::LinalgOp op, unsigned result, ArrayRef<Expr> indices);
  /// The loops of `op` from an element of its result; loops that the result does
  /// not name stay null.
  static bool loopsOf(linalg::LinalgOp op, unsigned result, ArrayRef<Expr> indices,
                      SmallVectorImpl<Expr> &loops);
  Expr throughReshape(Value source, Value result, ArrayRef<Expr> indices, Depth depth);
  SmallVector<Expr> reshapeIndices(ArrayRef<Expr> indices, ArrayRef<Expr> from,
                                   ArrayRef<Expr> to);
  Expr inLoop(Expr e);
  Expr throughShape(Operation *op, ArrayRef<Expr> indices, Depth depth);
  Expr throughPadding(tensor::PadOp pad, ArrayRef<Expr> indices, Depth depth);
  Expr throughInsertion(tensor::InsertSliceOp insert, ArrayRef<Expr> indices, Depth depth);
  SmallVector<Expr> extentsOf(Value tensor);
  Expr throughSlices(Operation *op, ArrayRef<Expr> indices, Depth depth);
  Expr constantElement(ElementsAttr attr, Value tensor, ArrayRef<Expr> indices);
  Expr affineElement(DenseIntElementsAttr dense, ArrayRef<Expr> indices);
  void runBlock(Block &block, Env &env, ArrayRef<Expr> loops, Depth depth);
  void runOp(Operation *op, Env &env, ArrayRef<Expr> loops, Depth depth);
  Expr runBranch(scf::IfOp branch, Env &env, ArrayRef<Expr> loops, Depth depth);
  Expr lookup(Value value, Env &env);
  Expr affine(AffineExpr expr, ArrayRef<Expr> dims, ArrayRef<Expr> symbols);
  SmallVector<Expr> apply(AffineMap map, ArrayRef<Expr> loops);
  Expr fold(OpFoldResult value);
  void compareShapes(linalg::LinalgOp op);
  Expr computeExtent(Value tensor, int64_t dim);

  ExprContext &cx;
  llvm::DenseMap<std::pair<Expr, unsigned>, Expr> elements;
  llvm::DenseMap<Value, Expr> scalars;
  llvm::DenseMap<std::pair<Value, int64_t>, Expr> extents;
  llvm::EquivalenceClasses<Expr> equalExtents;
  llvm::DenseSet<Operation *> comparedShapes;
  /// Extents that are not 0, and what others are by that.
  llvm::DenseSet<Expr> running;
  llvm::DenseMap<Expr, Expr> inLoops;
  llvm::DenseMap<std::pair<Value, int64_t>, Expr> extentsInLoops;
  unsigned nesting = 0;
  Value last;
};

/// Row-major: the position in the flat tensor, and back.
Expr linearise(ExprContext &cx, ArrayRef<Expr> indices, ArrayRef<Expr> extents);
SmallVector<Expr> delinearise(ExprContext &cx, Expr flat, ArrayRef<Expr> extents);

/// A factor's constant part: e = constant · rest, through products, quotients
/// and float casts. `rest` is null for a constant.
double splitConstant(Expr e, Expr &rest);

} // namespace mlir::posenc::raise

#endif // POSENC_LIB_RAISE_PULLBACK_H
