//===- PosEncRowOps.td - Transforms of rows ----------------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Included by PosEncOps.td, which defines the classes used here.
//===----------------------------------------------------------------------===//

#ifndef POSENC_ROW_OPS
#define POSENC_ROW_OPS

def PosEnc_RowOrTensor : AnyTypeOf<[PosEnc_RowType, TensorOf<[PosEnc_Float]>]>;
def PosEnc_RowTable : AnyTypeOf<[TensorOf<[F32]>, MemRefOf<[F32]>]>;

// A transform of the rows of a tensor, or of a row in a row region.
class PosEnc_RowTransformOp<string mnemonic, list<Trait> traits = []>
    : PosEnc_Op<mnemonic, [AllTypesMatch<["x", "result"]>,
        DeclareOpInterfaceMethods<RowTransformOpInterface,
            ["isRow", "isLinear", "hasRowForm", "buildRowForm"]>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>, AlwaysSpeculatable] # traits> {
  let results = (outs PosEnc_RowOrTensor:$result);
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
  code rowDeclarations = [{
    /// The indices that tables are read at, of which each table of rank r takes
    /// the last r - 1: `at` of a row; (b, h, t) or (b, t) of a tensor.
    SmallVector<Value> getTableIndices(Value b, Value h, Value t);
    /// Channel `d` of the transformed row, whatever form the op has; see
    /// RowTransformOpInterface. `at` are the tables' indices.
    Value buildElementAt(OpBuilder &builder, Location loc, ValueRange operands, ValueRange at,
                         function_ref<Value(Value)> load, Value d);
  }];
}

def PosEnc_RotateOp : PosEnc_RowTransformOp<"rotate", [AttrSizedOperandSegments]> {
  let summary = "rotates pairs of channels by an angle per position (RoPE)";
  let description = [{
    For the pair p = 0 … P−1 with channels (a, b), angle φ = angles[t, p] and
    magnitude μ (1 unless given):

        y_a = μ (x_a cos φ − x_b sin φ)
        y_b = μ (x_b cos φ + x_a sin φ)        `inverse`: −φ for φ

    | layout | a | b |
    |---|---|---|
    | `half` (GPT-NeoX, Llama) | c + p | a + P |
    | `interleaved` (GPT-J) | c + 2p | a + 1 |
    | `block_half = n` (Gemma-4 vision), w = P / n | c + 2w ⌊p / w⌋ + p mod w | a + w |

    c = `channel_offset` (0), or D − 2P with `trailing`. With `out` the pair is
    read in the first layout and written in that one (DeepSeek-V3: `interleaved
    out half`). The other channels pass. Fewer than D/2 pairs are a partial
    rotation: neither these channels nor μ of the others are touched.

    Either one operand gives the angles in radians, or two give cos φ and sin φ.
    `per_channel`: the two have 2P channels, and channel c + e of the result takes
    element e of them (V-JEPA2, whose tables are not one angle per pair). μ is an
    f32 for all pairs (YaRN) or a table (xPos). `rounded bf16` rounds μ cos φ and
    μ sin φ to that type (Llama in transformers); all else is f32.

    Tables have the shape [T,P] or [B,T,P]; with `per_head` also [H,T,P] and
    [B,H,T,P]; a magnitude may be [P]. On tensors x is [B,H,T,D] in the order
    `dims`, or [B,T,D], or [T,D]. In a row region x is a row and `at` names the
    indices: a table of rank r is read at the last r − 1 of them.

    ```mlir
    %y = posenc.rotate %x by(%angles) half : tensor<1x8x?x64xf32>, tensor<?x32xf32>
    %r = posenc.rotate %row at(%b, %t) by(%cos, %sin) half : !posenc.row, tensor<?x32xf32>, tensor<?x32xf32>
    %d = posenc.rotate %x by(%angles) interleaved out half trailing : tensor<1x8x?x192xf32>, tensor<?x32xf32>
    %i = posenc.rotate %o by(%a) half inverse per_head magnitude(%m : f32) : tensor<1x8x?x64xf32>, tensor<8x?x32xf32>
    ```

    Canonical form: `inverse` of the same rotation is the identity, and rotations
    of one layout and range by angles add them; both only without magnitudes
    and rounding.

    Verifier:
    * (R1) x is a row with one to three `at`, or a tensor of rank 2 to 4 without
    * (R2) one operand (angles) or two (cos, sin), of one type, of rank 2 or more, at most one
      more than there are indices
    * (R3) the angles' T (and B and H, where they have them) are those of x
    * (R4) channel_offset ≥ 0 and channel_offset + 2P ≤ D; `trailing` only on tensors and
      without channel_offset
    * (R5) `dims` only on rank 4
    * (R6) `per_head` only on tensors of rank 4
    * (R7) the magnitude is an f32 or a table of P pairs with extents as those of the angles
    * (R8) a number of blocks, at least 1, that divides P, if and only if a layout is block_half
    * (R9) `per_channel` only with cos and sin, of an even last extent
    * (R10) rounded to bf16 or f16
  }];
  let arguments = (ins
    PosEnc_RowOrTensor:$x,
    Variadic<Index>:$at,
    Variadic<PosEnc_RowTable>:$angles,
    Optional<AnyTypeOf<[F32, PosEnc_RowTable]>>:$magnitude,
    PosEnc_RotateLayoutAttr:$layout,
    OptionalAttr<I64Attr>:$num_blocks,
    OptionalAttr<PosEnc_RotateLayoutAttr>:$out_layout,
    DefaultValuedAttr<I64Attr, "0">:$channel_offset,
    UnitAttr:$trailing, UnitAttr:$inverse, UnitAttr:$per_channel, UnitAttr:$per_head,
    OptionalAttr<TypeAttr>:$rounded,
    DefaultValuedAttr<PosEnc_DimsAttr, "\"bhtd\"">:$dims);
  let assemblyFormat = [{
    $x (`at` `(` $at^ `)`)? `by` `(` $angles `)` custom<Keyword>($layout) (`=` $num_blocks^)?
    (`out` custom<Keyword>($out_layout)^)? (`channel_offset` $channel_offset^)?
    (`trailing` $trailing^)? (`inverse` $inverse^)? (`per_channel` $per_channel^)?
    (`per_head` $per_head^)? (`rounded` $rounded^)?
    (`magnitude` `(` $magnitude^ `:` type($magnitude) `)`)? (`dims` `` $dims^)? attr-dict
    `:` type($x) `,` type($angles)
  }];
  let hasFolder = 1;
  let extraClassDeclaration = rowDeclarations # [{
    /// The number of pairs P, or ShapedType::kDynamic.
    int64_t getNumPairs();
    /// D of a tensor, or ShapedType::kDynamic.
    int64_t getNumChannels();
    /// The layout of the result.
    RotateLayout getResultLayout() { return getOutLayout().value_or(getLayout()); }
    /// Whether the op but for its angles and its direction does what `other` does
    /// to the same channels, and both angles are given as such, unscaled and unrounded.
    bool isSamePlane(RotateOp other);
    /// Channel c, where the rotated ones begin.
    Value buildFirstChannel(OpBuilder &builder, Location loc, Value pairs);
  }];
}

def PosEnc_RowScaleOp : PosEnc_RowTransformOp<"row_scale"> {
  let summary = "multiplies rows by a factor per position";
  let description = [{
        y[…, t, d] = x[…, t, d] · factor[t]

    The temperature of Llama-4 and its kin (`posenc.temperature`), log-n scaling,
    a padding mask of zeros and ones. `per_channel`: the factor has D channels more
    as its last dimension, y[…, t, d] = x[…, t, d] · factor[t, d] (per-channel
    decay, Wall attention). In f32.

    Factors have the shape [T] or [B,T], with `per_head` also [H,T] and [B,H,T]
    (and [D] or D more with `per_channel`). On tensors x is [B,H,T,D] in the order
    `dims`, or [B,T,D], or [T,D]. In a row region x is a row and `at` names the
    indices, of which the factor is read at the last ones.

    ```mlir
    %y = posenc.row_scale %q by(%tau) : tensor<1x8x?x64xbf16>, tensor<?xf32>
    %r = posenc.row_scale %row at(%b, %t) by(%tau) : !posenc.row, tensor<2x?xf32>
    ```

    Verifier:
    * (RS1) x is a row with one to three `at`, or a tensor of rank 2 to 4 without
    * (RS2) the factor has at least one dimension, and at most one per index
      (`per_channel`: one more)
    * (RS3) the factor's T (and B, H and D, where it has them) are those of x
    * (RS4) `dims` only on rank 4
    * (RS5) `per_head` only on tensors of rank 4
  }];
  let arguments = (ins
    PosEnc_RowOrTensor:$x, Variadic<Index>:$at, PosEnc_RowTable:$factor,
    UnitAttr:$per_channel, UnitAttr:$per_head,
    DefaultValuedAttr<PosEnc_DimsAttr, "\"bhtd\"">:$dims);
  let assemblyFormat = [{
    $x (`at` `(` $at^ `)`)? `by` `(` $factor `)` (`per_channel` $per_channel^)?
    (`per_head` $per_head^)? (`dims` `` $dims^)? attr-dict `:` type($x) `,` type($factor)
  }];
  let hasFolder = 1;
  let extraClassDeclaration = rowDeclarations;
}

//===----------------------------------------------------------------------===//
// What they read
//===----------------------------------------------------------------------===//

def PosEnc_TemperatureOp : PosEnc_ProducerOp<"temperature"> {
  let summary = "factors that grow with the logarithm of the position";
  let description = [{
    For the position i, a = `alpha` (0.1) and F = `length`, in f32:

    | kind | τ_i |
    |---|---|
    | `llama4` (Llama-4's layers without rotation) | 1 + a ln(1 + ⌊(i + 1) / F⌋) |
    | `ministral` (Ministral-3, Mistral-4) | 1 + a ln(1 + ⌊i / F⌋) |
    | `inkling` (of the bias too, not of q alone) | 1 + a ln(max((i + 1) / F, 1)) |
    | `logn` (Qwen, ReRoPE) | max(1, ln(i + 1) / ln F) |

    Llama-4 and Ministral differ by one position.

    ```mlir
    %t = posenc.temperature %p llama4 length 8192.0 : tensor<?xi64> -> tensor<?xf32>
    %q1 = posenc.row_scale %q by(%t) : tensor<1x8x?x64xbf16>, tensor<?xf32>
    ```

    Verifier:
    * (TE1) the result has the positions' shape
    * (TE2) length is finite and positive, for logn more than 1; alpha is finite, and none for logn
  }];
  let arguments = (ins TensorOf<[PosEnc_PositionElement]>:$positions,
                       PosEnc_TemperatureKindAttr:$kind, OptionalAttr<F32Attr>:$alpha,
                       F32Attr:$length);
  let results = (outs TensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $positions custom<Keyword>($kind) (`alpha` custom<F32>($alpha)^)?
    `length` custom<F32>($length) attr-dict `:` type($positions) `->` type($result)
  }];
  let hasVerifier = 1;
}

def PosEnc_XPosMagnitudeOp : PosEnc_ProducerOp<"xpos_magnitude"> {
  let summary = "magnitudes of xPos: exponential decay per pair of channels";
  let description = [{
    For r = 2P channels, γ = `gamma` (0.4), S = `scale_base` (512), centre c (0):

        ζ_k = (2k + γ r) / ((1 + γ) r)
        μ[…, t, k] = ζ_k^((p[…, t] − c) / S)        `inverse`: the exponent negated

    q takes μ and k its `inverse`, as magnitudes of `posenc.rotate`; the pair's
    term of the score is then times ζ_k^((i − j) / S). c cancels if and only if
    both take the same one: with c near the positions (the middle of the keys)
    all factors are finite, as |p − c| up to 36000 is. Scores of keys after their
    query grow without bound: xPos is for causal attention.

    ```mlir
    %mq = posenc.xpos_magnitude %p center(%c) : tensor<?xi64> -> tensor<?x32xf32>
    %mk = posenc.xpos_magnitude %p center(%c) inverse : tensor<?xi64> -> tensor<?x32xf32>
    %qr = posenc.rotate %q by(%angles) interleaved magnitude(%mq : tensor<?x32xf32>) : tensor<1x8x?x64xf32>, tensor<?x32xf32>
    ```

    Verifier:
    * (XM1) the result has the positions' shape, and P pairs, P static and at least 1
    * (XM2) gamma and scale_base are finite and positive
  }];
  let arguments = (ins TensorOf<[PosEnc_PositionElement]>:$positions, Optional<Index>:$center,
                       UnitAttr:$inverse, DefaultValuedAttr<F32Attr, "0.4f">:$gamma,
                       DefaultValuedAttr<F32Attr, "512.0f">:$scale_base);
  let results = (outs TensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $positions (`center` `(` $center^ `)`)? (`inverse` $inverse^)?
    (`gamma` custom<F32>($gamma)^)? (`scale_base` custom<F32>($scale_base)^)? attr-dict
    `:` type($positions) `->` type($result)
  }];
  let hasVerifier = 1;
}

def PosEnc_PolarOp : PosEnc_ProducerOp<"polar"> {
  let summary = "channels as magnitudes of angles (PoPE)";
  let description = [{
    For the first P of D channels, with φ = angles[t, c]:

        μ_c = ln(1 + e^x_c)        in f32
        y = μ_c cos(φ + δ_c), μ_c sin(φ + δ_c)

    `concat`: all P cosines, then all P sines; `interleaved`: one after the other.
    The other D − P channels follow. So D channels become D + P, and the product
    of q and k is Σ_c μ(q_c) μ(k_c) cos(φ_j − φ_i + δ_c) + that of the rest. δ is
    `phase`, [P] or [H,P], clamped to [−2π, 0]; keys have one, queries none.

    x is [B,H,T,D] in the order `dims`, or [B,T,D], or [T,D]. Angles have the
    shape [T,P] or [B,T,P], with `per_head` also [H,T,P] and [B,H,T,P].

    ```mlir
    %k1 = posenc.polar %k by(%a) phase(%delta : tensor<8x64xf32>) concat : tensor<1x8x?x64xf32>, tensor<?x64xf32> -> tensor<1x8x?x128xf32>
    ```

    It stays an op on tensors: rows of row regions keep their length.

    Verifier:
    * (PL1) x has rank 2 to 4
    * (PL2) angles have rank 2 or more, at most one more than there are indices, and
      the extents of x; P ≤ D
    * (PL3) the phase has shape [P], or [H,P] for x of rank 4
    * (PL4) the result has the shape of x, but D + P channels, static only where D and P are
    * (PL5) the layout is concat or interleaved
    * (PL6) `dims` and `per_head` only on rank 4
  }];
  let arguments = (ins TensorOf<[PosEnc_Float]>:$x, TensorOf<[F32]>:$angles,
                       Optional<TensorOf<[F32]>>:$phase, PosEnc_SinCosLayoutAttr:$layout,
                       UnitAttr:$per_head, DefaultValuedAttr<PosEnc_DimsAttr, "\"bhtd\"">:$dims);
  let results = (outs TensorOf<[PosEnc_Float]>:$result);
  let assemblyFormat = [{
    $x `by` `(` $angles `)` (`phase` `(` $phase^ `:` type($phase) `)`)? custom<PolarLayout>($layout)
    (`per_head` $per_head^)? (`dims` `` $dims^)? attr-dict
    `:` type($x) `,` type($angles) `->` type($result)
  }];
  let hasVerifier = 1;
}

#endif // POSENC_ROW_OPS
