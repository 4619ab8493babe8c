//===- PosEncRelativeOps.td - Content × relative -----------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_RELATIVE_OPS
#define POSENC_RELATIVE_OPS

def PosEnc_RelDotOp : PosEnc_Op<"rel_dot", [
    DeclareOpInterfaceMethods<ScoreModOpInterface,
                              ["isAdditive", "getForm", "getProduct", "buildFromProduct"]>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>, AlwaysSpeculatable,
    AttrSizedOperandSegments]> {
  let summary = "adds the product of a row and a row of a table, chosen by distance";
  let description = [{
        s' = s + w · Σ_d (x[…, d] + u[…, d]) · t[row, …, d]

    row = bucket(i, j), or an index that the region computes. Without `bias` u is
    0, without `weight` w is 1. Each tensor is read at the indices given, so that
    a tensor which batches or heads share is one with fewer of them. All is
    computed in f32. A pair of positions for which the bucket has no row gets no
    product.

    The rows x are captured: the untransformed queries (`[%b, %h, %m]`), the keys
    (`[%b, %hk, %n]`), or any other rows. The op's product is not scaled: what a
    model scales with its scores gets the scale as its weight.

    Shaw et al. 2018 and its asymmetric form, BERT's relative_key and (a second
    op, x = k) relative_key_query, Transformer-XL and XLNet (u is their second
    bias; the first belongs to q), DeBERTa (c2p and p2c: x = q and x = k with the
    same row), the decomposed forms of SAM and MViT (one op per axis, with axes'
    positions), Inkling (x of its own), iRPE's contextual form.

    Canonical form: a table of zeros without a weight disappears; the query's
    position comes first, with the bucket to match, so that DeBERTa's p2c has the
    row of its c2p.

    ```mlir
    %1 = posenc.rel_dot %s, %q[%b, %h, %m], %t at(%i, %j)
        bucket <clip, k_minus_q, left = 64, right = 8> weight(%w)
        : tensor<2x4x?x16xf32>, tensor<73x16xf32>
    %2 = posenc.rel_dot %1, %q[%b, %h, %m], %r[%h] row(%row) bias(%v[%h])
        : tensor<2x4x?x16xf32>, tensor<?x4x16xf32>, tensor<4x16xf32>
    ```

    Verifier:
    * (RD1) the row comes from a bucket of two positions, or is given
    * (RD2) x and u have one dimension more than indices, the table two
    * (RD3) x, u and the table agree in their last extent
    * (RD4) the table has as many rows as the bucket (at least, where dynamic or a lut)
  }];
  let arguments = (ins F32:$score, PosEnc_FloatShaped:$rows, Variadic<Index>:$rows_indices,
                       PosEnc_FloatShaped:$table, Variadic<Index>:$table_indices,
                       Optional<Index>:$q_position, Optional<Index>:$k_position,
                       OptionalAttr<PosEnc_BucketAttr>:$bucket, Optional<Index>:$row,
                       Optional<PosEnc_FloatShaped>:$bias, Variadic<Index>:$bias_indices,
                       Optional<F32>:$weight);
  let results = (outs Res<F32, "the modified score">:$result);
  let assemblyFormat = [{
    $score `,` $rows `[` $rows_indices `]` `,` $table (`[` $table_indices^ `]`)?
    (`at` `(` $q_position^ `,` $k_position `)`)? (`bucket` $bucket^)? (`row` `(` $row^ `)`)?
    (`bias` `(` $bias^ `[` $bias_indices `]` `)`)? (`weight` `(` $weight^ `)`)?
    attr-dict `:` type($rows) `,` type($table) (`,` type($bias)^)?
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

#endif // POSENC_RELATIVE_OPS
