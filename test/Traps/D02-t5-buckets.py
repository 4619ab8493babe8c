# RUN: %python %s
"""D2. T5: the ties, the row that no distance reaches, no 1/√d, the future of the causal form, x-transformers' √d."""
import math
import unittest

import numpy as np

from posenc_testing import traps

FIELDS = "num_buckets = 32, max_distance = 128, bidirectional = %s"


def library(distance, bidirectional, ulps=0):
    """transformers' formula with a logarithm that is so many units in the last place off."""
    n, base, a = 32, 0, max(-distance, 0)
    if bidirectional:
        n, base, a = 16, (16 if distance > 0 else 0), abs(distance)
    e = n // 2
    if a < e:
        return base + a
    log = np.float32(math.log(a / e))
    for _ in range(abs(ulps)):
        log = np.nextafter(log, np.float32(-np.inf if ulps < 0 else np.inf))
    return base + min(e + int(np.float32(log / np.float32(math.log(128 / e))) * np.float32(n - e)), n - 1)


class Buckets(traps.Trap):
    def case(self, distances, bidirectional, table):
        """Keys at these distances j − i from one query at position 300."""
        body = ("%%r = posenc.bias_table %%s, %%t at(%%p, %%k) bucket <t5, k_minus_q, %s> : tensor<32xf32>"
                % (FIELDS % str(bidirectional).lower()))
        where = "%p = arith.constant 300 : index\n %k64 = tensor.extract %d[%n] : tensor<" + str(
            len(distances)) + "xi64>\n %k = arith.index_cast %k64 : i64 to index\n "
        keys = np.array(distances, np.int64) + 300
        return traps.score_map(where + body, (1, 1, 1, len(distances)), dict(t=table, d=keys))

    def test_ties(self):
        d = [-64, -33, -32, -31, -16, -15, 15, 16, 31, 32, 33, 63, 64, 65]
        t = np.arange(32, dtype=np.float32)
        row = [library(x, True) for x in d]
        low = [library(x, True, -1) for x in d]
        self.assertEqual([x for x, a, b in zip(d, row, low) if a != b], [-64, -32, -16, 16, 32, 64])
        self.check(self.case(d, True, t), np.array(row, float), np.array(low, float))

    def test_row_that_no_distance_reaches(self):
        t = np.zeros(32, np.float32)
        t[16] = 1000.0
        d = list(range(-200, 201))
        self.check(self.case(d, True, t), np.zeros((1, 1, 1, len(d))))

    def test_causal_future_is_row_0(self):
        t = self.random(32)
        d = list(range(-140, 140))
        self.check(self.case(d, False, t), t[[library(x, False) for x in d]], t[[library(-abs(x), False) for x in d]])

    def test_no_factor_of_the_scores(self):
        q, k, v = self.qkv(size=16)
        t = self.random(32)
        body = "%%r = posenc.bias_table %%s, %%t at(%%i, %%j) bucket <t5, k_minus_q, %s> : tensor<32xf32>" % (
            FIELDS % "true")
        bias = t[np.vectorize(lambda x: library(int(x), True))(-traps.distances(9, 9))]
        self.check(traps.attention(body, q, k, v, dict(t=t)), traps.attend(q, k, v, bias),
                   traps.attend(q, k, v, bias, 0.25))
        # x-transformers: scores by 1/√d, bias by √d; the table carries the factor.
        self.check(traps.attention(body, q, k, v, dict(t=4 * t), scale=0.25), traps.attend(q, k, v, 4 * bias, 0.25),
                   traps.attend(q, k, v, bias, 0.25))


unittest.main()
