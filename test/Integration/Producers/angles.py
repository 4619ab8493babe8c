# RUN: %python %s
"""posenc.angles: the library's f32 product, axes, phases, and precise angles for positions up to 2^20."""

import os
import unittest

import numpy as np

from posenc_testing import frequencies, producers

FREQ = frequencies.Freq("default", 32, {})
P = 16


def module(positions, form, result, arguments="", rank=1):
    w = "tensor<%dxf32>" % P if rank == 1 else "tensor<2x%dxf32>" % P
    types = "%s, %s%s" % (positions, w, ", tensor<%dxf32>" % P if "phase" in form else "")
    return """
func.func @main(%%p: %s%s) -> %s {
  %%w = posenc.inv_freq %s : %s
  %%a = posenc.angles %%p by(%%w) %s : %s -> %s
  return %%a : %s
}
""" % (positions, arguments, result, FREQ.attribute(), w, form, types, result, result)


def library():
    exponent = np.arange(0, FREQ.dim, 2, dtype=np.float32) / np.float32(FREQ.dim)
    power = np.power(10000.0, exponent.astype(np.float64)).astype(np.float32)
    return np.float32(1) / power


class Angles(unittest.TestCase):
    def same_bits(self, text, inputs, want):
        for target, (got,) in producers.run_all(text, inputs, 1):
            np.testing.assert_array_equal(got, want.astype(np.float32), err_msg=target)

    def test_default_is_the_f32_product(self):
        generator = np.random.default_rng(0)
        for element, dtype in (("i64", np.int64), ("i32", np.int32), ("f32", np.float32)):
            p = generator.integers(0, 1 << 20, (2, 7)).astype(dtype)
            text = module("tensor<2x?x%s>" % element, "", "tensor<2x?x%dxf32>" % P)
            self.same_bits(text, [p], producers.angles(p, library(), dtype=np.float32))

    def test_axes(self):
        """Axial 2-D and 3-D, and M-RoPE in sections (Qwen2-VL) and interleaved (Qwen3-VL)."""
        generator = np.random.default_rng(1)
        for kind, params in (("sections", [8, 8]), ("sections", [4, 6, 6]), ("interleaved", [6, 5, 5]),
                             ("list", [0, 1] * 4 + [2] * 8)):
            axes = producers.axis_map(kind, params)
            count = max(axes) + 1
            p = generator.integers(0, 5000, (count, 2, 5))
            text = module("tensor<%dx?x5xi64>" % count, "axes <%s, %s>" % (kind, params), "tensor<?x5x%dxf32>" % P)
            self.same_bits(text, [p], producers.angles(p, library(), axes, dtype=np.float32))

    def test_interleaved_axes_of_qwen3(self):
        axes = producers.axis_map("interleaved", [24, 20, 20])
        k = np.arange(64)
        want = np.where((k % 3 == 1) & (k < 60), 1, np.where((k % 3 == 2) & (k < 60), 2, 0))
        np.testing.assert_array_equal(axes, want)

    def test_phase(self):
        p, phase = np.arange(6), np.linspace(-1, 1, P).astype(np.float32)
        text = module("tensor<?xi64>", "phase(%x)", "tensor<?x%dxf32>" % P, ", %%x: tensor<%dxf32>" % P)
        self.same_bits(text, [p, phase], producers.angles(p, library(), phase=phase, dtype=np.float32))

    def test_no_tokens(self):
        text = module("tensor<?xi64>", "", "tensor<?x%dxf32>" % P)
        self.same_bits(text, [np.zeros(0, np.int64)], np.zeros((0, P)))

    def check_precise(self, positions, targets, bound=2e-6):
        # Through f32 arithmetic of the angle, and the target's own sine and cosine after it.
        text = """
func.func @main(%%p: tensor<?xi64>) -> (tensor<?x%dxf32>, tensor<?x%dxf32>) {
  %%w = posenc.inv_freq %s : tensor<2x%dxf32>
  %%a = posenc.angles %%p by(%%w) precise : tensor<?xi64>, tensor<2x%dxf32> -> tensor<?x%dxf32>
  %%e = posenc.sincos %%a concat : tensor<?x%dxf32> -> tensor<?x%dxf32>
  return %%a, %%e : tensor<?x%dxf32>, tensor<?x%dxf32>
}
""" % (P, 2 * P, FREQ.attribute(), P, P, P, P, 2 * P, P, 2 * P)
        want = producers.angles(positions, frequencies.exact(FREQ))
        table = producers.sincos(want, "concat")
        for target, (got, encoding) in producers.run_all(text, [positions], 2, targets):
            angle = producers.sincos(got.astype(np.float64), "concat")
            worst = np.abs(angle - table).max(), np.abs(encoding - table).max()
            self.assertLess(max(worst), bound, target)
            # Near [-pi, pi]: what the product lost comes on top of the rounded turns.
            self.assertLess(np.abs(got).max(), 3.3, target)
            print("%s: worst error of an angle's sine or cosine %.2e, of the encoding %.2e" % (target, *worst))

    def test_precise_up_to_a_million(self):
        generator = np.random.default_rng(2)
        sample = np.concatenate([[0, 1, (1 << 20) - 1, 1 << 20, -(1 << 20)], generator.integers(0, 1 << 20, 20000)])
        everything = np.arange((1 << 20) + 1)
        every = os.environ.get("POSENC_ALL")
        self.check_precise(everything if every else sample, ["reference", "cpu", "emulate:sm_90a", "emulate:gfx942"])

    def test_default_mode_is_worse(self):
        """What precise is for: the f32 product is 1e-2 off at 2^20."""
        p = np.arange((1 << 20) - 64, 1 << 20)
        error = np.cos(producers.angles(p, library(), dtype=np.float32).astype(np.float64)) - np.cos(
            producers.angles(p, frequencies.exact(FREQ)))
        self.assertGreater(np.abs(error).max(), 1e-2)


if __name__ == "__main__":
    unittest.main()
