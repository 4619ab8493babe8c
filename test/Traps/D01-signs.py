# RUN: %python %s
"""D1. T5, Shaw and wav2vec2-bert look at j − i; DeBERTa, BERT, Swin, SAM and Inkling at i − j."""
import unittest

import numpy as np

from posenc_testing import oracle, tables, traps

D = traps.distances(9, 12, offset=3)


class Signs(traps.Trap):
    def table(self, bucket, fields, rows):
        t = self.random(rows)
        for sign, distance in (("q_minus_k", D), ("k_minus_q", -D)):
            body = "%%r = posenc.bias_table %%s, %%t at(%%i, %%j) bucket <%s, %s, %s> : tensor<%dxf32>" % (
                bucket, sign, fields, rows)
            row = lambda d: t[oracle.bucket_rows(dict(kind=bucket, sign=sign, **self.parameters), d)]
            self.check(traps.score_map(body, (1, 1, 9, 12), dict(t=t), 3), row(distance)[None, None],
                       row(-distance)[None, None])

    def test_t5(self):
        self.parameters = dict(num_buckets=8, max_distance=16, bidirectional=True)
        self.table("t5", "num_buckets = 8, max_distance = 16, bidirectional = true", 8)

    def test_shaw_clip(self):
        self.parameters = dict(left=3, right=2)
        self.table("clip", "left = 3, right = 2", 6)

    def test_tables_of_two_positions(self):
        """DeBERTa and Swin have i − j (timm's MaxViT the other), Inkling no row for keys in the future."""
        i, j = np.arange(9)[:, None] + 3, np.arange(12)[None]
        for b in (dict(kind="deberta", size=8, max=16, rule="huggingface"), dict(kind="grid2d", height=3, width=4),
                  dict(kind="identity", extent=6)):
            for sign, other in (("q_minus_k", "k_minus_q"), ("k_minus_q", "q_minus_k")):
                right, wrong = ({"kind": b["kind"], "sign": s, **b} for s in (sign, other))
                rows = tables.number_of_rows(right)
                t = self.random(rows)
                body = "%%r = posenc.bias_table %%s, %%t at(%%i, %%j) bucket %s : tensor<%dxf32>" % (
                    tables.bucket_text(right), rows)

                def of(bucket, t=t):
                    at, exists = tables.rows_of(bucket, i, j)
                    return np.where(exists, t[at], 0.0)
                self.check(traps.score_map(body, (1, 1, 9, 12), dict(t=t), 3), of(right)[None, None], of(wrong)[None, None])

    def test_linear(self):
        a = np.float32(0.25)
        for sign, distance in (("q_minus_k", D), ("k_minus_q", -D), ("absolute", np.abs(D))):
            body = "%%r = posenc.bias_fn %%s, %%a at(%%i, %%j) linear %s : tensor<f32>, index" % sign
            self.check(traps.score_map(body, (1, 1, 9, 12), dict(a=np.array(a)), 3), (a * distance)[None, None],
                       (-a * distance)[None, None])


unittest.main()
