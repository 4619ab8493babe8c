# RUN: %python %s
"""D11. CoPE scans masked scores, DAPE mixes masked ones; a cap before or after a bias, and before the mask."""
import unittest

import numpy as np

from posenc_testing import traps

CAUSAL = "posenc.mask %{0} at(%i, %j) <causal>"
ZEROED = """%visible = arith.cmpi sle, %j, %i : index
    %zero = arith.constant 0.0 : f32
    """
GATE = """%zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %neg = arith.subf %zero, {0} : f32
    %e = math.exp %neg : f32
    %den = arith.addf %one, %e : f32
    %g = arith.divf %one, %den : f32
    %p = posenc.row_scan sum reverse %g : f32
    """


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Order(traps.Trap):
    def setUp(self):
        super().setUp()
        self.q, self.k, self.v = self.qkv(queries=7, keys=7)
        self.s = np.einsum("bhmd,bhnd->bhmn", self.q, self.k).astype(np.float64)
        self.hidden = traps.distances(7, 7) < 0

    def attend(self, s):
        return traps.softmax(np.where(self.hidden, -np.inf, s)) @ self.v

    def case(self, body, **inputs):
        return traps.attention(body, self.q, self.k, self.v, inputs)

    def test_cope_counts_visible_keys(self):
        """Gates of hidden keys are 0: neither those of the future's scores, nor sigmoid(0) of scores set to 0."""
        counted = lambda g: 0.1 * np.cumsum(g[..., ::-1], -1)[..., ::-1] ** 2
        body = "%masked = posenc.mask %s at(%i, %j) <causal>\n    " + GATE.format("%masked") + """%tenth = arith.constant 0.1 : f32
    %square = arith.mulf %p, %p : f32
    %bias = arith.mulf %square, %tenth : f32
    %r = arith.addf %masked, %bias : f32"""
        gates = sigmoid(self.s)
        self.check(self.case(body), *(self.attend(self.s + counted(g)) for g in (
            np.where(self.hidden, 0.0, gates), gates, np.where(self.hidden, 0.5, gates))))

    def test_dape_convolution_sees_no_future(self):
        """Three taps: the key behind the diagonal is read, and must be 0 there."""
        w1, w2 = self.random(2, 3, 3), self.random(3, 2, 3)
        body = ZEROED + """%kept = arith.select %visible, %s, %zero : f32
    %mixed = posenc.head_mix(%kept) layers(%w1, %w2) activation leaky_relu : tensor<2x3x3xf32>, tensor<3x2x3xf32>
    %sum = arith.addf %s, %mixed : f32
    %r = posenc.mask %sum at(%i, %j) <causal>"""

        def convolve(x, w):
            padded = np.pad(x, [(0, 0)] * 3 + [(1, 1)])
            return sum(np.einsum("bcmn,co->bomn", padded[..., t:t + 7], w[..., t]) for t in range(3))

        def mix(s):
            hidden = convolve(s, w1)
            return convolve(np.where(hidden > 0, hidden, 0.01 * hidden), w2)
        self.check(self.case(body, w1=w1, w2=w2), self.attend(self.s + mix(np.where(self.hidden, 0, self.s))),
                   self.attend(self.s + mix(self.s)), tolerance=1e-4)

    def test_cap_before_or_after_the_bias(self):
        """transformers, ONNX and FlashAttention cap the product, x-transformers the sum."""
        slopes = np.array([0.5, 0.25], np.float32)
        cap = lambda x: 2 * np.tanh(x / 2)
        bias = -slopes[:, None, None] * traps.distances(7, 7)
        fn = "posenc.bias_fn %{0}, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<2xf32>, index\n    "
        first = "%x = posenc.softcap %s cap(2.0)\n    %y = " + fn.format("x") + "%r = " + CAUSAL.format("y")
        last = "%x = " + fn.format("s") + "%y = posenc.softcap %x cap(2.0)\n    %r = " + CAUSAL.format("y")
        a, b = self.attend(cap(self.s) + bias), self.attend(cap(self.s + bias))
        self.check(self.case(first, slopes=slopes), a, b)
        self.check(self.case(last, slopes=slopes), b, a)

    def test_cap_after_the_mask_unhides(self):
        """ONNX's reference before April 2026: −inf becomes −cap."""
        cap = lambda x: 2 * np.tanh(x / 2)
        leaking = traps.softmax(np.where(self.hidden, -2.0, cap(self.s))) @ self.v
        good = "%x = posenc.softcap %s cap(2.0)\n    %r = " + CAUSAL.format("x")
        bad = "%x = " + CAUSAL.format("s") + "\n    %r = posenc.softcap %x cap(2.0)"
        self.check(self.case(good), self.attend(cap(self.s)), leaking)
        self.check(self.case(bad), leaking, self.attend(cap(self.s)))


unittest.main()
