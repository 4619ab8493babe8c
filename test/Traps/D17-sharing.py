# RUN: %python %s
"""D17. Tables that heads share, or each head has; the gradient of a bias that batches share is a sum over them."""
import unittest

import numpy as np

import posenc

from posenc_testing import traps

CLIP = "bucket <clip, k_minus_q, left = 3, right = 3>"


class Sharing(traps.Trap):
    def setUp(self):
        super().setUp()
        self.row = np.clip(-traps.distances(6, 6), -3, 3) + 3

    def test_table_per_head(self):
        """T5: a column per head, not a row."""
        t = self.random(7, 2)
        body = "%r = posenc.bias_table %s, %t[%h] at(%i, %j) " + CLIP + " : tensor<7x2xf32>"
        per_head = t[self.row].transpose(2, 0, 1)[None]
        self.check(traps.score_map(body, (1, 2, 6, 6), dict(t=t)), per_head, per_head[:, ::-1], per_head[:, :1])

    def test_table_of_all_heads(self):
        """Shaw: one [2 K + 1, d] for all heads, multiplied by each head's own queries."""
        q, k, v = self.qkv(queries=6, keys=6)
        t = self.random(7, 8)
        body = "%%r = posenc.rel_dot %%s, %%q[%%b, %%h, %%m], %%t at(%%i, %%j) %s : %s, tensor<7x8xf32>" % (
            CLIP, traps.tensor(q))
        shared = np.einsum("bhmd,mnd->bhmn", q, t[self.row])
        first = np.einsum("bmd,mnd->bmn", q[:, 0], t[self.row])[:, None]
        self.check(traps.attention(body, q, k, v, dict(t=t)), traps.attend(q, k, v, shared),
                   traps.attend(q, k, v, first))

    def test_gradient_of_a_shared_bias_is_summed(self):
        """AlphaFold: one bias [H, M, N] for every row of the alignment."""
        q, k, v = self.qkv(queries=5, keys=5, batch=3)
        bias, do = self.random(2, 5, 5), self.random(3, 2, 5, 8)
        s = np.einsum("bhmd,bhnd->bhmn", q, k).astype(np.float64) + bias
        p, lse = traps.softmax(s), np.log(np.exp(s).sum(-1))
        dp = np.einsum("bhmd,bhnd->bhmn", do, v)
        ds = p * (dp - (p * dp).sum(-1, keepdims=True))
        body = "%r = posenc.bias_dense %s, %bias[%h, %m, %n] : tensor<2x5x5xf32>"
        module, inputs = traps.attention(body, q, k, v, dict(bias=bias))
        inputs += [(p @ v).astype(np.float32), lse.astype(np.float32), do]
        backward = posenc.opt(module, "--posenc-generate-backward")
        for target, gradients in traps.run(backward, inputs, 4, entry="main_backward"):
            got = gradients[3]
            np.testing.assert_allclose(got, ds.sum(0), rtol=2e-4, atol=2e-5, err_msg=target)
            for wrong in (ds.mean(0), ds[0], ds[-1]):
                self.assert_differs(got, wrong, 1e-2)


unittest.main()
