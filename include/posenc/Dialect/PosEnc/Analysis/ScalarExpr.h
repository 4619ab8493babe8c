//===- ScalarExpr.h - Scalar expressions over tensors -----------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What one element of a tensor is, as an expression over index variables.
// Nodes are hash-consed: two expressions are equal if they are one pointer,
// however the IR spelt them. Integers are mathematical (no width): an IR
// operation becomes a plain sum only where its range shows that it cannot
// wrap, else a Wrap node says so. Sums of integers are kept in a linear normal
// form, so that (m + d) - m is d and row * S + column splits again by div and
// mod, for symbolic S too.
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_ANALYSIS_SCALAREXPR_H
#define POSENC_DIALECT_POSENC_ANALYSIS_SCALAREXPR_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <deque>
#include <optional>
#include <unordered_map>

namespace mlir::posenc::scalar {

enum class Kind : uint8_t {
  // Integers and booleans (a boolean is an integer 0 or 1).
  IntConst, ///< num
  Var,      ///< num = id, ops[0] = extent (may be absent)
  Sym,      ///< value: an SSA scalar (integer or float) from outside
  Dim,      ///< extent num of the tensor value
  Sum,      ///< num + Σ coefs[i] · ops[i]
  Mul,      ///< product of sorted non-constant, non-sum factors
  FloorDiv, ///< floor(ops[0] / ops[1]), ops[1] > 0
  Mod,      ///< ops[0] − ops[1] · FloorDiv
  Min,
  Max,
  GE0, ///< ops[0] >= 0
  EQ0, ///< ops[0] == 0
  And,
  Or,
  Not,
  Wrap, ///< ops[0] wrapped to num bits, signed
  // Of any type.
  FloatConst, ///< attr
  Select,     ///< ops[0] ? ops[1] : ops[2]
  Read,       ///< element ops[0], ops[1], … of the tensor value, or of attr
  Op,         ///< an arith or math operation, by name
  Undef,      ///< nothing known; never equal to anything else
};

struct Node {
  Kind kind;
  Type type = {}; ///< of floats and Ops the IR type; null for plain integers
  int64_t num = 0;
  Attribute attr = {};
  Value value = {};
  StringRef name = {}; ///< of Op
  SmallVector<const Node *, 2> ops = {};
  SmallVector<int64_t, 2> coefs = {};

  /// Inclusive bounds of an integer.
  int64_t lo = 0, hi = 0;
  unsigned id = 0;
  /// Bit i: depends on variable i.
  uint64_t vars = 0;
  /// Contains a Read.
  bool reads = false;

  bool isFloat() const { return type && isa<FloatType>(type); }
  bool isInt() const { return !isFloat(); }
  bool isConst(int64_t v) const { return kind == Kind::IntConst && num == v; }
  bool isBool() const {
    return kind == Kind::GE0 || kind == Kind::EQ0 || kind == Kind::And || kind == Kind::Or ||
           kind == Kind::Not || (type && type.isInteger(1));
  }
  /// The value of a float constant.
  std::optional<double> floatValue() const;
};
using Expr = const Node *;

/// Owns the nodes and builds them simplified.
class ExprContext {
public:
  explicit ExprContext(MLIRContext *ctx) : ctx(ctx) {}

  MLIRContext *getContext() const { return ctx; }
  size_t size() const { return nodes.size(); }

  //===-- Leaves ----------------------------------------------------------===//
  Expr intConst(int64_t value);
  Expr boolConst(bool value) { return intConst(value); }
  /// Numbers variables from 0 again: for an expression that will not meet those
  /// built so far. The same extents then give the same nodes.
  void restartVars() { numVars = 0; }
  /// A fresh variable in [0, extent).
  Expr var(Expr extent);
  /// A fresh variable in [lo, hi].
  Expr varInRange(int64_t lo, int64_t hi);
  /// A fresh variable of a float type.
  Expr floatVar(Type type);
  Expr sym(Value scalar);
  Expr dim(Value tensor, int64_t dim);
  Expr floatConst(double value, Type type);
  Expr floatConst(FloatAttr attr);
  Expr read(Value tensor, ArrayRef<Expr> indices);
  /// An element of a tensor whose elements are known; `tensor` may be null.
  Expr readConstant(Value tensor, ElementsAttr elements, ArrayRef<Expr> indices);
  Expr undef(Type type, Value culprit);

  //===-- Integers --------------------------------------------------------===//
  Expr add(Expr a, Expr b);
  Expr sub(Expr a, Expr b) { return add(a, scale(b, -1)); }
  Expr scale(Expr a, int64_t factor);
  Expr mul(Expr a, Expr b);
  Expr floorDiv(Expr a, Expr b);
  Expr mod(Expr a, Expr b);
  Expr min(Expr a, Expr b);
  Expr max(Expr a, Expr b);
  Expr wrap(Expr a, unsigned bits);
  Expr compare(arith::CmpIPredicate predicate, Expr a, Expr b);
  Expr ge0(Expr a);
  Expr eq0(Expr a);
  Expr logicalNot(Expr a);
  Expr logicalAnd(Expr a, Expr b);
  Expr logicalOr(Expr a, Expr b);

  //===-- Any type --------------------------------------------------------===//
  Expr select(Expr condition, Expr a, Expr b);
  /// An operation kept by name; folds constants and exact identities.
  Expr op(StringRef name, Type type, ArrayRef<Expr> operands, Attribute attrs = {});

  /// True only if a >= 0 holds for every value of the variables and symbols.
  bool provablyNonNegative(Expr a);
  bool provablyLess(Expr a, Expr b) {
    return provablyNonNegative(add(sub(b, a), intConst(-1)));
  }

  /// Rebuilds `root`, simplified by the knowledge that some extents are not 0:
  /// what holds inside of loops over them.
  Expr simplifyWith(Expr root, const llvm::DenseSet<Expr> &known);
  bool provablyNonNegativeWith(Expr a, const llvm::DenseSet<Expr> &known);
  /// Rebuilds `root` with some nodes replaced.
  Expr substitute(Expr root, const llvm::DenseMap<Expr, Expr> &map);
  /// Builds a node of `like`'s kind on new operands, simplified.
  Expr rebuild(Expr like, ArrayRef<Expr> operands);

private:
  struct Monomial;
  Expr intern(Node &&node);
  std::pair<int64_t, int64_t> rangeOf(ElementsAttr elements);
  Expr makeRead(Value tensor, Attribute elements, Type element, ArrayRef<Expr> indices);
  Expr makeSum(int64_t constant, ArrayRef<std::pair<Expr, int64_t>> terms);
  Expr mulTerms(Expr a, Expr b);
  /// Splits a into q · b + rest as far as its terms are multiples of b.
  void splitByDivisor(Expr a, Expr b, Expr &quotient, Expr &rest);
  bool inRange(Expr a, Expr below);
  int64_t atLeast(Expr term) const;
  bool findQuotient(Expr a, Expr b, Expr &quotient, Expr &rest);
  bool undoDivision(SmallVectorImpl<std::pair<Expr, int64_t>> &list, int64_t &constant);
  Expr divideByGcd(Expr rest, int64_t divisor, bool wantMod);

  MLIRContext *ctx;
  std::deque<Node> nodes;
  std::unordered_multimap<size_t, Expr> table;
  /// Smallest and largest element of integer constants.
  llvm::DenseMap<Attribute, std::pair<int64_t, int64_t>> elementRanges;
  /// Known to be 1 at least, while simplifyWith runs.
  llvm::DenseSet<Expr> positive;
  unsigned numVars = 0;
  unsigned numUndefs = 0;
};

/// Every node below `root`, operands before users.
SmallVector<Expr> postOrder(Expr root);
/// Calls `fn` on every node below root (each once).
void visit(Expr root, llvm::function_ref<void(Expr)> fn);

/// No tensor in memory has a longer side; it bounds what positions can be.
inline constexpr int64_t kMaxExtent = int64_t(1) << 40;

} // namespace mlir::posenc::scalar

#endif // POSENC_DIALECT_POSENC_ANALYSIS_SCALAREXPR_H
