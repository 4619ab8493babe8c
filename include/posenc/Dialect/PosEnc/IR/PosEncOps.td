//===- PosEncOps.td - Operations of posenc -----------------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_OPS
#define POSENC_OPS

include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "posenc/Dialect/PosEnc/IR/PosEncAttrs.td"
include "posenc/Dialect/PosEnc/IR/PosEncInterfaces.td"

class PosEnc_Op<string mnemonic, list<Trait> traits = []>
    : Op<PosEnc_Dialect, mnemonic, traits>;

// What q, k, v, tables and results may be made of.
def PosEnc_Float : AnyTypeOf<[F32, F16, BF16]>;
def PosEnc_FloatShaped : AnyTypeOf<[TensorOf<[PosEnc_Float]>, MemRefOf<[PosEnc_Float]>]>;
def PosEnc_PositionElement : AnyTypeOf<[I32, I64, Index, F32]>;
def PosEnc_PositionShaped
    : AnyTypeOf<[TensorOf<[PosEnc_PositionElement]>, MemRefOf<[PosEnc_PositionElement]>]>;
def PosEnc_Position : AnyTypeOf<[Index, F32]>;

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

def PosEnc_AttentionOp : PosEnc_Op<"attention", [
    AttrSizedOperandSegments, DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    RecursiveMemoryEffects, RecursivelySpeculatable]> {
  let summary = "attention whose scores pass through a region";
  let description = [{
    With G = Hq / Hkv, q' = q_rows(q) and so on (identity without a region):

        s[b,h,m,n] = scale · Σ_d q'[b,h,m,d] · k'[b,h/G,n,d]
        f[b,h,m,n] = score(s[b,h,m,n], b, h, m, n)
        o'[b,h,m,:] = Σ_n softmax_n(f)[b,h,m,n] · v'[b,h/G,n,:]
        o = o_rows(o')
        lse[b,h,m] = ln Σ_n exp(f[b,h,m,n])

    A row whose scores are all −inf, or that has no keys, gives o' = 0 and
    lse = −inf.

    `sinks(%z : tensor<Hqxf32>)` gives every row one more column whose score is
    z[h] and whose value row is 0 (gpt-oss; zeros are softmax-off-by-one). No
    scale, bias, cap or mask changes it:

        P[b,h,m,n] = exp(f[b,h,m,n]) / (exp(z[h]) + Σ_n exp(f[b,h,m,n]))
        lse[b,h,m] = ln (exp(z[h]) + Σ_n exp(f[b,h,m,n]))

    so a row with nothing to attend to gives o' = 0 and lse = z. A z of −inf is
    no sink.

    `value_rel(%t : tensor<R×Dv>) bucket <…>` adds what a table says about pairs
    of positions to the values (Shaw et al. 2018, iRPE), shared by the heads or, of
    shape [R,Hq,Dv], per query head. A pair without a row adds nothing:

        o'[b,h,m,:] = Σ_n P[b,h,m,n] · (v'[b,h/G,n,:] + t[bucket(i, j), h, :])

    Shapes (logical order, whatever the storage order `dims`):
    q [B,Hq,Tq,D], k [B,Hkv,Tk,D], v [B,Hkv,Tk,Dv], o [B,Hq,Tq,Dv], lse
    [B,Hq,Tq] f32. Any extent may be dynamic. Query heads share key heads by
    indexing (GQA), never by repeating.

    Order: scale, then the score region from top to bottom, then softmax.
    Numerics: products are accumulated, the region is evaluated and the softmax
    is taken in f32; row transforms are computed in f32 and not rounded to the
    element type before the product; sums may be re-associated.

    `dims(q = bthd)` says in which order a tensor stores its dimensions; the
    default is bhtd. `positions(q = %p)` gives positions of shape [T], [B,T] or
    [axis,B,T], integer or f32; `offsets(q = %o)` an index that is added to the
    index. Without either the position of row m is m: never implicitly aligned
    to the last key.

    The score region has the arguments (score: f32, b, h, m, n: index) and
    yields an f32. Any side-effect-free op may stand in it, and it may read any
    tensor from outside. The regions `q_rows`, `k_rows`, `v_rows` and `o_rows`
    have the arguments (row: !posenc.row, b, h, t: index), where t is the row's
    index and h the head of that tensor, and yield a !posenc.row, which only row
    transforms change.

    ```mlir
    %o = posenc.attention scale(1.0)
        ins(%q, %k, %v : tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>)
        outs(%init : tensor<2x4x40x16xf32>)
        score(%s, %b, %h, %m, %n) {
      %i = posenc.q_pos : index
      %j = posenc.k_pos : index
      %t = posenc.bias_table %s, %table[%h] at(%i, %j)
          bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true>
          : tensor<32x4xf32>
      posenc.yield %t : f32
    }
    ```

    On memrefs the same op writes its `outs` and has no results.

    Verifier:
    * (A1) q, k, v and o have rank 4, lse rank 3
    * (A2) q, k, v and o have one element type; lse is f32
    * (A3) q, k, v and o agree in B; k and v in heads; k and v in Tk; q and o in
      heads and Tq; q and k in D; v and o in Dv
    * (A4) the number of query heads is a multiple of the number of key heads
    * (A5) the scale is finite
    * (A6) all of q, k, v and outs are tensors, or all are memrefs
    * (A7) lse has shape [B,Hq,Tq]
    * (A8) positions have shape [T], [B,T] or [axes,B,T]
    * (A9) a side has positions or an offset, not both
    * (A10) the score region takes (f32, index, index, index, index) and yields f32
    * (A11) a row region takes (!posenc.row, index, index, index) and yields !posenc.row
    * (A12) ops in regions have no memory effects but reads
    * (A13) results are the types of the tensors in outs
    * (A14) sinks have shape [Hq]
    * (A15) sinks are f32 or of the element type of q
    * (A16) the table of value_rel has shape [R,Dv] or [R,Hq,Dv], and is f32 or of the
      element type of q
    * (A17) the table of value_rel has as many rows as its bucket
    * (A18) with value_rel, positions are integers without axes
    * (A19) rows pass through row transforms at the top level of a row region alone
  }];
  let arguments = (ins
    Arg<PosEnc_FloatShaped, "queries [B,Hq,Tq,D]">:$q,
    Arg<PosEnc_FloatShaped, "keys [B,Hkv,Tk,D]">:$k,
    Arg<PosEnc_FloatShaped, "values [B,Hkv,Tk,Dv]">:$v,
    Arg<Optional<PosEnc_PositionShaped>, "positions of the queries">:$q_positions,
    Arg<Optional<PosEnc_PositionShaped>, "positions of the keys">:$k_positions,
    Arg<Optional<Index>, "added to a query's index">:$q_offset,
    Arg<Optional<Index>, "added to a key's index">:$k_offset,
    Arg<Optional<PosEnc_FloatShaped>, "a logit per query head that no key has, [Hq]">:$sinks,
    Arg<Optional<PosEnc_FloatShaped>, "added to values by positions, [R,Dv]">:$value_rel,
    Arg<PosEnc_FloatShaped, "where o is written">:$output,
    Arg<Optional<PosEnc_FloatShaped>, "where lse is written">:$lse,
    F32Attr:$scale,
    OptionalAttr<PosEnc_BucketAttr>:$value_bucket,
    DefaultValuedAttr<PosEnc_DimsAttr, "\"bhtd\"">:$q_dims,
    DefaultValuedAttr<PosEnc_DimsAttr, "\"bhtd\"">:$k_dims,
    DefaultValuedAttr<PosEnc_DimsAttr, "\"bhtd\"">:$v_dims,
    DefaultValuedAttr<PosEnc_DimsAttr, "\"bhtd\"">:$o_dims);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region AnyRegion:$q_rows, AnyRegion:$k_rows, AnyRegion:$v_rows,
                        AnyRegion:$o_rows, AnyRegion:$score);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let hasCanonicalizer = 1;
  let skipDefaultBuilders = 1;
  let builders = [
    OpBuilder<(ins "::mlir::Value":$q, "::mlir::Value":$k, "::mlir::Value":$v,
      "::mlir::Value":$output, "::mlir::Value":$lse, "float":$scale)>,
  ];
  let extraClassDeclaration = [{
    /// Logical dimensions, the index of DimsAttr::dimOf.
    enum Logical : int64_t { Batch = 0, Head = 1, Seq = 2, Channel = 3 };

    ::mlir::MutableOperandRange getDpsInitsMutable();
    bool hasPureTensor() { return isa<TensorType>(getOutput().getType()); }
    Type getElementType() { return getElementTypeOrSelf(getQ().getType()); }

    /// Static extent of a logical dimension, or ShapedType::kDynamic.
    static int64_t getExtent(Value tensor, DimsAttr dims, Logical which);
    int64_t getQueryExtent(Logical which) { return getExtent(getQ(), getQDims(), which); }
    int64_t getKeyExtent(Logical which) { return getExtent(getK(), getKDims(), which); }
    int64_t getValueExtent(Logical which) { return getExtent(getV(), getVDims(), which); }

    /// The score region, created with its arguments and no terminator if it
    /// is not there yet.
    Block &getOrCreateScoreBlock(OpBuilder &builder);
    /// The same for one of the row regions.
    Block &getOrCreateRowBlock(Region &region, OpBuilder &builder);
    bool hasScore() { return !getScore().empty(); }
  }];
}

def PosEnc_ScoreMapOp : PosEnc_Op<"score_map", [
    AttrSizedOperandSegments, DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    RecursiveMemoryEffects, RecursivelySpeculatable]> {
  let summary = "a score region without attention: a bias tensor";
  let description = [{
        r[b,h,m,n] = score(0, b, h, m, n)

    This is what a bias that model IR computes raises to; fusing it into
    attention inlines one region into the other.

    ```mlir
    %bias = posenc.score_map outs(%init : tensor<1x8x?x?xf32>) score(%s, %b, %h, %m, %n) {
      %i = posenc.q_pos : index
      %j = posenc.k_pos : index
      %r = posenc.mask %s at(%i, %j) <causal>
      posenc.yield %r : f32
    }
    ```

    Verifier:
    * (S1) the output has rank 4: [B,H,Tq,Tk]
    * (S2) positions have shape [T], [B,T] or [axes,B,T]
    * (S3) a side has positions or an offset, not both
    * (S4) the score region takes (f32, index, index, index, index) and yields f32
    * (S5) ops in the region have no memory effects but reads
    * (S6) the result is the type of the tensor in outs
  }];
  let arguments = (ins
    Arg<Optional<PosEnc_PositionShaped>, "positions of the queries">:$q_positions,
    Arg<Optional<PosEnc_PositionShaped>, "positions of the keys">:$k_positions,
    Arg<Optional<Index>, "added to a query's index">:$q_offset,
    Arg<Optional<Index>, "added to a key's index">:$k_offset,
    Arg<PosEnc_FloatShaped, "where r is written, [B,H,Tq,Tk]">:$output);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region AnyRegion:$score);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let hasCanonicalizer = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::mlir::Value":$output)>];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutputMutable(); }
    Block &getOrCreateScoreBlock(OpBuilder &builder);
  }];
}

def PosEnc_YieldOp : PosEnc_Op<"yield", [Pure, Terminator,
    ParentOneOf<["AttentionOp", "ScoreMapOp"]>]> {
  let summary = "ends a region of attention or score_map";
  let description = [{
    Gives the region's value: the modified score (f32) or the transformed row.
  }];
  let arguments = (ins AnyTypeOf<[F32, PosEnc_RowType]>:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

//===----------------------------------------------------------------------===//
// In the score region
//===----------------------------------------------------------------------===//

class PosEnc_PosOp<string mnemonic, string side> : PosEnc_Op<mnemonic, [Pure]> {
  let summary = "position of the " # side # " of this score";
  let description = [{
    The position of the region's row (`q_pos`: of query m, `k_pos`: of key n):
    the operand `positions` where there is one, else the index plus the offset.
    An index unless the positions are f32.

    Verifier:
    * (P1) stands in the score region of attention or score_map
    * (P2) `axis` is given if and only if the positions have an axis dimension, and is in range
    * (P3) the type is f32 for f32 positions, index otherwise
  }];
  let arguments = (ins OptionalAttr<I64Attr>:$axis);
  let results = (outs PosEnc_Position:$position);
  let assemblyFormat = "(`axis` $axis^)? attr-dict `:` type($position)";
  let hasVerifier = 1;
}
def PosEnc_QPosOp : PosEnc_PosOp<"q_pos", "query">;
def PosEnc_KPosOp : PosEnc_PosOp<"k_pos", "key">;

class PosEnc_ScoreModOp<string mnemonic, list<Trait> traits = []>
    : PosEnc_Op<mnemonic, !listconcat([
        DeclareOpInterfaceMethods<ScoreModOpInterface, ["isAdditive"]>], traits)> {
  let results = (outs Res<F32, "the modified score">:$result);
}

def PosEnc_BiasTableOp : PosEnc_ScoreModOp<"bias_table", [
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>, AlwaysSpeculatable,
    AttrSizedOperandSegments]> {
  let summary = "adds a learned value that two positions select";
  let description = [{
        s' = s + table[bucket(i, j), head]
        s' = s + weight · table[bucket(i, j), head]

    A pair without a row adds nothing. T5 (Raffel et al. 2020), clipped relative
    positions, windows of Swin and BEiT, any table that a bucket addresses. A
    table of rank 1 is shared by the heads and takes no head. The weight is any
    f32: the gate of WavLM, a factor 1/sqrt(d) of LayoutLMv3. A tensor of
    indices, such as Graphormer's shortest paths, is read in the region, and
    its element stands for i beside j = 0 under an `identity` bucket.

    Canonical form: adjacent tables without weights that are constant and agree
    in bucket, positions and head become their sum in f32 (sums may be
    re-associated, see attention); a known row becomes the addition of one
    element; a table of zeros disappears.

    ```mlir
    %1 = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17x4xf32>
    %2 = posenc.bias_table %1, %table[%h] at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> weight(%gate) : tensor<17x4xf32>
    ```

    Verifier:
    * (T1) the table has rank 1 without a head, rank 2 with one
    * (T2) the table has as many rows as the bucket (at least, where dynamic)
  }];
  let arguments = (ins F32:$score, PosEnc_FloatShaped:$table, Optional<Index>:$head,
                       Index:$q_position, Index:$k_position, Optional<F32>:$weight,
                       PosEnc_BucketAttr:$bucket);
  let assemblyFormat = [{
    $score `,` $table (`[` $head^ `]`)? `at` `(` $q_position `,` $k_position `)`
    `bucket` $bucket (`weight` `(` $weight^ `)`)? attr-dict `:` type($table)
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$score, "::mlir::Value":$table,
                                 "::mlir::Value":$head, "::mlir::Value":$i,
                                 "::mlir::Value":$j, "BucketAttr":$bucket), [{
    build($_builder, $_state, $_builder.getF32Type(), score, table, head, i, j,
          /*weight=*/::mlir::Value(), bucket);
  }]>];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def PosEnc_BiasFnOp : PosEnc_ScoreModOp<"bias_fn", [
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>, AlwaysSpeculatable,
    TypesMatchWith<"(F2) both positions have one type", "q_position", "k_position",
                   "$_self">]> {
  let summary = "adds, or multiplies by, a closed-form function of the distance";
  let description = [{
        s' = s + g(D)        with `multiply`: s' = s · g(D)

    | kind | g(D) | parameters |
    |---|---|---|
    | `linear` | a · D | a |
    | `power` | a · D^p | a, p |
    | `log` | a · ln(1 + c · D) | a, c |
    | `exponential` | a · e^(c · D) | a, c |
    | `exp_power` | a · e^(c · D^p) | a, c, p |
    | `cosine_sum` | a · Σ_{k = 0 … n−1} cos(D · base^(−k/n)), n = `terms` | a |

    D = i − j (`q_minus_k`), j − i (`k_minus_q`) or |i − j| (`absolute`). It is
    formed exactly in integers (f32 for f32 positions); all else is f32. The
    parameters are one element (no head) or [H] where there is one of them, else
    [P] or [P, H]; without a head they are shared by the heads.

    ALiBi (Press et al. 2022) is `linear k_minus_q` with positive slopes and a
    causal mask, its symmetric form `linear absolute` with negative ones. KERPLE
    (Chi et al. 2022): `power` and `log` with a negative a, and `exp_power`
    with `multiply` for its weight kernel. RetNet's decay: `exponential
    q_minus_k` with c = ln γ and `multiply`. Sandwich (Chi et al. 2023):
    `cosine_sum` with a = H / (8 (h + 1)) and n half of its dimension.

    Canonical form: `power` with p = 1 for all heads is `linear`; a of zero for
    all heads adds nothing.

    ```mlir
    %1 = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<8xf32>, index
    %2 = posenc.bias_fn %1, %ap[%h] at(%i, %j) log absolute : tensor<2x8xf32>, index
    %3 = posenc.bias_fn %2, %a[%h] at(%i, %j) cosine_sum absolute terms 64 base 10000.0 : tensor<8xf32>, index
    %4 = posenc.bias_fn %3, %ac[%h] at(%i, %j) exponential q_minus_k multiply : tensor<2x8xf32>, index
    ```

    Verifier:
    * (F1) one parameter: rank 0 without a head, rank 1 with one; P parameters: rank
      1 or 2, and the first dimension is P
    * (F2) both positions have one type
    * (F3) power, log, exp_power and cosine_sum are of the absolute distance
    * (F4) `terms` are given if and only if the kind is cosine_sum, from 1 to 4096
    * (F5) base is finite and positive
  }];
  let arguments = (ins F32:$score, PosEnc_FloatShaped:$params, Optional<Index>:$head,
                       PosEnc_Position:$q_position, PosEnc_Position:$k_position,
                       PosEnc_BiasFnKindAttr:$fn, PosEnc_DistanceKindAttr:$distance,
                       UnitAttr:$multiply, OptionalAttr<I64Attr>:$terms,
                       DefaultValuedAttr<F32Attr, "10000.0f">:$base);
  let assemblyFormat = [{
    $score `,` $params (`[` $head^ `]`)? `at` `(` $q_position `,` $k_position `)`
    custom<Keyword>($fn) custom<Keyword>($distance) (`multiply` $multiply^)? (`terms` $terms^)?
    (`base` custom<F32>($base)^)? attr-dict `:` type($params) `,` type($q_position)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    /// How many parameters a kind has.
    static int64_t getNumParameters(BiasFnKind kind);
  }];
}

def PosEnc_MaskOp : PosEnc_ScoreModOp<"mask", [Pure]> {
  let summary = "hides keys by their positions";
  let description = [{
        s' = visible(i, j) ? s : −inf

    ```mlir
    %1 = posenc.mask %s at(%i, %j) <window, left = 127, right = 0>
    %2 = posenc.mask %1 at(%i, %j) <chunked, size = 8192>
    %3 = posenc.mask %2 at(%i, %j) <prefix> length(%p)
    ```

    A mask that every query passes with at least one key is exactly the
    additive form (0 or −inf, or the most negative finite number).
    Arbitrary predicates need no op: `arith.select %p, %s, %neg_inf`. Documents
    are `ids[b, m] == ids[b, n]`, block sparsity is a tensor of i1 that is read at
    (m / size, n / size).

    Canonical form: adjacent masks of the same positions intersect; a mask that
    hides nothing of its op, or that a later one makes redundant, disappears.

    Verifier, besides those of #posenc.mask:
    * (M4) a length is given if and only if the mask is prefix
  }];
  let arguments = (ins F32:$score, Index:$q_position, Index:$k_position,
                       Optional<Index>:$length, PosEnc_MaskAttr:$mask);
  let assemblyFormat = [{
    $score `at` `(` $q_position `,` $k_position `)` $mask (`length` `(` $length^ `)`)? attr-dict
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$score, "::mlir::Value":$i,
                                 "::mlir::Value":$j, "MaskAttr":$mask), [{
    build($_builder, $_state, $_builder.getF32Type(), score, i, j, /*length=*/::mlir::Value(),
          mask);
  }]>];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def PosEnc_SoftcapOp : PosEnc_ScoreModOp<"softcap", [Pure]> {
  let summary = "bounds scores smoothly";
  let description = [{
        s' = cap · tanh(s / cap)

    ```mlir
    %1 = posenc.softcap %s cap(50.0)
    ```

    Verifier:
    * (C1) cap is finite and positive
  }];
  let arguments = (ins F32:$score, F32Attr:$cap);
  let assemblyFormat = "$score `cap` `(` custom<F32>($cap) `)` attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// 1 − (s' / cap)²: the result is at hand, and no tanh is taken again.
    bool buildDerivative(OpBuilder &builder, Location loc, ValueRange operands, Value result,
                         Value gradient, GradientSink &sink);
  }];
}

include "posenc/Dialect/PosEnc/IR/PosEncRelativeOps.td"
include "posenc/Dialect/PosEnc/IR/PosEncBiasOps.td"
include "posenc/Dialect/PosEnc/IR/PosEncStageOps.td"
include "posenc/Dialect/PosEnc/IR/PosEncTensorOps.td"
include "posenc/Dialect/PosEnc/IR/PosEncAngleOps.td"
include "posenc/Dialect/PosEnc/IR/PosEncRowOps.td"

#endif // POSENC_OPS
