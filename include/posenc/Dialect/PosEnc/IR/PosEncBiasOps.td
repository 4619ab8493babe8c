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

#endif // POSENC_BIAS_OPS
