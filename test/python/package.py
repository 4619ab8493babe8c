# RUN: %python %s %models
"""The posenc package against the tools."""
import os
import pathlib
import sys
import unittest

import numpy as np

import posenc

MODELS = pathlib.Path(sys.argv.pop())
TWICE = """
func.func @main(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  return %x, %x : tensor<?xf32>, tensor<?xf32>
}
"""
MASKED = """
func.func @main(%q: tensor<1x2x?x16xf32>, %k: tensor<1x2x?x16xf32>, %v: tensor<1x2x?x16xf32>,
                %init: tensor<1x2x?x16xf32>) -> tensor<1x2x?x16xf32> {
  %o = posenc.attention scale(0.25)
      ins(%q, %k, %v : tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>)
      outs(%init : tensor<1x2x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x2x?x16xf32>
}
"""


def attention(q, k, v, scale):
    scores = scale * np.einsum("bhmd,bhnd->bhmn", q, k)
    scores[..., np.triu(np.ones(scores.shape[-2:], bool), 1)] = -np.inf
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return np.einsum("bhmn,bhnd->bhmd", weights / weights.sum(-1, keepdims=True), v)


class Package(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(0)
        self.qkv = [rng.standard_normal((1, 2, 9, 16), np.float32) for _ in range(3)]
        self.expected = attention(*(x.astype(np.float64) for x in self.qkv), 0.25).astype(np.float32)
        self.inputs = [*self.qkv, np.zeros((1, 2, 9, 16), np.float32)]

    def test_opt_takes_text_and_paths(self):
        self.assertIn("posenc.mask", posenc.opt(MASKED, "--canonicalize"))
        raised = posenc.opt(MODELS / "t5_encoder" / "linalg.mlir", "--posenc-raise")
        self.assertEqual(raised.count("posenc.attention"), 1)
        self.assertEqual(posenc.opt(str(MODELS / "t5_encoder" / "linalg.mlir"), "--posenc-raise"), raised)

    def test_run(self):
        for target in ("reference", "cpu"):
            (out,) = posenc.run(MASKED, self.inputs, target=target)
            np.testing.assert_allclose(out, self.expected, rtol=1e-5, atol=1e-6)

    def test_run_copies_strided_arrays(self):
        strided = [np.asfortranarray(x) for x in self.inputs]
        (out,) = posenc.run(MASKED, strided)
        np.testing.assert_allclose(out, self.expected, rtol=1e-5, atol=1e-6)

    def test_several_results(self):
        x = np.arange(5, dtype=np.float32)
        for out in posenc.run(TWICE, [x], results=2):
            np.testing.assert_array_equal(out, x)

    def test_compare(self):
        report = posenc.compare(MASKED, self.inputs, [self.expected])
        self.assertTrue(report.holds)
        self.assertLess(report.max_abs, 1e-5)
        wrong = self.expected.copy()
        wrong[0, 1, 2, 3] += 1
        report = posenc.compare(MASKED, self.inputs, [wrong])
        self.assertFalse(report.holds)
        self.assertEqual(report.worst_index, (0, 1, 2, 3))

    def test_compile(self):
        ptx, about = posenc.compile(MASKED, emit="ptx", target="cuda:sm_80")
        self.assertIn(".target sm_80", ptx)
        self.assertIn("kernels", about)

    def test_errors(self):
        with self.assertRaisesRegex(posenc.Error, "expected") as caught:
            posenc.run(MASKED, self.inputs[:2])
        self.assertEqual(caught.exception.exit_code, 1)
        self.assertEqual(caught.exception.tool, "posenc-run")
        with self.assertRaises(posenc.Error):
            posenc.opt("func.func @broken(\n")
        with self.assertRaises(posenc.Error):
            posenc.opt("no-such-file.mlir")

    def test_find_tool(self):
        self.assertTrue(os.path.isfile(posenc.find_tool("posenc-opt")))
        with self.assertRaisesRegex(FileNotFoundError, "expected posenc-nothing in"):
            posenc.find_tool("posenc-nothing")


unittest.main(argv=sys.argv[:1])
