//===- Passes.td - Passes that show what analyses find -----*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_ANALYSIS_PASSES
#define POSENC_DIALECT_POSENC_ANALYSIS_PASSES

include "mlir/Pass/PassBase.td"

def PosEncPrintStructure : Pass<"posenc-print-structure"> {
  let summary = "Print what each term of each score region depends on";
  let description = [{
    One line per `posenc.attention` and `posenc.score_map`, and one per term of
    its score region in the order in which terms change the score, on standard
    error (like upstream's `--print-op-stats`; standard output keeps the module,
    which is not changed):

    ```
    @encoder attention 0: 1 term, i - j = m - n; (-inf, -91] constant, [-90, 90] varies, [91, inf) constant
    @encoder attention 0 term 0 posenc.bias_table: add, function of i - j, per head, reads %arg3; (-inf, -91] = %arg3[15, h], [91, inf) = %arg3[31, h], 11 shorter
    ```

    A distance interval of an attention is `masked` (every score is −inf),
    `constant` (no term's value varies there; with the sum of the biases, if that
    is one number), `filled` (a mask replaces every score by one finite number),
    `varies` (no mask hides anything) or `mixed`. docs/Structure.md says what
    each word claims.
  }];
  let options = [
    Option<"minZone", "min-zone", "int64_t", "32",
           "Count constant intervals of fewer distances than this to their neighbours">,
  ];
}

#endif // POSENC_DIALECT_POSENC_ANALYSIS_PASSES
