//===- Passes.td - Another encoding for a model ------------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_REENCODE_PASSES
#define POSENC_REENCODE_PASSES

include "mlir/Pass/PassBase.td"

def PosEncReencode : Pass<"posenc-reencode", "ModuleOp"> {
  let summary = "Gives a model with learned absolute positions a relative encoding";
  let description = [{
    Works on a raised model, each function by itself. Where a table that is read by
    the position of the token alone is added to the embeddings, the sum becomes the
    embeddings; the table, its look-up and the look-up's assertions are gone. What
    else was read by the position, but is the same at every position (token types
    that default to 0), no longer reads it. Each `posenc.attention` of these tokens to
    themselves gets the encoding that `learned-to` names:

    * `alibi`: `bias_fn linear absolute` with Press's slopes;
    * `t5`: `bias_table` with a T5 bucket, of both directions unless the attention is
      causal. The table [num-buckets, heads], f32, is a new argument at the end of the
      function, one for all layers. With `fit` a function @NAME_t5_table returns a table
      to begin with: by least squares over all pairs of positions, that of the product of
      the first attention's queries and keys, computed from rows of positions and
      embeddings of zeros;
    * `rope`: q and k are rotated in halves, by angles of their positions;
    * `none`: nothing.

    Positions are those of the attention: its offsets or position operands, else the
    index. Everything else stays as it is, and so do all other parameters: the model
    runs at any length, and can be fine-tuned.

    ```mlir
    %e = posenc.lookup %table[%p] clamp : tensor<512x64xf32>, tensor<?xi64> -> tensor<?x64xf32>
    %x = linalg.add ins(%words, %e : …) outs(%i : …)
    …
    %o = posenc.attention scale(0.125) ins(%q, %k, %v : …) outs(…)
    ```
    becomes, under `learned-to=alibi`,
    ```mlir
    …
    %s = posenc.alibi_slopes press scale -1.0 : tensor<8xf32>
    %o = posenc.attention scale(0.125) ins(%q, %k, %v : …) outs(…) score(…) {
      %r = posenc.bias_fn %s0, %s[%h] at(%i, %j) linear absolute : tensor<8xf32>, index
    ```

    A module in which there is no such table is an error, and so is a function that
    has one but no attention which could take the new encoding.
  }];
  let options = [
    Option<"learnedTo", "learned-to", "std::string", /*default=*/"",
           "t5, alibi, rope or none.">,
    Option<"numBuckets", "num-buckets", "int64_t", /*default=*/"32", "Rows of T5's table.">,
    Option<"maxDistance", "max-distance", "int64_t", /*default=*/"128",
           "T5: keys further away than this share a row.">,
    Option<"fit", "fit", "bool", /*default=*/"false",
           "T5: add a function that gives the table which is nearest to what the old one "
           "contributes to scores.">,
    Option<"base", "base", "double", /*default=*/"10000.0", "Of RoPE's frequencies.">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::posenc::PosEncDialect", "::mlir::tensor::TensorDialect"];
}

#endif // POSENC_REENCODE_PASSES
