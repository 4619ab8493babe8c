"""Writes the inputs of fuse-exact.mlir into the folder given."""
import sys

import numpy as np

rng = np.random.default_rng(0)
n = 37
inputs = [
    rng.standard_normal((2, n, 3, 4, 16), dtype=np.float32),  # packed QKV
    rng.standard_normal((n, 8), dtype=np.float32),            # angles
    rng.standard_normal((2, n, 4), dtype=np.float32),         # angles per batch entry
    rng.standard_normal((32, 4), dtype=np.float32),           # table
    np.arange(n)[None] + np.array([[0], [5]]),                # positions of the keys
    np.array(3),                                              # offset of the queries
]
for index, value in enumerate(inputs):
    np.save(f"{sys.argv[1]}/{index}.npy", value)
