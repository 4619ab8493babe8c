//===- PosEncBucketAttr.td - From positions to table rows --*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_BUCKET_ATTR
#define POSENC_BUCKET_ATTR

// Included by PosEncAttrs.td, which defines PosEnc_Attr.

def PosEnc_BucketAttr : PosEnc_Attr<"Bucket", "bucket"> {
  let summary = "map from two positions to the row of a table";
  let description = [{
    An exact integer map of a query position i and a key position j; no
    logarithm and no root is ever taken at run time. The sign says what D is:
    `q_minus_k` is i − j, `k_minus_q` is j − i. It has no default. Some pairs
    have no row: there nothing is added.

    Maps of the distance D alone:

    * `#posenc.bucket<t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true>`
      (Raffel et al. 2020): n' = n/2 and b0 = (D > 0 ? n' : 0), a = |D| when
      bidirectional, else n' = n, b0 = 0, a = max(−D, 0); with e = n'/2 the row
      is b0 + (a < e ? a : e + #{k in 1 … n'−1−e : a^(n'−e) e^k ≥ e^(n'−e) M^k}),
      M = max_distance. The thresholds are computed exactly, in big integers.
    * `#posenc.bucket<clip, q_minus_k, left = L, right = R>`:
      row = min(max(D, −L), R) + L; a table has L + R + 1 rows.
    * `#posenc.bucket<lut, k_minus_q, origin = O, outside = clamp, rows = [r0, r1, …]>`:
      row = r[min(max(D − O, 0), size − 1)]; with `outside = zero` no row where
      D − O is outside [0, size).
    * `#posenc.bucket<deberta, q_minus_k, size = S, max = M, rule = huggingface>`
      (He et al. 2021), of 2 S rows: with a = |D|, mid = S/2 and
      δ = a if a ≤ mid, else mid + 1 + #{k in 1 … mid−1 :
      a^(mid−1) mid^k > mid^(mid−1) (M−1)^k}, row = S + min(δ, S − 1) for D ≥ 0 and
      S − δ for D < 0. By `rule = microsoft` a is min(|D|, M − 1): row 0 is unused.
    * `#posenc.bucket<identity, q_minus_k, extent = E>`: row = D for 0 ≤ D < E,
      else no row.

    Maps of tokens on a grid: i and j count tokens row by row, y = i div width,
    x = i mod width; what lies outside the grid is moved to its nearest end.
    dy and dx are differences of coordinates, by the sign.

    * `#posenc.bucket<grid2d, q_minus_k, height = H, width = W>` (Swin):
      row = (dy + H − 1)(2 W − 1) + dx + W − 1, of N = (2 H − 1)(2 W − 1) rows.
    * `#posenc.bucket<grid3d, q_minus_k, depth = D, height = H, width = W>` (Video
      Swin): row = ((dz + D − 1)(2 H − 1) + dy + H − 1)(2 W − 1) + dx + W − 1.
    * `#posenc.bucket<abs_grid, height = H, width = W>` (LeViT), without a sign:
      row = |dy| W + |dx|, of H W rows.
    * `#posenc.bucket<irpe, q_minus_k, method = product, height = H, width = W,
      alpha = 1.9, beta = 3.8, gamma = 15.2>` (Wu et al. 2021): with
      p(x) = x for |x| ≤ α, else sign(x) min(round(α + ln(|x|/α) / ln(γ/α) (β − α)), ⌊β⌋),
      round half to even, decided exactly, and b = ⌊β⌋:
      `rows` p(dy) + b; `cols` p(dx) + b; `product` (p(dy) + b)(2 b + 1) + p(dx) + b;
      `euclidean` p(round(sqrt(dy² + dx²))) + b; `quant` p(dy² + dx²) + b. A table
      has 2 b + 1 rows, (2 b + 1)² by `product`.

    A class token has position 0, the grid starts at 1 then. With N rows without it:

    * `cls = beit` (grid2d): three more rows, N for i = 0, N + 1 for j = 0, N + 2
      for i = j = 0.
    * `cls = shared` (grid2d, irpe): row N where i = 0 or j = 0.
    * `cls = tupe` (t5, bidirectional): row n/2, which t5 never gives, for i = 0, else row
      n for j = 0.

    Verifier:
    * (K1) t5: num_buckets from 4 to 1024 and even, divisible by 4 when bidirectional
    * (K2) t5: num_buckets / (bidirectional ? 4 : 2) < max_distance < 2^31
    * (K3) clip: left + right ≥ 0, |left| and |right| below 2^31
    * (K4) lut: at least one row, none negative, rows and |origin| below 2^31
    * (K5) deberta: size from 4 to 1024 and even, size / 2 + 1 < max < 2^31
    * (K6) identity: extent from 1 to 2^31 − 1
    * (K7) grids and irpe: each extent from 1 to 2^21, fewer than 2^31 tokens and rows
    * (K8) irpe: alpha, beta and gamma are hundredths, 0 < alpha < beta, 1 ≤ beta ≤ 64,
      alpha < gamma ≤ 2^20
    * (K9) t5: a class token only when bidirectional
  }];
  // What the parameters of a kind are called: lib/Dialect/PosEnc/IR/BucketAttr.cpp.
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
                             ArrayRef<int64_t> rows, bool zeroOutside = false);
    static BucketAttr getDeberta(MLIRContext *ctx, Sign sign, int64_t size, int64_t max,
                                 bool microsoft = false);
    static BucketAttr getIdentity(MLIRContext *ctx, Sign sign, int64_t extent);
    static BucketAttr getGrid2D(MLIRContext *ctx, Sign sign, int64_t height, int64_t width);

    /// A row (index), always inside the table, and whether it counts (i1; null
    /// where it always does). What has no row contributes 0.
    struct Row {
      Value row, exists;
    };

    /// Whether the row depends on D alone.
    bool isDistance() const;
    /// Whether every pair of positions has a row.
    bool isTotal() const;
    /// The row of a query and a key position, if they have one.
    std::optional<int64_t> evaluate(int64_t i, int64_t j) const;
    /// Builds the row of two positions (index).
    Row buildRow(OpBuilder &builder, Location loc, Value i, Value j) const;
    /// The bucket that gives (j, i) the row that this one gives (i, j); null if
    /// there is none, as a class token tells queries from keys.
    BucketAttr getSwapped() const;
    /// One more than the largest row that any pair gives.
    int64_t getNumRows() const;
    /// Whether a table may have more rows than that: those of a lut are a list,
    /// the formulas define the size.
    bool allowsMoreRows() const { return getKind() == BucketKind::Lut; }

    //===-- Where isDistance() -------------------------------------------===//

    /// The row for the signed distance D (in this attribute's own sign).
    std::optional<int64_t> evaluateDistance(int64_t distance) const;
    /// Builds the row from the distance (index, own sign).
    Row buildDistanceRow(OpBuilder &builder, Location loc, Value distance) const;
    /// [first, last]: outside it the row no longer changes, so
    /// row(D) = row(min(max(D, first), last)) for every D.
    std::pair<int64_t, int64_t> getActiveRange() const;
    /// The rows of the distances first … last of the active range.
    SmallVector<std::optional<int64_t>> getActiveRows() const;
    /// t5 only: smallest |D| of the rows e+1, e+2, …
    SmallVector<int64_t> getT5Thresholds() const;
  }];
}

#endif // POSENC_BUCKET_ATTR
