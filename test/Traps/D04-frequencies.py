# RUN: %python %s
"""D4. p-RoPE is no partial rotation; YaRN's clamp, rounding and magnitude; DeepSeek's factor twice."""
import math
import unittest

import numpy as np

from posenc_testing import traps


def default(dim, base=10000.0):
    return base ** (-2.0 * np.arange(dim // 2) / dim)


def yarn(dim, base, factor, length, fast=32.0, slow=1.0, truncate=True, last=None):
    corr = lambda n: dim * math.log(length / (2 * math.pi * n)) / (2 * math.log(base))
    low, high = corr(fast), corr(slow)
    if truncate:
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, dim - 1 if last is None else last)
    ramp = np.clip((np.arange(dim // 2) - low) / (high - low), 0, 1)
    w = default(dim, base)
    return w / factor * ramp + w * (1 - ramp)


class Frequencies(traps.Trap):
    def case(self, freq, pairs):
        type_ = "tensor<%dxf32>" % pairs
        return "func.func @main() -> %s {\n %%w = posenc.inv_freq %s : %s\n return %%w : %s\n}" % (
            type_, freq, type_, type_), []

    def compare(self, freq, right, *wrong):
        """Relative to the right ones, as frequencies cover many orders."""
        for target, (got,) in traps.run(*self.case(freq, len(right))):
            np.testing.assert_allclose(got, right, rtol=1e-6, err_msg=target)
            for reading in wrong:
                self.assertFalse(np.allclose(got, reading, rtol=1e-4, atol=0))

    def test_proportional_keeps_the_denominator(self):
        w = default(32)
        right = np.where(np.arange(16) < 4, w, 0)
        partial = np.concatenate([default(8), np.zeros(12)])
        self.compare("<proportional, dim = 32, proportion = 0.25>", right, partial)

    def test_proportional_rotates_other_channels(self):
        """In the half layout the pairs are (c, c + d/2), not (c, c + r/2)."""
        x = self.random(1, 1, 5, 32)
        phi = np.arange(5)[:, None] * np.where(np.arange(16) < 4, default(32), 0)
        module = """func.func @main(%x: tensor<1x1x5x32xf32>, %a: tensor<5x16xf32>) -> tensor<1x1x5x32xf32> {
  %y = posenc.rotate %x by(%a) half : tensor<1x1x5x32xf32>, tensor<5x16xf32>
  return %y : tensor<1x1x5x32xf32>
}"""
        self.check((module, [x, phi.astype(np.float32)]), rotate(x, phi, 16), rotate(x, phi[:, :4], 4))

    def test_yarn_clamp_is_r_minus_1(self):
        """corr(1) is above P - 1 here, so that the two clamps differ."""
        fields = dict(dim=16, base=10000.0, factor=4.0, length=40000)
        text = "<yarn, dim = 16, factor = 4.0, original_length = 40000>"
        self.compare(text, yarn(**fields), yarn(**fields, last=7))

    def test_yarn_without_rounding(self):
        fields = dict(dim=64, base=150000.0, factor=32.0, length=4096)
        text = "<yarn, dim = 64, base = 150000.0, factor = 32.0, original_length = 4096, truncate = false>"
        self.compare(text, yarn(**fields, truncate=False), yarn(**fields))

    def test_magnitude_only_on_rotated_channels(self):
        """A magnitude m of a partial rotation is no factor m² of the scores."""
        q, k, v = self.qkv(queries=6, keys=6, size=16)
        phi, m = np.arange(6)[:, None] * default(8), 1.25
        region = """q_rows(%row, %b, %h, %t) {
    %y = posenc.rotate %row at(%b, %t) by(%c, %n) half : !posenc.row, tensor<6x4xf32>, tensor<6x4xf32>
    posenc.yield %y : !posenc.row
  }"""
        regions = region + region.replace("q_rows", "k_rows")
        inputs = dict(c=(m * np.cos(phi)).astype(np.float32), n=(m * np.sin(phi)).astype(np.float32))
        large = [np.concatenate([m * rotate(x, phi, 4)[..., :8], x[..., 8:]], -1) for x in (q, k)]
        plain = [rotate(x, phi, 4) for x in (q, k)]
        self.check(traps.attention("", q, k, v, inputs, scale=0.25, regions=regions),
                   traps.attend(*large, v, scale=0.25), traps.attend(*plain, v, scale=0.25 * m * m))

    def test_deepseek_factor_is_the_scale_not_the_magnitude(self):
        """mscale = mscale_all_dim: m is 1; the scale of the scores has g² instead, on all channels."""
        module = """func.func @main() -> (tensor<4xf32>, f32) {
  %%w, %%m = posenc.inv_freq <yarn, dim = 8, factor = 40.0, original_length = 4096%s> : tensor<4xf32>, f32
  return %%w, %%m : tensor<4xf32>, f32
}"""
        g = 0.1 * math.log(40.0) + 1
        for fields, right in ((", mscale = 1.0, mscale_all_dim = 1.0", 1.0), ("", g)):
            for _, (_, m) in traps.run(module % fields, [], 2):
                self.assertAlmostEqual(float(m), right, 5)


def rotate(x, phi, pairs):
    """The half layout of the first 2 · pairs channels."""
    y = np.array(x, np.float64)
    a, b = y[..., :pairs].copy(), y[..., pairs:2 * pairs].copy()
    y[..., :pairs] = a * np.cos(phi) - b * np.sin(phi)
    y[..., pairs:2 * pairs] = b * np.cos(phi) + a * np.sin(phi)
    return y


unittest.main()
