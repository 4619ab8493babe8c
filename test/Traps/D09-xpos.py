# RUN: %python %s
"""D9. xPos: one centre for queries and keys, causal only; RetNet: frequencies with the end point, heads from 0."""
import unittest

import numpy as np

from posenc_testing import traps

P, T = 4, 6
ZETA = (2 * np.arange(P) + 0.4 * 2 * P) / (1.4 * 2 * P)


class XPos(traps.Trap):
    def case(self, q, k, v, q_center, k_center, queries=T, keys=T, scale_base=4.0):
        """The queries are the last ones."""
        prologue = """%w = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %cq = arith.constant {cq} : index
  %ck = arith.constant {ck} : index
  %first = arith.constant {first} : index
  %pq = posenc.positions offset(%first) : tensor<{m}xi64>
  %pk = posenc.positions : tensor<{n}xi64>
  %aq = posenc.angles %pq by(%w) : tensor<{m}xi64>, tensor<4xf32> -> tensor<{m}x4xf32>
  %ak = posenc.angles %pk by(%w) : tensor<{n}xi64>, tensor<4xf32> -> tensor<{n}x4xf32>
  %mq = posenc.xpos_magnitude %pq center(%cq) scale_base {base} : tensor<{m}xi64> -> tensor<{m}x4xf32>
  %mk = posenc.xpos_magnitude %pk center(%ck) inverse scale_base {base} : tensor<{n}xi64> -> tensor<{n}x4xf32>
""".format(cq=q_center, ck=k_center, first=keys - queries, m=queries, n=keys, base=scale_base)
        regions = "".join("""{t}_rows(%row, %b, %h, %t) {{
    %y = posenc.rotate %row at(%b, %t) by(%a{t}) interleaved magnitude(%m{t} : tensor<{n}x4xf32>) : !posenc.row, tensor<{n}x4xf32>
    posenc.yield %y : !posenc.row
  }}
  """.format(t=t, n=n) for t, n in (("q", queries), ("k", keys)))
        body = "%r = posenc.mask %s at(%i, %j) <causal>"
        return traps.attention(body, q, k, v, offset=keys - queries, regions=regions, prologue=prologue)

    def expect(self, q, k, v, extra=0.0, base=4.0):
        """Pairs' terms times ζ^((D + extra) / base)."""
        d = traps.distances(q.shape[2], k.shape[2], k.shape[2] - q.shape[2])[..., None]
        qa, qb, ka, kb = (x[..., at::2].astype(np.float64) for x in (q, k) for at in (0, 1))
        phi = d * 10000.0 ** (-np.arange(P) / P)
        same = np.einsum("bhmp,bhnp->bhmnp", qa, ka) + np.einsum("bhmp,bhnp->bhmnp", qb, kb)
        cross = np.einsum("bhmp,bhnp->bhmnp", qa, kb) - np.einsum("bhmp,bhnp->bhmnp", qb, ka)
        s = ((same * np.cos(phi) + cross * np.sin(phi)) * ZETA ** ((d + extra) / base)).sum(-1)
        return traps.softmax(np.where(d[..., 0] < 0, -np.inf, s)) @ v

    def test_one_centre_cancels(self):
        q, k, v = self.qkv(queries=T, keys=T)
        for center in (0, 3, 5):
            self.check(self.case(q, k, v, center, center), self.expect(q, k, v), self.expect(q, k, v, 2))

    def test_two_centres_do_not(self):
        """rotate_queries_with_cached_keys: the middle of the slice for queries, of everything for keys."""
        q, k, v = self.random(1, 2, 2, 8), self.random(1, 2, T, 8), self.random(1, 2, T, 8)
        self.check(self.case(q, k, v, 3, 3, queries=2), self.expect(q, k, v), self.expect(q, k, v, 2))
        self.check(self.case(q, k, v, 1, 3, queries=2), self.expect(q, k, v, 2), self.expect(q, k, v))

    def test_grows_without_bound_on_the_future(self):
        """ζ^(D / base) for D < 0; the causal mask is what keeps it."""
        self.assertGreater(ZETA[0] ** (-64 / 4.0), 1e8)
        q, k, v = self.qkv(queries=64, keys=64)
        for target, (got,) in traps.run(*self.case(q, k, v, 32, 32, 64, 64)):
            self.assertTrue(np.isfinite(got).all(), target)
            np.testing.assert_allclose(got, self.expect(q, k, v), rtol=1e-3, atol=1e-3, err_msg=target)

    def test_retnet_frequencies_include_the_end(self):
        module = "func.func @main() -> tensor<8xf32> {\n %w = posenc.inv_freq <endpoint, dim = 16> : tensor<8xf32>\n return %w : tensor<8xf32>\n}"
        k = np.arange(8)
        self.check((module, []), 10000.0 ** (-k / 7), 10000.0 ** (-k / 8), tolerance=1e-6)

    def test_retnet_heads_count_from_0(self):
        gamma = lambda first: 1 - 2.0 ** (-5 - (np.arange(2) + first))
        d = traps.distances(T, T)
        params = np.stack([np.ones(2), np.log(gamma(0))]).astype(np.float32)
        body = """%one = arith.constant 1.0 : f32
    %x = arith.addf %s, %one : f32
    %r = posenc.bias_fn %x, %p[%h] at(%i, %j) exponential q_minus_k multiply : tensor<2x2xf32>, index"""
        factor = lambda first: (gamma(first)[:, None, None] ** d)[None]
        self.check(traps.score_map(body, (1, 2, T, T), dict(p=params)), factor(0), factor(1))


unittest.main()
