# RUN: %python %s
"""Passes that rewrite an encoding keep its values: tables of distances bit by bit, wider heads and dropped terms of rows
to within rounding, against NumPy in float64 and against what was not rewritten."""

import os
import shutil
import subprocess
import tempfile
import unittest

import numpy as np

from posenc_testing import catalogue, differential, runner

ENTRIES = {entry.name: entry for entry in catalogue.encodings()}


def rewritten(text, flag):
    done = subprocess.run(["posenc-opt", "-", flag, "--canonicalize"], input=text, capture_output=True, text=True, check=True)
    return done.stdout


def cases(name, form, storage="dynamic", dtype="f32", seeds=40):
    for seed in range(seeds):
        yield catalogue.EncodingCase(ENTRIES[name], form, storage, dtype, seed)


class Rewritten(unittest.TestCase):
    def run_in_folder(self, action):
        folder = tempfile.mkdtemp(prefix="posenc-rewritten-")
        action(folder)
        shutil.rmtree(folder)

    def check(self, case, flag, gone, targets):
        """The rewritten case no longer has `gone`, and still gives what the oracle says."""
        case.text = rewritten(case.module(), flag)
        self.assertNotIn(gone, case.text)
        self.run_in_folder(lambda folder: self.assertEqual(differential.compare(case, targets, folder), []))

    def test_tables_have_the_same_bits(self):
        for name, form in (("kerple-log", "longer"), ("sandwich", "square"), ("dynamic-position-bias", "longer"),
                           ("dynamic-position-bias-log", "square"), ("swin-v2", "square"), ("kerple-composite", "longer")):
            case = next(cases(name, form))
            plain = case.module()
            table = rewritten(plain, "--posenc-tabulate")
            self.assertNotIn("bias_mlp", table)
            self.assertNotIn("bias_fn", table)
            results = 2 if case.has_lse else 1

            def compare(folder):
                runs = [runner.run(text, case.inputs, results, "reference", folder) for text in (plain, table)]
                for a, b in zip(*runs):
                    np.testing.assert_array_equal(a, b, err_msg=name)
            self.run_in_folder(compare)

    def test_tupe_is_attention_of_wider_heads(self):
        found = 0
        for case in cases("tupe", "square", "static"):
            # Most are drawn with other element types than q.
            if "bias_lowrank" in rewritten(case.module(), "--posenc-widen-lowrank"):
                continue
            self.check(case, "--posenc-widen-lowrank", "bias_lowrank", ["cpu", "emulate:sm_90a"])
            found += 1
            if found == 2:
                return
        self.fail("no case of TUPE was widened")

    def test_fox_of_the_key_alone(self):
        case = next(case for case in cases("fox", "longer") if not case.has_lse)
        before = case.module().count("bias_dense")
        case.text = rewritten(case.module(), "--posenc-drop-row-terms")
        self.assertEqual((before, case.text.count("bias_dense")), (2, 1))
        self.run_in_folder(lambda folder: self.assertEqual(differential.compare(case, ["cpu"], folder), []))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    unittest.main()
