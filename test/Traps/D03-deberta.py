# RUN: %python %s
"""D3. DeBERTa: the last row, rounding up, √(3 d), and lengths that differ."""
import math
import unittest

import numpy as np

from posenc_testing import traps

SIZE, MAX = 256, 512


def bucket(distance, clamp=False, rounding=math.ceil):
    """Both codes' row for i − j in double precision: S, M as released."""
    a, sign, middle = abs(distance), np.sign(distance), SIZE // 2
    if clamp:
        a = min(a, MAX - 1)
    if a > middle:
        a = rounding(math.log(a / middle) / math.log((MAX - 1) / middle) * (middle - 1)) + middle
    return int(np.clip(sign * a + SIZE, 0, 2 * SIZE - 1))


class DeBERTa(traps.Trap):
    def rows(self, rule, distances):
        body = """%%c = arith.constant 2000 : index
    %%d64 = tensor.extract %%d[%%n] : tensor<%dxi64>
    %%d0 = arith.index_cast %%d64 : i64 to index
    %%p = arith.addi %%d0, %%c : index
    %%r = posenc.bias_table %%s, %%t at(%%p, %%c) bucket <deberta, q_minus_k, size = 256, max = 512, rule = %s> : tensor<512xf32>
""" % (len(distances), rule)
        return traps.score_map(body, (1, 1, 1, len(distances)),
                               dict(d=np.array(distances, np.int64), t=np.arange(512, dtype=np.float32)))

    def test_last_row_differs_between_the_codes(self):
        d = [-811, -600, -512, -511, -200, 0, 200, 511, 512, 811]
        theirs, microsoft = [bucket(x) for x in d], [bucket(x, True) for x in d]
        self.assertEqual((theirs[0], microsoft[0], theirs[2], microsoft[2]), (0, 1, 0, 1))
        self.check(self.rows("huggingface", d), np.array(theirs, float), np.array(microsoft, float))
        self.check(self.rows("microsoft", d), np.array(microsoft, float), np.array(theirs, float))

    def test_rounds_up(self):
        d = list(range(-511, 512, 7))
        self.check(self.rows("huggingface", d), np.array([bucket(x) for x in d], float),
                   np.array([bucket(x, rounding=math.trunc) for x in d], float))

    def case(self, q, k, v, content, position, scale, offset=0):
        body = """%%w = arith.constant %.9e : f32
    %%x = posenc.rel_dot %%s, %%q[%%b, %%h, %%m], %%kr[%%h] at(%%i, %%j) bucket <clip, q_minus_k, left = 4, right = 3> weight(%%w) : %s, %s
    %%r = posenc.rel_dot %%x, %%k[%%b, %%h, %%n], %%qr[%%h] at(%%i, %%j) bucket <clip, q_minus_k, left = 4, right = 3> weight(%%w) : %s, %s
""" % (scale, traps.tensor(q), traps.tensor(content), traps.tensor(k), traps.tensor(position))
        return traps.attention(body, q, k, v, dict(kr=content, qr=position), offset, scale)

    def expect(self, q, k, v, content, position, scale, offset=0, first=None, second=None):
        d = traps.distances(q.shape[2], k.shape[2], offset)
        row = lambda shift: np.clip(d + (0 if shift is None else shift), -4, 3) + 4
        heads = np.arange(q.shape[1])[:, None, None]
        c2p = np.einsum("bhmd,hmnd->bhmn", q, content[row(first), heads])
        p2c = np.einsum("bhnd,hmnd->bhmn", k, position[row(second), heads])
        return traps.attend(q, k, v, scale * (c2p + p2c), scale)

    def test_scale_counts_the_terms(self):
        """√(3 d) for content, c2p and p2c; p2c reads the row that c2p reads."""
        q, k, v = self.qkv()
        tables = self.random(8, 2, 8), self.random(8, 2, 8)
        scale = (3 * 8) ** -0.5
        self.check(self.case(q, k, v, *tables, scale), self.expect(q, k, v, *tables, scale),
                   self.expect(q, k, v, *tables, 8 ** -0.5), self.expect(q, k, v, *tables, scale, second=1))

    def test_lengths_that_differ(self):
        """Queries at the end of the keys: transformers' build_rpos has its arguments swapped, which only then matters."""
        q, k, v = self.qkv(queries=3, keys=9)[0], *self.qkv()[1:]
        tables = self.random(8, 2, 8), self.random(8, 2, 8)
        self.check(self.case(q, k, v, *tables, 0.2, 6), self.expect(q, k, v, *tables, 0.2, 6),
                   self.expect(q, k, v, *tables, 0.2, 0))


unittest.main()
