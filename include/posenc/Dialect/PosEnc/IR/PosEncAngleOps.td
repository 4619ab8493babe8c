//===- PosEncAngleOps.td - Positions, frequencies, angles --*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Included by PosEncOps.td, which defines the classes used here.
//===----------------------------------------------------------------------===//

#ifndef POSENC_ANGLE_OPS
#define POSENC_ANGLE_OPS

class PosEnc_ProducerOp<string mnemonic, list<Trait> traits = []>
    : PosEnc_Op<mnemonic, [Pure,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>] #
        traits>;

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

def PosEnc_MaskPositionsOp : PosEnc_ProducerOp<"mask_positions"> {
  let summary = "positions that count the tokens which are not padding";
  let description = [{
    With c[t] = #{s ≤ t : mask[…, s] ≠ 0}:

        p[…, t] = c[t] − 1 + offset    where mask[…, t] ≠ 0
                = padding              elsewhere

    `offset` is 0; `padding` is offset − 1 unless given, which makes p what
    libraries write as c · mask − 1 + offset. OPT: offset 2 (padding in row 1);
    RoBERTa: offset pad_idx + 1; Bloom's ALiBi: offset 0, padding 0.

    ```mlir
    %p = posenc.mask_positions %mask offset 2 : tensor<2x?xi1> -> tensor<2x?xi64>
    ```

    Verifier:
    * (W1) the mask has rank 1 or 2
    * (W2) the result has the mask's shape
  }];
  let arguments = (ins TensorOf<[AnySignlessInteger]>:$mask,
                       DefaultValuedAttr<I64Attr, "0">:$offset,
                       OptionalAttr<I64Attr>:$padding);
  let results = (outs TensorOf<[PosEnc_PositionElement]>:$result);
  let assemblyFormat = [{
    $mask (`offset` $offset^)? (`padding` $padding^)? attr-dict `:` type($mask) `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getPaddingPosition() { return getPadding().value_or(getOffset() - 1); }
  }];
}

def PosEnc_GridPositionsOp : PosEnc_ProducerOp<"grid_positions", [AttrSizedOperandSegments]> {
  let summary = "coordinates of the cells of a grid, row by row";
  let description = [{
    For sizes N_0 … N_{A−1}, T = Π N_a and S_a = Π_{b > a} N_b:

        p[a, t] = ⌊t / S_a⌋ mod N_a + offset
        centered: p[a, t] = (2 (⌊t / S_a⌋ mod N_a) + 1) / N_a − 1      in f32

    The last axis runs fastest. `centered` are DINOv3's coordinates in (−1, 1).

    ```mlir
    %p = posenc.grid_positions sizes(%h, %w) : tensor<2x?xi64>
    %c = posenc.grid_positions sizes(%h, %w) centered : tensor<2x?xf32>
    ```

    Verifier:
    * (X1) the result has shape [A, T], one axis per size, at least one
    * (X2) centered positions are f32 and have no offset
  }];
  let arguments = (ins Variadic<Index>:$sizes, Optional<Index>:$offset, UnitAttr:$centered);
  let results = (outs TensorOf<[PosEnc_PositionElement]>:$result);
  let assemblyFormat = [{
    `sizes` `(` $sizes `)` (`offset` `(` $offset^ `)`)? (`centered` $centered^)? attr-dict
    `:` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Frequencies and angles
//===----------------------------------------------------------------------===//

def PosEnc_InvFreqOp : PosEnc_ProducerOp<"inv_freq"> {
  let summary = "inverse frequencies of rotary and sinusoidal encodings";
  let description = [{
    The P frequencies of a `#posenc.freq`. A result [P] holds them as the library
    rounds them: every step of its f32 arithmetic, powers exact before rounding.
    A result [2,P] holds the formula in double precision as hi + lo, two f32,
    for `posenc.angles … precise`. The second result, where there is one, is the
    magnitude m.

    `length(%n)` is the sequence length that `dynamic_ntk` and `longrope` ask for;
    it holds for all positions of the call. Constant lengths fold. Otherwise
    dynamic_ntk is computed in f32 as w_k · 2^(−(2k / (r − 2)) log2 a).

    ```mlir
    %w = posenc.inv_freq <default, dim = 64> : tensor<32xf32>
    %y, %m = posenc.inv_freq <yarn, dim = 64, factor = 4.0, original_length = 4096> : tensor<2x32xf32>, f32
    %d = posenc.inv_freq <dynamic_ntk, dim = 64, factor = 2.0, max_position = 2048> length(%n) : tensor<32xf32>
    ```

    Verifier:
    * (V1) the result has shape [dim / 2] or [2, dim / 2]
    * (V2) a length only for dynamic_ntk and longrope
    * (V3) dynamic_ntk with a length that is not constant has a result of rank 1
  }];
  let arguments = (ins PosEnc_FreqAttr:$freq, Optional<Index>:$length);
  let results = (outs TensorOf<[F32]>:$result, Optional<F32>:$magnitude);
  let assemblyFormat = [{
    $freq (`length` `(` $length^ `)`)? attr-dict `:` type($result) (`,` type($magnitude)^)?
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// The first result for a length that is known (or none given).
    DenseElementsAttr getConstant(std::optional<int64_t> length);
    /// The length if it is a constant.
    std::optional<int64_t> getConstantLength();
  }];
}

def PosEnc_AnglesOp : PosEnc_ProducerOp<"angles"> {
  let summary = "position times inverse frequency";
  let description = [{
        φ[…, t, k] = p[a_k, …, t] · w_k + phase[k]

    Positions are [T] or [B,T], and a_k is not there; or with `axes` they are
    [A,T] or [A,B,T] and a_k is pair k's axis. The product is the f32 product of
    the position, converted to f32, and w_k: what libraries compute. Its error
    grows with the position (1e-3 at 32768, 3e-2 at 2^20).

    `precise` gives an angle in [−3.3, 3.3] (plus the phase) that is congruent to
    p · (w_hi + w_lo): the product is formed without error, and 2π is subtracted
    as two f32. |Δcos| and |Δsin| are at most 2e-6 for |p| ≤ 2^20, |w| ≤ 1. Frequencies
    [2,P] are hi and lo; those of shape [P] have lo = 0.

    `per_head`: each head has its own frequencies [H,P] (with hi and lo [2,H,P]),
    learned ones say, and maybe phases [H,P]; the result is [H,T,P] or [B,H,T,P].

    ```mlir
    %a = posenc.angles %p by(%w) : tensor<2x?xi64>, tensor<32xf32> -> tensor<2x?x32xf32>
    %m = posenc.angles %p3 by(%w) axes <interleaved, [12, 10, 10]> : tensor<3x2x?xi64>, tensor<32xf32> -> tensor<2x?x32xf32>
    %x = posenc.angles %p by(%hl) phase(%ph) precise : tensor<?xi64>, tensor<2x32xf32>, tensor<32xf32> -> tensor<?x32xf32>
    ```

    Canonical form: positions times a power of two (position interpolation) are
    positions by frequencies times it, bit for bit.

    Verifier:
    * (G1) positions have rank 1 or 2, with axes rank 2 or 3
    * (G2) frequencies have shape [P], or [2,P] if precise; per_head [H,P] or [2,H,P]
    * (G3) the phase has shape [P], or [H,P] if per_head
    * (G4) axes name an axis of the positions, whose number is static, for each of P pairs, P static
    * (G5) the result has the shape of the positions without their axes, with H before T if
      per_head, and P
  }];
  let arguments = (ins TensorOf<[PosEnc_PositionElement]>:$positions,
                       TensorOf<[F32]>:$inv_freq, Optional<TensorOf<[F32]>>:$phase,
                       OptionalAttr<PosEnc_AxesAttr>:$axes, UnitAttr:$per_head,
                       UnitAttr:$precise);
  let results = (outs TensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $positions `by` `(` $inv_freq `)` (`phase` `(` $phase^ `)`)? (`axes` $axes^)?
    (`per_head` $per_head^)? (`precise` $precise^)? attr-dict `:` type($positions) `,` type($inv_freq)
    (`,` type($phase)^)? `->` type($result)
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def PosEnc_SinCosOp : PosEnc_ProducerOp<"sincos"> {
  let summary = "absolute sinusoidal encoding of angles";
  let description = [{
    Channel c of the result is scale · sin φ_k or scale · cos φ_k, scale = 1 unless
    given, in f32 and rounded once to the element type:

    * `interleaved` (Vaswani et al. 2017): k = ⌊c / 2⌋, sine first
    * `concat` (Marian, Transformer-XL, fairseq, Whisper, tensor2tensor):
      [sin φ_0 … sin φ_{P−1}, cos φ_0 … cos φ_{P−1} ], with the axes' sections timm's
      [sin h, sin w, cos h, cos w]
    * `blocks = n`: `concat` inside each of n blocks of P / n pairs: timm's
      [sin h, cos h, sin w, cos w]

    `cos_first` swaps sines and cosines. Channels from 2P on are 0 (odd widths of
    tensor2tensor and fairseq); `concat` may have 2P − 1, without the last one
    (odd widths of Marian).

    ```mlir
    %e = posenc.sincos %a concat : tensor<?x32xf32> -> tensor<?x65xbf16>
    %t = posenc.sincos %a blocks = 2 cos_first scale(%g) : tensor<?x32xf32> -> tensor<?x64xf32>
    ```

    Verifier:
    * (U1) the result has the angles' shape but for the last extent, rank at least 1
    * (U2) P ≥ 1, and the result has at least 2P channels (concat: 2P − 1); they are static
      only where P is
    * (U3) the blocks, at least 1 and for the layout `blocks` alone, divide P
  }];
  let arguments = (ins TensorOf<[F32]>:$angles, Optional<F32>:$scale,
                       PosEnc_SinCosLayoutAttr:$layout,
                       OptionalAttr<I64Attr>:$num_blocks, UnitAttr:$cos_first);
  let results = (outs TensorOf<[PosEnc_Float]>:$result);
  let assemblyFormat = [{
    $angles custom<Keyword>($layout) (`=` $num_blocks^)? (`cos_first` $cos_first^)?
    (`scale` `(` $scale^ `)`)? attr-dict `:` type($angles) `->` type($result)
  }];
  let hasVerifier = 1;
}

#endif // POSENC_ANGLE_OPS
