# RUN: %python %s
"""D15. OPT's and RoBERTa's offsets with padding, fairseq's frequencies, the position of a decoding step."""
import unittest

import numpy as np

from posenc_testing import traps

MASK = np.array([[0, 0, 1, 1, 1, 1], [1, 1, 1, 0, 1, 1]], np.int64)


class Positions(traps.Trap):
    def rows(self, fields):
        """Learned absolute: row p of the table holds p."""
        table = np.arange(12, dtype=np.float32)[:, None] * np.ones(2, np.float32)
        return """func.func @main(%%m: tensor<2x6xi64>, %%t: tensor<12x2xf32>) -> tensor<2x6x2xf32> {
  %%p = posenc.mask_positions %%m %s : tensor<2x6xi64> -> tensor<2x6xi64>
  %%y = posenc.lookup %%t[%%p] assert : tensor<12x2xf32>, tensor<2x6xi64> -> tensor<2x6x2xf32>
  return %%y : tensor<2x6x2xf32>
}""" % fields, [MASK, table]

    @staticmethod
    def wide(rows):
        return np.repeat(np.asarray(rows, float)[..., None], 2, -1)

    def test_opt_padding_is_row_1(self):
        right = np.cumsum(MASK, -1) * MASK - 1 + 2
        self.assertEqual(list(right[0]), [1, 1, 2, 3, 4, 5])
        iota = np.tile(np.arange(6) + 2, (2, 1))
        self.check(self.rows("offset 2"), self.wide(right), self.wide(iota), self.wide(np.where(MASK, right, 0)))

    def test_roberta_padding_is_row_pad_idx(self):
        """Tokens start at pad_idx + 1."""
        right = np.cumsum(MASK, -1) * MASK + 1
        self.check(self.rows("offset 2 padding 1"), self.wide(right), self.wide(right - 1),
                   self.wide(np.tile(np.arange(6) + 2, (2, 1))))

    def test_fairseq_frequencies_include_the_end(self):
        """base^(−k / (P − 1)), sines before cosines; Vaswani's have another denominator for every k > 0."""
        k = np.arange(8)
        module = """func.func @main() -> tensor<6x16xf32> {
  %two = arith.constant 2 : index
  %p = posenc.positions offset(%two) : tensor<6xi64>
  %w = posenc.inv_freq <endpoint, dim = 16> : tensor<8xf32>
  %a = posenc.angles %p by(%w) : tensor<6xi64>, tensor<8xf32> -> tensor<6x8xf32>
  %s = posenc.sincos %a concat : tensor<6x8xf32> -> tensor<6x16xf32>
  return %s : tensor<6x16xf32>
}"""
        p = np.arange(6)[:, None] + 2
        wave = lambda w, at: np.concatenate([np.sin(at * w), np.cos(at * w)], -1)
        fairseq = 10000.0 ** (-k / 7)
        self.check((module, []), wave(fairseq, p), wave(10000.0 ** (-k / 8), p), wave(fairseq, p - 2))

    def test_decoding_step_is_the_last_position(self):
        """One query against 9 keys stands at 8: for a bias and for a rotation."""
        q, k, v = self.random(1, 2, 1, 8), self.random(1, 2, 9, 8), self.random(1, 2, 9, 8)
        slopes = np.array([0.5, 0.25], np.float32)
        body = """%x = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear absolute : tensor<2xf32>, index
    %r = posenc.mask %x at(%i, %j) <causal>"""
        def expect(at):
            d = at - np.arange(9)[None]
            return traps.attend(q, k, v, np.where(d < 0, -np.inf, slopes[:, None, None] * np.abs(d)))
        self.check(traps.attention(body, q, k, v, dict(slopes=slopes), 8), expect(8), expect(0))
        module = """func.func @main() -> tensor<1x4xf32> {
  %n = arith.constant 9 : index
  %p = posenc.positions bottom_right(%n) : tensor<1xi64>
  %w = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %a = posenc.angles %p by(%w) : tensor<1xi64>, tensor<4xf32> -> tensor<1x4xf32>
  return %a : tensor<1x4xf32>
}"""
        w = 10000.0 ** (-np.arange(4) / 4)
        self.check((module, []), 8 * w, 0 * w)


unittest.main()
