"""Runs an encoding's IR on what a library was given, and compares with what the library gave.

    python -m posenc_testing.against_oracle FILE.mlir

The file's comments say against what:

    // FIXTURE: NAME …      recordings of test/Inputs/encodings, each in turn
    // RESULTS: out lse     what @main returns; `out` unless given
    // RTOL: 1e-4           1e-5 unless given

@main's arguments are named as the arrays. Every file runs on the reference and the CPU; on an emulated GPU
the seeded sample, or all of them with --all.
"""

import os
import pathlib
import re
import shutil
import sys
import tempfile
import zlib

import numpy as np

from . import fixtures, runner

TARGETS = ("reference", "cpu")
SAMPLE = 4
ARGUMENT = re.compile(r"%([a-z]\w*): ")


class Encoding:
    """A file of IR and what it is compared with."""

    def __init__(self, path):
        self.path, self.text = pathlib.Path(path), pathlib.Path(path).read_text(encoding="utf-8")
        self.fixtures = self.words("FIXTURE")
        self.results = self.words("RESULTS") or ["out"]
        self.rtol = float((self.words("RTOL") or ["1e-5"])[0])
        head = re.search(r"func\.func @main\((.*?)\)\s*->", self.text, re.DOTALL)
        self.arguments = ARGUMENT.findall(head.group(1)) if head else []

    def words(self, key):
        return [word for line in re.findall(r"^// %s: (.*)$" % key, self.text, re.MULTILINE) for word in line.split()]

    def targets(self):
        seed = int(os.environ.get("POSENC_SEED", "0"))
        drawn = (zlib.crc32(self.path.stem.encode()) + seed) % SAMPLE == 0
        return TARGETS + (("emulate:sm_90a",) if drawn or os.environ.get("POSENC_ALL") else ())

    def check(self, name, arrays):
        """Raises where a target disagrees; prints how far off each one is."""
        inputs = [arrays[argument] for argument in self.arguments]
        inputs = [a.astype(np.float32) if a.dtype == np.float64 else a for a in inputs]
        for target in self.targets():
            folder = tempfile.mkdtemp(prefix="posenc-oracle-")
            outputs = runner.run(self.text, inputs, len(self.results), target, folder)
            shutil.rmtree(folder)
            for result, got in zip(self.results, outputs):
                compare(got, arrays[result], self.rtol, "%s %s %s %s" % (self.path.stem, name, target, result))


def compare(got, want, rtol, what):
    """Equal to within rounding: both sides computed in f32, in other orders.

    An output is a mean of values, whose error is the scores' error times their spread: relative to the largest
    element, not to its own, which may have cancelled.
    """
    assert got.shape == want.shape, "%s: expected shape %s but got %s" % (what, want.shape, got.shape)
    if not np.issubdtype(want.dtype, np.floating):
        np.testing.assert_array_equal(got, want, err_msg=what)
        print("%s: equal" % what)
        return
    finite = np.abs(want[np.isfinite(want)])
    largest = float(finite.max()) if finite.size else 0.0
    np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol * max(largest, 1e-3), err_msg=what)
    with np.errstate(invalid="ignore"):
        error = np.abs(got.astype(np.float64) - want)[np.isfinite(want)]
    print("%s: off by %.2g of %.3g" % (what, error.max() if error.size else 0.0, largest))


def main():
    for path in sys.argv[1:]:
        encoding = Encoding(path)
        assert encoding.fixtures, "%s: expected a line FIXTURE" % path
        for name in encoding.fixtures:
            encoding.check(name, fixtures.load(name)[0])


if __name__ == "__main__":
    main()
