//===- Passes.td - Passes on the posenc dialect ------------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_TRANSFORMS_PASSES
#define POSENC_DIALECT_POSENC_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def PosEncExpandBuckets : Pass<"posenc-expand-buckets"> {
  let summary = "Turn t5 and lut buckets into tables over clipped distances";
  let description = [{
    A kernel that adds a table of distances need not know how a bucket map
    groups them. Outside its active range [first, last] a bucket no longer
    changes, so

        bucket <t5 or lut>, table          becomes
        bucket <clip, left = -first, right = last>, table'
        table'[d - first, head] = table[row(d), head]

    exactly. The new table is computed once, where the old one is defined, by a
    `linalg.generic` (at compile time if the table is a small constant); a table
    that several ops share is expanded once.

    ```mlir
    %1 = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    // becomes
    %1 = posenc.bias_table %s, %expanded[%h] at(%i, %j) bucket <clip, k_minus_q, left = 91, right = 91> : tensor<183x4xf32>
    ```

    Left alone: clip buckets, tables on memrefs, tables that are defined in the
    region itself, and expansions of more than `max-rows` rows.
  }];
  let options = [
    Option<"maxRows", "max-rows", "int64_t", "65536",
           "Do not build tables of more rows than this">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::posenc::PosEncDialect", "::mlir::tensor::TensorDialect"];
}

#endif // POSENC_DIALECT_POSENC_TRANSFORMS_PASSES
