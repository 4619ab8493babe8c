//===- ScalarExpr.cpp - Scalar expressions over tensors -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Analysis/ScalarExpr.h"

#include "posenc/Dialect/PosEnc/Analysis/Evaluate.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/Hashing.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc::scalar;

std::optional<double> Node::floatValue() const {
  if (kind != Kind::FloatConst)
    return std::nullopt;
  APFloat value = cast<FloatAttr>(attr).getValue();
  bool lost;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
  return value.convertToDouble();
}

//===----------------------------------------------------------------------===//
// Hash consing
//===----------------------------------------------------------------------===//

static size_t hashNode(const Node &node) {
  llvm::hash_code h = llvm::hash_combine(unsigned(node.kind), node.type.getAsOpaquePointer(),
                                         node.num, node.attr.getAsOpaquePointer(),
                                         node.value.getAsOpaquePointer(), node.name);
  h = llvm::hash_combine(h, llvm::hash_combine_range(node.ops.begin(), node.ops.end()));
  return llvm::hash_combine(h, llvm::hash_combine_range(node.coefs.begin(), node.coefs.end()));
}

static bool sameNode(const Node &a, const Node &b) {
  return a.kind == b.kind && a.type == b.type && a.num == b.num && a.attr == b.attr &&
         a.value == b.value && a.name == b.name && a.ops == b.ops && a.coefs == b.coefs &&
         (a.kind != Kind::Var || (a.lo == b.lo && a.hi == b.hi));
}

Expr ExprContext::intern(Node &&node) {
  size_t hash = hashNode(node);
  auto [first, last] = table.equal_range(hash);
  for (auto it = first; it != last; ++it)
    if (sameNode(*it->second, node))
      return it->second;
  node.id = nodes.size();
  for (Expr operand : node.ops) {
    node.vars |= operand->vars;
    node.reads |= operand->reads;
  }
  if (node.kind == Kind::Var)
    node.vars |= uint64_t(1) << std::min<int64_t>(node.num, 63);
  if (node.kind == Kind::Read)
    node.reads = true;
  nodes.push_back(std::move(node));
  table.emplace(hash, &nodes.back());
  return &nodes.back();
}

//===----------------------------------------------------------------------===//
// Leaves
//===----------------------------------------------------------------------===//

/// The range of an integer of type `type`, as this file counts: i1 is 0 or 1.
static void setTypeRange(Node &node, Type type) {
  unsigned bits = 64;
  if (auto integer = dyn_cast_if_present<IntegerType>(type))
    bits = integer.getWidth();
  if (bits == 1) {
    node.lo = 0, node.hi = 1;
    return;
  }
  bits = std::min(bits, 64u);
  node.hi = bits == 64 ? INT64_MAX : (int64_t(1) << (bits - 1)) - 1;
  node.lo = -node.hi - 1;
}

Expr ExprContext::intConst(int64_t value) {
  Node node{Kind::IntConst, {}, value};
  node.lo = node.hi = value;
  return intern(std::move(node));
}

Expr ExprContext::var(Expr extent) {
  if (extent->isConst(1))
    return intConst(0);
  Node node{Kind::Var, {}, int64_t(numVars++)};
  node.ops.push_back(extent);
  node.lo = 0;
  node.hi = std::max<int64_t>(0, std::min(extent->hi, kMaxExtent) - 1);
  return intern(std::move(node));
}

Expr ExprContext::varInRange(int64_t lo, int64_t hi) {
  Node node{Kind::Var, {}, int64_t(numVars++)};
  node.lo = lo;
  node.hi = hi;
  return intern(std::move(node));
}

Expr ExprContext::floatVar(Type type) {
  Node node{Kind::Var, type, int64_t(numVars++)};
  return intern(std::move(node));
}

Expr ExprContext::sym(Value scalar) {
  Node node{Kind::Sym, {}, 0};
  node.value = scalar;
  if (isa<FloatType>(scalar.getType()))
    node.type = scalar.getType();
  else
    setTypeRange(node, scalar.getType());
  if (scalar.getType().isInteger(1))
    node.type = scalar.getType();
  return intern(std::move(node));
}

Expr ExprContext::dim(Value tensor, int64_t dim) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(dim))
    return intConst(type.getDimSize(dim));
  Node node{Kind::Dim, {}, dim};
  node.value = tensor;
  node.lo = 0;
  node.hi = kMaxExtent;
  return intern(std::move(node));
}

Expr ExprContext::floatConst(FloatAttr attr) {
  Node node{Kind::FloatConst, attr.getType()};
  node.attr = attr;
  return intern(std::move(node));
}

Expr ExprContext::floatConst(double value, Type type) {
  return floatConst(FloatAttr::get(type, value));
}

Expr ExprContext::read(Value tensor, ArrayRef<Expr> indices) {
  return makeRead(tensor, {}, cast<ShapedType>(tensor.getType()).getElementType(), indices);
}

static int64_t toInt(const APInt &value) {
  return value.getBitWidth() == 1 ? value.getZExtValue() : value.getSExtValue();
}

Expr ExprContext::readConstant(Value tensor, ElementsAttr elements, ArrayRef<Expr> indices) {
  // Integers only: a float keeps the name of the tensor that it comes from.
  SmallVector<uint64_t> at;
  for (auto [index, extent] : llvm::zip_equal(indices, elements.getShapedType().getShape()))
    if (index->kind == Kind::IntConst && index->num >= 0 && index->num < extent)
      at.push_back(index->num);
  if (at.size() == indices.size() && !isa<FloatType>(elements.getElementType())) {
    return intConst(toInt(elements.getValues<APInt>()[at]));
  }
  return makeRead(tensor, elements, elements.getElementType(), indices);
}

std::pair<int64_t, int64_t> ExprContext::rangeOf(ElementsAttr elements) {
  auto [found, isNew] = elementRanges.try_emplace(elements, 0, 0);
  if (!isNew || elements.empty())
    return found->second;
  int64_t lo = INT64_MAX, hi = INT64_MIN;
  for (const APInt &value : elements.getValues<APInt>()) {
    lo = std::min(lo, toInt(value));
    hi = std::max(hi, toInt(value));
  }
  return found->second = {lo, hi};
}

Expr ExprContext::makeRead(Value tensor, Attribute elements, Type element,
                           ArrayRef<Expr> indices) {
  Node node{Kind::Read};
  node.value = tensor;
  node.attr = elements;
  node.ops.assign(indices.begin(), indices.end());
  if (isa<FloatType>(element) || element.isInteger(1))
    node.type = element;
  if (!isa<FloatType>(element))
    setTypeRange(node, element);
  if (auto constant = cast_if_present<ElementsAttr>(elements))
    if (!isa<FloatType>(element))
      std::tie(node.lo, node.hi) = rangeOf(constant);
  return intern(std::move(node));
}

Expr ExprContext::undef(Type type, Value culprit) {
  Node node{Kind::Undef, {}, int64_t(numUndefs++)};
  node.value = culprit;
  if (isa<FloatType>(type) || type.isInteger(1))
    node.type = type;
  setTypeRange(node, type);
  // What is not known may depend on everything.
  node.vars = ~uint64_t(0);
  return intern(std::move(node));
}

//===----------------------------------------------------------------------===//
// Select and operations
//===----------------------------------------------------------------------===//

/// The one variable of `sum` and its value where the sum is `value`.
static std::optional<std::pair<Expr, int64_t>> solve(Expr sum, int64_t value) {
  if (sum->kind != Kind::Sum || sum->ops.size() != 1 || sum->ops[0]->kind != Kind::Var ||
      std::abs(sum->coefs[0]) != 1)
    return std::nullopt;
  return std::make_pair(sum->ops[0], (value - sum->num) * sum->coefs[0]);
}

/// Whether a and b agree at the only value for which the condition is not
/// `usual`: then a select of them is the other one everywhere.
static bool agreeAtTheEnd(ExprContext &cx, Expr condition, bool usual, Expr a, Expr b) {
  if (condition->kind != Kind::GE0)
    return false;
  Expr sum = condition->ops[0];
  if (usual ? sum->lo != -1 : sum->hi != 0)
    return false;
  auto end = solve(sum, usual ? -1 : 0);
  if (!end)
    return false;
  llvm::DenseMap<Expr, Expr> map;
  map[end->first] = cx.intConst(end->second);
  return cx.substitute(a, map) == cx.substitute(b, map);
}

Expr ExprContext::select(Expr condition, Expr a, Expr b) {
  if (condition->kind == Kind::IntConst)
    return condition->num ? a : b;
  if (a == b)
    return a;
  if (condition->kind == Kind::Not)
    return select(condition->ops[0], b, a);
  // Inside a branch the condition is known.
  Expr inverse = condition->kind == Kind::GE0 ? logicalNot(condition) : nullptr;
  auto inBranch = [&](Expr e, bool holds) {
    if (e->kind != Kind::Select || (e->ops[0] != condition && e->ops[0] != inverse))
      return e;
    return e->ops[(e->ops[0] == condition) == holds ? 1 : 2];
  };
  Expr whenTrue = inBranch(a, true), whenFalse = inBranch(b, false);
  if (whenTrue != a || whenFalse != b)
    return select(condition, whenTrue, whenFalse);
  // S == 1 ? 0 : i is i for i in [0, S): how exporters write a broadcast that
  // is decided at run time.
  if (condition->kind == Kind::EQ0 && a->isConst(0) && b->kind == Kind::Var &&
      !b->ops.empty() && condition == eq0(sub(b->ops[0], intConst(1))))
    return b;
  if (agreeAtTheEnd(*this, condition, /*usual=*/true, a, b))
    return a;
  if (agreeAtTheEnd(*this, condition, /*usual=*/false, a, b))
    return b;
  bool boolean = a->isInt() && a->lo >= 0 && a->hi <= 1 && b->lo >= 0 && b->hi <= 1;
  if (boolean && a->isConst(1) && b->isConst(0))
    return condition;
  if (boolean && a->isConst(0) && b->isConst(1))
    return logicalNot(condition);
  Node node{Kind::Select, a->isFloat() ? a->type : Type()};
  node.ops = {condition, a, b};
  node.lo = std::min(a->lo, b->lo);
  node.hi = std::max(a->hi, b->hi);
  if (a->isBool() && b->isBool())
    node.type = IntegerType::get(ctx, 1);
  return intern(std::move(node));
}

static bool isCommutative(StringRef name) {
  return llvm::is_contained({"arith.addf", "arith.mulf", "arith.maximumf", "arith.minimumf",
                             "arith.maxnumf", "arith.minnumf"},
                            name);
}

static bool isConstant(Expr e) {
  return e->kind == Kind::FloatConst || e->kind == Kind::IntConst;
}

/// What is computed of constants, in either branch, is a choice of two constants:
/// masks that exporters ask whether they are zero are conditions again.
static Expr opOfChoice(ExprContext &cx, StringRef name, Type type, ArrayRef<Expr> operands,
                       Attribute attrs) {
  std::optional<unsigned> choice;
  for (auto [i, e] : llvm::enumerate(operands)) {
    if (isConstant(e))
      continue;
    if (choice || e->kind != Kind::Select || !isConstant(e->ops[1]) || !isConstant(e->ops[2]))
      return nullptr;
    choice = i;
  }
  if (!choice)
    return nullptr;
  Expr select = operands[*choice];
  SmallVector<Expr> whenTrue(operands), whenFalse(operands);
  whenTrue[*choice] = select->ops[1];
  whenFalse[*choice] = select->ops[2];
  Expr a = cx.op(name, type, whenTrue, attrs), b = cx.op(name, type, whenFalse, attrs);
  return isConstant(a) && isConstant(b) ? cx.select(select->ops[0], a, b) : nullptr;
}

/// The integer that a float holds exactly; null if it may have been rounded.
static Expr exactInteger(ExprContext &cx, Expr e) {
  if (!e->isFloat())
    return nullptr;
  auto &semantics = cast<FloatType>(e->type).getFloatSemantics();
  int64_t exact = int64_t(1) << std::min(llvm::APFloat::semanticsPrecision(semantics), 53u);
  if (std::optional<double> value = e->floatValue())
    return std::fabs(*value) <= double(exact) && *value == std::trunc(*value)
               ? cx.intConst(int64_t(*value))
               : nullptr;
  if (e->kind != Kind::Op || e->ops.size() != 1 || e->ops[0]->lo < -exact ||
      e->ops[0]->hi > exact)
    return nullptr;
  if (e->name == "arith.sitofp" || (e->name == "arith.uitofp" && e->ops[0]->lo >= 0))
    return e->ops[0];
  return nullptr;
}

/// A comparison of floats that hold integers, as that of the integers.
static Expr compareIntegers(ExprContext &cx, ArrayRef<Expr> operands, Attribute attrs) {
  Expr a = exactInteger(cx, operands[0]), b = exactInteger(cx, operands[1]);
  auto dictionary = dyn_cast_or_null<DictionaryAttr>(attrs);
  if (!a || !b || !dictionary)
    return nullptr;
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  switch (dictionary.getAs<arith::CmpFPredicateAttr>("predicate").getValue()) {
  case F::OEQ:
  case F::UEQ:
    return cx.compare(I::eq, a, b);
  case F::ONE:
  case F::UNE:
    return cx.compare(I::ne, a, b);
  case F::OGT:
  case F::UGT:
    return cx.compare(I::sgt, a, b);
  case F::OGE:
  case F::UGE:
    return cx.compare(I::sge, a, b);
  case F::OLT:
  case F::ULT:
    return cx.compare(I::slt, a, b);
  case F::OLE:
  case F::ULE:
    return cx.compare(I::sle, a, b);
  default:
    return nullptr;
  }
}

/// x where adding `zero` to it is exact: −0 to anything, +0 to what is no −0.
static bool addsNothing(Expr x, Expr zero) {
  std::optional<double> value = zero->floatValue();
  bool fromInteger =
      x->kind == Kind::Op && (x->name == "arith.sitofp" || x->name == "arith.uitofp");
  return value == 0.0 && (std::signbit(*value) || fromInteger);
}

Expr ExprContext::op(StringRef name, Type type, ArrayRef<Expr> operands, Attribute attrs) {
  // Exact identities only: x · 1, x / 1, x − (+0), x + 0.
  if (operands.size() == 2) {
    std::optional<double> right = operands[1]->floatValue();
    std::optional<double> left = operands[0]->floatValue();
    if ((name == "arith.mulf" || name == "arith.divf") && right == 1.0)
      return operands[0];
    if (name == "arith.mulf" && left == 1.0)
      return operands[1];
    if (name == "arith.subf" && right == 0.0 && !std::signbit(*right))
      return operands[0];
    for (unsigned side : {0, 1})
      if (name == "arith.addf" && addsNothing(operands[side], operands[1 - side]))
        return operands[side];
    if (name == "arith.cmpf" && !(left && right))
      if (Expr compared = compareIntegers(*this, operands, attrs))
        return compared;
  }
  if (Expr choice = opOfChoice(*this, name, type, operands, attrs))
    return choice;
  Node node{Kind::Op, type};
  node.name = name;
  node.attr = attrs;
  node.ops.assign(operands.begin(), operands.end());
  if (isCommutative(name) && node.ops[0]->id > node.ops[1]->id)
    std::swap(node.ops[0], node.ops[1]);
  if (!isa<FloatType>(type))
    setTypeRange(node, type);
  if (llvm::all_of(operands, isConstant)) {
    if (std::optional<double> folded = foldFloatOp(node))
      return floatConst(*folded, type);
    if (std::optional<int64_t> folded = foldIntOp(node))
      return intConst(*folded);
  }
  return intern(std::move(node));
}

//===----------------------------------------------------------------------===//
// Traversal
//===----------------------------------------------------------------------===//

SmallVector<Expr> mlir::posenc::scalar::postOrder(Expr root) {
  SmallVector<Expr> order;
  llvm::DenseMap<Expr, bool> done;
  SmallVector<std::pair<Expr, unsigned>> stack{{root, 0}};
  done[root] = false;
  while (!stack.empty()) {
    auto &[node, next] = stack.back();
    if (next < node->ops.size()) {
      Expr operand = node->ops[next++];
      if (done.try_emplace(operand, false).second)
        stack.push_back({operand, 0});
      continue;
    }
    order.push_back(node);
    stack.pop_back();
  }
  return order;
}

void mlir::posenc::scalar::visit(Expr root, llvm::function_ref<void(Expr)> fn) {
  for (Expr node : postOrder(root))
    fn(node);
}

Expr ExprContext::rebuild(Expr like, ArrayRef<Expr> o) {
  switch (like->kind) {
  case Kind::Sum: {
    Expr sum = intConst(like->num);
    for (auto [operand, coef] : llvm::zip(o, like->coefs))
      sum = add(sum, scale(operand, coef));
    return sum;
  }
  case Kind::Mul: {
    Expr product = intConst(1);
    for (Expr operand : o)
      product = mul(product, operand);
    return product;
  }
  case Kind::FloorDiv:
    return floorDiv(o[0], o[1]);
  case Kind::Mod:
    return mod(o[0], o[1]);
  case Kind::Min:
    return min(o[0], o[1]);
  case Kind::Max:
    return max(o[0], o[1]);
  case Kind::GE0:
    return ge0(o[0]);
  case Kind::EQ0:
    return eq0(o[0]);
  case Kind::And:
    return logicalAnd(o[0], o[1]);
  case Kind::Or:
    return logicalOr(o[0], o[1]);
  case Kind::Not:
    return logicalNot(o[0]);
  case Kind::Wrap:
    return wrap(o[0], like->num);
  case Kind::Select:
    return select(o[0], o[1], o[2]);
  case Kind::Read:
    if (auto elements = cast_if_present<ElementsAttr>(like->attr))
      return readConstant(like->value, elements, o);
    return read(like->value, o);
  case Kind::Op:
    if (like->name == "arith.cmpi")
      return compare(arith::CmpIPredicate(like->num), o[0], o[1]);
    return op(like->name, like->type, o, like->attr);
  default:
    return like;
  }
}

Expr ExprContext::substitute(Expr root, const llvm::DenseMap<Expr, Expr> &map) {
  llvm::DenseMap<Expr, Expr> result;
  for (Expr node : postOrder(root)) {
    if (Expr replacement = map.lookup(node)) {
      result[node] = replacement;
      continue;
    }
    // A variable's extent is no part of its value.
    if (node->kind == Kind::Var || node->ops.empty()) {
      result[node] = node;
      continue;
    }
    SmallVector<Expr> operands;
    for (Expr operand : node->ops)
      operands.push_back(result.lookup(operand));
    result[node] = llvm::equal(operands, node->ops) ? node : rebuild(node, operands);
  }
  return result.lookup(root);
}
