#!/usr/bin/env python3
"""Measures how long the emulator takes, and checks the limits it promises.

    emulator.py BIN [--chip CHIP]… [--queries N] [--repeat N] [--json] [--report-only]

BIN is the folder of the tools (build/bin). The case is causal attention of 1 x 4 heads x 512 x 512 x 64
in bf16 on the SIMT engine; on two cores a whole process of posenc-run, compilation included, takes less
than 5 s with all checks and less than 2.5 s without. The result is compared with NumPy in float64 in
passing. Exit code 1 if a limit is exceeded.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

LIMITS = {"on": 5.0, "off": 2.5}
HEADS, SIZE = 4, 64

MODULE = """
func.func @main(%q: tensor<1x4x?x64xbf16>, %k: tensor<1x4x?x64xbf16>, %v: tensor<1x4x?x64xbf16>) -> tensor<1x4x?x64xbf16> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x4x?x64xbf16>
  %init = tensor.empty(%n) : tensor<1x4x?x64xbf16>
  %o = posenc.attention scale(0.125)
      ins(%q, %k, %v : tensor<1x4x?x64xbf16>, tensor<1x4x?x64xbf16>, tensor<1x4x?x64xbf16>)
      outs(%init : tensor<1x4x?x64xbf16>) score(%s, %b, %h, %m, %n2) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %o : tensor<1x4x?x64xbf16>
}
"""


def widen(words):
    return (words.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


def expected(q, k, v):
    scores = np.einsum("bhmd,bhnd->bhmn", widen(q), widen(k)) * 0.125
    scores = np.where(np.tri(q.shape[2], dtype=bool), scores, -np.inf)
    p = np.exp(scores - scores.max(-1, keepdims=True))
    return (p / p.sum(-1, keepdims=True)) @ widen(v)


def measure(options, chip, checks, folder):
    """Seconds of the fastest of some runs."""
    best = float("inf")
    for _ in range(options.repeat):
        command = [os.path.join(options.bin, "posenc-run"), os.path.join(folder, "causal.mlir"),
                   "--target=emulate:" + chip, "--emulate-checks=" + checks, "--rtol=0.01", "--atol=0.01",
                   "--expect=" + os.path.join(folder, "o.npy")]
        command += ["--in=" + os.path.join(folder, name + ".npy") for name in "qkv"]
        begin = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True)
        best = min(best, time.monotonic() - begin)
        if done.returncode:
            sys.exit("%s\nexit code %d\n%s" % (" ".join(command), done.returncode, done.stderr))
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bin")
    parser.add_argument("--chip", action="append", default=[])
    parser.add_argument("--queries", type=int, default=512)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--report-only", action="store_true")
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    report, holds = {}, True
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "causal.mlir"), "w") as file:
            file.write(MODULE)
        arrays = [(rng.standard_normal((1, HEADS, options.queries, SIZE)).astype(np.float32).view(np.uint32)
                   >> 16).astype(np.uint16) for _ in "qkv"]
        for name, array in zip("qkv", arrays):
            np.save(os.path.join(folder, name + ".npy"), array)
        np.save(os.path.join(folder, "o.npy"), expected(*arrays))
        for chip in options.chip or ["sm_90a", "gfx942"]:
            for checks, limit in LIMITS.items():
                seconds = measure(options, chip, checks, folder)
                report["%s_checks_%s_s" % (chip, checks)] = round(seconds, 3)
                holds &= seconds < limit
                if not options.json:
                    print("%s, checks %s: %.2f s (limit %.1f s)" % (chip, checks, seconds, limit))
    if options.json:
        print(json.dumps({**report, "holds": holds}))
    sys.exit(0 if holds or options.report_only else 1)


main()
