# RUN: %python %s
"""D13. FoX's gate is not scaled and belongs to query heads; PaTH's is scaled; beta belongs to key heads."""
import unittest

import numpy as np

from posenc_testing import traps

T = 8
GATE = """%negative = arith.constant -1.0 : f32
    %a = posenc.bias_dense %s, %c[%b, %h, %i] : {0}
    %x = posenc.bias_dense %a, %c[%b, {1}, %j] weight(%negative) : {0}
    %r = posenc.mask %x at(%i, %j) <causal>"""


class Gates(traps.Trap):
    def setUp(self):
        super().setUp()
        self.q, self.k, self.v = self.random(1, 4, T, 8), self.random(1, 2, T, 8), self.random(1, 2, T, 8)
        self.scale = 8 ** -0.5

    def gates(self, heads):
        return self.random(1, heads, T)

    @staticmethod
    def cumulated(raw):
        return np.cumsum(-np.logaddexp(0, -raw.astype(np.float64)), -1)

    def expect(self, c, factor=1.0, own=False):
        d = traps.distances(T, T)
        keys = np.concatenate([np.zeros((1, c.shape[1], 1)), c[..., :-1]], -1) if own else c
        bias = factor * (c[..., :, None] - keys[..., None, :])
        k, v = (np.repeat(x, 2, axis=1) for x in (self.k, self.v))
        return traps.attend(self.q, k, v, np.where(d < 0, -np.inf, bias), self.scale)

    def case(self, raw, body=GATE):
        prologue = "%%c = posenc.decay_gate %%raw logsigmoid : %s -> %s" % (traps.tensor(raw), traps.tensor(raw))
        return traps.attention(body.format(traps.tensor(raw), "%h"), self.q, self.k, self.v, dict(raw=raw),
                               scale=self.scale, prologue=prologue)

    def test_fox_is_not_scaled(self):
        raw = 3 * self.gates(4)
        c = self.cumulated(raw)
        self.check(self.case(raw), self.expect(c), self.expect(c, self.scale))

    def test_path_is_scaled(self):
        raw = 3 * self.gates(4)
        c = self.cumulated(raw)
        body = GATE.replace("%negative = arith.constant -1.0", "%%positive = arith.constant %.9e : f32\n    "
                            "%%negative = arith.constant %.9e" % (self.scale, -self.scale)).replace(
                                "%i] :", "%i] weight(%positive) :")
        self.check(self.case(raw, body), self.expect(c, self.scale), self.expect(c))

    def test_gates_belong_to_query_heads(self):
        """With two query heads to a key head, a gate of the key head would be another one."""
        raw = 3 * self.gates(4)
        c = self.cumulated(raw)
        self.check(self.case(raw), self.expect(c), self.expect(c[:, [0, 0, 1, 1]]), self.expect(np.repeat(c[:, ::2], 2, 1)))

    def test_per_key_head(self):
        """What belongs to key heads is read at h / G, not at h mod Hkv."""
        beta = self.random(1, 2, T)
        body = """%group = arith.constant 2 : index
    %hk = arith.divui %h, %group : index
    %r = posenc.bias_dense %s, %beta[%b, %hk, %n] : tensor<1x2x8xf32>"""
        k, v = (np.repeat(x, 2, axis=1) for x in (self.k, self.v))
        expect = lambda order: traps.attend(self.q, k, v, beta[:, order][:, :, None], self.scale)
        self.check(traps.attention(body, self.q, self.k, self.v, dict(beta=beta), scale=self.scale),
                   expect([0, 0, 1, 1]), expect([0, 1, 0, 1]))

    def test_own_gate_of_the_key_is_left_out(self):
        """C_i − C_j includes f_i and excludes f_j."""
        raw = 3 * self.gates(4)
        c = self.cumulated(raw)
        self.check(self.case(raw), self.expect(c), self.expect(c, own=True))


unittest.main()
