//===- PosEncTransformOps.td - Plans by transform scripts --*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_TRANSFORM_OPS
#define POSENC_TRANSFORM_OPS

include "mlir/Dialect/Transform/IR/TransformDialect.td"
include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "posenc/Dialect/PosEnc/IR/PosEncAttrs.td"

class PosEncTransformOp<string mnemonic> : Op<Transform_Dialect, mnemonic, [
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>, TransformOpInterface,
    TransformEachOpTrait, ReportTrackingListenerFailuresOpTrait]> {
  let results = (outs);
  let extraClassDeclaration = [{
    ::mlir::DiagnosedSilenceableFailure applyToOne(
        ::mlir::transform::TransformRewriter &rewriter, ::mlir::Operation *target,
        ::mlir::transform::ApplyToEachResultList &results,
        ::mlir::transform::TransformState &state);
  }];
}

def PosEncSetPlanOp : PosEncTransformOp<"posenc.set_plan"> {
  let summary = "pin the plan of attention";
  let description = [{
    Sets `posenc.plan` of each `posenc.attention`. What the plan leaves out is
    decided by `--posenc-plan`, which keeps what is there (docs/Plan.md).

    ```mlir
    transform.posenc.set_plan %attention, <block_m = 64, block_n = 128> : !transform.any_op
    ```

    #### Return modes

    Fails silenceably on an op that is no attention, or whose score region the
    plan does not fit, which then keeps the plan that it had.
  }];
  let arguments = (ins TransformHandleTypeInterface:$target, PosEnc_PlanAttr:$plan);
  let assemblyFormat = "$target `,` $plan attr-dict `:` type($target)";
}

def PosEncSetStrategyOp : PosEncTransformOp<"posenc.set_strategy"> {
  let summary = "pin the strategy of one term of attention";
  let description = [{
    Sets `posenc.strategy` of the op which is term number `term` of each
    `posenc.attention`, counted like `--posenc-print-plan` does.

    ```mlir
    transform.posenc.set_strategy %attention, 0, <strip> : !transform.any_op
    ```

    #### Return modes

    Fails silenceably on an op that is no attention or has no such term, or whose
    term does not allow the strategy; it then keeps the one that it had.
  }];
  let arguments = (ins TransformHandleTypeInterface:$target, I64Attr:$term,
                       PosEnc_TermStrategyAttr:$strategy);
  let assemblyFormat = "$target `,` $term `,` $strategy attr-dict `:` type($target)";
}

#endif // POSENC_TRANSFORM_OPS
