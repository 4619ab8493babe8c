# RUN: %python %s
"""Gradients against those that PyTorch's autograd gave (recorded by test/Oracles/backward.py)."""

import tempfile

from posenc_testing import autograd

if __name__ == "__main__":
    recordings = autograd.load()
    assert recordings.pop("about") and recordings.keys() == autograd.PROGRAMS.keys(), "expected a recording of each program"
    with tempfile.TemporaryDirectory() as folder:
        for program, arrays in recordings.items():
            for target in ("reference", "cpu"):
                autograd.check(program, arrays, target, folder)
