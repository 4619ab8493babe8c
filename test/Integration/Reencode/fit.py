# RUN: %python %s %models
"""The table that `fit` gives is the mean, over the pairs of positions of each bucket, of what positions alone contribute to scores."""
import pathlib
import sys
import unittest

import numpy as np

import posenc
from posenc_testing import oracle

MODELS = pathlib.Path(sys.argv.pop(1))
ROWS, HEADS, SIZE, BUCKETS, REACH = 40, 4, 8, 8, 16

MODULE = """#all = affine_map<(b, t, d) -> (b, t, d)>
#rows = affine_map<(b, t, d) -> (t, d)>
!x = tensor<2x?x32xf32>
!h = tensor<2x?x4x8xf32>
!g = tensor<2x?x2x8xf32>
func.func @main(%x: !x) -> !h {{
  %table = arith.constant dense<{table}> : tensor<42x32xf32>
  %w = arith.constant dense<{weights}> : tensor<32x16xf32>
  %zero = arith.constant 0.0 : f32
  %c1 = arith.constant 1 : index
  %two = arith.constant 2 : index
  %n = tensor.dim %x, %c1 : !x
  %rows = tensor.extract_slice %table[2, 0] [%n, 32] [1, 1] : tensor<42x32xf32> to tensor<?x32xf32>
  %e = tensor.empty(%n) : !x
  %s = linalg.generic {{indexing_maps = [#all, #rows, #all], iterator_types = ["parallel", "parallel", "parallel"]}}
      ins(%x, %rows : !x, tensor<?x32xf32>) outs(%e : !x) {{
  ^bb0(%a: f32, %b: f32, %out: f32):
    %y = arith.addf %a, %b : f32
    linalg.yield %y : f32
  }} -> !x
  %q = tensor.expand_shape %s [[0], [1], [2, 3]] output_shape [2, %n, 4, 8] : !x into !h
  %ek = tensor.empty(%n) : tensor<2x?x16xf32>
  %fk = linalg.fill ins(%zero : f32) outs(%ek : tensor<2x?x16xf32>) -> tensor<2x?x16xf32>
  %wb = tensor.empty() : tensor<2x32x16xf32>
  %ww = linalg.broadcast ins(%w : tensor<32x16xf32>) outs(%wb : tensor<2x32x16xf32>) dimensions = [0]
  %k0 = linalg.batch_matmul ins(%s, %ww : !x, tensor<2x32x16xf32>) outs(%fk : tensor<2x?x16xf32>) -> tensor<2x?x16xf32>
  %k = tensor.expand_shape %k0 [[0], [1], [2, 3]] output_shape [2, %n, 2, 8] : tensor<2x?x16xf32> into !g
  %i = tensor.empty(%n) : !h
  %o = posenc.attention scale(0.25) ins(%q, %k, %k : !h, !g, !g) outs(%i : !h) dims(q = bthd, k = bthd, v = bthd, o = bthd) score(%sc, %b, %h, %m, %nn) {{
    %qi = posenc.q_pos : index
    %kj = posenc.k_pos : index
    {mask}
    posenc.yield %r : f32
  }}
  return %o : !h
}}
"""
CAUSAL = "%r = posenc.mask %sc at(%qi, %kj) <causal>"
NO_MASK = "%r = posenc.softcap %sc cap(1.0e+6)"


def numbers(array):
    return str(array.tolist())


class Fit(unittest.TestCase):
    def check(self, mask, bidirectional):
        rng = np.random.default_rng(7)
        table = rng.standard_normal((ROWS + 2, 32)).astype(np.float32)
        weights = rng.standard_normal((32, 16)).astype(np.float32)
        module = MODULE.format(table=numbers(table), weights=numbers(weights), mask=mask)
        flag = "--posenc-reencode=learned-to=t5 num-buckets=%d max-distance=%d fit=true" % (BUCKETS, REACH)
        text = posenc.opt(module, flag)
        (got,) = posenc.run(text, [], results=1, target="reference", entry="main_t5_table", raising=False)
        e = table[2:].astype(np.float64)
        q, k = e.reshape(ROWS, HEADS, SIZE), (e @ weights).reshape(ROWS, 2, SIZE)
        scores = 0.25 * np.einsum("ihd,jhd->hij", q, np.repeat(k, 2, axis=1))
        d = np.arange(ROWS)[None] - np.arange(ROWS)[:, None]
        bucket = dict(kind="t5", sign="k_minus_q", num_buckets=BUCKETS, max_distance=REACH, bidirectional=bidirectional)
        rows = oracle.bucket_rows(bucket, d)
        counted = (d <= 0) | bidirectional
        for row in range(BUCKETS):
            chosen = (rows == row) & counted
            right = scores[:, chosen].mean(1) if chosen.any() else np.zeros(HEADS)
            np.testing.assert_allclose(got[row], right, rtol=1e-4, atol=1e-4, err_msg="row %d" % row)

    def test_causal(self):
        self.check(CAUSAL, False)

    def test_both_directions(self):
        self.check(NO_MASK, True)

    def test_models(self):
        """BERT and GPT-2: a table that is not 0, with which they run."""
        for name in ("bert_model", "gpt2_model"):
            path, ids = MODELS / name / "linalg_dyn.mlir", np.load(MODELS / name / "in0.npy")
            text = posenc.opt(path, "--posenc-raise", "--posenc-reencode=learned-to=t5 fit=true")
            (table,) = posenc.run(text, [], results=1, entry="main_t5_table", raising=False)
            self.assertEqual(table.shape, (32, 4))
            self.assertTrue(np.isfinite(table).all() and np.abs(table).max() > 1e-6, name)
            for target in ("reference", "cpu"):
                (fitted,) = posenc.run(text, [ids, table], results=1, entry="main", target=target, raising=False)
                self.assertTrue(np.isfinite(fitted).all(), name)


unittest.main()
