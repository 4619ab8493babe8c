//===- Passes.td - Passes that decide how to compute -------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_PLAN_PASSES
#define POSENC_CODEGEN_PLAN_PASSES

include "mlir/Pass/PassBase.td"

// What both passes ask.
defvar PosEncPlanOptions = [
  Option<"chip", "chip", "std::string", /*default=*/"\"host\"",
         "host, LLVM's name of an x86 or AArch64 processor, sm_XX or gfxXXX">,
  Option<"engine", "engine", "std::string", /*default=*/"\"\"",
         "Pins the engine of every attention that says none">,
  Option<"blockM", "block-m", "int64_t", /*default=*/"0",
         "Pins the queries of a tile of every attention that says none">,
  Option<"blockN", "block-n", "int64_t", /*default=*/"0",
         "Pins the keys of a tile of every attention that says none">,
  Option<"length", "length", "int64_t", /*default=*/"2048",
         "What the cost model takes a dynamic length for; the plan holds for all">,
];

def PosEncPlanPass : Pass<"posenc-plan"> {
  let summary = "decide how each attention is computed";
  let description = [{
    Writes `posenc.plan` on every `posenc.attention` and `posenc.strategy` on every
    op of its score region that is a term: engine, tile sizes, stages, key splits,
    the zones of distances that loops over keys are made of, and how each term is
    computed. docs/Plan.md says what they mean.

    What is there already is the user's: it is kept and the rest is decided around
    it, or it is refused with the reason. So the pass may run twice, and a plan
    that no longer fits its region is an error. `replan` forgets it instead.

    ```mlir
    %o = posenc.attention … score(%s, %b, %h, %m, %n) {
      %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, …> : tensor<32x4xf32>
    // becomes
    %o = posenc.attention … attributes {posenc.plan = #posenc.plan<engine = "vector",
        block_m = 128, block_n = 128, stages = 1, key_splits = 1,
        zones = [constant, -90, band, 91, constant]>} score(%s, %b, %h, %m, %n) {
      %1 = posenc.bias_table … {posenc.strategy = #posenc.strategy<strip_init>}
    ```

    Attention that only the reference computes (stages, value_rel) gets no plan, but
    for the strategies of its stages.

    Errors: an unknown chip or engine; a plan that does not fit the region, the
    engine or the chip; a strategy that the term does not allow, or on no term.
  }];
  let options = PosEncPlanOptions # [
    Option<"replan", "replan", "bool", /*default=*/"false",
           "Forget plans and strategies that are there">,
  ];
}

def PosEncPrintPlan : Pass<"posenc-print-plan"> {
  let summary = "print how each attention would be computed, and why";
  let description = [{
    What `--posenc-plan` with the same options decides, on standard error, a line
    per choice with its reason; the module is not changed. With static lengths it
    counts the tiles of each loop, of one head.

    ```
    @encoder attention 0: vector on host
    @encoder attention 0 tiles: 128 x 128, 0.98 cycles per score; 64 x 128 would take 1.07
    @encoder attention 0 loops: constant (-inf, -91], band [-90, 90], constant [91, inf)
    @encoder attention 0 counts: 256 tiles; constant 105, band 46, constant 105
    @encoder attention 0 term 0 posenc.bias_table: strip_init, 0.1 slots per score in band tiles; strip would take 1.0, per_score 33.0
    ```
  }];
  let options = PosEncPlanOptions;
}

#endif // POSENC_CODEGEN_PLAN_PASSES
