//===- PosEncMaskAttr.td - Which keys a query sees ---------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_MASK_ATTR
#define POSENC_MASK_ATTR

// Included by PosEncAttrs.td, which defines PosEnc_Attr.

def PosEnc_MaskAttr : PosEnc_Attr<"Mask", "mask"> {
  let summary = "which keys a query sees, by their positions";
  let description = [{
    * `#posenc.mask<causal>`: j ≤ i; `#posenc.mask<causal, offset = o>`: j ≤ i + o.
    * `#posenc.mask<window, left = L, right = R>`: i − L ≤ j ≤ i + R, both ends
      inclusive; an end that is left out is unbounded.
    * `#posenc.mask<chunked, size = C>`: ⌊i / C⌋ = ⌊j / C⌋ (local layers of Llama 4,
      beside causal).
    * `#posenc.mask<prefix>`: j ≤ i, or j is less than the length that the op
      names (prefix language models).

    Verifier:
    * (M1) window: left ≥ 0 and right ≥ 0 where given, at least one given
    * (M2) chunked: size from 1 to 2^31 − 1
    * (M3) causal: |offset| below 2^31
  }];
  // left, right: kUnbounded where they bound nothing; size: 0 but for chunked.
  let parameters = (ins EnumParameter<PosEnc_MaskKind>:$kind, "int64_t":$left,
                        "int64_t":$right, "int64_t":$size);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    static constexpr int64_t kUnbounded = std::numeric_limits<int64_t>::min();

    static MaskAttr getCausal(MLIRContext *ctx, int64_t offset = 0);
    /// Each end −1 for unbounded.
    static MaskAttr getWindow(MLIRContext *ctx, int64_t left, int64_t right);
    static MaskAttr getChunked(MLIRContext *ctx, int64_t size);
    static MaskAttr getPrefix(MLIRContext *ctx);

    /// Whether i − j alone decides: causal and window.
    bool isDistance() const;
    /// Whether a key at distance i − j = `distance` is visible.
    bool isVisible(int64_t distance) const;
    /// Smallest and largest visible i − j; none where unbounded, or where more
    /// than the distance decides.
    std::optional<int64_t> getMinDistance() const;
    std::optional<int64_t> getMaxDistance() const;
    /// Builds whether key position j is visible from query position i (index).
    Value buildVisible(OpBuilder &builder, Location loc, Value i, Value j,
                       Value length) const;
    /// ⌊position / size⌋, for chunked.
    Value buildChunk(OpBuilder &builder, Location loc, Value position) const;
  }];
}

#endif // POSENC_MASK_ATTR
