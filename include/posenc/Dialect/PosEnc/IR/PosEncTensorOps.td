//===- PosEncTensorOps.td - Operations on tensors ----------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Included by PosEncOps.td, which defines the classes used here.
//===----------------------------------------------------------------------===//

#ifndef POSENC_TENSOR_OPS
#define POSENC_TENSOR_OPS

//===----------------------------------------------------------------------===//
// On tensors
//===----------------------------------------------------------------------===//

def PosEnc_PositionsOp : PosEnc_Op<"positions", [Pure, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let summary = "consecutive positions";
  let description = [{
        p[t] = t + offset                with `bottom_right(N)`: p[t] = t + N − T

    `bottom_right` puts the last of T queries level with the last of N keys.

    ```mlir
    %p = posenc.positions size(%len) offset(%o) : tensor<?xi64>
    %q = posenc.positions size(%tq) bottom_right(%tk) : tensor<?xi64>
    ```

    Verifier:
    * (I1) the result has rank 1
    * (I2) a size is given if and only if the result is dynamic
    * (I3) offset and bottom_right are not both given
  }];
  let arguments = (ins Optional<Index>:$size, Optional<Index>:$offset,
                       Optional<Index>:$bottom_right);
  let results = (outs TensorOf<[PosEnc_PositionElement]>:$result);
  let assemblyFormat = [{
    (`size` `(` $size^ `)`)? (`offset` `(` $offset^ `)`)?
    (`bottom_right` `(` $bottom_right^ `)`)? attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    /// The position of the first token; null where it is 0.
    Value buildOffset(OpBuilder &builder);
  }];
}

def PosEnc_AlibiSlopesOp : PosEnc_Op<"alibi_slopes", [Pure]> {
  let summary = "slopes of ALiBi's heads";
  let description = [{
    For H heads (the extent of the result), h = 0 … H−1, M = `max`:

    * `press` (Press et al. 2022; MPT, Bloom, Falcon): with c = 2^⌊log2 H⌋,
      h < c: 2^(−M (h + 1) / c), else 2^(−M (2 (h − c) + 1) / (2 c))
    * `geometric` (attention-gym): 2^(−M (h + 1) / H)

    times `scale` (1). Computed in double precision and rounded once to the
    element type: a constant, to which it folds.

    ```mlir
    %slopes = posenc.alibi_slopes press max 8.0 : tensor<12xf32>
    ```

    Verifier:
    * (B1) the result has rank 1 and a static extent of at least 1
    * (B2) max is finite and positive, scale finite
  }];
  let arguments = (ins PosEnc_SlopeConventionAttr:$convention,
                       DefaultValuedAttr<F32Attr, "8.0f">:$max,
                       DefaultValuedAttr<F32Attr, "1.0f">:$scale);
  let results = (outs TensorOf<[PosEnc_Float]>:$result);
  let assemblyFormat = [{
    custom<Keyword>($convention) (`max` custom<F32>($max)^)? (`scale` custom<F32>($scale)^)?
    attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// All slopes, as the op's result holds them.
    DenseElementsAttr getSlopes();
  }];
}

def PosEnc_LookupOp : PosEnc_Op<"lookup", [
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "rows of a table by position: learned absolute encodings";
  let description = [{
        y[…, d] = table[positions[…], d]

    Learned absolute encodings (BERT, GPT-2) are this plus an addition; the
    offsets of OPT and RoBERTa belong to the positions. A position outside the
    table is clamped to its ends (`clamp`) or fails at run time (`assert`).

    ```mlir
    %e = posenc.lookup %table[%p] clamp : tensor<512x64xf32>, tensor<2x40xi64> -> tensor<2x40x64xf32>
    ```

    Verifier:
    * (L1) the table has rank 2
    * (L2) the result has the positions' shape and the table's columns
    * (L3) positions are integers (the type of the operand says so)
    * (L4) table and result have one element type
  }];
  let arguments = (ins TensorOf<[PosEnc_Float]>:$table,
                       TensorOf<[AnyTypeOf<[I32, I64, Index]>]>:$positions,
                       PosEnc_OutOfBoundsAttr:$oob);
  let results = (outs TensorOf<[PosEnc_Float]>:$result);
  let assemblyFormat = [{
    $table `[` $positions `]` custom<Keyword>($oob) attr-dict `:` type($table) `,` type($positions)
    `->` type($result)
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

#endif // POSENC_TENSOR_OPS
