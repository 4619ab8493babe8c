# RUN: %python %s
"""Random attention on the emulator: kernels for four chips against NumPy in float64 and the reference.

A sample by default, all cases with --param all=1; POSENC_SEED and POSENC_CASES choose others.
"""

from posenc_testing import differential

CHIPS = ("sm_80", "sm_90a", "gfx942", "gfx1100")

if __name__ == "__main__":
    differential.main(sample=25, every=200, targets=["emulate:" + chip for chip in CHIPS],
                      budget=4_000_000, scores=65_536, gaps=True)
