# RUN: %python %s
"""D5. Rotation layouts: half, interleaved, halves of blocks, other layouts of the result, trailing channels, V-JEPA2."""
import unittest

import numpy as np

from posenc_testing import traps

T, D, P = 5, 16, 8


def rotate(x, phi, read, write=None, sign=1):
    """Pairs `read` = (a, b) of channels go to the channels `write`."""
    (a, b), (to_a, to_b) = read, write or read
    cos, sin = np.cos(phi), sign * np.sin(phi)
    y = np.array(x, np.float64)
    y[..., to_a], y[..., to_b] = x[..., a] * cos - x[..., b] * sin, x[..., b] * cos + x[..., a] * sin
    return y


def half(pairs=P, first=0):
    p = np.arange(pairs)
    return first + p, first + p + pairs


def interleaved(pairs=P, first=0):
    return first + 2 * np.arange(pairs), first + 2 * np.arange(pairs) + 1


def blocks(count, pairs=P):
    width, p = pairs // count, np.arange(pairs)
    first = 2 * width * (p // width) + p % width
    return first, first + width


class Layouts(traps.Trap):
    def setUp(self):
        super().setUp()
        self.x, self.phi = self.random(1, 1, T, D), self.random(T, P)

    def case(self, text, *tables):
        types = ["tensor<%dx%dxf32>" % t.shape for t in tables]
        names = ["%%t%d" % i for i in range(len(tables))]
        x = traps.tensor(self.x)
        return "func.func @main(%%x: %s, %s) -> %s {\n %%y = posenc.rotate %%x by(%s) %s : %s, %s\n return %%y : %s\n}" % (
            x, ", ".join("%s: %s" % pair for pair in zip(names, types)), x, ", ".join(names), text, x,
            ", ".join(types), x), [self.x, *tables]

    def test_half_and_interleaved(self):
        a, b = rotate(self.x, self.phi, half()), rotate(self.x, self.phi, interleaved())
        self.check(self.case("half", self.phi), a, b)
        self.check(self.case("interleaved", self.phi), b, a)

    def test_permuted_channels_exchange_them(self):
        order = np.concatenate([np.arange(0, D, 2), np.arange(1, D, 2)])
        np.testing.assert_allclose(rotate(self.x[..., order], self.phi, half()),
                                   rotate(self.x, self.phi, interleaved())[..., order])

    def test_opposite_sign(self):
        self.check(self.case("half inverse", self.phi), rotate(self.x, self.phi, half(), sign=-1),
                   rotate(self.x, self.phi, half()))

    def test_halves_of_blocks(self):
        self.check(self.case("block_half = 2", self.phi), rotate(self.x, self.phi, blocks(2)),
                   rotate(self.x, self.phi, half()), rotate(self.x, self.phi, interleaved()))

    def test_deepseek_writes_halves(self):
        """Scores are those of the interleaved layout, the tensor is not."""
        y = rotate(self.x, self.phi, interleaved(), half())
        self.check(self.case("interleaved out half", self.phi), y, rotate(self.x, self.phi, interleaved()),
                   rotate(self.x, self.phi, half()))

    def test_trailing_channels(self):
        phi = self.phi[:, :3]
        self.check(self.case("interleaved trailing", phi), rotate(self.x, phi, interleaved(3, D - 6)),
                   rotate(self.x, phi, interleaved(3)), rotate(self.x, phi, half(3, D - 6)))

    def test_vjepa2_is_no_rotation(self):
        """Its tables repeat in the half order while partners are neighbours: two angles meet in a pair."""
        full = np.concatenate([self.phi, self.phi], -1)
        cos, sin = np.cos(full).astype(np.float32), np.sin(full).astype(np.float32)
        partner = np.stack([-self.x[..., 1::2], self.x[..., ::2]], -1).reshape(self.x.shape)
        self.check(self.case("interleaved per_channel", cos, sin), self.x * np.cos(full) + partner * np.sin(full),
                   rotate(self.x, self.phi, interleaved()), rotate(self.x, self.phi, half()))


unittest.main()
