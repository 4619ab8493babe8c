# RUN: %python %s
"""D8. ALiBi by keys alone is wrong with sinks, across sequences and in both directions; Falcon, attention-gym, Bloom."""
import unittest

import numpy as np

from posenc_testing import traps
from posenc_testing.encodings import parts

CAUSAL = "%r = posenc.mask %x at(%i, %j) <causal>"
KEY_ONLY = """%nf = arith.index_cast %j : index to i64
    %f = arith.sitofp %nf : i64 to f32
    %a = tensor.extract %m[%h] : tensor<2xf32>
    %bias = arith.mulf %a, %f : f32
    %x = arith.addf %s, %bias : f32
    """.replace("%m[", "%slopes[")
RELATIVE = "%x = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear {sign} : tensor<2xf32>, index\n    "


class ALiBi(traps.Trap):
    def setUp(self):
        super().setUp()
        self.q, self.k, self.v = self.qkv(queries=7, keys=7)
        self.m = parts.slopes(2).astype(np.float32)
        self.d = traps.distances(7, 7)
        self.hidden = np.where(self.d < 0, -np.inf, 0.0)

    def attend(self, bias, sinks=None):
        s = np.einsum("bhmd,bhnd->bhmn", self.q, self.k).astype(np.float64) + bias
        if sinks is None:
            return traps.softmax(s) @ self.v
        column = np.broadcast_to(sinks[:, None, None], s.shape[:3] + (1,))
        return traps.softmax(np.concatenate([s, column], -1))[..., :-1] @ self.v

    def case(self, body, clauses="", **inputs):
        return traps.attention(body, self.q, self.k, self.v, dict(slopes=self.m, **inputs), clauses=clauses)

    def test_forms_agree_without_sinks(self):
        relative = self.attend(-self.m[:, None, None] * self.d + self.hidden)
        self.check(self.case(RELATIVE.format(sign="k_minus_q") + CAUSAL), relative)
        self.check(self.case(KEY_ONLY + CAUSAL), relative)

    def test_sinks_need_the_relative_form(self):
        z = self.random(2)
        relative = self.attend(-self.m[:, None, None] * self.d + self.hidden, z)
        by_key = self.attend(self.m[:, None, None] * np.arange(7) + self.hidden, z)
        sinks = "sinks(%z : tensor<2xf32>)"
        self.check(self.case(RELATIVE.format(sign="k_minus_q") + CAUSAL, sinks, z=z), relative, by_key)
        self.check(self.case(KEY_ONLY + CAUSAL, sinks, z=z), by_key, relative)

    def test_both_directions_need_the_distance(self):
        symmetric = self.attend(-self.m[:, None, None] * np.abs(self.d))
        body = "%r = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear absolute : tensor<2xf32>, index"
        module, inputs = self.case(body)
        inputs[3] = -self.m
        self.check((module, inputs), symmetric, self.attend(self.m[:, None, None] * np.arange(7)))

    def test_falcon_scales_the_bias_and_rounds_slopes(self):
        heads = 12
        exact = parts.slopes(heads)
        words = exact.astype(np.float32).view(np.uint32)
        rounded = ((words + 0x7FFF + ((words >> 16) & 1)) >> 16 << 16).astype(np.uint32).view(np.float32)
        self.assertGreater(np.abs(rounded / exact - 1).max(), 1e-4)
        q, k, v = self.qkv(heads=heads)
        d, scale = traps.distances(9, 9), 8 ** -0.5
        hidden = np.where(d < 0, -np.inf, 0.0)
        body = RELATIVE.format(sign="k_minus_q").replace("tensor<2x", "tensor<12x") + CAUSAL
        inputs = dict(slopes=(rounded * np.float32(scale)).astype(np.float32))
        expect = lambda m, factor: traps.attend(q, k, v, -factor * np.float64(m)[:, None, None] * d + hidden, scale)
        self.check(traps.attention(body, q, k, v, inputs, scale=scale), expect(rounded, scale), expect(rounded, 1.0))
        self.assert_differs(expect(rounded, scale), expect(exact, scale), 1e-5)

    def test_gym_slopes(self):
        """attention-gym takes 2^(−8 (h + 1) / H) for every H."""
        gym = 2.0 ** (-8.0 * (np.arange(12) + 1) / 12)
        module = "func.func @main() -> tensor<12xf32> {\n %%s = posenc.alibi_slopes %s : tensor<12xf32>\n return %%s : tensor<12xf32>\n}"
        self.check((module % "press", []), parts.slopes(12), gym)
        self.check((module % "geometric", []), gym, parts.slopes(12))

    def test_bloom_counts_what_is_no_padding(self):
        mask = np.array([[0, 0, 1, 1, 1, 1, 1]], np.int64)
        position = (np.cumsum(mask, -1) - 1) * mask
        body = """%p = tensor.extract %pos[%b, %n] : tensor<1x7xi64>
    %f = arith.sitofp %p : i64 to f32
    %a = tensor.extract %slopes[%h] : tensor<2xf32>
    %bias = arith.mulf %a, %f : f32
    %r = arith.addf %s, %bias : f32"""
        module, inputs = traps.score_map(body, (1, 2, 7, 7), dict(slopes=self.m, mask=mask))
        module = module.replace("%off =", "%pos = posenc.mask_positions %mask padding 0 : tensor<1x7xi64> -> tensor<1x7xi64>\n  %off =")
        self.check((module, inputs), (self.m[:, None, None] * position[:, None])[None],
                   (self.m[:, None, None] * np.arange(7))[None])


unittest.main()
