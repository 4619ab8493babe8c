//===- Selection.cpp - What may be raised, and what was -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Selection.h"

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

/// All words, as the table of docs/Raising.md has them.
static constexpr StringLiteral kWords[] = {
    "mask",  "uniform", "affine", "relative", "table",     "rank",    "pair",
    "dense", "product", "values", "stage",    "pointwise", "general",
};

//===----------------------------------------------------------------------===//
// Terms
//===----------------------------------------------------------------------===//

static StringRef wordOfInputs(const ScoreTerm &term) {
  unsigned inputs = term.inputs & ~kUniformInputs;
  if (inputs & (InputUnknown | InputScore))
    return "general";
  if (inputs & InputStage)
    return "stage";
  if (inputs & InputDense)
    return "dense";
  if (term.queryFactor || term.keyFactor || inputs == InputQuery || inputs == InputKey)
    return "rank";
  if (term.affine)
    return "affine";
  if (inputs == 0)
    return "uniform";
  if (inputs == InputDistance)
    return "relative";
  return inputs & (InputQuery | InputKey) ? "pair" : "table";
}

static StringRef wordOf(const ScoreTerm &term) {
  switch (term.action) {
  case TermAction::Mask:
    return "mask";
  case TermAction::Pointwise:
    return "pointwise";
  case TermAction::General:
    return "general";
  case TermAction::Product:
    return "product";
  case TermAction::RowScan:
  case TermAction::HeadMix:
    return "stage";
  case TermAction::Add:
  case TermAction::Multiply:
    return wordOfInputs(term);
  }
  llvm_unreachable("all actions are covered");
}

SmallVector<TermWord> mlir::posenc::raise::describeTerms(AttentionOp op) {
  SmallVector<TermWord> terms;
  ScoreStructure structure(op);
  for (const ScoreTerm &term : structure.getTerms())
    terms.push_back({wordOf(term), term.op->getName().getStringRef().str()});
  for (const ScoreStage &stage : structure.getStages())
    terms.push_back({"stage", stage.op->getName().getStringRef().str()});
  if (op.getValueRel())
    terms.push_back({"values", "value_rel"});
  return terms;
}

std::string mlir::posenc::raise::describeRaised(AttentionOp op) {
  SmallVector<std::string> parts;
  for (const TermWord &term : describeTerms(op))
    parts.push_back((term.word + " (" + term.where + ")").str());
  if (op.getSinks())
    parts.push_back("sinks");
  if (parts.empty())
    return "raised to posenc.attention of q, k and v alone";
  return "raised to posenc.attention with " + llvm::join(parts, ", ");
}

//===----------------------------------------------------------------------===//
// The option
//===----------------------------------------------------------------------===//

std::optional<Selection> Selection::parse(ArrayRef<std::string> entries, std::string &error) {
  Selection selection;
  for (StringRef entry : entries) {
    StringRef name = entry;
    if (name.consume_front("@")) {
      llvm::Expected<llvm::GlobPattern> pattern = llvm::GlobPattern::create(name);
      if (!pattern) {
        error = ("expected a pattern of function names but got '" + entry +
                 "': " + llvm::toString(pattern.takeError()))
                    .str();
        return std::nullopt;
      }
      selection.functions.push_back(std::move(*pattern));
      continue;
    }
    const auto *known = llvm::find(kWords, entry);
    if (known == std::end(kWords)) {
      ArrayRef<StringLiteral> words(kWords);
      error = "expected '@function' or one of " + llvm::join(words, ", ") + " but got '" +
              entry.str() + "'";
      return std::nullopt;
    }
    selection.words.insert(*known);
  }
  return selection;
}

bool Selection::allowsFunction(StringRef name) const {
  return functions.empty() || llvm::any_of(functions, [&](const llvm::GlobPattern &pattern) {
           return pattern.match(name);
         });
}

bool Selection::allowsTerms(AttentionOp op, std::string &reason) const {
  if (words.empty())
    return true;
  for (const TermWord &term : describeTerms(op))
    if (!words.contains(term.word)) {
      SmallVector<StringRef> allowed(words.begin(), words.end());
      llvm::sort(allowed);
      reason = "expected only " + llvm::join(allowed, ", ") + ", but got " + term.word.str() +
               " (" + term.where + ")";
      return false;
    }
  return true;
}
