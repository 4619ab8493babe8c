//===- DescribeExceptions.cpp - Terms that a class token is no part of ----===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A token that stands in no grid (a class token, a virtual node) has values of
// its own: for its query, for its key, and for both. What is left when the two
// conditions are taken to be false is what the term is everywhere else.
//
//===----------------------------------------------------------------------===//

#include "DescribeTerms.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::scalar;

/// The conditions that a combination of them is made of.
static void collectLeaves(Expr condition, llvm::SetVector<Expr> &leaves) {
  bool combines = condition->kind == Kind::And || condition->kind == Kind::Or ||
                  condition->kind == Kind::Not;
  if (!combines) {
    leaves.insert(condition);
    return;
  }
  for (Expr operand : condition->ops)
    collectLeaves(operand, leaves);
}

/// The value where the conditions are known.
Expr TermDescriber::valueUnder(const TermException &exception, Expr value, bool query,
                               bool key) {
  llvm::DenseMap<Expr, Expr> map;
  if (Expr where = exception.atQuery.where)
    map[where] = cx.boolConst(query);
  if (Expr where = exception.atKey.where)
    map[where] = cx.boolConst(key);
  return cx.substitute(value, map);
}

std::optional<TermException> TermDescriber::findException(Expr value) {
  llvm::SetVector<Expr> leaves;
  for (Expr e : postOrder(value))
    if (e->kind == Kind::Select)
      collectLeaves(e->ops[0], leaves);
  TermException found;
  for (Expr leaf : leaves) {
    unsigned sides = inputsOf(leaf) & ~kUniformInputs;
    if (sides != InputQuery && sides != InputKey)
      continue;
    Expr &condition = sides == InputQuery ? found.atQuery.where : found.atKey.where;
    // Of several on one side there would be more cases than three.
    if (condition)
      return std::nullopt;
    condition = leaf;
  }
  Expr ofQuery = found.atQuery.where, ofKey = found.atKey.where;
  if (!ofQuery && !ofKey)
    return std::nullopt;
  bool constant = true;
  auto fill = [&](Expr &result, bool query, bool key) {
    result = valueUnder(found, value, query, key);
    constant &= !(inputsOf(result) & ~kUniformInputs);
  };
  if (ofQuery)
    fill(found.atQuery.value, true, false);
  if (ofKey)
    fill(found.atKey.value, false, true);
  if (ofQuery && ofKey)
    fill(found.atBoth, true, true);
  // A value that varies along the line is no exception but a function of its own.
  return constant ? std::optional(found) : std::nullopt;
}

void TermDescriber::describeException(ScoreTerm &term) {
  constexpr unsigned sides = InputQuery | InputKey;
  if (term.queryFactor || term.keyFactor || !(term.inputs & (sides | InputDense)))
    return;
  term.exception = findException(term.value);
  if (!term.exception)
    return;
  Expr elsewhere = valueUnder(*term.exception, term.value, false, false);
  term.exception->elsewhere =
      std::make_shared<ScoreTerm>(ScoreTerm{term.op, term.action, elsewhere});
  describe(*term.exception->elsewhere);
  // The conditions are of the query and of the key; no tensor is read at both.
  term.inputs = term.exception->elsewhere->inputs | (term.inputs & kUniformInputs);
  term.inputs |= (term.exception->atQuery.where ? InputQuery : 0) |
                 (term.exception->atKey.where ? InputKey : 0);
  term.coreInputs = term.inputs;
}
