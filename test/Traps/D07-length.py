# RUN: %python %s
"""D7. LongRoPE and dynamic NTK: one length for all positions of a call; cached keys keep the angles of theirs."""
import unittest

import numpy as np

from posenc_testing import traps

LONG = "<longrope, dim = 8, factor = 4.0, original_length = 16, short = [1.0, 1.0, 1.0, 1.0], long = [1.0, 2.0, 4.0, 4.0]>"
DYNAMIC = "<dynamic_ntk, dim = 8, factor = 2.0, max_position = 16>"
W = 10000.0 ** (-np.arange(4) / 4)


def ntk(length, dim=8):
    return (10000.0 * (2.0 * max(length, 16) / 16 - 1) ** (dim / (dim - 2))) ** (-np.arange(4) / 4)


class Length(traps.Trap):
    def case(self, freq, length, count):
        """Angles of positions 0 … count − 1 in a call of that length."""
        return """func.func @main(%%n: index) -> tensor<%dx4xf32> {
  %%p = posenc.positions : tensor<%dxi64>
  %%w = posenc.inv_freq %s length(%%n) : tensor<4xf32>
  %%a = posenc.angles %%p by(%%w) : tensor<%dxi64>, tensor<4xf32> -> tensor<%dx4xf32>
  return %%a : tensor<%dx4xf32>
}""" % (count, count, freq, count, count, count), [np.array(length, np.int64)]

    def test_longrope_switches_for_all_positions(self):
        p = np.arange(20)[:, None]
        short, long = p * W, p * W / [1.0, 2.0, 4.0, 4.0]
        self.check(self.case(LONG, 16, 20), short, long)
        # Not only the positions from 16 on.
        self.check(self.case(LONG, 17, 20), long, short, np.where(p < 16, short, long))

    def test_dynamic_ntk_switches_for_all_positions(self):
        p = np.arange(40)[:, None]
        self.check(self.case(DYNAMIC, 40, 40), p * ntk(40), p * ntk(16), np.where(p < 16, p * ntk(16), p * ntk(40)),
                   tolerance=1e-4)
        self.check(self.case(DYNAMIC, 9, 9), np.arange(9)[:, None] * W, np.arange(9)[:, None] * ntk(40), tolerance=1e-4)

    def test_cached_keys_are_stale(self):
        """Keys rotated under length 16 and cached meet a query under length 40: no rotation of either length."""
        q, k, v = self.random(1, 1, 1, 8), self.random(1, 1, 20, 8), self.random(1, 1, 20, 8)
        freq = lambda n: "%%n_%d = arith.constant %d : index\n  %%w_%d = posenc.inv_freq %s length(%%n_%d) : tensor<4xf32>\n" % (
            n, n, n, DYNAMIC, n)
        prologue = freq(16) + freq(40) + """
  %pk = posenc.positions : tensor<20xi64>
  %c39 = arith.constant 39 : index
  %pq = posenc.positions offset(%c39) : tensor<1xi64>
  %ak = posenc.angles %pk by(%w_16) : tensor<20xi64>, tensor<4xf32> -> tensor<20x4xf32>
  %aq = posenc.angles %pq by(%w_40) : tensor<1xi64>, tensor<4xf32> -> tensor<1x4xf32>"""
        regions = "".join("""%s_rows(%%row, %%b, %%h, %%t) {
    %%y = posenc.rotate %%row at(%%b, %%t) by(%%a%s) half : !posenc.row, tensor<%dx4xf32>
    posenc.yield %%y : !posenc.row
  }
  """ % (t, t, n) for t, n in (("q", 1), ("k", 20)))
        def expect(of_q, of_k):
            return traps.attend(half(q, 39 * of_q), half(k, np.arange(20)[:, None] * of_k), v, scale=1.0)
        self.check(traps.attention("", q, k, v, regions=regions, prologue=prologue), expect(ntk(40), ntk(16)),
                   expect(ntk(40), ntk(40)), expect(ntk(16), ntk(16)), tolerance=1e-4)


def half(x, phi):
    a, b = x[..., :4], x[..., 4:]
    return np.concatenate([a * np.cos(phi) - b * np.sin(phi), b * np.cos(phi) + a * np.sin(phi)], -1)


unittest.main()
