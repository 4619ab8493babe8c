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
def PosEnc_BiasFnKindAttr : EnumAttr<PosEnc_Dialect, PosEnc_BiasFnKind, "bias_fn_kind">;
def PosEnc_SlopeConventionAttr
    : EnumAttr<PosEnc_Dialect, PosEnc_SlopeConvention, "slope_convention">;
def PosEnc_RotateLayoutAttr : EnumAttr<PosEnc_Dialect, PosEnc_RotateLayout, "layout">;
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
// #posenc.bucket
//===----------------------------------------------------------------------===//

def PosEnc_BucketAttr : PosEnc_Attr<"Bucket", "bucket"> {
  let summary = "map from a signed distance D to the row of a table";
  let description = [{
    An exact integer map; no logarithm is ever taken at run time. The sign says
    what D is: `q_minus_k` is i − j, `k_minus_q` is j − i. It has no default.

    * `#posenc.bucket<t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true>`
      (Raffel et al. 2020): n' = n/2 and b0 = (D > 0 ? n' : 0), a = |D| when
      bidirectional, else n' = n, b0 = 0, a = max(−D, 0); with e = n'/2 the row
      is b0 + (a < e ? a : e + #{k in 1 … n'−1−e : a^(n'−e) e^k ≥ e^(n'−e) M^k}),
      M = max_distance. The thresholds are computed exactly, in big integers.
    * `#posenc.bucket<clip, q_minus_k, left = L, right = R>`:
      row = min(max(D, −L), R) + L; a table has L + R + 1 rows.
    * `#posenc.bucket<lut, k_minus_q, origin = O, outside = clamp, rows = [r0, r1, …]>`:
      row = r[min(max(D − O, 0), size − 1)].

    Verifier:
    * (K1) t5: num_buckets from 4 to 1024 and even, divisible by 4 when bidirectional
    * (K2) t5: num_buckets / (bidirectional ? 4 : 2) < max_distance < 2^31
    * (K3) clip: left + right ≥ 0
    * (K4) lut: at least one row, none negative
  }];
  let parameters = (ins EnumParameter<PosEnc_BucketKind>:$kind,
                        EnumParameter<PosEnc_Sign>:$sign,
                        ArrayRefParameter<"int64_t">:$params);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    static BucketAttr getT5(MLIRContext *ctx, Sign sign, int64_t numBuckets,
                            int64_t maxDistance, bool bidirectional);
    static BucketAttr getClip(MLIRContext *ctx, Sign sign, int64_t left, int64_t right);
    static BucketAttr getLut(MLIRContext *ctx, Sign sign, int64_t origin,
                             ArrayRef<int64_t> rows);

    /// The row for the signed distance D (in this attribute's own sign).
    int64_t evaluate(int64_t distance) const;
    /// One more than the largest row that any distance gives.
    int64_t getNumRows() const;
    /// [first, last]: outside it the row no longer changes, so
    /// row(D) = row(min(max(D, first), last)) for every D.
    std::pair<int64_t, int64_t> getActiveRange() const;
    /// The rows of the distances first … last of the active range.
    SmallVector<int64_t> getActiveRows() const;
    /// t5 only: smallest |D| of the rows e+1, e+2, …
    SmallVector<int64_t> getT5Thresholds() const;
    /// Builds the row (index) from the distance (index, own sign).
    Value buildRow(OpBuilder &builder, Location loc, Value distance) const;
  }];
}

//===----------------------------------------------------------------------===//
// #posenc.mask
//===----------------------------------------------------------------------===//

def PosEnc_MaskAttr : PosEnc_Attr<"Mask", "mask"> {
  let summary = "which keys a query sees, by distance i − j";
  let description = [{
    * `#posenc.mask<causal>`: j ≤ i.
    * `#posenc.mask<window, left = L, right = R>`: i − L ≤ j ≤ i + R, both ends
      inclusive; an end that is left out is unbounded.

    Verifier:
    * (M1) window: left ≥ 0 and right ≥ 0 where given, at least one given
  }];
  // left, right: -1 stands for unbounded.
  let parameters = (ins EnumParameter<PosEnc_MaskKind>:$kind, "int64_t":$left,
                        "int64_t":$right);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    static MaskAttr getCausal(MLIRContext *ctx);
    static MaskAttr getWindow(MLIRContext *ctx, int64_t left, int64_t right);
    /// Whether a key at distance i − j = `distance` is visible.
    bool isVisible(int64_t distance) const;
    /// Smallest and largest visible i − j; none where unbounded.
    std::optional<int64_t> getMinDistance() const;
    std::optional<int64_t> getMaxDistance() const;
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

#endif // POSENC_ATTRS
