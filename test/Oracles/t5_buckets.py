# REQUIRES: oracles
# RUN: %python %s
"""#posenc.bucket<t5> against transformers' own _relative_position_bucket, at every distance of a window."""
import numpy as np
import torch
from transformers.models.t5.modeling_t5 import T5Attention

import posenc

REACH = 600
# (num_buckets, max_distance, bidirectional): T5's, then others down to the smallest.
PARAMETERS = [(32, 128, True), (32, 128, False), (64, 256, True), (16, 64, False), (8, 100, True), (4, 8, False),
              (128, 512, True), (12, 37, True), (32, 4096, False)]

# Row m = 0 … 2·REACH sees one key; the offset makes j − i run from REACH down to −REACH.
SOURCE = """
func.func @main(%table: tensor<{rows}xf32>, %init: tensor<1x1x{queries}x1xf32>) -> tensor<1x1x{queries}x1xf32> {{
  %c = arith.constant {reach} : index
  %r = posenc.score_map outs(%init : tensor<1x1x{queries}x1xf32>) offsets(k = %c) score(%s, %b, %h, %m, %n) {{
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table at(%i, %j)
        bucket <t5, k_minus_q, num_buckets = {rows}, max_distance = {far}, bidirectional = {both}> : tensor<{rows}xf32>
    posenc.yield %t : f32
  }}
  return %r : tensor<1x1x{queries}x1xf32>
}}
"""


def main():
    queries = 2 * REACH + 1
    distances = REACH - np.arange(queries)
    for rows, far, both in PARAMETERS:
        source = SOURCE.format(rows=rows, far=far, both=str(both).lower(), reach=REACH, queries=queries)
        table = np.arange(rows, dtype=np.float32)
        (out,) = posenc.run(source, [table, np.zeros((1, 1, queries, 1), np.float32)], target="reference")
        expected = T5Attention._relative_position_bucket(
            torch.from_numpy(distances), bidirectional=both, num_buckets=rows, max_distance=far).numpy()
        wrong = np.flatnonzero(out.ravel() != expected)
        # Where a threshold is a whole number, the library's float logarithm may fall on either side of it.
        for w in wrong:
            assert abs(out.ravel()[w] - expected[w]) == 1 and is_threshold(rows, far, both, distances[w]), (
                f"{(rows, far, both)}: distance {distances[w]}: expected row {expected[w]} but got {out.ravel()[w]}")
        print(f"{(rows, far, both)}: {queries - len(wrong)} equal, {len(wrong)} on a threshold")


def is_threshold(rows, far, both, distance):
    """Whether |distance| is exactly e·(M/e)^(k/(n'−e)) for some k."""
    half = rows // 2 if both else rows
    exact, steps, a = half // 2, half - half // 2, abs(int(distance))
    return any(a**steps * exact**k == exact**steps * far**k for k in range(1, steps))


main()
