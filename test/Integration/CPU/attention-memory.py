# RUN: %python %s %t.dir
#
# Peak memory of attention over 16,384 queries and keys with a T5 table: under
# 400 MB with operands, where the bias alone would be 8.6 GB. Checks a few rows
# against NumPy in float64, so that the run is known to have done the work.

import os
import resource
import subprocess
import sys

import numpy as np

HEADS, LENGTH, SIZE = 8, 16384, 64
LIMIT_MB = 400

MODULE = f"""
!x = tensor<1x{HEADS}x{LENGTH}x{SIZE}xf32>
func.func @main(%q: !x, %k: !x, %v: !x, %table: tensor<32x{HEADS}xf32>) -> !x {{
  %init = tensor.empty() : !x
  %o = posenc.attention scale(0.125) ins(%q, %k, %v : !x, !x, !x) outs(%init : !x)
      score(%s, %b, %h, %m, %n) {{
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %table[%h] at(%i, %j)
        bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true>
        : tensor<32x{HEADS}xf32>
    posenc.yield %r : f32
  }}
  return %o : !x
}}
"""


def t5_bucket(distance):
    """The bucket of key − query, as T5 defines it (bidirectional, 32, 128)."""
    size = np.abs(distance)
    ratio = np.log(np.maximum(size, 1).astype(np.float32) / np.float32(8))
    large = 8 + (ratio / np.float32(np.log(16)) * np.float32(8)).astype(np.int64)
    return np.where(distance > 0, 16, 0) + np.where(size < 8, size, np.minimum(large, 15))


def main(folder):
    os.makedirs(folder, exist_ok=True)
    path = lambda name: os.path.join(folder, name)
    generator = np.random.default_rng(7)
    shape = (1, HEADS, LENGTH, SIZE)
    q, k, v = (generator.standard_normal(shape, dtype=np.float32) for _ in range(3))
    table = generator.standard_normal((32, HEADS), dtype=np.float32)
    inputs = []
    for name, array in (("q", q), ("k", k), ("v", v), ("table", table)):
        np.save(path(name + ".npy"), array)
        inputs += ["--in", path(name + ".npy")]
    with open(path("attention.mlir"), "w") as file:
        file.write(MODULE)

    command = ["posenc-run", path("attention.mlir"), "--target=cpu", *inputs]
    subprocess.run([*command, "--out", path("o.npy")], check=True)
    # In kilobytes on Linux; this process's own memory does not count.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak {peak:.0f} MB")
    if peak > LIMIT_MB:
        sys.exit(f"expected a peak of at most {LIMIT_MB} MB but got {peak:.0f} MB")

    result = np.load(path("o.npy"))
    for h, m in ((0, 0), (3, 8191), (7, LENGTH - 1)):
        scores = 0.125 * (k[0, h].astype(np.float64) @ q[0, h, m].astype(np.float64))
        scores += table[t5_bucket(np.arange(LENGTH) - m), h]
        weights = np.exp(scores - scores.max())
        expected = weights @ v[0, h].astype(np.float64) / weights.sum()
        np.testing.assert_allclose(result[0, h, m], expected, rtol=0, atol=1e-5)
    for name in os.listdir(folder):
        os.remove(path(name))


main(sys.argv[1])
