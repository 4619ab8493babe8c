# RUN: %python %s %models
"""BERT and GPT-2 with relative encodings in place of their learned positions: they run at eight times the length of their table.

What the models compute then has no library to ask. So without any positions they are held to themselves with a table of zeros,
at the recorded length; and the kernels to the reference at lengths that the table has not.
"""
import pathlib
import re
import sys
import unittest

import numpy as np

import posenc

MODELS = pathlib.Path(sys.argv.pop(1))
ROWS = 128          # Of both tables.
BUCKETS = 32


def model(name):
    text = (MODELS / name / "linalg_dyn.mlir").read_text(encoding="utf-8")
    return text, np.load(MODELS / name / "in0.npy")


def reencoded(text, to):
    return posenc.opt(text, "--posenc-raise", "--posenc-reencode=learned-to=" + to)


def without_positions(text):
    """The same model whose table of positions is 0."""
    key = "torch_tensor_%d_64_torch.float32" % ROWS
    found = re.search(r'(%s: "0x)([0-9A-Fa-f]+)"' % re.escape(key), text)
    zeros = found[2][:8] + "0" * (len(found[2]) - 8)      # The alignment stands in front.
    return text[:found.start(2)] + zeros + text[found.end(2):]


class Models(unittest.TestCase):
    def run_both(self, text, inputs):
        """On the CPU, within the bounds of the reference."""
        (reference,), (got,) = (posenc.run(text, inputs, results=1, target=target, raising=False)
                                for target in ("reference", "cpu"))
        np.testing.assert_allclose(got, reference, rtol=2e-4, atol=2e-5)
        return got

    def each(self, action):
        for name in ("bert_model", "gpt2_model"):
            with self.subTest(name):
                action(*model(name))

    def test_without_positions_is_with_a_table_of_zeros(self):
        def check(text, ids):
            zeroed = without_positions(text)
            (expected,), (original,) = (posenc.run(t, [ids], results=1, target="reference") for t in (zeroed, text))
            self.assertGreater(np.abs(expected - original).max(), 1e-2)
            got = self.run_both(reencoded(text, "none"), [ids])
            np.testing.assert_allclose(got, expected, rtol=2e-4, atol=2e-5)
        self.each(check)

    def test_encodings_are_others(self):
        """Each of them gives other numbers at the model's own length; T5's table of zeros gives those of none."""
        def check(text, ids):
            table = np.random.default_rng(1).standard_normal((BUCKETS, 4)).astype(np.float32)
            results = {to: self.run_both(reencoded(text, to), [ids, *more])
                       for to, more in (("none", []), ("alibi", []), ("rope", []), ("t5", [table]))}
            for a in results:
                for b in results:
                    if a < b:
                        self.assertGreater(np.abs(results[a] - results[b]).max(), 1e-3, (a, b))
            zeros = self.run_both(reencoded(text, "t5"), [ids, 0 * table])
            np.testing.assert_allclose(zeros, results["none"], rtol=2e-4, atol=2e-5)
        self.each(check)

    def test_eight_times_the_length(self):
        """ALiBi against the reference, whose scores take seconds at that length, the others on the CPU alone."""
        def check(text, ids):
            long = np.tile(ids, (1, 8 * ROWS // ids.shape[1] + 1))[:, :8 * ROWS]
            for to, more in (("alibi", []), ("rope", []), ("none", []), ("t5", [np.ones((BUCKETS, 4), np.float32)])):
                module = reencoded(text, to)
                if to == "alibi":
                    got = self.run_both(module, [long, *more])
                else:
                    (got,) = posenc.run(module, [long, *more], results=1, raising=False)
                self.assertEqual(got.shape, (2, 8 * ROWS, 64))
                self.assertTrue(np.isfinite(got).all())
        self.each(check)

    def test_the_original_does_not_run_at_that_length(self):
        def check(text, ids):
            long = np.tile(ids, (1, 8))[:, :2 * ROWS]
            with self.assertRaises(posenc.Error):
                posenc.run(text, [long], results=1, target="cpu")
        self.each(check)


unittest.main()
