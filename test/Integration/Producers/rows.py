# RUN: %python %s
"""Transforms of rows on tensors, temperatures, xPos, the polar form and learned or sinusoidal absolute encodings,
against NumPy in float64 on the reference, the CPU and emulated GPUs of both vendors."""

import os
import unittest

import numpy as np

from posenc_testing import dtypes, producers, rows

TARGETS = producers.TARGETS + ("emulate:gfx942",)
SEED = int(os.environ.get("POSENC_SEED") or 20261124)


def tensor(shape, element, dynamic=()):
    return "tensor<%sx%s>" % ("x".join("?" if d in dynamic else str(n) for d, n in enumerate(shape)), element)


class Rows(unittest.TestCase):
    def setUp(self):
        self.rng = np.random.default_rng([SEED, *self.id().encode()])

    def check(self, line, x, tables, want, element="f32", dynamic=(), result=None, bound=2e-6):
        """`line` makes %y of %x and %t0, %t1, …; `tables` are f32 arrays or numbers, or i64 arrays."""
        data = dtypes.encode(x, element)
        inputs, arguments = [data], ["%%x: %s" % tensor(x.shape, element, dynamic)]
        for n, table in enumerate(tables):
            array = np.asarray(table)
            array = array.astype(np.float32) if array.dtype.kind == "f" else array
            kind = {"f": "f32", "i": "i64"}[array.dtype.kind]
            inputs.append(array)
            arguments.append("%%t%d: %s" % (n, tensor(array.shape, kind) if array.ndim else kind))
        type_ = result or tensor(x.shape, element, dynamic)
        text = "func.func @main(%s) -> %s {\n  %s\n  return %%y : %s\n}\n" % (
            ", ".join(arguments), type_, line.replace("TYPE", tensor(x.shape, element, dynamic)), type_)
        stored = dtypes.decode(data, element)
        expected = want(stored)
        allowed = bound * (1 + np.abs(stored).max()) + dtypes.ROUNDOFF[element] * np.abs(expected)
        for target, (got,) in producers.run_all(text, inputs, 1, TARGETS):
            error = np.abs(dtypes.decode(got, element) - expected)
            self.assertTrue((error <= allowed).all(), "%s %s\n%g\n%s" % (target, line, error.max(), text))

    def draw(self, *shape):
        return self.rng.standard_normal(shape).astype(np.float32).astype(np.float64)

    def angle(self, *shape):
        return self.rng.uniform(-3, 3, shape).astype(np.float32).astype(np.float64)

    # rotate ----------------------------------------------------------------

    def test_layouts(self):
        """Every layout in, every layout out, at an offset, both directions; tails of T and D."""
        phi = self.angle(5, 6)
        for layout in ("half", "interleaved", "block_half"):
            for out in ("half", "interleaved", "block_half"):
                blocks = " = 3" if "block_half" in (layout, out) else ""
                inverse = bool(self.rng.integers(2))
                line = "%%y = posenc.rotate %%x by(%%t0) %s%s out %s channel_offset 3%s : TYPE, tensor<5x6xf32>" % (
                    layout, blocks, out, " inverse" if inverse else "")
                self.check(line, self.draw(2, 3, 5, 17), [phi], lambda x: rows.rotate(
                    x, np.cos(phi), np.sin(phi), layout, out, 3, 3, inverse), dynamic=(2,))

    def test_trailing_of_any_width(self):
        phi = self.angle(2, 5, 3)
        for dynamic in ((), (1, 3), (0, 1, 2, 3)):
            self.check("%y = posenc.rotate %x by(%t0) interleaved trailing dims<bthd> : TYPE, tensor<2x5x3xf32>",
                       self.draw(2, 5, 3, 11), [phi], lambda x: rows.rotate(
                           x, np.cos(phi)[:, :, None], np.sin(phi)[:, :, None], "interleaved", first=5),
                       "bf16", dynamic)

    def test_heads(self):
        """Angles [H,T,P] and [B,H,T,P], magnitudes [T,P], [P] and a number."""
        phi, mu = self.angle(2, 3, 5, 4), self.rng.uniform(0.5, 2, (5, 4)).astype(np.float32).astype(np.float64)
        self.check("%y = posenc.rotate %x by(%t0) half per_head magnitude(%t1 : tensor<5x4xf32>) : TYPE, tensor<2x3x5x4xf32>",
                   self.draw(2, 3, 5, 8), [phi, mu],
                   lambda x: rows.rotate(x, np.cos(phi), np.sin(phi), "half", magnitude=mu))
        self.check("%y = posenc.rotate %x by(%t0) half per_head magnitude(%t1 : tensor<4xf32>) : TYPE, tensor<3x5x4xf32>",
                   self.draw(2, 3, 5, 10), [phi[0], mu[0]],
                   lambda x: rows.rotate(x, np.cos(phi[:1]), np.sin(phi[:1]), "half", magnitude=mu[0]), "f16")
        self.check("%y = posenc.rotate %x by(%t0, %t1) half magnitude(%t2 : f32) : TYPE, tensor<5x4xf32>, tensor<5x4xf32>",
                   self.draw(3, 5, 9), [np.cos(phi[0, 0]), np.sin(phi[0, 0]), 1.25], lambda x: rows.rotate(
                       x, np.cos(phi[0, 0]), np.sin(phi[0, 0]), "half", magnitude=1.25), dynamic=(0, 1))

    def test_rounded_tables(self):
        """D.6: transformers' Llama rounds cos and sin to bf16 first: 0.4 % of a turn, not 1e-7."""
        phi = self.angle(5, 4)
        cos, sin = (dtypes.decode(dtypes.encode(1.5 * f(phi), "bf16"), "bf16") for f in (np.cos, np.sin))
        x = self.draw(5, 8)
        self.assertGreater(np.abs(rows.rotate(x, cos, sin, "half") - rows.rotate(
            x, 1.5 * np.cos(phi), 1.5 * np.sin(phi), "half")).max(), 1e-4)
        self.check("%y = posenc.rotate %x by(%t0) half rounded bf16 magnitude(%t1 : f32) : TYPE, tensor<5x4xf32>",
                   x, [phi, 1.5], lambda x: rows.rotate(x, cos, sin, "half"))

    def test_tables_per_channel(self):
        """D.5: V-JEPA2 tiles its tables and interleaves its pairs."""
        phi = np.concatenate([self.angle(5, 4)] * 2, -1)
        self.check("%y = posenc.rotate %x by(%t0, %t1) interleaved channel_offset 1 per_channel : TYPE, tensor<5x8xf32>, tensor<5x8xf32>",
                   self.draw(2, 5, 10), [np.cos(phi), np.sin(phi)],
                   lambda x: rows.rotate_channels(x, np.cos(phi), np.sin(phi), "interleaved", 1))

    def test_layouts_are_permutations(self):
        """D.5: half(x[perm]) = interleaved(x)[perm], for one side and its weights only if the other is permuted too."""
        phi, x = self.angle(5, 4), self.draw(2, 5, 8)
        perm = np.concatenate([np.arange(0, 8, 2), np.arange(1, 8, 2)])
        self.check("%y = posenc.rotate %x by(%t0) half : TYPE, tensor<5x4xf32>", x[..., perm], [phi],
                   lambda _: rows.rotate(x, np.cos(phi), np.sin(phi), "interleaved")[..., perm])

    def test_sum_and_inverse(self):
        """What canonicalization makes of two rotations is what they are."""
        a, b, x = self.angle(5, 4), self.angle(5, 4), self.draw(2, 5, 8)
        self.check("%u = posenc.rotate %x by(%t0) half : TYPE, tensor<5x4xf32>\n  "
                   "%y = posenc.rotate %u by(%t1) half inverse : TYPE, tensor<5x4xf32>", x, [a, b],
                   lambda x: rows.rotate(x, np.cos(a - b), np.sin(a - b), "half"))

    # row_scale -------------------------------------------------------------

    def test_factors(self):
        f, g, h = self.draw(2, 5), self.draw(5, 7), self.draw(3, 5)
        x = self.draw(2, 5, 7)
        self.check("%y = posenc.row_scale %x by(%t0) : TYPE, tensor<2x5xf32>", x, [f], lambda x: x * f[..., None], "bf16")
        self.check("%y = posenc.row_scale %x by(%t0) per_channel : TYPE, tensor<5x7xf32>", x, [g], lambda x: x * g,
                   dynamic=(0, 1, 2))
        self.check("%y = posenc.row_scale %x by(%t0) per_head dims<bthd> : TYPE, tensor<3x5xf32>", self.draw(2, 5, 3, 4),
                   [h], lambda x: x * h.T[None, :, :, None])

    def test_temperatures(self):
        """D.14: Llama-4 counts from 1, Ministral from 0: they differ at 8k − 1."""
        p = np.arange(70, dtype=np.int64)
        self.assertNotEqual(rows.temperature("llama4", 7, 8.0), rows.temperature("ministral", 7, 8.0))
        for kind, alpha in (("llama4", 0.1), ("ministral", 0.25), ("inkling", 0.5), ("logn", None)):
            line = "%%f = posenc.temperature %%t0 %s%s length 8.0 : tensor<70xi64> -> tensor<70xf32>\n  " % (
                kind, " alpha %r" % alpha if alpha else "")
            self.check(line + "%y = posenc.row_scale %x by(%f) : TYPE, tensor<70xf32>", self.draw(70, 3), [p],
                       lambda x: x * rows.temperature(kind, p, 8.0, alpha)[:, None])

    def test_temperature_of_float_positions(self):
        p = np.array([0.5, 7.0, 15.25, 100.0])
        self.check("%f = posenc.temperature %t0 llama4 length 8.0 : tensor<4xf32> -> tensor<4xf32>\n  "
                   "%y = posenc.row_scale %x by(%f) : TYPE, tensor<4xf32>", self.draw(4, 3), [p],
                   lambda x: x * rows.temperature("llama4", p, 8.0)[:, None])

    # xPos ------------------------------------------------------------------

    def test_xpos_magnitudes(self):
        """Positions far from 0 with a centre near them; far from the centre; D.9: different centres are a factor."""
        p = np.array([1 << 20, (1 << 20) + 7, (1 << 20) + 30000], np.int64)
        for inverse in (False, True):
            mu = rows.xpos_magnitude(p, 6, 1 << 20, inverse=inverse)
            self.check("%%c = arith.constant 1048576 : index\n  %%m = posenc.xpos_magnitude %%t0 center(%%c)%s : "
                       "tensor<3xi64> -> tensor<3x6xf32>\n  %%y = posenc.row_scale %%x by(%%m) per_channel : TYPE, "
                       "tensor<3x6xf32>" % (" inverse" if inverse else ""), np.ones((3, 6)), [p],
                       lambda x: x * mu, bound=2e-5 * max(1.0, mu.max()) / 2)
        same = rows.xpos_magnitude(p, 6, p[0]) * rows.xpos_magnitude(p, 6, p[0], inverse=True)
        np.testing.assert_allclose(same, 1.0)
        other = rows.xpos_magnitude(p[:1], 6, p[0] - 50) * rows.xpos_magnitude(p[:1], 6, p[0] + 850, inverse=True)
        zeta = rows.xpos_magnitude(np.array([512]), 6)
        np.testing.assert_allclose(other, zeta ** (900 / 512))

    # polar -----------------------------------------------------------------

    def test_polar(self):
        """Both orders, whole and partial heads, phases outside [-2 pi, 0], magnitudes of huge channels."""
        for layout in ("concat", "interleaved"):
            for pairs, element, dynamic in ((8, "f32", ()), (5, "f32", (2, 3)), (5, "bf16", (0, 1))):
                phi, delta = self.angle(5, pairs), self.rng.uniform(-9, 2, (3, pairs)).astype(np.float32)
                x = self.draw(2, 3, 5, 8) * 4
                x[0, 0, 0, :2] = 80.0, -80.0
                shape = (2, 3, 5, 8 + pairs)
                result = tensor(shape, element, dynamic)
                self.check("%%y = posenc.polar %%x by(%%t0) phase(%%t1 : tensor<3x%dxf32>) %s : TYPE, tensor<5x%dxf32> -> %s" % (
                    pairs, layout, pairs, result), x, [phi, delta],
                    lambda x: rows.polar(x, phi, layout, delta.astype(np.float64)[:, None]), element, dynamic, result)

    # Absolute encodings ----------------------------------------------------

    def test_marian_of_odd_width(self):
        """17 sines, 16 cosines: HF Marian's sentinel is Dm // 2 + 1."""
        table = np.array([[p / np.power(10000, 2 * (j // 2) / 33) for j in range(33)] for p in range(7)])
        want = np.concatenate([np.sin(table[:, 0::2]), np.cos(table[:, 1::2])], -1)
        w = 10000.0 ** (-2.0 * np.arange(17) / 33)
        self.check("%a = posenc.angles %t0 by(%t1) : tensor<7xi64>, tensor<17xf32> -> tensor<7x17xf32>\n  "
                   "%e = posenc.sincos %a concat : tensor<7x17xf32> -> tensor<7x33xf32>\n  %y = arith.addf %x, %e : TYPE",
                   self.draw(7, 33), [np.arange(7), w], lambda x: x + want)

    def test_fairseq_padding(self):
        """D.15: position padding_idx + 1 on, frequencies with the end point, the padding's row is 0."""
        mask = np.array([[0, 0, 1, 1, 1], [1, 1, 1, 0, 0]])
        p = producers.mask_positions(mask, 2, 1)
        w = 10000.0 ** (-np.arange(4) / 3)
        want = producers.sincos(producers.angles(p, w), "concat") * mask[..., None]
        self.check("%p = posenc.mask_positions %t0 offset 2 padding 1 : tensor<2x5xi64> -> tensor<2x5xi64>\n  "
                   "%w = posenc.inv_freq <endpoint, dim = 8> : tensor<4xf32>\n  "
                   "%a = posenc.angles %p by(%w) : tensor<2x5xi64>, tensor<4xf32> -> tensor<2x5x4xf32>\n  "
                   "%e = posenc.sincos %a concat : tensor<2x5x4xf32> -> TYPE\n  "
                   "%real = arith.sitofp %t0 : tensor<2x5xi64> to tensor<2x5xf32>\n  "
                   "%z = posenc.row_scale %e by(%real) : TYPE, tensor<2x5xf32>\n  %y = arith.addf %x, %z : TYPE",
                   self.draw(2, 5, 8), [mask], lambda x: x + want)

    def test_learned(self):
        """D.15: OPT has offset 2 with the padding in row 1, RoBERTa starts at pad_idx + 1, BART counts all tokens."""
        mask = np.array([[0, 0, 1, 1, 1], [1, 1, 1, 0, 0]])
        table = self.draw(10, 4)
        opt = np.cumsum(mask, -1) * mask - 1 + 2
        roberta = np.cumsum(mask, -1) * mask + 1
        bart = np.broadcast_to(np.arange(5) + 2, mask.shape)
        self.assertEqual(opt[0, 0], 1)
        produce = {
            "opt": (opt, "%p = posenc.mask_positions %t0 offset 2 : tensor<2x5xi64> -> tensor<2x5xi64>"),
            "roberta": (roberta, "%p = posenc.mask_positions %t0 offset 2 padding 1 : tensor<2x5xi64> -> tensor<2x5xi64>"),
            "bart": (bart, "%c2 = arith.constant 2 : index\n  %p1 = posenc.positions offset(%c2) : tensor<5xi64>\n  "
                     "%i = tensor.empty() : tensor<2x5xi64>\n  %p = linalg.broadcast ins(%p1 : tensor<5xi64>) "
                     "outs(%i : tensor<2x5xi64>) dimensions = [0]")}
        for positions, line in produce.values():
            self.check(line + "\n  %e = posenc.lookup %t1[%p] assert : tensor<10x4xf32>, tensor<2x5xi64> -> TYPE\n  "
                       "%y = arith.addf %x, %e : TYPE", self.draw(2, 5, 4), [mask, table], lambda x: x + table[positions])

    def test_cape_and_randomised(self):
        """CAPE's augmented positions are floats; randomised ones integers in order. Both are ordinary operands."""
        p = ((np.arange(6) + 0.3 + self.rng.uniform(-0.5, 0.5, 6)) * np.exp(0.1)).astype(np.float32)
        w = (10000.0 ** (-np.arange(4) / 4)).astype(np.float32)
        want = producers.sincos(producers.angles(p, w), "interleaved")
        self.check("%a = posenc.angles %t0 by(%t1) : tensor<6xf32>, tensor<4xf32> -> tensor<6x4xf32>\n  "
                   "%e = posenc.sincos %a interleaved : tensor<6x4xf32> -> TYPE\n  %y = arith.addf %x, %e : TYPE",
                   self.draw(6, 8), [p, w], lambda x: x + want, bound=4e-6)
        r = np.sort(self.rng.choice(2048, 6, replace=False)).astype(np.int64)
        phi = producers.angles(r, w)
        self.check("%a = posenc.angles %t0 by(%t1) : tensor<6xi64>, tensor<4xf32> -> tensor<6x4xf32>\n  "
                   "%y = posenc.rotate %x by(%a) half : TYPE, tensor<6x4xf32>", self.draw(6, 8), [r, w],
                   lambda x: rows.rotate(x, np.cos(phi), np.sin(phi), "half"), bound=1e-4)

    def test_cape_2d(self):
        """Phase pi (wx x + wy y), [cos, sin]: a sum of angles of two axes."""
        x, y = (c.astype(np.float32) for c in np.meshgrid(np.linspace(-1, 1, 3), np.linspace(-1, 1, 2), indexing="xy"))
        k = np.arange(4)
        rho = 10.0 ** np.linspace(0, 1, 4)
        wx, wy = (np.pi * rho * f(k) for f in (np.cos, np.sin))
        phi = x.ravel()[:, None] * wx.astype(np.float32) + y.ravel()[:, None] * wy.astype(np.float32)
        want = producers.sincos(phi, "concat", cos_first=True)
        self.check("%a = posenc.angles %t0 by(%t2) : tensor<6xf32>, tensor<4xf32> -> tensor<6x4xf32>\n  "
                   "%b = posenc.angles %t1 by(%t3) : tensor<6xf32>, tensor<4xf32> -> tensor<6x4xf32>\n  "
                   "%c = arith.addf %a, %b : tensor<6x4xf32>\n  "
                   "%e = posenc.sincos %c concat cos_first : tensor<6x4xf32> -> TYPE\n  %y = arith.addf %x, %e : TYPE",
                   self.draw(6, 8), [x.ravel(), y.ravel(), wx, wy], lambda v: v + want, bound=4e-6)

    def test_angles_per_head(self):
        """Learned frequencies and phases of each head, precise ones as hi and lo, two axes."""
        p, w, d = np.arange(5) + 1000, self.rng.uniform(0, 1, (3, 4)), self.angle(3, 4)
        hi = w.astype(np.float32)
        parts = np.stack([hi, (w - hi).astype(np.float32)])
        phi = p[:, None] * w[:, None, :] + d[:, None, :]
        self.check("%a = posenc.angles %t0 by(%t1) phase(%t2) per_head precise : tensor<5xi64>, tensor<2x3x4xf32>, "
                   "tensor<3x4xf32> -> tensor<3x5x4xf32>\n  %y = posenc.rotate %x by(%a) half per_head : TYPE, "
                   "tensor<3x5x4xf32>", self.draw(2, 3, 5, 8), [p, parts, d],
                   lambda x: rows.rotate(x, np.cos(phi), np.sin(phi), "half"), dynamic=(0, 1, 2))
        grid = producers.grid_positions((2, 3))
        axes = producers.angles(grid, hi.astype(np.float64)[0], np.array([0, 1, 1, 0]))
        self.check("%a = posenc.angles %t0 by(%t1) axes <list, [0, 1, 1, 0]> per_head : tensor<2x6xi64>, tensor<3x4xf32>"
                   " -> tensor<3x6x4xf32>\n  %y = posenc.rotate %x by(%a) half per_head : TYPE, tensor<3x6x4xf32>",
                   self.draw(2, 3, 6, 8), [grid.astype(np.int64), np.stack([hi[0]] * 3)],
                   lambda x: rows.rotate(x, np.cos(axes), np.sin(axes), "half"))

    def test_mixed_axes_per_head(self):
        """rope-vit mixed: x fx + y fy with learned vectors of each head."""
        y, x = producers.grid_positions((2, 3)).astype(np.int64)
        fx, fy = (self.rng.uniform(-1, 1, (3, 4)).astype(np.float32) for _ in range(2))
        phi = x[:, None] * fx[:, None].astype(np.float64) + y[:, None] * fy[:, None].astype(np.float64)
        self.check("%a = posenc.angles %t0 by(%t2) per_head : tensor<6xi64>, tensor<3x4xf32> -> tensor<3x6x4xf32>\n  "
                   "%b = posenc.angles %t1 by(%t3) per_head : tensor<6xi64>, tensor<3x4xf32> -> tensor<3x6x4xf32>\n  "
                   "%c = arith.addf %a, %b : tensor<3x6x4xf32>\n  "
                   "%y = posenc.rotate %x by(%c) interleaved per_head : TYPE, tensor<3x6x4xf32>",
                   self.draw(1, 3, 6, 8), [x, y, fx, fy], lambda v: rows.rotate(v, np.cos(phi), np.sin(phi), "interleaved"))

    def test_dinov3_and_eva(self):
        """Coordinates in (-1, 1) times 2 pi / period, tiled halves; EVA: linspace(-1, 1) times pi linspace(1, 5)."""
        sizes, pairs = (2, 3), 4
        grid = np.stack(np.meshgrid(*[(2 * (np.arange(n) + 0.5) / n - 1) for n in sizes], indexing="ij")).reshape(2, -1)
        w = (2 * np.pi / 100.0 ** (2 * np.arange(pairs) / (2 * pairs))).astype(np.float32)
        phi = producers.angles(grid, np.concatenate([w, w]).astype(np.float64), np.repeat([0, 1], pairs))
        self.check("%h = arith.constant 2 : index\n  %w = arith.constant 3 : index\n  "
                   "%p = posenc.grid_positions sizes(%h, %w) centered : tensor<2x6xf32>\n  "
                   "%a = posenc.angles %p by(%t0) axes <sections, [4, 4]> : tensor<2x6xf32>, tensor<8xf32> -> tensor<6x8xf32>\n  "
                   "%y = posenc.rotate %x by(%a) half : TYPE, tensor<6x8xf32>", self.draw(2, 6, 16),
                   [np.concatenate([w, w])], lambda x: rows.rotate(x, np.cos(phi), np.sin(phi), "half"))
        p, f = np.linspace(-1, 1, 6).astype(np.float32), (np.pi * np.linspace(1, 5, 4)).astype(np.float32)
        eva = producers.angles(p, f)
        self.check("%a = posenc.angles %t0 by(%t1) : tensor<6xf32>, tensor<4xf32> -> tensor<6x4xf32>\n  "
                   "%y = posenc.rotate %x by(%a) interleaved : TYPE, tensor<6x4xf32>", self.draw(6, 8), [p, f],
                   lambda x: rows.rotate(x, np.cos(eva), np.sin(eva), "interleaved"), bound=4e-6)


if __name__ == "__main__":
    unittest.main()
