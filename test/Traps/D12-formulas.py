# RUN: %python %s
"""D12. FIRE's constants, KERPLE at distance 0, where Sandwich counts from, Swin-V2's second mask, BEiT's (0, 0)."""
import unittest

import numpy as np

import posenc
from posenc_testing import dtypes, traps

T = 9
FIRE = """%one = arith.constant 1.0 : f32
    %c = arith.constant 0.5 : f32
    %eps = arith.constant 1.0e-6 : f32
    %l0 = arith.constant {0} : f32
    %d = arith.subi %i, %j : index
    %di = arith.index_cast %d : index to i64
    %df = arith.sitofp %di : i64 to f32
    %da = math.absf %df : f32
    %ii = arith.index_cast %i : index to i64
    %if = arith.sitofp %ii : i64 to f32
    %far = arith.maximumf %l0, %if : f32
    %cd = arith.mulf %c, %da : f32
    %num = math.log1p %cd : f32
    %cm = arith.mulf %c, %far : f32
    %den0 = math.log1p %cm : f32
    %den = arith.addf %den0, %eps : f32
    %x = arith.divf %num, %den : f32
    %r = posenc.bias_mlp %s, (%x)[%h] layers(%w1, %b1, %w2, %b2) relu : tensor<1x4xf32>, tensor<4xf32>, tensor<4x2xf32>, tensor<2xf32>"""


class Formulas(traps.Trap):
    def network(self):
        return dict(w1=20 * self.random(1, 4), b1=self.random(4), w2=self.random(4, 2), b2=self.random(2))

    @staticmethod
    def fire(n, l0, first=0, eps_inside=False, half=False):
        d, i = np.abs(traps.distances(T, T)).astype(np.float64), np.arange(T)[:, None] + first
        m = 0.5 * np.maximum(l0, i)
        z = np.log(m + 1 + 1e-6) if eps_inside else np.log(m + 1) + 1e-6
        x = np.log(0.5 * d + 1) / z
        x = dtypes.decode(dtypes.encode(x, "bf16"), "bf16") if half else x
        y = np.maximum(x[..., None] * n["w1"][0] + n["b1"], 0) @ n["w2"] + n["b2"]
        return y.transpose(2, 0, 1)[None]

    def test_fire_thresholds(self):
        """512 in the paper and flashT5, 256 in DAPE's code; the position counts from 0; features are f32."""
        n = self.network()
        for l0, other in ((512.0, 256.0), (256.0, 512.0), (4.0, 8.0)):
            self.check(traps.score_map(FIRE.format("%.9e" % l0), (1, 2, T, T), n), self.fire(n, l0), self.fire(n, other),
                       self.fire(n, l0, half=True), tolerance=1e-4)
        self.check(traps.score_map(FIRE.format("4.0"), (1, 2, T, T), n), self.fire(n, 4.0), self.fire(n, 4.0, first=1),
                   tolerance=1e-5)

    def test_fire_epsilon(self):
        """Outside the logarithm it keeps c = 0 finite, as inside; elsewhere the two differ by less than f32 shows."""
        n = self.network()
        flat = np.maximum(n["b1"], 0) @ n["w2"] + n["b2"]
        body = FIRE.format("4.0").replace("%c = arith.constant 0.5", "%c = arith.constant 0.0")
        without = np.full((1, 2, T, T), np.nan)
        self.check(traps.score_map(body, (1, 2, T, T), n), np.broadcast_to(flat[:, None, None], (2, T, T))[None], without)
        self.assertLess(np.abs(self.fire(n, 4.0) - self.fire(n, 4.0, eps_inside=True)).max(), 1e-4)
        self.assert_differs(self.fire(n, 4.0), self.fire(n, 4.0, eps_inside=True), 1e-9)

    def test_kerple_at_distance_0(self):
        """0^p is 0 for p > 0: no NaN, and a bias that is not constant (NeMo's is)."""
        params = np.array([[-0.5, -0.25], [0.5, 1.5]], np.float32)
        d = np.abs(traps.distances(T, T)).astype(np.float64)
        right = (params[0][:, None, None] * d ** params[1][:, None, None])[None]
        body = "%r = posenc.bias_fn %s, %p[%h] at(%i, %j) power absolute : tensor<2x2xf32>, index"
        self.check(traps.score_map(body, (1, 2, T, T), dict(p=params)), right, np.zeros((1, 2, T, T)))

    def test_gradient_of_kerple_at_distance_0(self):
        """ln(0) · 0^p is 0 in the gradient of p, whose autograd in the usual form is NaN; and 0 for distance 0 alone."""
        q, k, v = (self.random(1, 2, T, 8) for _ in range(3))
        params, do = np.array([[-0.5, -0.25], [0.5, 1.5]], np.float32), self.random(1, 2, T, 8)
        d = np.abs(traps.distances(T, T)).astype(np.float64)
        power = d ** params[1].astype(np.float64)[:, None, None]
        s = np.einsum("bhmd,bhnd->bhmn", q, k).astype(np.float64) + params[0][:, None, None] * power
        p, lse = traps.softmax(s), np.log(np.exp(s).sum(-1))
        dp = np.einsum("bhmd,bhnd->bhmn", do, v)
        ds = (p * (dp - (p * dp).sum(-1, keepdims=True)))[0]
        logarithm = np.log(np.where(d > 0, d, 1.0))
        right = np.stack([(ds * power).sum((1, 2)), (ds * params[0][:, None, None] * power * logarithm).sum((1, 2))])
        body = "%r = posenc.bias_fn %s, %p[%h] at(%i, %j) power absolute : tensor<2x2xf32>, index"
        module, inputs = traps.attention(body, q, k, v, dict(p=params))
        inputs += [(p @ v).astype(np.float32), lse.astype(np.float32), do]
        backward = posenc.opt(module, "--posenc-generate-backward")
        for target, gradients in traps.run(backward, inputs, 4, entry="main_backward"):
            np.testing.assert_allclose(gradients[3], right, rtol=2e-4, atol=2e-5, err_msg=target)
            self.assert_differs(gradients[3], np.zeros_like(right), 1e-2)

    def test_sandwich_counts_from_0(self):
        """attention-gym's form; NeMo counts from 1 and subtracts the number of terms."""
        a = np.array(1.0, np.float32)
        d = traps.distances(T, T)[..., None]
        sums = lambda k: np.cos(d * 10000.0 ** (-k / 8)).sum(-1)[None, None]
        zero, one = sums(np.arange(8)), sums(np.arange(1, 9))
        self.assertAlmostEqual(float(zero[0, 0, 5, 0]), 6.137, 3)
        self.assertAlmostEqual(float(one[0, 0, 5, 0]), 6.853, 3)
        body = "%r = posenc.bias_fn %s, %a at(%i, %j) cosine_sum absolute terms 8 : tensor<f32>, index"
        self.check(traps.score_map(body, (1, 1, T, T), dict(a=a)), zero, one, one - 8)

    def test_swin_v2_masks_twice(self):
        """−200 instead of −100: other logits, no other probabilities; −inf would be a different thing still."""
        q, k, v = self.qkv()
        region = (np.arange(T)[:, None] // 5 != np.arange(T) // 5)
        body = "%r = posenc.bias_dense %s, %mask[%m, %n] : tensor<9x9xf32>"
        results = [next(traps.run(*traps.attention(body, q, k, v, dict(mask=np.where(region, -a, 0.0).astype(
            np.float32)))))[1][0] for a in (100.0, 200.0)]
        np.testing.assert_allclose(*results, atol=1e-6)
        once = traps.score_map(body, (1, 1, T, T), dict(mask=np.where(region, -100.0, 0.0).astype(np.float32)))
        self.check(once, np.where(region, -100.0, 0.0)[None, None], np.where(region, -200.0, 0.0)[None, None],
                   np.where(region, -np.inf, 0.0)[None, None])

    def test_beit_class_token(self):
        """Row N for the class token as query, N + 1 as key, N + 2 for itself, which is written last and wins."""
        h, w = 2, 3
        n = (2 * h - 1) * (2 * w - 1)
        tokens = h * w + 1
        rows = np.zeros((tokens, tokens), int)
        y, x = np.divmod(np.arange(h * w), w)
        rows[1:, 1:] = (y[:, None] - y + h - 1) * (2 * w - 1) + x[:, None] - x + w - 1
        rows[0], rows[:, 0] = n, n + 1
        wrong = rows.copy()
        wrong[0, 0] = n + 1
        rows[0, 0] = n + 2
        t = np.arange(n + 3, dtype=np.float32)
        body = "%%r = posenc.bias_table %%s, %%t at(%%i, %%j) bucket <grid2d, q_minus_k, height = 2, width = 3, cls = beit> : tensor<%dxf32>" % (n + 3)
        self.check(traps.score_map(body, (1, 1, tokens, tokens), dict(t=t)), rows[None, None], wrong[None, None],
                   rows.T[None, None])


unittest.main()
