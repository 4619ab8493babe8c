//===- PosEncStageOps.td - What is no function of one score -*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Included by PosEncOps.td, which defines the classes used here.
//===----------------------------------------------------------------------===//

#ifndef POSENC_STAGE_OPS
#define POSENC_STAGE_OPS

class PosEnc_StageOp<string mnemonic, list<Trait> traits = []>
    : PosEnc_Op<mnemonic, !listconcat([
        DeclareOpInterfaceMethods<StageOpInterface>, Pure], traits)> {
  let results = (outs Res<F32, "the stage's value at this score">:$result);
}

def PosEnc_RowScanOp : PosEnc_StageOp<"row_scan"> {
  let summary = "sums along the keys of a row, up to each key";
  let description = [{
        r[b,h,m,n] = Σ_{n' ≤ n} x[b,h,m,n']        `reverse`: n' ≥ n
                                                   `exclusive`: without n' = n

    over all keys of the row in the order of their indices, whatever their
    positions; sequentially, in f32. Nothing is special about a hidden key:
    what it contributes is the x that the region computes for it. A gate
    sigmoid(s) of a score that a mask has set to −inf is 0, so CoPE (Golovneva
    et al. 2024) masks, takes the gate, and scans; a −inf that is itself summed
    makes every sum behind it −inf. The first exclusive sum is 0.

    CoPE is `reverse`, GRAPE-AP `reverse exclusive` over log sigmoids, and so is
    stick-breaking.

    ```mlir
    %p = posenc.row_scan sum reverse %gate : f32
    %q = posenc.row_scan sum reverse exclusive %log : f32
    ```

    Verifier: that of stages (Z1), (Z2).
  }];
  let arguments = (ins F32:$value, UnitAttr:$reverse, UnitAttr:$exclusive);
  let assemblyFormat = [{
    `sum` (`reverse` $reverse^)? (`exclusive` $exclusive^)? $value attr-dict `:` type($value)
  }];
}

def PosEnc_HeadMixOp : PosEnc_StageOp<"head_mix", [AttrSizedOperandSegments]> {
  let summary = "a small network over the scores of all heads";
  let description = [{
    With F scores x_f and H heads, for each (b, m, n):

        z_0[f · H + h, n] = x_f[b,h,m,n]
        y_l[o, n] = bias_l[o] + Σ_c Σ_t z_(l−1)[c, n + t − (K − 1) / 2] · W_l[c,o,t]
        z_l = activation(y_l)        r[b,h,m,n] = y_L[h, n]

    Layers are weights [in, out] (K = 1) or [in, out, K] (a convolution along
    the keys, K odd), each perhaps with a bias [out] behind it; any number of
    them, the activation between two. The last layer has an output per head,
    and a head gets its own. Outside of the keys 0 … Tk − 1 every z is 0. All is
    f32; weights of f16 and bf16 are widened.

    Nothing is special about a hidden key: 0 times its −inf would be NaN for
    every head. So a mask stands behind head_mix, and what must not be seen is
    set to 0 in front of it (`arith.select %visible, %s, %zero`), as DAPE-V2 does
    before its convolutions.

    Talking heads (Shazeer et al. 2020): one layer without bias. DAPE (Zheng et
    al. 2024): the scores and the biases, two layers, `leaky_relu` (of slope
    0.01); DAPE-V2: the same with K = 3.

    ```mlir
    %1 = posenc.head_mix(%s) layers(%w) : tensor<8x8xf32>
    %2 = posenc.head_mix(%s, %bias) layers(%w1, %b1, %w2, %b2) activation leaky_relu
        : tensor<16x32x3xf32>, tensor<32xf32>, tensor<32x8x3xf32>, tensor<8xf32>
    ```

    Verifier:
    * (H1) at least one score, and layers that are weights of rank 2 or 3, each with
      at most one bias of rank 1 behind it
    * (H2) the extents of neighbouring layers, biases, scores and heads agree
    * (H3) the number of taps is static and odd
    * (H4) an activation is given if and only if there are several layers
  }];
  let arguments = (ins Variadic<F32>:$scores, Variadic<TensorOf<[PosEnc_Float]>>:$layers,
                       OptionalAttr<PosEnc_ActivationAttr>:$activation);
  let assemblyFormat = [{
    `(` $scores `)` `layers` `(` $layers `)` (`activation` custom<Keyword>($activation)^)?
    attr-dict `:` type($layers)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// A weight and the bias behind it; null without one.
    struct Layer {
      Value weight, bias;
      int64_t getTaps();
    };
    /// The layers of these operands in order, as their ranks say.
    static SmallVector<Layer> getLayersOf(ValueRange operands);
  }];
}

#endif // POSENC_STAGE_OPS
