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
  let summary = "Turn buckets of distances into tables over clipped distances";
  let description = [{
    A kernel that adds a table of distances need not know how a bucket map
    groups them. Outside its active range [first, last] a bucket no longer
    changes, so

        bucket <t5, lut, deberta or identity>, table          becomes
        bucket <clip, left = -first, right = last>, table'
        table'[d - first, head] = table[row(d), head], 0 where d has no row

    exactly. The new table is computed once, where the old one is defined, by a
    `linalg.generic` (at compile time if the table is a small constant); a table
    that several ops share is expanded once.

    ```mlir
    %1 = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    // becomes
    %1 = posenc.bias_table %s, %expanded[%h] at(%i, %j) bucket <clip, k_minus_q, left = 91, right = 91> : tensor<183x4xf32>
    ```

    Left alone: clip buckets, those of grids and class tokens, tables on memrefs, tables that are defined in the
    region itself, and expansions of more than `max-rows` rows.
  }];
  let options = [
    Option<"maxRows", "max-rows", "int64_t", "65536",
           "Do not build tables of more rows than this">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::posenc::PosEncDialect", "::mlir::tensor::TensorDialect"];
}

def PosEncFuse : Pass<"posenc-fuse"> {
  let summary = "Fuse bias producers, layouts and rotations into attention";
  let description = [{
    Until nothing changes:

    * A read of a `posenc.score_map` in a score region becomes the map's own
      region, with the indices that it was read at; positions stay symbolic
      where both ops take them from the same place, else they are read
      explicitly. `s + mod(0, …)` becomes `mod(s, …)` for additive modifiers,
      chains and either order of operands included. A map that many attentions
      read is inlined in each.
    * Transposes of q, k, v (`linalg.transpose`, a generic that only permutes,
      also behind slices, casts and reshapes) and of the result become `dims`;
      collapse/expand pairs cancel.
    * `posenc.rotate` of q, k, v and of the result moves into the row regions,
      before resp. after what is there. A rotation that something else reads
      stays for that reader and is fused too. For f16 and bf16 the fused rows
      are not rounded to the element type between rotation and product.
    * What is then dead is erased.

    ```mlir
    %bias = posenc.score_map outs(%e : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
      %i = posenc.q_pos : index
      %j = posenc.k_pos : index
      %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17x4xf32>
      posenc.yield %t : f32
    }
    %qt = linalg.transpose ins(%q : tensor<2x?x4x16xf32>) outs(%f : tensor<2x4x?x16xf32>) permutation = [0, 2, 1, 3]
    %o = posenc.attention scale(1.0) ins(%qt, %k, %v : …) outs(%g : …) score(%s, %b, %h, %m, %n) {
      %x = tensor.extract %bias[%c0, %h, %m, %n] : tensor<1x4x?x?xf32>
      %y = arith.addf %s, %x : f32
      posenc.yield %y : f32
    }
    // becomes
    %o = posenc.attention scale(1.0) ins(%q, %k, %v : …) outs(%g : …) dims(q = bthd) score(%s, %b, %h, %m, %n) {
      %i = posenc.q_pos : index
      %j = posenc.k_pos : index
      %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17x4xf32>
      posenc.yield %t : f32
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::posenc::PosEncDialect", "::mlir::tensor::TensorDialect"];
}

def PosEncVerifyFused : Pass<"posenc-verify-fused"> {
  let summary = "Fail if an encoding or attention is left unfused";
  let description = [{
    An error, at the op that is to blame, for each

    * `posenc.score_map` that is left;
    * product of two sequences that feeds a softmax outside `posenc.attention`:
      the data is followed from a contraction of two computed factors through
      exp to a sum and a weighted sum along an axis of one factor. Extents prove
      nothing (Tq = Tk = head size happens) and are not looked at. A product
      with constants is a layer, whatever follows;
    * read of a score region, by query and key index, of a tensor that the
      module computes: a bias of the size of the scores. A dense bias that comes
      in as an argument or a constant is legal, also through views and
      permutations; so is a computed table that is read by distance.

    Changes nothing.
  }];
}

#endif // POSENC_DIALECT_POSENC_TRANSFORMS_PASSES
