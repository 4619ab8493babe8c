//===- Passes.td - Passes on the posenc dialect ------------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_TRANSFORMS_PASSES
#define POSENC_DIALECT_POSENC_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def PosEncDecomposeProducts : Pass<"posenc-decompose-products"> {
  let summary = "Compute products of rows and tables before attention";
  let description = [{
    A modifier of the form `Product` (rel_dot, and any op that says so by
    ScoreModOpInterface) adds Σ_d (x + u) · t[row] to a score. The products of the
    rows x with all rows of the table are one matrix product,

        R[…, row] = Σ_d (x[…, d] + u[…, d]) · t[row, …, d]      in f32

    over those of batch, head, query or key that the indices of x, u and t are
    computed from. It is built before the op that has the region; the region reads
    one element of it, whatever else the modifier does.

    ```mlir
    %1 = posenc.rel_dot %s, %q[%b, %h, %m], %t at(%i, %j) bucket <clip, k_minus_q, left = 64, right = 8> : tensor<2x4x40x16xf32>, tensor<73x16xf32>
    // becomes
    %r = tensor.extract %curve[%b, %h, %m, %row] : tensor<2x4x40x73xf32>
    %1 = arith.addf %s, %r : f32
    ```

    The loop over d stays, and a remark (category posenc-decompose) says why, where
    the op stands under a condition, whose rows need not be there; the table is not on tensors outside the region; an index is computed from
    anything but arguments of the region by ops without effects; x and t together
    are read at queries and at keys; or the curve would have more than `max-ratio`
    times the elements of the scores.
  }];
  let options = [
    Option<"maxRatio", "max-ratio", "int64_t", "8",
           "Compute no curve of more elements per score than this">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::posenc::PosEncDialect", "::mlir::tensor::TensorDialect"];
}

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

def PosEncExpandModifiers : Pass<"posenc-expand-modifiers"> {
  let summary = "Turn modifiers that cannot be bufferized into what they compute";
  let description = [{
    A modifier that reads tensors and has no BufferizableOpInterface, as those of
    dialects outside posenc, is replaced by what its `buildScalar` builds. With
    it an op has to implement nothing but ScoreModOpInterface to reach every
    target. Modifiers that can stand on buffers, or read no tensor, stay: kernels
    ask them for more than their formula.

    ```mlir
    %1 = soft.window %s, %strength[%h] at(%i, %j) width 8.0 : tensor<4xf32>
    // becomes
    %d = arith.subi %i, %j : index
    %e = tensor.extract %strength[%h] : tensor<4xf32>
    …
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def PosEncDropRowTerms : Pass<"posenc-drop-row-terms"> {
  let summary = "Drop what is added to whole rows of scores";
  let description = [{
    softmax(s + c_i) = softmax(s): a term of the query alone that is added last,
    or with nothing but additions and masks of −inf behind it, changes nothing.
    FoX's C_i − C_j becomes −C_j, ALiBi written as two products −m i + m j
    becomes m j, and so does a `bias_fn linear`; of |i − j| only under a causal
    mask of the same positions.

    Only on request: without the row's constant −C_j may grow with the length,
    and it counts on c_i being finite (a row of −inf would be hidden by it).

    Left alone: rows whose log-sum-exp is a result; sinks; a term with a softcap,
    a factor, a row scan, a head mix or any other function of the score behind
    it; score_map, whose result are the scores. What keeps a row term from being
    dropped is a missed remark of category `posenc-drop-row-terms`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::posenc::PosEncDialect"];
}

def PosEncWidenLowRank : Pass<"posenc-widen-lowrank"> {
  let summary = "Append the factors of a low rank to q and k";
  let description = [{
        scale · q · k + w · u · v = scale · [q, (w / scale) u] · [k, v]

    A `bias_lowrank` of the raw score, whose u depends on the query and whose v
    on the key, becomes r more channels of q and k: one matrix product instead
    of two. TUPE is then attention of twice the head size.

    Only on request, as it pays where the product runs on matrix units, and only
    where it is exact: w is a constant, w / scale a power of two (or its
    negative; in f16, whose range a factor could leave, 1 or -1), u and v have q's element type, and nothing else reads the raw
    score. TUPE that unties CLS does, and is left alone; so are factors of the
    key that depend on the query head where heads share keys, row regions other
    than rotations, memrefs, and zero or unknown ranks. What was not widened is
    a missed remark of category `posenc-widen-lowrank`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::posenc::PosEncDialect", "::mlir::tensor::TensorDialect"];
}

def PosEncTabulate : Pass<"posenc-tabulate"> {
  let summary = "Evaluate functions of distances once per distance";
  let description = [{
    A term of a score region that is a function of i − j alone (per head and
    batch), and takes a loop or a function of `math` to compute, is evaluated
    once for each of the distances that occur, by a `linalg.generic` in front of
    the op; the region reads it from that table. So is a function of differences
    of other coordinates of the index: rows and columns of pixels.

        s' = s + f(i − j, h)         becomes
        s' = s + table[h, n − m + Tq − 1]
        table[h, t] = f(i − j, h) at any m, n with n − m + Tq − 1 = t

    What a term depends on is found by its structure, not by its name: networks
    (dynamic position bias, Swin-V2's continuous bias, FIRE where the positions
    are proven to be below its threshold), KERPLE, Sandwich, and the same
    written in `arith` or as an op of another dialect. The table holds f32 and is
    computed by the code that the region had: the values are the same but for
    the target's functions of `math`.

    Left alone: terms that are as cheap as a load (ALiBi, tables); terms that
    depend on the query or the key by itself (FIRE's normaliser); positions that
    an operand gives, unless it is `posenc.positions`; ops with one query or one
    key; ops on memrefs. Each table is a remark of category `posenc-tabulate`.

    ```mlir
    %o = posenc.attention … score(%s, %b, %h, %m, %n) {
      %i = posenc.q_pos : index
      %j = posenc.k_pos : index
      %1 = posenc.bias_fn %s, %params[%h] at(%i, %j) log absolute : tensor<2x8xf32>, index
      posenc.yield %1 : f32
    }
    // becomes
    %table = linalg.generic … -> tensor<8x?xf32>
    %o = posenc.attention … score(%s, %b, %h, %m, %n) {
      %x = arith.subi %last, %m : index
      %t = arith.addi %n, %x : index
      %g = tensor.extract %table[%h, %t] : tensor<8x?xf32>
      %1 = arith.addf %s, %g : f32
      posenc.yield %1 : f32
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect", "::mlir::posenc::PosEncDialect",
                           "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def PosEncExposeEncodings : Pass<"posenc-expose-encodings", "::mlir::ModuleOp"> {
  let summary = "Add functions that return what encodings are";
  let description = [{
    For each function @f with attention or score_map on tensors at its top level,
    adds @f_encodings with the same arguments, whose results are, in order of the
    ops,

    * for a score region of attention: what it makes of scores of 0, f32
      [B,Hq,Tq,Tk]: the bias, −inf where a key is hidden;
    * for a row region: channel d of what it makes of the unit vector d, f32
      [B,H,T,D]: the cosine of a rotation's angle, the factor of a scale;
    * a score_map's result.

    Each result has the attribute `posenc.shows`, such as "attention 0 score" or
    "attention 1 k_rows". posenc-plot draws them.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::posenc::PosEncDialect",
                           "::mlir::tensor::TensorDialect"];
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
