//===- PrintExpr.cpp - Expressions of a score region as text --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PrintExpr.h"

#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::scalar;

/// Longer ones help nobody.
static constexpr unsigned kMaxNodes = 24;

void ExprPrinter::print(Expr e) {
  if (postOrder(e).size() > kMaxNodes)
    os << "...";
  else
    printNode(e);
}

void ExprPrinter::printList(ArrayRef<Expr> list, StringRef separator) {
  llvm::interleave(list, os, [&](Expr e) { printNode(e); }, separator);
}

void ExprPrinter::printVariable(Expr e) {
  StringRef name = e == region.batch         ? "b"
                   : e == region.head        ? "h"
                   : e == region.query       ? "m"
                   : e == region.key         ? "n"
                   : e == region.channel     ? "r"
                   : e == region.queryOffset ? "q_offset"
                   : e == region.keyOffset   ? "k_offset"
                                             : "";
  if (!name.empty()) {
    os << name;
    return;
  }
  for (auto [i, axis] : llvm::enumerate(coordinates.getAxes()))
    if (e == axis.difference) {
      printAxis(axis);
      return;
    }
  for (const SmallVector<PositionPair> *list : {&region.positions, &region.floatPositions})
    for (const PositionPair &pair : *list)
      if (e == pair.query || e == pair.key) {
        os << (e == pair.query ? "i" : "j");
        if (pair.axis)
          os << *pair.axis;
        return;
      }
  os << "s";
}

void ExprPrinter::printAxis(const CoordinateAxis &axis) {
  switch (axis.kind) {
  case AxisKind::Position:
  case AxisKind::FloatPosition:
    os << "(i";
    if (axis.number >= 0)
      os << axis.number << " - j" << axis.number;
    else
      os << " - j";
    os << ")";
    return;
  case AxisKind::Index:
    os << "(m - n)";
    return;
  case AxisKind::Quotient:
    os << "(";
    printNode(axis.query);
    os << " - ";
    printNode(axis.key);
    os << ")";
    return;
  }
}

static StringRef getInfix(const Node &node) {
  if (node.ops.size() != 2)
    return "";
  switch (node.kind) {
  case Kind::Mul:
    return " * ";
  case Kind::FloorDiv:
    return " floordiv ";
  case Kind::Mod:
    return " mod ";
  case Kind::And:
    return " and ";
  case Kind::Or:
    return " or ";
  case Kind::Op:
    return node.name == "arith.addf"   ? " + "
           : node.name == "arith.subf" ? " - "
           : node.name == "arith.mulf" ? " * "
           : node.name == "arith.divf" ? " / "
                                       : "";
  default:
    return "";
  }
}

static StringRef getFunction(const Node &node) {
  switch (node.kind) {
  case Kind::Min:
    return "min";
  case Kind::Max:
    return "max";
  case Kind::Not:
    return "not ";
  case Kind::Select:
    return "select";
  case Kind::Wrap:
    return "wrap";
  case Kind::Op:
    return node.name.split('.').second;
  default:
    return "?";
  }
}

void ExprPrinter::printSum(Expr e) {
  os << "(";
  for (auto [i, term] : llvm::enumerate(e->ops)) {
    int64_t coef = e->coefs[i];
    os << (i == 0 ? (coef < 0 ? "-" : "") : coef < 0 ? " - " : " + ");
    if (std::abs(coef) != 1)
      os << std::abs(coef) << " * ";
    printNode(term);
  }
  if (e->num != 0)
    os << (e->num < 0 ? " - " : " + ") << std::abs(e->num);
  os << ")";
}

void ExprPrinter::printNode(Expr e) {
  switch (e->kind) {
  case Kind::IntConst:
    os << e->num;
    return;
  case Kind::FloatConst:
    os << llvm::format("%.9g", *e->floatValue());
    return;
  case Kind::Var:
    return printVariable(e);
  case Kind::Sym:
  case Kind::Dim:
  case Kind::Read:
    if (e->value)
      e->value.printAsOperand(os, state);
    else
      os << "constant";
    if (e->kind == Kind::Read) {
      os << "[";
      printList(e->ops, ", ");
      os << "]";
    }
    return;
  case Kind::Undef:
    os << "?";
    return;
  case Kind::Sum:
    return printSum(e);
  case Kind::GE0:
  case Kind::EQ0:
    printNode(e->ops[0]);
    os << (e->kind == Kind::GE0 ? " >= 0" : " == 0");
    return;
  default:
    break;
  }
  if (isStageResult(e)) {
    os << "stage " << cast<IntegerAttr>(e->attr).getInt();
    return;
  }
  if (e->kind == Kind::Op && (e->name == "arith.sitofp" || e->name == "arith.extf"))
    return printNode(e->ops[0]);
  StringRef infix = getInfix(*e);
  os << (infix.empty() ? getFunction(*e) : "") << "(";
  printList(e->ops, infix.empty() ? ", " : infix);
  os << ")";
}
