//===- PosEncAttrs.td - Attributes and types of posenc -----*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_ATTRS
#define POSENC_ATTRS

include "mlir/IR/AttrTypeBase.td"
include "posenc/Dialect/PosEnc/IR/PosEncDialect.td"
include "posenc/Dialect/PosEnc/IR/PosEncEnums.td"

class PosEnc_Attr<string name, string mnem, list<Trait> traits = []>
    : AttrDef<PosEnc_Dialect, name, traits> {
  let mnemonic = mnem;
}

def PosEnc_SignAttr : EnumAttr<PosEnc_Dialect, PosEnc_Sign, "sign">;
def PosEnc_DistanceKindAttr : EnumAttr<PosEnc_Dialect, PosEnc_DistanceKind, "distance">;
def PosEnc_ActivationAttr : EnumAttr<PosEnc_Dialect, PosEnc_Activation, "activation">;
def PosEnc_BiasFnKindAttr : EnumAttr<PosEnc_Dialect, PosEnc_BiasFnKind, "bias_fn_kind">;
def PosEnc_TemperatureKindAttr : EnumAttr<PosEnc_Dialect, PosEnc_TemperatureKind, "temperature">;
def PosEnc_SlopeConventionAttr
    : EnumAttr<PosEnc_Dialect, PosEnc_SlopeConvention, "slope_convention">;
def PosEnc_RotateLayoutAttr : EnumAttr<PosEnc_Dialect, PosEnc_RotateLayout, "layout">;
def PosEnc_SinCosLayoutAttr : EnumAttr<PosEnc_Dialect, PosEnc_SinCosLayout, "sincos_layout">;
def PosEnc_OutOfBoundsAttr : EnumAttr<PosEnc_Dialect, PosEnc_OutOfBounds, "oob">;

//===----------------------------------------------------------------------===//
// #posenc.dims
//===----------------------------------------------------------------------===//

def PosEnc_DimsAttr : PosEnc_Attr<"Dims", "dims"> {
  let summary = "order in which a tensor stores batch, head, sequence and channel";
  let description = [{
    A permutation of the letters b (batch), h (head), t (sequence) and
    d (channel): `#posenc.dims<bthd>` is the layout of a projection's output
    that nobody has transposed. A consumer reads the tensor through strides,
    so a transposed operand costs no copy. The default everywhere is `bhtd`.
  }];
  // perm[logical] = dimension of the tensor that stores logical dimension
  // 0 = b, 1 = h, 2 = t, 3 = d.
  let parameters = (ins ArrayRefParameter<"int64_t">:$perm);
  let constBuilderCall = "::mlir::posenc::DimsAttr::parseWord($_builder.getContext(), $0)";
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The layout spelt by a word such as "bthd"; null if it is no permutation.
    static DimsAttr parseWord(MLIRContext *ctx, StringRef word);
    static DimsAttr getDefault(MLIRContext *ctx);
    std::string getWord() const;
    bool isIdentity() const;
    /// The dimension of the tensor that stores `logical`.
    int64_t dimOf(int64_t logical) const { return getPerm()[logical]; }
    /// The logical dimension that dimension `dim` of the tensor stores.
    int64_t logicalOf(int64_t dim) const;
  }];
}

//===----------------------------------------------------------------------===//
// #posenc.freq
//===----------------------------------------------------------------------===//

def PosEnc_FreqAttr : PosEnc_Attr<"Freq", "freq"> {
  let summary = "rule that gives the inverse frequencies of P pairs";
  let description = [{
    `#posenc.freq<kind, dim = r, base = 10000.0, …>` has P = r/2 pairs
    k = 0 … P−1, w_k = base^(−2k/r) and a magnitude m that multiplies cosines
    and sines (1 unless said). n is a sequence length.

    * `default`: w_k (Su et al. 2021).
    * `linear, factor = f`: w_k / f (position interpolation, Chen et al. 2023).
    * `ntk, alpha = a`: `default` of base · a^(r/(r−2)).
    * `dynamic_ntk, factor = f, max_position = L`: `ntk` of
      a = f · max(n, L) / L − (f − 1); n = L where none is given.
    * `yarn, factor = f, original_length = L, beta_fast = 32.0, beta_slow = 1.0,
      truncate = true` (Peng et al. 2023): with
      corr(x) = r ln(L / (2π x)) / (2 ln base), lo = max(⌊corr(beta_fast)⌋, 0),
      hi = min(⌈corr(beta_slow)⌉, r − 1) (not rounded without truncate; 0.001 is
      added to hi = lo) and t = clamp((k − lo) / (hi − lo), 0, 1):
      (w_k / f) t + w_k (1 − t). m is `attention_factor` if given, else
      g(mscale) / g(mscale_all_dim) if both are given, else g(1), where
      g(c) = f ≤ 1 ? 1 : 0.1 c ln f + 1.
    * `longrope, factor = f, original_length = L, short = […], long = […]`
      (Ding et al. 2024): w_k / λ_k, λ = long where n > L, else (and without n)
      short. m is `attention_factor` if given, else f ≤ 1 ? 1 : √(1 + ln f / ln L).
    * `llama3, factor = f, low_freq_factor = l, high_freq_factor = h,
      original_length = L`: with c = 2π / w_k, c > L/l: w_k / f; c < L/h: w_k;
      else s = (L/c − l) / (h − l) and (1 − s) w_k / f + s w_k.
    * `proportional, proportion = p, factor = 1.0` (Gemma 4): the first
      ⌊p r / 2⌋ pairs have w_k / f, the others 0.
    * `t2t, min_timescale = a, max_timescale = b` (tensor2tensor; 1 and 10000):
      a · (b / a)^(−k / max(P − 1, 1)); it has no base.
    * `endpoint` (fairseq, Whisper, RetNet): base^(−k / max(P − 1, 1)).

    The fields of a kind may stand in any order.

    Verifier:
    * (Q1) dim is even, at least 2 (4 for ntk and dynamic_ntk) and at most 2^20
    * (Q2) base is finite and more than 1
    * (Q3) all other numbers are finite and positive; truncate aside
    * (Q4) longrope: short and long have dim / 2 entries; original_length is at least 2
    * (Q5) llama3: low_freq_factor < high_freq_factor; yarn: beta_slow ≤ beta_fast
    * (Q6) proportional: proportion is at most 1
    * (Q7) yarn: mscale and mscale_all_dim are given together or not at all
  }];
  let parameters = (ins EnumParameter<PosEnc_FreqKind>:$kind, "DictionaryAttr":$fields);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getDim() const { return getInteger("dim"); }
    int64_t getNumPairs() const { return getDim() / 2; }
    /// Whether a sequence length changes anything.
    bool dependsOnLength() const;
    /// m, in double precision.
    double getMagnitude() const;
    /// The frequencies as transformers (t2t: tensor2tensor; endpoint: fairseq)
    /// rounds them: each step of its f32 arithmetic, with exact powers.
    SmallVector<float> getLibraryValues(std::optional<int64_t> length) const;
    /// The formula in double precision.
    SmallVector<double> getExactValues(std::optional<int64_t> length) const;

    /// A field, or what it is by default.
    double getReal(StringRef name) const;
    int64_t getInteger(StringRef name) const;
    bool getFlag(StringRef name) const;
    ArrayRef<double> getList(StringRef name) const;
    bool has(StringRef name) const { return getFields().contains(name); }
  }];
}

//===----------------------------------------------------------------------===//
// #posenc.axes
//===----------------------------------------------------------------------===//

def PosEnc_AxesAttr : PosEnc_Attr<"Axes", "axes"> {
  let summary = "which axis of the positions each pair reads";
  let description = [{
    * `#posenc.axes<sections, [s0, s1, …]>`: the first s0 pairs read axis 0, the
      next s1 axis 1, and so on: axial 2-D and 3-D, M-RoPE of Qwen2-VL, GLM-4V.
    * `#posenc.axes<interleaved, [s0, …, sA−1]>` (M-RoPE of Qwen3-VL): pair k of
      s0 + … + sA−1 reads axis a = k mod A if a > 0 and k < A · s_a, else axis 0.
    * `#posenc.axes<list, [a0, a1, …]>`: pair k reads axis a_k.

    Verifier:
    * (J1) from 1 to 2^20 pairs, no negative numbers
  }];
  let parameters = (ins EnumParameter<PosEnc_AxesKind>:$kind,
                        ArrayRefParameter<"int64_t">:$params);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getNumPairs() const;
    /// The axis of each pair.
    SmallVector<int64_t> getAxisOfPairs() const;
  }];
}

//===----------------------------------------------------------------------===//
// !posenc.row
//===----------------------------------------------------------------------===//

def PosEnc_RowType : TypeDef<PosEnc_Dialect, "Row"> {
  let mnemonic = "row";
  let summary = "one row (all channels) of q, k, v or the output";
  let description = [{
    The value that flows through a row-transform region of `posenc.attention`.
    It is never stored: a kernel asks for its elements one by one. The element
    type is always f32.
  }];
}

include "posenc/Dialect/PosEnc/IR/PosEncBucketAttr.td"
include "posenc/Dialect/PosEnc/IR/PosEncMaskAttr.td"
include "posenc/Dialect/PosEnc/IR/PosEncPlanAttr.td"

#endif // POSENC_ATTRS
