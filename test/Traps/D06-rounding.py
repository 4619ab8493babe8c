# RUN: %python %s
"""D6. What is rounded: cosines to bf16 or not, positions of the element type, angles in f32."""
import unittest

import numpy as np

from posenc_testing import dtypes, traps


class Rounding(traps.Trap):
    def rotate(self, text, x, phi):
        type_, angles = traps.tensor(x), traps.tensor(phi)
        return ("func.func @main(%%x: %s, %%a: %s) -> %s {\n %%y = posenc.rotate %%x by(%%a) half%s : %s, %s\n return %%y : %s\n}"
                % (type_, angles, type_, text, type_, angles, type_), [x, phi])

    def test_cosines_rounded_to_bf16(self):
        """transformers' Llama casts cos and sin to the tensors' type; Cohere, Llama-4 and torchtune do not."""
        x, phi = self.random(1, 1, 64, 16), self.random(64, 8)
        def rotated(cast):
            cos, sin = cast(np.cos(phi)), cast(np.sin(phi))
            return np.concatenate([x[..., :8] * cos - x[..., 8:] * sin, x[..., 8:] * cos + x[..., :8] * sin], -1)
        full = rotated(np.float64)
        rounded = rotated(lambda a: dtypes.decode(dtypes.encode(a, "bf16"), "bf16"))
        self.check(self.rotate("", x, phi), full, rounded, tolerance=5e-6)
        # A cosine next to the middle of two bf16 may fall to either, which is far less than the rounding.
        for target, (got,) in traps.run(*self.rotate(" rounded bf16", x, phi)):
            self.assertGreater(np.mean(np.isclose(got, rounded, atol=1e-5)), 0.99, target)
            self.assert_differs(got, full, 1e-3)

    def angles(self, options, positions, element="i64"):
        type_ = "tensor<%dx%s>" % (len(positions), element)
        w = "tensor<2x16xf32>" if options else "tensor<16xf32>"
        return """func.func @main(%%p: %s) -> tensor<%dx16xf32> {
  %%w = posenc.inv_freq <default, dim = 32> : %s
  %%a = posenc.angles %%p by(%%w)%s : %s, %s -> tensor<%dx16xf32>
  return %%a : tensor<%dx16xf32>
}""" % (type_, len(positions), w, options, type_, w, len(positions), len(positions)), [np.array(positions)]

    def test_angles_in_f32(self):
        """The library's product is 4e-3 off at position 131071; the precise mode is not."""
        positions = range(131040, 131072)
        exact = np.array(positions)[:, None] * 10000.0 ** (-np.arange(16) / 16)
        for target, (got,) in traps.run(*self.angles("", positions)):
            library = np.abs(got - exact).max()
            self.assertTrue(1e-3 < library < 1e-2, (target, library))
        for target, (got,) in traps.run(*self.angles(" precise", positions)):
            self.assertLess(np.abs(np.cos(got.astype(np.float64)) - np.cos(exact)).max(), 2e-6, target)

    def test_positions_are_integers(self):
        """Positions of the element type, as rotary-embedding-torch makes them, collapse in bf16."""
        positions = np.array([1000, 1001])
        collapsed = dtypes.decode(dtypes.encode(positions, "bf16"), "bf16")
        self.assertEqual(len(set(collapsed)), 1)
        w = 10000.0 ** (-np.arange(16) / 16)
        self.check(self.angles("", positions), positions[:, None] * w, collapsed[:, None] * w, tolerance=2e-4)


unittest.main()
