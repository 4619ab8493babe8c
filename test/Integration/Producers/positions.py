# RUN: %python %s
"""Positions: bottom right, counted over a padding mask (traps 8 and 15), and grids."""

import unittest

import numpy as np

from posenc_testing import producers


def scalars(*values):
    return [np.array(value, np.int64) for value in values]


class Positions(unittest.TestCase):
    def check(self, text, inputs, want):
        want = want if isinstance(want, list) else [want]
        for target, results in producers.run_all(text, inputs, len(want)):
            for got, expected in zip(results, want):
                self.assertEqual(got.shape, expected.shape, target)
                np.testing.assert_array_equal(got, expected, err_msg=target)

    def test_bottom_right(self):
        text = """
func.func @main(%t: index, %n: index) -> (tensor<?xi64>, tensor<5xf32>) {
  %p = posenc.positions size(%t) bottom_right(%n) : tensor<?xi64>
  %q = posenc.positions bottom_right(%n) : tensor<5xf32>
  return %p, %q : tensor<?xi64>, tensor<5xf32>
}
"""
        for t, n in ((1, 9), (4, 9), (9, 9), (9, 4)):
            self.check(text, scalars(t, n), [np.arange(t) + n - t, np.arange(5.0) + n - 5])

    def test_mask(self):
        """OPT's padding goes to row 1, RoBERTa's to pad_idx, Bloom's to 0; left, right and inner padding."""
        mask = np.array([[1] * 9, [0] * 4 + [1] * 5, [1] * 6 + [0] * 3, [0, 1, 1, 0, 0, 1, 0, 1, 1], [0] * 9])
        text = """
func.func @main(%m: tensor<?x?xi64>) -> (tensor<?x?xi64>, tensor<?x?xi32>, tensor<?x?xf32>) {
  %o = posenc.mask_positions %m offset 2 : tensor<?x?xi64> -> tensor<?x?xi64>
  %r = posenc.mask_positions %m offset 4 : tensor<?x?xi64> -> tensor<?x?xi32>
  %b = posenc.mask_positions %m padding 0 : tensor<?x?xi64> -> tensor<?x?xf32>
  return %o, %r, %b : tensor<?x?xi64>, tensor<?x?xi32>, tensor<?x?xf32>
}
"""
        opt = (np.cumsum(mask, 1) * mask - 1) + 2
        roberta = np.cumsum(mask, 1) * mask + 3
        bloom = (np.cumsum(mask, 1) - 1) * mask
        self.assertEqual(opt[1, 0], 1)
        self.check(text, [mask], [opt, roberta, bloom])
        np.testing.assert_array_equal(producers.mask_positions(mask, 2), opt)

    def test_boolean_mask_of_one_row(self):
        mask = np.array([False, True, True, False, True])
        text = """
func.func @main(%m: tensor<?xi1>) -> tensor<?xi64> {
  %p = posenc.mask_positions %m : tensor<?xi1> -> tensor<?xi64>
  return %p : tensor<?xi64>
}
"""
        self.check(text, [mask], producers.mask_positions(mask))

    def test_grids(self):
        text = """
func.func @main(%a: index, %b: index, %c: index) -> (tensor<2x?xi64>, tensor<3x?xi64>, tensor<2x?xf32>) {
  %p = posenc.grid_positions sizes(%a, %b) : tensor<2x?xi64>
  %q = posenc.grid_positions sizes(%a, %b, %c) offset(%c) : tensor<3x?xi64>
  %r = posenc.grid_positions sizes(%b, %c) centered : tensor<2x?xf32>
  return %p, %q, %r : tensor<2x?xi64>, tensor<3x?xi64>, tensor<2x?xf32>
}
"""
        for a, b, c in ((2, 3, 4), (1, 7, 1), (3, 0, 2)):
            sizes = np.array([[b], [c]], np.float32)
            with np.errstate(all="ignore"):
                centered = (2 * producers.grid_positions((b, c)) + 1).astype(np.float32) / sizes - np.float32(1)
            self.check(text, scalars(a, b, c), [producers.grid_positions((a, b)),
                                                producers.grid_positions((a, b, c)) + c, centered])

    def test_grid_of_a_known_number_of_cells(self):
        text = """
func.func @main(%a: index, %b: index) -> tensor<2x6xi32> {
  %p = posenc.grid_positions sizes(%a, %b) : tensor<2x6xi32>
  return %p : tensor<2x6xi32>
}
"""
        self.check(text, scalars(2, 3), producers.grid_positions((2, 3)))


if __name__ == "__main__":
    unittest.main()
