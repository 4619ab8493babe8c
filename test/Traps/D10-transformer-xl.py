# RUN: %python %s
"""D10. Transformer-XL: rel_shift's garbage above the diagonal, 2T − 1 rows for both directions, clamp_len, XLNet's offset."""
import unittest

import numpy as np

from posenc_testing import traps


class TransformerXL(traps.Trap):
    def case(self, q, k, v, table, offset, left, right, mask=True):
        """Row of distance D: D + left; u is in q, v is here."""
        body = """%%x = posenc.rel_dot %%s, %%q[%%b, %%h, %%m], %%t[%%h] at(%%i, %%j) bucket <clip, q_minus_k, left = %d, right = %d> : %s, %s
    """ % (left, right, traps.tensor(q), traps.tensor(table))
        body += "%r = posenc.mask %x at(%i, %j) <causal>" if mask else "%r = posenc.softcap %x cap(1.0e6)"
        return traps.attention(body, q, k, v, dict(t=table), offset)

    def expect(self, q, k, v, table, offset, left, mask=True, shift=0):
        d = traps.distances(q.shape[2], k.shape[2], offset)
        rows = np.clip(d + left + shift, 0, len(table) - 1)
        bias = np.einsum("bhmd,hmnd->bhmn", q.astype(np.float64), table[rows, np.arange(2)[:, None, None]])
        return traps.attend(q, k, v, np.where(d < 0, -np.inf, bias) if mask else bias)

    @staticmethod
    def rel_shift(x):
        """A zero column in front, the rows read through: [H, M, N]."""
        h, m, n = x.shape
        padded = np.concatenate([np.zeros((h, m, 1)), x], -1).reshape(h, n + 1, m)
        return padded[:, 1:].reshape(h, m, n)

    def test_memory(self):
        """Query m is at position m + memory; the table is by distance."""
        q, k, v = self.random(1, 2, 4, 8), self.random(1, 2, 9, 8), self.random(1, 2, 9, 8)
        table = self.random(9, 2, 8)
        self.check(self.case(q, k, v, table, 5, 0, 8), self.expect(q, k, v, table, 5, 0),
                   self.expect(q, k, v, table, 0, 0))

    def test_rel_shift_is_no_distance_above_the_diagonal(self):
        """Below it, both agree; above, rel_shift gives the next row's scores, and the causal mask must hide them."""
        q, k, v = self.qkv(queries=6, keys=6)
        table = self.random(11, 2, 8)
        d = traps.distances(6, 6)
        by_distance = np.einsum("hmd,hmnd->hmn", q[0], table[np.clip(d + 5, 0, 10), np.arange(2)[:, None, None]])
        # Rows of the library: distances 5 … 0.
        shifted = self.rel_shift(np.einsum("hmd,phd->hmp", q[0], table[[10, 9, 8, 7, 6, 5]]))
        np.testing.assert_allclose(shifted[:, d >= 0], by_distance[:, d >= 0], rtol=1e-5, atol=1e-6)
        self.assert_differs(shifted[:, d < 0], by_distance[:, d < 0], 0.1)
        both = self.expect(q, k, v, table, 0, 5, mask=False)
        self.check(self.case(q, k, v, table, 0, 5, 5, mask=False), both, traps.attend(q, k, v, shifted[None]))
        causal = self.expect(q, k, v, table, 0, 5)
        self.check(self.case(q, k, v, table, 0, 5, 5), causal,
                   both)

    def test_both_directions_need_2t_minus_1_rows(self):
        """XLNet's table has rows for the future too; clipped at 0 the future would look like the present."""
        q, k, v = self.qkv(queries=6, keys=6)
        table = self.random(11, 2, 8)
        self.check(self.case(q, k, v, table, 0, 5, 5, mask=False), self.expect(q, k, v, table, 0, 5, mask=False),
                   self.expect(q, k, v, table[5:], 0, 0, mask=False))

    def test_clamp_len(self):
        q, k, v = self.qkv(queries=9, keys=9)
        table = self.random(4, 2, 8)
        self.check(self.case(q, k, v, table, 0, 0, 3), self.expect(q, k, v, table, 0, 0),
                   self.expect(q, k, v, np.concatenate([table, self.random(5, 2, 8)]), 0, 0))

    def test_xlnet_positions_start_at_klen(self):
        """Its first row belongs to the distance klen, not to klen − 1."""
        q, k, v = self.qkv(queries=5, keys=5)
        table = self.random(10, 2, 8)      # distances −4 … 5, of which 5 is never read
        self.check(self.case(q, k, v, table, 0, 4, 5, mask=False), self.expect(q, k, v, table, 0, 4, mask=False),
                   self.expect(q, k, v, table, 0, 4, mask=False, shift=1))


unittest.main()
