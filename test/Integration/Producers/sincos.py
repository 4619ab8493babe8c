# RUN: %python %s
"""Absolute sinusoidal encodings: four layouts, both frequency end points, padding and element types."""

import unittest

import numpy as np

from posenc_testing import dtypes, frequencies, producers

T = 37


def module(freq, form, channels, element="f32", scale=False):
    pairs = freq.dim // 2
    return """
func.func @main(%%n: index%(argument)s) -> tensor<?x%(channels)dx%(element)s> {
  %%p = posenc.positions size(%%n) : tensor<?xi64>
  %%w = posenc.inv_freq %(freq)s : tensor<2x%(pairs)dxf32>
  %%a = posenc.angles %%p by(%%w) precise : tensor<?xi64>, tensor<2x%(pairs)dxf32> -> tensor<?x%(pairs)dxf32>
  %%e = posenc.sincos %%a %(form)s : tensor<?x%(pairs)dxf32> -> tensor<?x%(channels)dx%(element)s>
  return %%e : tensor<?x%(channels)dx%(element)s>
}
""" % dict(argument=", %g: f32" if scale else "", channels=channels, element=element, freq=freq.attribute(),
           pairs=pairs, form=form)


class SinCos(unittest.TestCase):
    def check(self, freq, layout, channels=None, blocks=None, cos_first=False, element="f32", scale=None):
        form = layout + (" = %d" % blocks if blocks else "") + (" cos_first" if cos_first else "")
        form += " scale(%g)" if scale else ""
        channels = channels or freq.dim
        phi = producers.angles(np.arange(T), frequencies.exact(freq))
        want = producers.sincos(phi, layout, channels, blocks, cos_first) * (scale or 1)
        inputs = [np.array(T, np.int64)] + ([np.array(scale, np.float32)] if scale else [])
        bound = 1e-6 * (scale or 1) + dtypes.ROUNDOFF[element] * np.abs(want)
        for target, (got,) in producers.run_all(module(freq, form, channels, element, scale), inputs, 1):
            error = np.abs(dtypes.decode(got, element) - want)
            self.assertTrue((error <= bound).all(), "%s %s: %g" % (target, form, error.max()))
            np.testing.assert_array_equal(dtypes.decode(got, element)[:, 2 * (freq.dim // 2):], 0)

    def test_vaswani(self):
        self.check(frequencies.Freq("default", 32, {}), "interleaved")

    def test_marian_and_transformer_xl(self):
        self.check(frequencies.Freq("default", 32, {}), "concat", element="f16")

    def test_fairseq_and_whisper(self):
        self.check(frequencies.Freq("endpoint", 32, {}), "concat", element="bf16")

    def test_tensor2tensor_of_odd_width(self):
        self.check(frequencies.Freq("t2t", 32, dict(max_timescale=5000.0)), "concat", channels=33)

    def test_blocks_and_cosines_first(self):
        self.check(frequencies.Freq("default", 24, {}), "blocks", blocks=3)
        self.check(frequencies.Freq("default", 24, {}), "blocks", blocks=2, cos_first=True, scale=0.125)

    def test_timm_2d(self):
        """[sin y, sin x, cos y, cos x] and, interleaved, [sin y, cos y, sin x, cos x] of a 3 x 5 grid."""
        freq = frequencies.Freq("default", 16, {})
        w = frequencies.exact(freq)
        y, x = (axis[:, None] * w for axis in producers.grid_positions((3, 5)))
        concat = np.concatenate([np.sin(y), np.sin(x), np.cos(y), np.cos(x)], -1)
        blocks = np.concatenate([np.sin(y), np.cos(y), np.sin(x), np.cos(x)], -1)
        text = """
func.func @main(%h: index, %v: index) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
  %p = posenc.grid_positions sizes(%h, %v) : tensor<2x?xi64>
  %u = posenc.inv_freq <default, dim = 16> : tensor<8xf32>
  %w = tensor.concat dim(0) %u, %u : (tensor<8xf32>, tensor<8xf32>) -> tensor<16xf32>
  %a = posenc.angles %p by(%w) axes <sections, [8, 8]> : tensor<2x?xi64>, tensor<16xf32> -> tensor<?x16xf32>
  %c = posenc.sincos %a concat : tensor<?x16xf32> -> tensor<?x32xf32>
  %b = posenc.sincos %a blocks = 2 : tensor<?x16xf32> -> tensor<?x32xf32>
  return %c, %b : tensor<?x32xf32>, tensor<?x32xf32>
}
"""
        for target, results in producers.run_all(text, [np.array(3, np.int64), np.array(5, np.int64)], 2):
            np.testing.assert_allclose(results[0], concat, atol=2e-6, err_msg=target)
            np.testing.assert_allclose(results[1], blocks, atol=2e-6, err_msg=target)


if __name__ == "__main__":
    unittest.main()
