# RUN: %python %s
"""Random attention: the reference and the CPU against NumPy in float64.

A sample by default, all cases with --param all=1; POSENC_SEED and POSENC_CASES choose others.
"""

from posenc_testing import differential

if __name__ == "__main__":
    differential.main(sample=40, every=320, targets=["cpu"])
