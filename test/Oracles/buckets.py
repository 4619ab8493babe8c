# REQUIRES: oracles
# RUN: %python %s
"""#posenc.bucket<t5> and <deberta> against transformers' own functions, for every |distance| up to 2^20.

PyTorch's f32 logarithm decides there, and may differ between processors by an ulp; where it differs from exact arithmetic
here is printed, and may only be where the exact value is within 2e-6 of the end of a bucket.
"""

import math

import numpy as np
import torch
from transformers.models.deberta_v2.modeling_deberta_v2 import make_log_bucket_position
from transformers.models.t5.modeling_t5 import T5Attention

import posenc
from posenc_testing import library_buckets as library

REACH = 1 << 20
DISTANCES = np.arange(-REACH, REACH + 1)

SOURCE = """
func.func @main(%table: tensor<{rows}xf32>, %init: tensor<1x1x1x{keys}xf32>) -> tensor<1x1x1x{keys}xf32> {{
  %c = arith.constant {reach} : index
  %r = posenc.score_map outs(%init : tensor<1x1x1x{keys}xf32>) offsets(q = %c) score(%s, %b, %h, %m, %n) {{
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table at(%i, %j) bucket <{bucket}> : tensor<{rows}xf32>
    posenc.yield %t : f32
  }}
  return %r : tensor<1x1x1x{keys}xf32>
}}
"""


def ours(bucket, rows):
    keys = 2 * REACH + 1
    source = SOURCE.format(rows=rows, keys=keys, reach=REACH, bucket=bucket)
    table = np.arange(rows, dtype=np.float32)
    (out,) = posenc.run(source, [table, np.zeros((1, 1, 1, keys), np.float32)], target="cpu")
    return out.reshape(-1).astype(np.int64)


def compare(name, got, wanted, position):
    """`position(a)`: how many buckets of the logarithmic part lie before the distance a, a real number."""
    differ = DISTANCES[got != wanted]
    print(f"{name}: {len(got) - len(differ)} equal, differs at {differ.tolist()}")
    for d in differ:
        at = position(abs(int(d)))
        assert abs(at - round(at)) < 2e-6 * max(at, 1), f"{name}: another row at {d}, not at the end of a bucket: {at}"


def main():
    distances = torch.from_numpy(DISTANCES)
    for rows, far, both in library.T5:
        half = rows // 2 if both else rows
        exact = half // 2
        wanted = T5Attention._relative_position_bucket(distances, bidirectional=both, num_buckets=rows, max_distance=far)
        got = ours(f"t5, k_minus_q, num_buckets = {rows}, max_distance = {far}, bidirectional = {str(both).lower()}", rows)
        compare(f"t5 {rows} {far} {both}", got, wanted.numpy(),
                lambda a: math.log(a / exact) / math.log(far / exact) * (half - exact))
    for size, top in library.DEBERTA:
        middle = size // 2
        wanted = torch.clamp(make_log_bucket_position(distances, size, top).long() + size, 0, 2 * size - 1)
        got = ours(f"deberta, k_minus_q, size = {size}, max = {top}, rule = huggingface", 2 * size)
        compare(f"deberta {size} {top}", got, wanted.numpy(),
                lambda a: math.log(a / middle) / math.log((top - 1) / middle) * (middle - 1))


main()
