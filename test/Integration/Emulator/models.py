# RUN: %python %s %models
"""The T5 encoder as every exporter writes it, whole on the emulator, against what PyTorch recorded."""

import glob
import os
import subprocess
import sys
import unittest

CHIPS = ("sm_90a", "gfx942")
FORMS = ("linalg", "linalg_dyn", "tosa", "shlo_linalg")
CASE = os.path.join(sys.argv[1], "t5_encoder")


class Models(unittest.TestCase):
    def run_form(self, chip, form, length):
        def files(kind):
            return sorted(glob.glob("%s/%s[0-9]%s.npy" % (glob.escape(CASE), kind, length)))
        command = ["posenc-run", os.path.join(CASE, form + ".mlir"), "--target=emulate:" + chip,
                   "--rtol=1e-4", "--atol=1e-5"]
        command += ["--in=" + name for name in files("in")]
        command += ["--expect=" + name for name in files("out")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=900)
        self.assertEqual(done.returncode, 0, " ".join(command) + "\n" + done.stderr)
        self.assertEqual(done.stderr, "")

    def test_forms(self):
        for chip in CHIPS:
            for form in FORMS:
                with self.subTest(chip=chip, form=form):
                    self.run_form(chip, form, "")
            with self.subTest(chip=chip, form="linalg_dyn, another length"):
                self.run_form(chip, "linalg_dyn", "_long")


unittest.main(argv=sys.argv[:1])
