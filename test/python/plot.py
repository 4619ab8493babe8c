# RUN: %python %s %posenc_src %models
# RUN: %posenc_src/scripts/posenc-plot --help
"""posenc-plot: what it shows is what the IR says, and what it refuses."""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import numpy as np

from posenc import plot, tools

MODELS, ROOT = (pathlib.Path(sys.argv.pop()) for _ in range(2))
PNG = b"\x89PNG\r\n\x1a\n"


def page(name):
    text = (ROOT / "docs/encodings" / (name + ".md")).read_text(encoding="utf-8")
    return re.search(r"^```mlir\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[1]


class Plot(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="posenc-plot-")
        self.addCleanup(self.folder.cleanup)

    def path(self, name, text=None):
        path = pathlib.Path(self.folder.name, name)
        if text is not None:
            path.write_text(text, encoding="utf-8")
        return path

    def call(self, *arguments):
        return subprocess.run([sys.executable, "-m", "posenc.plot", *map(str, arguments)], capture_output=True, text=True)

    def refused(self, code, message, *arguments):
        done = self.call(*arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(message, done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_bias_and_mask(self):
        (panel,) = plot.expose(page("alibi"), size=5)
        d = np.arange(5)[:, None] - np.arange(5)
        slopes = np.array([2.0**-2, 2.0**-4, 2.0**-6, 2.0**-8])[:, None, None]
        self.assertEqual(panel.shows, "attention 0 score")
        np.testing.assert_allclose(panel.values[0], np.where(d >= 0, -slopes * d, -np.inf), rtol=1e-6)

    def test_rotation_is_the_cosine_of_its_angles(self):
        panels = {p.shows: p.values for p in plot.expose(page("rope"), size=6)}
        angles = np.arange(6)[:, None] * 10000.0 ** (-np.arange(32) / 32)
        for rows in ("attention 0 q_rows", "attention 0 k_rows"):
            np.testing.assert_allclose(panels[rows][0, 0], np.cos(np.concatenate([angles, angles], 1)), atol=2e-6)

    def test_inputs_come_before_random_ones(self):
        table = np.zeros((169, 4), np.float32)
        table[84] = 1  # The row of equal tokens.
        module, zeros = page("swin"), np.zeros((1, 4, 49, 32), np.float32)
        (panel,) = plot.expose(module, inputs=[zeros, zeros, zeros, zeros, table])
        np.testing.assert_array_equal(panel.values[0, 0], np.eye(49))
        (one,), (two,) = (plot.expose(module, seed=3) for _ in range(2))
        np.testing.assert_array_equal(one.values, two.values)
        self.assertTrue(np.any(one.values != panel.values))

    def test_files(self):
        out = self.path("out.png")
        for file in (self.path("hybrid.mlir", page("hybrids")), MODELS / "t5_encoder" / "linalg.mlir"):
            done = self.call(file, "-o", out, "--size=16", "--heads=2", "--title=T")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(out.read_bytes().startswith(PNG))

    def test_refusals(self):
        file, out = self.path("alibi.mlir", page("alibi")), self.path("refused.png")
        none = self.path("none.mlir", "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n  return %x : tensor<4xf32>\n}\n")
        both = self.path("both.mlir", page("alibi") + page("t5"))
        self.refused(2, "-o", file)
        for size in ("--size=0", "--size=100000"):
            self.refused(2, "expected --size from 1 to 4096 and --heads of at least 1", file, "-o", out, size)
        empty = self.path("empty.mlir", page("alibi").replace("1x", "0x"))
        self.refused(1, "expected something to draw but attention 0 score has the shape [0, ", empty, "-o", out)
        self.assertEqual(len(plot.expose(page("alibi").replace("@alibi(", "@main.1$a("), size=4)), 1)
        self.refused(1, "got none", none, "-o", out)
        self.refused(1, "@alibi, @t5 (--entry)", both, "-o", out)
        self.refused(1, "@nothing", both, "-o", out, "--entry=nothing")
        self.refused(1, "No such file", self.path("missing.mlir"), "-o", out)
        self.refused(1, "expected", self.path("broken.mlir", "func.func @main( {\n"), "-o", out)
        self.refused(1, "missing.npy", file, "-o", out, "--in=" + str(self.path("missing.npy")))
        self.assertFalse(out.exists())
        self.assertEqual(self.call(both, "-o", out, "--entry=t5", "--size=8").returncode, 0)

    def test_types_that_are_no_tensors(self):
        with self.assertRaisesRegex(ValueError, "expected arguments that are tensors or numbers but got memref"):
            plot._random("memref<4xf32>", 4, np.random.default_rng(0))
        with self.assertRaises(tools.Error):
            plot.expose("func.func @main() {\n  unknown.op\n}\n")


unittest.main()
