//===- PosEncPlanAttr.td - How attention is to be computed -*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_PLAN_ATTR
#define POSENC_PLAN_ATTR

// Included by PosEncAttrs.td, which defines PosEnc_Attr.

def PosEnc_TileKind : PosEnc_Enum<"TileKind", "what a tile of scores needs", [
  I32EnumAttrCase<"Skipped", 0, "skipped">,
  I32EnumAttrCase<"Full", 1, "full">,
  I32EnumAttrCase<"Constant", 2, "constant">,
  I32EnumAttrCase<"Band", 3, "band">,
  I32EnumAttrCase<"Masked", 4, "masked">]>;

def PosEnc_TermStrategy : PosEnc_Enum<"TermStrategy", "how a kernel computes a term", [
  I32EnumAttrCase<"PerScore", 0, "per_score">,
  I32EnumAttrCase<"Bounds", 1, "bounds">,
  I32EnumAttrCase<"Uniform", 2, "uniform">,
  I32EnumAttrCase<"Affine", 3, "affine">,
  I32EnumAttrCase<"Strip", 4, "strip">,
  I32EnumAttrCase<"StripInit", 5, "strip_init">,
  I32EnumAttrCase<"LowRank", 6, "low_rank">,
  I32EnumAttrCase<"Widened", 7, "widened">,
  I32EnumAttrCase<"Product", 8, "product">,
  I32EnumAttrCase<"Table", 9, "table">,
  I32EnumAttrCase<"Dense", 10, "dense">,
  I32EnumAttrCase<"Scan", 11, "scan">,
  I32EnumAttrCase<"Mix", 12, "mix">]>;

def PosEnc_TermStrategyAttr : EnumAttr<PosEnc_Dialect, PosEnc_TermStrategy, "strategy"> {
  let summary = "how a kernel computes a term of a score region";
  let description = [{
    The discardable attribute `posenc.strategy` of an op of a score region that
    changes the score: a modifier, or the op of plain `arith` that adds, multiplies
    or selects. All terms that the op applies share it.

    | word | the kernel |
    |---|---|
    | `per_score` | evaluates the op for each score |
    | `bounds` | has the mask in its loop bounds and evaluates it in masked tiles only |
    | `uniform` | adds or multiplies one value per head and batch |
    | `affine` | adds slope · (i − j) + offset in registers |
    | `strip` | reads it from a strip of Bm + Bn − 1 values of the tile |
    | `strip_init` | the same, as initial value of the product's accumulator |
    | `low_rank` | keeps values per query and per key in registers |
    | `widened` | has its factors as further channels of q and k |
    | `product` | multiplies by the tile's slice of the table, and skews |
    | `table` | gathers from a table that stands close by |
    | `dense` | streams a tile of a tensor along with the keys |
    | `scan`, `mix` | orders its traversal by it (stages) |
  }];
  let assemblyFormat = "`<` $value `>`";
}

def PosEnc_PlanAttr : PosEnc_Attr<"Plan", "plan"> {
  let summary = "engine, tile sizes and zones of distances of one attention";
  let description = [{
    The discardable attribute `posenc.plan` of `posenc.attention`, which
    `--posenc-plan` writes and kernels are built from (docs/Plan.md). Every
    field may be left out; what is there when the pass runs is kept or refused.

    * `engine`: what computes it, by name.
    * `block_m`, `block_n`: queries and keys of a tile.
    * `stages`: tiles of keys that are in flight. `key_splits`: how many tasks share
      the keys of a query block, combined afterwards.
    * `zones = [k0, t1, k1, t2, k2, …]`: what tiles need by distance i − j, for all
      lengths: k0 below t1, k1 from t1 to t2 − 1, and so on; the last has no end.
      `skipped`: every score is −inf; `full`: no mask hides anything and nothing is
      added; `constant`: what is added or multiplied is the same in all of the zone,
      per head and batch; `band`: no mask hides anything; `masked`: anything.

    ```mlir
    #posenc.plan<engine = "vector", block_m = 128, block_n = 128,
                 zones = [skipped, 0, band, 113, constant]>
    ```

    Verifier:
    * (L1) block_m and block_n are from 1 to 2^20, stages from 1 to 64, key_splits from 1
      to 2^20
    * (L2) there is one kind more than thresholds, and thresholds increase
  }];
  // Numbers are 0 and lists empty where nothing is said.
  let parameters = (ins StringRefParameter<"", "\"\"">:$engine, "int64_t":$block_m,
                        "int64_t":$block_n, "int64_t":$stages, "int64_t":$key_splits,
                        ArrayRefParameter<"int64_t">:$thresholds,
                        ArrayRefParameter<"::mlir::posenc::TileKind">:$kinds);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The plan of an attention, and the name of the attribute that holds it.
    static constexpr ::llvm::StringLiteral kName = "posenc.plan";
    static constexpr ::llvm::StringLiteral kStrategyName = "posenc.strategy";
    static PlanAttr of(Operation *attention) {
      return attention->getAttrOfType<PlanAttr>(kName);
    }
    bool hasZones() const { return !getKinds().empty(); }
  }];
}

#endif // POSENC_PLAN_ATTR
