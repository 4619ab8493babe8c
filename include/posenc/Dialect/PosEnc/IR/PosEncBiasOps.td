//===- PosEncBiasOps.td - Biases from tensors and networks -*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Included by PosEncOps.td, which defines the classes used here.
//===----------------------------------------------------------------------===//

#ifndef POSENC_BIAS_OPS
#define POSENC_BIAS_OPS

def PosEnc_BiasLowRankOp : PosEnc_ScoreModOp<"bias_lowrank", [
    AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<ScoreModOpInterface, ["getForm", "getFactors"]>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>, AlwaysSpeculatable]> {
  let summary = "adds the product of a row per query and a row per key";
  let description = [{
        s' = s + w · Σ_r u[…, r] · v[…, r]

    The tensors are read at the indices that are given, so that a factor that
    heads or batches share, another storage order or grouped heads are a choice
    of indices. The last dimension of both is summed over, in f32. `weight` is
    any f32 of the region, 1 without it.

    TUPE (Ke et al. 2021): the projections of the positions. GRAPE-A: rank 4.
    A bias of the key alone, as Transformer-XL's u · k: u[h] and k[b, h, n].

    ```mlir
    %1 = posenc.bias_lowrank %s, %u[%h, %m], %v[%h, %n] weight(%scale) : tensor<4x?x8xf32>, tensor<4x?x8xf32>
    ```

    Verifier:
    * (N1) u and v have one dimension more than they have indices
    * (N2) u and v agree in the last extent
  }];
  let arguments = (ins F32:$score, PosEnc_FloatShaped:$u, Variadic<Index>:$u_at,
                       PosEnc_FloatShaped:$v, Variadic<Index>:$v_at, Optional<F32>:$weight);
  let assemblyFormat = [{
    $score `,` $u `[` $u_at `]` `,` $v `[` $v_at `]` (`weight` `(` $weight^ `)`)? attr-dict
    `:` type($u) `,` type($v)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def PosEnc_BiasDenseOp : PosEnc_ScoreModOp<"bias_dense", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>, AlwaysSpeculatable]> {
  let summary = "adds, or multiplies by, an element of a tensor";
  let description = [{
        s' = s + w · bias[…]        with `multiply`: s' = s · w · bias[…]

    The tensor is read at the indices that are given: bias[b, h, m, n] is a bias
    per score (AlphaFold's pair bias, Graphormer's edges, a float mask), bias[h,
    m, n] one that batches share, bias[b, n] one of the keys. `weight` is any
    f32 of the region, 1 without it.

    ```mlir
    %1 = posenc.bias_dense %s, %pair[%h, %m, %n] : tensor<8x?x?xf32>
    %2 = posenc.bias_dense %1, %gate[%b, %h, %n] multiply weight(%w) : tensor<?x8x?xbf16>
    ```

    Verifier:
    * (O1) the tensor has as many dimensions as indices
  }];
  let arguments = (ins F32:$score, PosEnc_FloatShaped:$bias, Variadic<Index>:$at,
                       Optional<F32>:$weight, UnitAttr:$multiply);
  let assemblyFormat = [{
    $score `,` $bias `[` $at `]` (`multiply` $multiply^)? (`weight` `(` $weight^ `)`)? attr-dict
    `:` type($bias)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def PosEnc_BiasMLPOp : PosEnc_ScoreModOp<"bias_mlp", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    AlwaysSpeculatable]> {
  let summary = "adds what a small network makes of features";
  let description = [{
        x₀ = (f0, f1, …)        y_l = x_(l−1) · W_l + b_l        x_l = activation(y_l)
        s' = s + w · out(y_L[head])

    Features are f32 values that the region computes from positions. Layers are
    weights [in, out], each perhaps with a bias [out] behind it; any number of
    them, the activation between two. `head` is the column of the last layer; it
    may be left out if there is one column. `sigmoid(a)` makes
    out(y) = a · sigmoid(y); without it out(y) = y. All is f32; weights of f16 and
    bf16 are widened, features are not rounded to them.

    FIRE (Li et al. 2024), x-transformers' dynamic position bias, the continuous
    position bias of Swin-V2 (`sigmoid(16.0)`). A network of several hidden
    layers is evaluated without storage: inner layers anew for each unit behind
    them. Where the features are functions of a distance, `--posenc-tabulate`
    evaluates it once per distance.

    ```mlir
    %1 = posenc.bias_mlp %s, (%x)[%h] layers(%w1, %b1, %w2, %b2) relu : tensor<1x32xf32>, tensor<32xf32>, tensor<32x8xf32>, tensor<8xf32>
    %2 = posenc.bias_mlp %1, (%dy, %dx)[%h] layers(%w3, %b3, %w4) relu sigmoid(16.0) : tensor<2x512xf32>, tensor<512xf32>, tensor<512x8xf32>
    ```

    Verifier:
    * (Y1) at least one feature, and layers that are weights of rank 2, each with at
      most one bias of rank 1 behind it
    * (Y2) the extents of neighbouring layers, biases and features agree
    * (Y3) without a head the last layer has one column
    * (Y4) the factor of the sigmoid is finite
  }];
  let arguments = (ins F32:$score, Variadic<F32>:$features, Optional<Index>:$head,
                       Variadic<PosEnc_FloatShaped>:$layers, Optional<F32>:$weight,
                       PosEnc_ActivationAttr:$activation, OptionalAttr<F32Attr>:$sigmoid);
  let assemblyFormat = [{
    $score `,` `(` $features `)` (`[` $head^ `]`)? `layers` `(` $layers `)`
    custom<Keyword>($activation) (`sigmoid` `(` custom<F32>($sigmoid)^ `)`)?
    (`weight` `(` $weight^ `)`)? attr-dict `:` type($layers)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// One layer: the operands' numbers among `layers`.
    struct Layer {
      unsigned weight;
      std::optional<unsigned> bias;
    };
    /// The layers in order, as the ranks of the operands say.
    static SmallVector<Layer> getStructure(TypeRange types);
  }];
}

//===----------------------------------------------------------------------===//
// On tensors
//===----------------------------------------------------------------------===//

def PosEnc_DecayGateOp : PosEnc_Op<"decay_gate", [
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "sums of the logarithms of gates";
  let description = [{
        C[…, t, …] = Σ_{u ≤ t} lf[…, u, …]

    lf are logarithms of gates, f32, or with `logsigmoid` ln(1 / (1 + e^(−x))) of raw
    gates. t is the last dimension, or `axis`. `start` gives, per element of the
    first dimension, the first token that counts: lf is 0 before it (left
    padding). f32, summed in order of t: the same bits on every run.

    The decay that a score of query i and key j gets (FoX, Lin et al. 2025) is
    C_i − C_j: two terms, one of the query and one of the key.

    ```mlir
    %c = posenc.decay_gate %gates logsigmoid start(%n) : tensor<2x8x?xbf16>, tensor<2xi64> -> tensor<2x8x?xf32>
    %1 = posenc.bias_dense %s, %c[%b, %h, %i] : tensor<2x8x?xf32>
    %2 = posenc.bias_dense %1, %c[%b, %h, %j] weight(%minus_one) : tensor<2x8x?xf32>
    ```

    Verifier:
    * (D1) the gates have at least one dimension, and axis is one of them
    * (D2) the result has the shape of the gates
    * (D3) with a start, the gates have at least two dimensions, their first is that of
      start, and axis is another
  }];
  let arguments = (ins TensorOf<[PosEnc_Float]>:$gates,
                       Optional<TensorOf<[AnyTypeOf<[I32, I64, Index]>]>>:$start,
                       UnitAttr:$logsigmoid, OptionalAttr<I64Attr>:$axis);
  let results = (outs TensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $gates (`logsigmoid` $logsigmoid^)? (`axis` $axis^)? (`start` `(` $start^ `)`)? attr-dict
    `:` type($gates) (`,` type($start)^)? `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The dimension that is summed over.
    int64_t getSequenceAxis();
  }];
}

#endif // POSENC_BIAS_OPS
