# RUN: %python %s
"""Gradients where a function has none: they are finite, and those of docs/Backward.md."""
import unittest

import numpy as np

import posenc
from posenc_testing import traps

T, H, D = 7, 2, 8


class Edges(traps.Trap):
    def test_root_of_a_distance_between_float_positions(self):
        """|i - j|^p, p < 1, has an infinite slope at i = j; |x| has none there, so nothing flows to the positions."""
        q, k, v, do = (self.random(1, H, T, D) for _ in range(4))
        p = np.array([0.0, 0.5, 0.5, 2.0, 3.25, 4.0, 7.5], np.float32)
        params = np.array([-0.5, 0.5], np.float32)
        d = (p[:, None] - p).astype(np.float64)
        s = np.einsum("bhmd,bhnd->bhmn", q, k).astype(np.float64) - 0.5 * np.sqrt(np.abs(d))
        w, lse = traps.softmax(s), np.log(np.exp(s).sum(-1))
        dp = np.einsum("bhmd,bhnd->bhmn", do, v)
        ds = (w * (dp - (w * dp).sum(-1, keepdims=True))).sum((0, 1))
        slope = np.where(d != 0, -0.25 * np.sign(d) / np.sqrt(np.abs(np.where(d != 0, d, 1))), 0)
        body = "%r = posenc.bias_fn %s, %a at(%i, %j) power absolute : tensor<2xf32>, f32"
        module, inputs = traps.attention(body.replace("%i", "%pi").replace("%j", "%pj"), q, k, v, dict(a=params, p=p))
        module = (module.replace(" offsets(q = %off)", " positions(q = %%p, k = %%p : tensor<%dxf32>, tensor<%dxf32>)" % (T, T))
                  .replace("%i = posenc.q_pos : index", "%pi = posenc.q_pos : f32")
                  .replace("%j = posenc.k_pos : index", "%pj = posenc.k_pos : f32"))
        order = [inputs[0], inputs[1], inputs[2], p, params]
        order += [(w @ v).astype(np.float32), lse.astype(np.float32), do]
        backward = posenc.opt(module, "--posenc-generate-backward")
        expected = (ds * slope).sum(1) - (ds * slope).sum(0)
        for target, gradients in traps.run(backward, order, 5, entry="main_backward"):
            np.testing.assert_allclose(gradients[3], expected, rtol=2e-4, atol=2e-5, err_msg=target)
            self.assert_differs(gradients[3], np.zeros(T), 1e-2)


unittest.main()
