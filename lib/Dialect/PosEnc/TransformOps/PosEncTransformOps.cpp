//===- PosEncTransformOps.cpp - Plans by transform scripts ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/TransformOps/PosEncTransformOps.h"

#include "posenc/Dialect/PosEnc/Plan/PlanZones.h"

using namespace mlir;
using namespace mlir::posenc;

#define GET_OP_CLASSES
#include "posenc/Dialect/PosEnc/TransformOps/PosEncTransformOps.cpp.inc"

namespace {
/// Takes an attribute back unless it turns out to fit.
class AttributeChange {
public:
  AttributeChange(Operation *op, StringRef name, Attribute value)
      : op(op), name(name), before(op->getAttr(name)) {
    op->setAttr(name, value);
  }
  void undo() {
    if (before)
      op->setAttr(name, before);
    else
      op->removeAttr(name);
  }

private:
  Operation *op;
  StringRef name;
  Attribute before;
};
} // namespace

/// Sets the attribute if the attention then still has a plan that fits; what
/// verifyPlan says becomes a note.
static DiagnosedSilenceableFailure setIfFitting(transform::TransformOpInterface transform,
                                                AttentionOp attention, const ScoreSteps &steps,
                                                Operation *op, StringRef name,
                                                Attribute value) {
  AttributeChange change(op, name, value);
  SmallVector<std::string> reasons;
  LogicalResult fits = failure();
  {
    ScopedDiagnosticHandler handler(op->getContext(), [&](Diagnostic &diag) {
      reasons.push_back(diag.str());
      return success();
    });
    fits = verifyPlan(attention, PlanAttr::of(attention), steps);
  }
  if (succeeded(fits))
    return DiagnosedSilenceableFailure::success();
  change.undo();
  DiagnosedSilenceableFailure failure = emitSilenceableFailure(transform)
                                        << "expected what fits the attention";
  for (const std::string &reason : reasons)
    failure.attachNote(op->getLoc()) << reason;
  return failure;
}

static DiagnosedSilenceableFailure expectAttention(transform::TransformOpInterface transform,
                                                   Operation *target) {
  return emitSilenceableFailure(transform)
         << "expected posenc.attention but got " << target->getName();
}

//===----------------------------------------------------------------------===//
// set_plan
//===----------------------------------------------------------------------===//

DiagnosedSilenceableFailure transform::PosEncSetPlanOp::applyToOne(TransformRewriter &,
                                                                   Operation *target,
                                                                   ApplyToEachResultList &,
                                                                   TransformState &) {
  auto attention = dyn_cast<AttentionOp>(target);
  if (!attention)
    return expectAttention(*this, target);
  ScoreStructure structure(attention);
  return setIfFitting(*this, attention, ScoreSteps(structure), target, PlanAttr::kName,
                      getPlan());
}

void transform::PosEncSetPlanOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  onlyReadsHandle(getTargetMutable(), effects);
  modifiesPayload(effects);
}

//===----------------------------------------------------------------------===//
// set_strategy
//===----------------------------------------------------------------------===//

DiagnosedSilenceableFailure transform::PosEncSetStrategyOp::applyToOne(TransformRewriter &,
                                                                       Operation *target,
                                                                       ApplyToEachResultList &,
                                                                       TransformState &) {
  auto attention = dyn_cast<AttentionOp>(target);
  if (!attention)
    return expectAttention(*this, target);
  ScoreStructure structure(attention);
  ScoreSteps steps(structure);
  ArrayRef<ScoreStep> terms = steps.getSteps();
  int64_t number = getTerm();
  if (number < 0 || number >= int64_t(terms.size()))
    return emitSilenceableFailure(*this) << "expected a term from 0 to "
                                         << int64_t(terms.size()) - 1 << " but got " << number;
  return setIfFitting(*this, attention, steps, terms[number].op, PlanAttr::kStrategyName,
                      getStrategyAttr());
}

void transform::PosEncSetStrategyOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  onlyReadsHandle(getTargetMutable(), effects);
  modifiesPayload(effects);
}

//===----------------------------------------------------------------------===//
// Registration
//===----------------------------------------------------------------------===//

namespace {
class PosEncTransformDialectExtension
    : public transform::TransformDialectExtension<PosEncTransformDialectExtension> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PosEncTransformDialectExtension)
  using Base::Base;

  void init() {
    // Attributes of a script are parsed before there is any attention.
    declareDependentDialect<PosEncDialect>();
    registerTransformOps<
#define GET_OP_LIST
#include "posenc/Dialect/PosEnc/TransformOps/PosEncTransformOps.cpp.inc"
        >();
  }
};
} // namespace

void posenc::registerTransformDialectExtension(DialectRegistry &registry) {
  registry.addExtensions<PosEncTransformDialectExtension>();
}
