# RUN: %python %s
"""The rows of #posenc.bucket<t5> against Python's integers and against the usual f32 logarithm.

A score_map that adds table[r] = r is the bucket map itself.
"""

import tempfile
import unittest

import numpy as np

from posenc_testing import oracle, runner

REACH = 1 << 12

MODULE = """
func.func @main(%%table: tensor<%(n)dxf32>, %%offset: index) -> tensor<1x1x1x%(keys)dxf32> {
  %%init = tensor.empty() : tensor<1x1x1x%(keys)dxf32>
  %%r = posenc.score_map outs(%%init : tensor<1x1x1x%(keys)dxf32>) offsets(q = %%offset) score(%%s, %%b, %%h, %%m, %%n) {
    %%i = posenc.q_pos : index
    %%j = posenc.k_pos : index
    %%1 = posenc.bias_table %%s, %%table at(%%i, %%j) bucket <t5, %(sign)s, num_buckets = %(n)d, max_distance = %(far)d, bidirectional = %(both)s> : tensor<%(n)dxf32>
    posenc.yield %%1 : f32
  }
  return %%r : tensor<1x1x1x%(keys)dxf32>
}
"""


def transformers_bucket(relative, num_buckets, max_distance, bidirectional):
    """The published formula: a logarithm in f32, rounded down (relative = j - i)."""
    base = 0
    if bidirectional:
        num_buckets //= 2
        base = (relative > 0) * num_buckets
        a = np.abs(relative)
    else:
        a = np.maximum(-relative, 0)
    exact = num_buckets // 2
    f32 = np.float32
    ratio = np.log(np.maximum(a, 1).astype(f32) / f32(exact)) / f32(np.log(max_distance / exact))
    large = exact + (ratio * f32(num_buckets - exact)).astype(np.int64)
    large = np.minimum(large, num_buckets - 1)
    return base + np.where(a < exact, a, large)


class Buckets(unittest.TestCase):
    def rows(self, sign, num_buckets, max_distance, bidirectional, target):
        """Rows for D = -REACH … REACH of j - i."""
        keys = 2 * REACH + 1
        module = MODULE % dict(n=num_buckets, far=max_distance, both=str(bidirectional).lower(),
                               keys=keys, sign=sign)
        table = np.arange(num_buckets, dtype=np.float32)
        with tempfile.TemporaryDirectory() as folder:
            result, = runner.run(module, [table, np.array(REACH, np.int64)], 1, target, folder)
        return result.reshape(keys).astype(np.int64)

    def check(self, num_buckets, max_distance, bidirectional, target="reference"):
        distance = np.arange(-REACH, REACH + 1)
        want = np.array([oracle.t5_bucket(int(d), num_buckets, max_distance, bidirectional)
                         for d in distance])
        got = self.rows("k_minus_q", num_buckets, max_distance, bidirectional, target)
        np.testing.assert_array_equal(got, want)
        flipped = self.rows("q_minus_k", num_buckets, max_distance, bidirectional, target)
        np.testing.assert_array_equal(flipped, want[::-1])
        return got

    def test_published_parameters(self):
        distance = np.arange(-REACH, REACH + 1)
        for bidirectional in (True, False):
            for target in ("reference", "cpu"):
                got = self.check(32, 128, bidirectional, target)
                published = transformers_bucket(distance, 32, 128, bidirectional)
                np.testing.assert_array_equal(got, published)

    def test_other_parameters(self):
        # Few and many buckets, thresholds that coincide, and powers that overflow 64 bits.
        for num_buckets, max_distance in ((4, 3), (8, 5), (12, 20), (64, 256), (128, 4000)):
            self.check(num_buckets, max_distance, True)
        for num_buckets, max_distance in ((4, 3), (6, 191), (32, 17), (64, 1000)):
            self.check(num_buckets, max_distance, False)


if __name__ == "__main__":
    unittest.main()
