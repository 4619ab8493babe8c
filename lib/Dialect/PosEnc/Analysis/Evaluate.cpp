//===- Evaluate.cpp - Evaluate scalar expressions exactly -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Analysis/Evaluate.h"

#include "llvm/ADT/StringSwitch.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::posenc::scalar;

using Wide = __int128;
static constexpr double kInf = std::numeric_limits<double>::infinity();

Interval Interval::ofInt(int64_t lo, int64_t hi) {
  Interval r;
  r.lo = lo;
  r.hi = hi;
  return r;
}

Interval Interval::ofFloat(double lo, double hi) {
  Interval r;
  r.flo = lo;
  r.fhi = hi;
  if (std::isnan(lo) || std::isnan(hi))
    return anyFloat();
  return r;
}

Interval Interval::anyFloat() {
  Interval r;
  r.flo = -kInf;
  r.fhi = kInf;
  r.nan = true;
  return r;
}

static int64_t clamp(Wide v) {
  return v > INT64_MAX ? INT64_MAX : v < INT64_MIN ? INT64_MIN : int64_t(v);
}

/// Rounds to the type as the IR's operation does. Doubles carry more than
/// 2p + 2 bits of f32 and of narrower types, so that rounding a double result
/// of + - * / and sqrt once more is exact.
static double roundTo(double value, Type type) {
  if (type.isF64())
    return value;
  if (type.isF32())
    return double(float(value));
  APFloat f(value);
  bool lost;
  f.convert(cast<FloatType>(type).getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
  f.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
  return f.convertToDouble();
}

//===----------------------------------------------------------------------===//
// Float operations
//===----------------------------------------------------------------------===//

using Unary = double (*)(double);

/// A non-decreasing function of one float, by operation name. Logarithms and
/// exponentials are taken as correctly rounded.
static Unary monotoneFunction(StringRef name) {
  return llvm::StringSwitch<Unary>(name)
      .Cases({"arith.extf", "arith.truncf"}, [](double x) { return x; })
      .Case("math.log", [](double x) { return std::log(x); })
      .Case("math.log2", [](double x) { return std::log2(x); })
      .Case("math.log10", [](double x) { return std::log10(x); })
      .Case("math.log1p", [](double x) { return std::log1p(x); })
      .Case("math.exp", [](double x) { return std::exp(x); })
      .Case("math.exp2", [](double x) { return std::exp2(x); })
      .Case("math.expm1", [](double x) { return std::expm1(x); })
      .Case("math.sqrt", [](double x) { return std::sqrt(x); })
      .Case("math.tanh", [](double x) { return std::tanh(x); })
      .Case("math.floor", [](double x) { return std::floor(x); })
      .Case("math.ceil", [](double x) { return std::ceil(x); })
      .Case("math.trunc", [](double x) { return std::trunc(x); })
      .Case("math.round", [](double x) { return std::round(x); })
      .Case("math.roundeven", [](double x) { return std::nearbyint(x); })
      .Default(nullptr);
}

/// f over the corners of a box; right for functions monotone in each argument.
template <typename Fn>
static Interval corners(const Interval &a, const Interval &b, Type type, Fn fn) {
  double c[] = {fn(a.flo, b.flo), fn(a.flo, b.fhi), fn(a.fhi, b.flo), fn(a.fhi, b.fhi)};
  for (double v : c)
    if (std::isnan(v))
      return Interval::anyFloat();
  return Interval::ofFloat(roundTo(*std::min_element(c, c + 4), type),
                           roundTo(*std::max_element(c, c + 4), type));
}

static bool contains(const Interval &a, double value) {
  return a.flo <= value && value <= a.fhi;
}

static Interval binaryFloat(StringRef name, const Interval &a, const Interval &b, Type type) {
  if (name == "arith.addf")
    return corners(a, b, type, [](double x, double y) { return x + y; });
  if (name == "arith.subf")
    return corners(a, b, type, [](double x, double y) { return x - y; });
  if (name == "arith.mulf") {
    bool bad = (contains(a, 0) && (std::isinf(b.flo) || std::isinf(b.fhi))) ||
               (contains(b, 0) && (std::isinf(a.flo) || std::isinf(a.fhi)));
    return bad ? Interval::anyFloat()
               : corners(a, b, type, [](double x, double y) { return x * y; });
  }
  if (name == "arith.divf") {
    if (contains(b, 0) && !(b.isFloatPoint() && a.isFloatPoint()))
      return Interval::anyFloat();
    return corners(a, b, type, [](double x, double y) { return x / y; });
  }
  bool isMax = name == "arith.maximumf" || name == "arith.maxnumf";
  bool isMin = name == "arith.minimumf" || name == "arith.minnumf";
  if (isMax)
    return Interval::ofFloat(std::max(a.flo, b.flo), std::max(a.fhi, b.fhi));
  if (isMin)
    return Interval::ofFloat(std::min(a.flo, b.flo), std::min(a.fhi, b.fhi));
  if (name == "math.powf" && a.isFloatPoint() && b.isFloatPoint()) {
    double v = roundTo(std::pow(a.flo, b.flo), type);
    return Interval::ofFloat(v, v);
  }
  return Interval::anyFloat();
}

static Interval floatOp(const Node &node, ArrayRef<Interval> o) {
  StringRef name = node.name;
  if (name == "arith.sitofp")
    return Interval::ofFloat(roundTo(double(o[0].lo), node.type),
                             roundTo(double(o[0].hi), node.type));
  Interval r = Interval::anyFloat();
  bool nan = llvm::any_of(o, [](const Interval &i) { return i.nan; });
  if (o.size() == 1) {
    if (name == "arith.negf")
      r = Interval::ofFloat(-o[0].fhi, -o[0].flo);
    else if (name == "math.absf")
      r = contains(o[0], 0)
              ? Interval::ofFloat(0, std::max(-o[0].flo, o[0].fhi))
              : Interval::ofFloat(std::min(std::fabs(o[0].flo), std::fabs(o[0].fhi)),
                                  std::max(std::fabs(o[0].flo), std::fabs(o[0].fhi)));
    else if (Unary fn = monotoneFunction(name))
      r = Interval::ofFloat(roundTo(fn(o[0].flo), node.type), roundTo(fn(o[0].fhi), node.type));
  } else if (o.size() == 2) {
    r = binaryFloat(name, o[0], o[1], node.type);
  }
  r.nan |= nan;
  return r;
}

//===----------------------------------------------------------------------===//
// Integer operations
//===----------------------------------------------------------------------===//

static Interval unknownInt(const Node &node) { return Interval::ofInt(node.lo, node.hi); }

static Interval trueOrFalse(bool canBeTrue, bool canBeFalse) {
  return Interval::ofInt(canBeFalse ? 0 : 1, canBeTrue ? 1 : 0);
}

static Interval compareFloat(const Node &node, const Interval &a, const Interval &b) {
  using P = arith::CmpFPredicate;
  auto attr = cast<DictionaryAttr>(node.attr).getAs<arith::CmpFPredicateAttr>("predicate");
  // Without NaN the ordered and unordered predicates agree.
  if (!attr || a.nan || b.nan)
    return Interval::ofInt(0, 1);
  switch (attr.getValue()) {
  case P::OLT:
  case P::ULT:
    return trueOrFalse(a.flo < b.fhi, a.fhi >= b.flo);
  case P::OLE:
  case P::ULE:
    return trueOrFalse(a.flo <= b.fhi, a.fhi > b.flo);
  case P::OGT:
  case P::UGT:
    return trueOrFalse(a.fhi > b.flo, a.flo <= b.fhi);
  case P::OGE:
  case P::UGE:
    return trueOrFalse(a.fhi >= b.flo, a.flo < b.fhi);
  case P::OEQ:
  case P::UEQ:
    return trueOrFalse(a.flo <= b.fhi && b.flo <= a.fhi,
                       !(a.isFloatPoint() && b.isFloatPoint() && a.flo == b.flo));
  case P::ONE:
  case P::UNE:
    return trueOrFalse(!(a.isFloatPoint() && b.isFloatPoint() && a.flo == b.flo),
                       a.flo <= b.fhi && b.flo <= a.fhi);
  case P::ORD:
    return Interval::ofInt(1, 1);
  case P::UNO:
    return Interval::ofInt(0, 0);
  default:
    return Interval::ofInt(0, 1);
  }
}

static Interval compareInt(const Node &node, const Interval &a, const Interval &b) {
  using P = arith::CmpIPredicate;
  P predicate = arith::CmpIPredicate(node.num);
  bool isUnsigned =
      predicate == P::ult || predicate == P::ule || predicate == P::ugt || predicate == P::uge;
  if (isUnsigned && (a.lo < 0 || b.lo < 0))
    return unknownInt(node);
  bool equal = a.lo == a.hi && b.lo == b.hi && a.lo == b.lo;
  bool overlap = a.lo <= b.hi && b.lo <= a.hi;
  switch (predicate) {
  case P::slt:
  case P::ult:
    return trueOrFalse(a.lo < b.hi, a.hi >= b.lo);
  case P::sle:
  case P::ule:
    return trueOrFalse(a.lo <= b.hi, a.hi > b.lo);
  case P::sgt:
  case P::ugt:
    return trueOrFalse(a.hi > b.lo, a.lo <= b.hi);
  case P::sge:
  case P::uge:
    return trueOrFalse(a.hi >= b.lo, a.lo < b.hi);
  case P::eq:
    return trueOrFalse(overlap, !equal);
  case P::ne:
    return trueOrFalse(!equal, overlap);
  }
  return unknownInt(node);
}

static Interval floatToInt(const Node &node, const Interval &a) {
  Interval r = unknownInt(node);
  // hi + 1, a power of two, is a double where hi need not be.
  double limit = node.hi == INT64_MAX ? std::ldexp(1.0, 63) : double(node.hi) + 1;
  if (a.nan || !(std::trunc(a.flo) >= -limit) || !(std::trunc(a.fhi) < limit)) {
    r.poison = true;
    return r;
  }
  return Interval::ofInt(int64_t(std::trunc(a.flo)), int64_t(std::trunc(a.fhi)));
}

/// Operations that only points are known of.
static std::optional<int64_t> pointOp(StringRef name, int64_t a, int64_t b) {
  if (name == "arith.andi")
    return a & b;
  if (name == "arith.ori")
    return a | b;
  if (name == "arith.xori")
    return a ^ b;
  if (name == "arith.shrsi" && b >= 0 && b < 64)
    return a >> b;
  bool divides = b != 0 && !(a == INT64_MIN && b == -1);
  if (name == "arith.divsi" && divides)
    return a / b;
  if (name == "arith.remsi" && divides)
    return a % b;
  if (name == "arith.floordivsi" && divides)
    return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
  int64_t product;
  if (name == "arith.muli" && !__builtin_mul_overflow(a, b, &product))
    return product;
  return std::nullopt;
}

static Interval intOp(const Node &node, ArrayRef<Interval> o) {
  if (node.name == "arith.cmpi")
    return compareInt(node, o[0], o[1]);
  if (node.name == "arith.cmpf")
    return compareFloat(node, o[0], o[1]);
  if (node.name == "arith.fptosi")
    return floatToInt(node, o[0]);
  if (int sign = node.name == "arith.addi" ? 1 : node.name == "arith.subi" ? -1 : 0) {
    Wide lo = Wide(o[0].lo) + sign * Wide(sign > 0 ? o[1].lo : o[1].hi);
    Wide hi = Wide(o[0].hi) + sign * Wide(sign > 0 ? o[1].hi : o[1].lo);
    return lo >= node.lo && hi <= node.hi ? Interval::ofInt(lo, hi) : unknownInt(node);
  }
  if (o.size() == 2 && o[0].lo == o[0].hi && o[1].lo == o[1].hi && node.ops[0]->isInt() &&
      node.ops[1]->isInt())
    if (std::optional<int64_t> v = pointOp(node.name, o[0].lo, o[1].lo))
      if (*v >= node.lo && *v <= node.hi)
        return Interval::ofInt(*v, *v);
  return unknownInt(node);
}

static int64_t floorDivide(int64_t a, int64_t b) {
  return a / b - ((a % b != 0 && a < 0) ? 1 : 0);
}

static Interval division(const Node &node, const Interval &a, const Interval &b) {
  if (b.lo != b.hi || b.lo <= 0)
    return unknownInt(node);
  int64_t qlo = floorDivide(a.lo, b.lo), qhi = floorDivide(a.hi, b.lo);
  if (node.kind == Kind::FloorDiv)
    return Interval::ofInt(qlo, qhi);
  if (qlo != qhi)
    return Interval::ofInt(0, b.lo - 1);
  return Interval::ofInt(a.lo - qlo * b.lo, a.hi - qhi * b.lo);
}

static Interval wrapped(const Node &node, const Interval &a) {
  if (a.lo >= node.lo && a.hi <= node.hi)
    return a;
  if (a.lo == a.hi && node.num < 64) {
    uint64_t mask = (uint64_t(1) << node.num) - 1;
    uint64_t bits = uint64_t(a.lo) & mask;
    int64_t v = bits > uint64_t(node.hi) ? int64_t(bits) - int64_t(mask) - 1 : int64_t(bits);
    return Interval::ofInt(v, v);
  }
  return unknownInt(node);
}

static Interval sumOrProduct(const Node &node, ArrayRef<Interval> o) {
  if (node.kind == Kind::Sum) {
    Wide lo = node.num, hi = node.num;
    for (auto [v, coef] : llvm::zip(o, node.coefs)) {
      lo += Wide(coef) * (coef > 0 ? v.lo : v.hi);
      hi += Wide(coef) * (coef > 0 ? v.hi : v.lo);
    }
    return Interval::ofInt(clamp(lo), clamp(hi));
  }
  Interval r = Interval::ofInt(1, 1);
  for (const Interval &v : o) {
    Wide c[] = {Wide(r.lo) * v.lo, Wide(r.lo) * v.hi, Wide(r.hi) * v.lo, Wide(r.hi) * v.hi};
    r = Interval::ofInt(clamp(*std::min_element(c, c + 4)), clamp(*std::max_element(c, c + 4)));
  }
  return r;
}

static Interval hull(const Interval &a, const Interval &b) {
  Interval r;
  r.lo = std::min(a.lo, b.lo);
  r.hi = std::max(a.hi, b.hi);
  r.flo = std::min(a.flo, b.flo);
  r.fhi = std::max(a.fhi, b.fhi);
  r.nan = a.nan || b.nan;
  r.poison = a.poison || b.poison;
  return r;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

/// Elements of a constant tensor, where the indices leave few to choose from.
static Interval readElements(const Node &node, ArrayRef<Interval> o) {
  auto elements = cast<ElementsAttr>(node.attr);
  ArrayRef<int64_t> shape = elements.getShapedType().getShape();
  Interval unknown = node.isFloat() ? Interval::anyFloat() : Interval::ofInt(node.lo, node.hi);
  constexpr int64_t limit = 64;
  SmallVector<uint64_t> at;
  // All but the last index are known; the last is in a short range.
  for (auto [index, extent] : llvm::zip_equal(o, shape)) {
    bool last = &index == &o.back();
    if (index.poison || index.lo < 0 || index.hi >= extent || (!last && index.lo != index.hi) ||
        index.hi - index.lo >= limit)
      return unknown;
    at.push_back(index.lo);
  }
  std::optional<Interval> result;
  for (int64_t i = o.empty() ? 0 : o.back().lo, e = o.empty() ? 0 : o.back().hi; i <= e; ++i) {
    if (!at.empty())
      at.back() = i;
    if (node.isFloat()) {
      APFloat value = elements.getValues<APFloat>()[at];
      bool lost;
      value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
      Interval point = Interval::ofFloat(value.convertToDouble(), value.convertToDouble());
      result = result ? hull(*result, point) : point;
      continue;
    }
    APInt value = elements.getValues<APInt>()[at];
    int64_t v = value.getBitWidth() == 1 ? value.getZExtValue() : value.getSExtValue();
    result = result ? hull(*result, Interval::ofInt(v, v)) : Interval::ofInt(v, v);
  }
  return *result;
}

static Interval evaluateNode(const Node &node, ArrayRef<Interval> o) {
  switch (node.kind) {
  case Kind::Read:
    if (node.attr)
      return readElements(node, o);
    return node.isFloat() ? Interval::anyFloat() : Interval::ofInt(node.lo, node.hi);
  case Kind::IntConst:
    return Interval::ofInt(node.num, node.num);
  case Kind::FloatConst:
    return Interval::ofFloat(*node.floatValue(), *node.floatValue());
  case Kind::Sum:
  case Kind::Mul:
    return sumOrProduct(node, o);
  case Kind::FloorDiv:
  case Kind::Mod:
    return division(node, o[0], o[1]);
  case Kind::Min:
    return Interval::ofInt(std::min(o[0].lo, o[1].lo), std::min(o[0].hi, o[1].hi));
  case Kind::Max:
    return Interval::ofInt(std::max(o[0].lo, o[1].lo), std::max(o[0].hi, o[1].hi));
  case Kind::GE0:
    return trueOrFalse(o[0].hi >= 0, o[0].lo < 0);
  case Kind::EQ0:
    return trueOrFalse(o[0].lo <= 0 && o[0].hi >= 0, o[0].lo != 0 || o[0].hi != 0);
  case Kind::And:
    return Interval::ofInt(o[0].lo & o[1].lo, o[0].hi & o[1].hi);
  case Kind::Or:
    return Interval::ofInt(o[0].lo | o[1].lo, o[0].hi | o[1].hi);
  case Kind::Not:
    return Interval::ofInt(1 - o[0].hi, 1 - o[0].lo);
  case Kind::Wrap:
    return wrapped(node, o[0]);
  case Kind::Op:
    return node.isFloat() ? floatOp(node, o) : intOp(node, o);
  default: // Var, Sym, Dim, Undef: whatever their range is
    return node.isFloat() ? Interval::anyFloat() : Interval::ofInt(node.lo, node.hi);
  }
}

Evaluator::Evaluator(Expr root, UnknownFloats unknown)
    : unknown(unknown), order(postOrder(root)) {
  llvm::DenseMap<Expr, unsigned> position;
  for (auto [i, node] : llvm::enumerate(order)) {
    position[node] = i;
    SmallVector<unsigned, 3> &list = operands.emplace_back();
    for (Expr operand : node->ops)
      list.push_back(position.lookup(operand));
  }
  values.resize(order.size());
}

/// Between the largest finite numbers of the type.
static Interval finiteFloat(Type type) {
  APFloat largest = APFloat::getLargest(cast<FloatType>(type).getFloatSemantics());
  bool lost;
  largest.convert(APFloat::IEEEdouble(), APFloat::rmTowardPositive, &lost);
  return Interval::ofFloat(-largest.convertToDouble(), largest.convertToDouble());
}

Interval Evaluator::evaluate(unsigned index, ArrayRef<Range> ranges) {
  const Node &node = *order[index];
  for (const Range &range : ranges)
    if (range.first == &node)
      return range.second;
  SmallVector<Interval, 4> o;
  for (unsigned p : operands[index])
    o.push_back(values[p]);
  if (node.kind == Kind::Select) {
    // Only the selected branch may be poison: log(0) on the other is no harm.
    bool known = o[0].isIntPoint();
    Interval value = known ? (o[0].lo ? o[1] : o[2]) : hull(o[1], o[2]);
    value.poison |= o[0].poison;
    return value;
  }
  bool leaf = node.kind == Kind::Var || node.kind == Kind::Sym ||
              (node.kind == Kind::Read && !node.attr);
  Interval value = leaf && node.isFloat() && unknown == UnknownFloats::Finite
                       ? finiteFloat(node.type)
                       : evaluateNode(node, o);
  if (node.kind != Kind::Var)
    for (const Interval &operand : o)
      value.poison |= operand.poison;
  return value;
}

Interval Evaluator::run(ArrayRef<Range> ranges) {
  for (unsigned i = 0, e = order.size(); i < e; ++i)
    values[i] = evaluate(i, ranges);
  return values.back();
}

static Interval foldNode(const Node &node) {
  SmallVector<Interval, 3> o;
  for (Expr operand : node.ops)
    o.push_back(evaluateNode(*operand, {}));
  return evaluateNode(node, o);
}

std::optional<double> mlir::posenc::scalar::foldFloatOp(const Node &node) {
  // Wider floats than doubles are not folded.
  auto wide = [](Type type) { return type && type.getIntOrFloatBitWidth() > 64; };
  if (!node.isFloat() || wide(node.type) ||
      llvm::any_of(node.ops, [&](Expr e) { return e->isFloat() && wide(e->type); }))
    return std::nullopt;
  Interval r = foldNode(node);
  if (!r.isFloatPoint())
    return std::nullopt;
  return r.flo;
}

std::optional<int64_t> mlir::posenc::scalar::foldIntOp(const Node &node) {
  if (node.isFloat())
    return std::nullopt;
  Interval r = foldNode(node);
  if (!r.isIntPoint() || r.poison)
    return std::nullopt;
  return r.lo;
}
