# RUN: %python %s sm_80 %t.sm_80
# RUN: %python %s sm_90a %t.sm_90a
"""Every NVIDIA instruction form on the emulator, against NumPy. sm_80, which packed.py
runs whole, has a seeded sample here; sm_90a and `--all` everything."""

import os
import random
import sys

from cuda_suite import programs
from cuda_suite.check import check

SAMPLE = 20


def main(chip, folder):
    everything = os.environ.get("POSENC_ALL") == "1" or chip == "sm_90a"
    chosen = programs(chip)
    if not everything:
        seed = int(os.environ.get("POSENC_SEED", "20261124"))
        print(f"seed {seed}")
        chosen = random.Random(seed).sample(chosen, SAMPLE)
    return check(chosen, "emulate:" + chip, folder)[1] > 0


sys.exit(main(*sys.argv[1:]))
