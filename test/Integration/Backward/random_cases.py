# RUN: %python %s
"""The backward of random attention (storage orders, groups, positions, rotations, modifiers, f32, f16 and bf16) against
finite differences of the float64 oracle; the same bits twice, on different numbers of threads.

A sample by default, all cases with POSENC_ALL=1; POSENC_SEED and POSENC_CASES choose others.
"""

import functools
import os

from posenc_testing import cases, differential, gradients

LIMITS = dict(budget=400_000, scores=12_000)

if __name__ == "__main__":
    seed = int(os.environ.get("POSENC_SEED") or 20261124)
    numbers = differential.case_range(120 if os.environ.get("POSENC_ALL") else 12)
    gradients.report([("case %d of seed %d" % (number, seed), functools.partial(cases.Case, seed, number, **LIMITS),
                       seed, ("reference", "cpu")) for number in numbers], "seed %d" % seed)
