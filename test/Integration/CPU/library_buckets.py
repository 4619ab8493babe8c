# RUN: %python %s
"""The row that each bucket chooses against the libraries' own f32 arithmetic, for every |distance| up to 2^20.

A score_map that adds table[r] = r is the bucket itself. Where a library and exact arithmetic differ is in the list that
docs/Numerics.md shows, and nowhere else.
"""

import tempfile
import unittest

import numpy as np

from posenc_testing import library_buckets as library
from posenc_testing import runner

REACH = 1 << 20
DISTANCES = np.arange(-REACH, REACH + 1)

# Key n stands before, at or after the one query at position REACH: i - j runs from REACH down to -REACH.
MODULE = """
func.func @main(%%table: tensor<%(rows)dxf32>) -> tensor<1x1x1x%(keys)dxf32> {
  %%offset = arith.constant %(reach)d : index
  %%init = tensor.empty() : tensor<1x1x1x%(keys)dxf32>
  %%r = posenc.score_map outs(%%init : tensor<1x1x1x%(keys)dxf32>) offsets(q = %%offset) score(%%s, %%b, %%h, %%m, %%n) {
    %%i = posenc.q_pos : index
    %%j = posenc.k_pos : index
    %%1 = posenc.bias_table %%s, %%table at(%%i, %%j) bucket <%(bucket)s> : tensor<%(rows)dxf32>
    posenc.yield %%1 : f32
  }
  return %%r : tensor<1x1x1x%(keys)dxf32>
}
"""


def rows_of(bucket, rows, target="cpu"):
    """The rows of DISTANCES."""
    module = MODULE % dict(bucket=bucket, rows=rows, keys=2 * REACH + 1, reach=REACH)
    table = np.arange(rows, dtype=np.float32)
    with tempfile.TemporaryDirectory() as folder:
        result, = runner.run(module, [table], 1, target, folder)
    return result.reshape(-1).astype(np.int64)


class Buckets(unittest.TestCase):
    def check(self, bucket, rows, exact, own, key=None):
        got = rows_of(bucket, rows)
        np.testing.assert_array_equal(got, exact, bucket)
        differ = DISTANCES[exact != own].tolist()
        self.assertEqual(differ, library.DISAGREE.get(key, []), bucket)

    def test_t5(self):
        for numbers in library.T5:
            bucket = "t5, k_minus_q, num_buckets = %d, max_distance = %d, bidirectional = %s" % (
                numbers[0], numbers[1], str(numbers[2]).lower())
            self.check(bucket, numbers[0], library.t5_exact(DISTANCES, *numbers),
                       library.t5_library(DISTANCES, *numbers), ("t5", *numbers))

    def test_deberta(self):
        for size, top in library.DEBERTA:
            for rule, own in (("huggingface", library.deberta_library), ("microsoft", library.deberta_microsoft)):
                # With k_minus_q DISTANCES are the bucket's own.
                self.check("deberta, k_minus_q, size = %d, max = %d, rule = %s" % (size, top, rule), 2 * size,
                           library.deberta_exact(DISTANCES, size, top, rule == "microsoft"),
                           own(DISTANCES, size, top), ("deberta", size, top))

    def test_deberta_beyond_max(self):
        """D.3: from -max on transformers reads row 0, which Microsoft's code never does."""
        far = DISTANCES <= -512
        self.assertEqual(set(library.deberta_library(DISTANCES, 256, 512)[far]), {0})
        self.assertEqual(set(library.deberta_microsoft(DISTANCES, 256, 512)[far]), {1})

    def test_irpe(self):
        for numbers in library.IRPE:
            # A row of tokens: the positions run from 0, so that each half is a run of its own.
            bucket = "irpe, %s, method = cols, height = 1, width = %d, alpha = %r, beta = %r, gamma = %r"
            rows = 2 * int(numbers[1]) + 1
            own = library.irpe_library(DISTANCES, *numbers)
            for sign, ahead in (("q_minus_k", DISTANCES[::-1]), ("k_minus_q", DISTANCES)):
                got = rows_of(bucket % (sign, 2 * REACH, *numbers), rows)
                np.testing.assert_array_equal(got, own[ahead + REACH], bucket % (sign, 0, *numbers))

    def test_clip(self):
        for left, right in ((0, 0), (500, 499), (64, 8), (REACH - 1, 3)):
            np.testing.assert_array_equal(rows_of("clip, k_minus_q, left = %d, right = %d" % (left, right), left + right + 1),
                                          np.clip(DISTANCES, -left, right) + left)


if __name__ == "__main__":
    unittest.main()
