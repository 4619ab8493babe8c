# RUN: %python %s
"""Correct kernels give the same bits, and no report, under every order in which their threads run."""

import concurrent.futures
import os
import sys
import tempfile

import numpy as np

from posenc_testing import runner
from posenc_testing.cases import Case

SEED = int(os.environ.get("POSENC_SEED") or 20261124)
ALL = bool(os.environ.get("POSENC_ALL"))
CHIPS = ("sm_80", "sm_90a", "gfx942", "gfx1100")
SCHEDULES = "0-19"

LINALG = """
#rows = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
func.func @main(%a: tensor<?x33xf32>, %b: tensor<33x20xf32>, %index: tensor<?xi64>) -> (tensor<?x20xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?x33xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%n) : tensor<?x20xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x20xf32>) -> tensor<?x20xf32>
  %m = linalg.matmul ins(%a, %b : tensor<?x33xf32>, tensor<33x20xf32>) outs(%f : tensor<?x20xf32>) -> tensor<?x20xf32>
  %t = tensor.empty(%n) : tensor<?x20xf32>
  %g = linalg.generic {indexing_maps = [#row, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%index : tensor<?xi64>) outs(%t : tensor<?x20xf32>) {
  ^bb0(%i: i64, %o: f32):
    %row = arith.index_cast %i : i64 to index
    %column = linalg.index 1 : index
    %inside = arith.cmpi ult, %row, %n : index
    cf.assert %inside, "index out of range"
    %v = tensor.extract %m[%row, %column] : tensor<?x20xf32>
    %w = math.tanh %v : f32
    linalg.yield %w : f32
  } -> tensor<?x20xf32>
  %r = tensor.empty(%n) : tensor<?xf32>
  %z = linalg.fill ins(%zero : f32) outs(%r : tensor<?xf32>) -> tensor<?xf32>
  %s = linalg.generic {indexing_maps = [#rows, #row], iterator_types = ["parallel", "reduction"]}
      ins(%g : tensor<?x20xf32>) outs(%z : tensor<?xf32>) {
  ^bb0(%x: f32, %o: f32):
    %y = arith.addf %x, %o : f32
    linalg.yield %y : f32
  } -> tensor<?xf32>
  return %g, %s : tensor<?x20xf32>, tensor<?xf32>
}
"""

# No key at all: every row is empty.
NO_KEYS = """
func.func @main(%q: tensor<1x2x?x16xf32>, %k: tensor<1x2x?x16xf32>, %v: tensor<1x2x?x24xf32>) -> (tensor<1x2x?x24xf32>, tensor<1x2x?xf32>) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x2x?x16xf32>
  %e = tensor.empty(%n) : tensor<1x2x?x24xf32>
  %l = tensor.empty(%n) : tensor<1x2x?xf32>
  %o:2 = posenc.attention scale(0.25)
      ins(%q, %k, %v : tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>, tensor<1x2x?x24xf32>)
      outs(%e, %l : tensor<1x2x?x24xf32>, tensor<1x2x?xf32>)
  return %o#0, %o#1 : tensor<1x2x?x24xf32>, tensor<1x2x?xf32>
}
"""


def run_linalg(target, folder):
    rng = np.random.default_rng(5)
    a = rng.standard_normal((77, 33)).astype(np.float32)
    b = rng.standard_normal((33, 20)).astype(np.float32)
    index = rng.integers(0, 77, 77)
    rows, sums = runner.run(LINALG, [a, b, index], 2, target, folder,
                            flags=["--emulate-schedule=" + SCHEDULES])
    want = np.tanh(a.astype(np.float64) @ b)[index]
    return np.allclose(rows, want, 1e-4, 1e-5) and np.allclose(sums, want.sum(1), 1e-4, 1e-5)


def run_no_keys(target, folder):
    inputs = [np.ones((1, 2, n, d), np.float32) for n, d in ((5, 16), (0, 16), (0, 24))]
    o, lse = runner.run(NO_KEYS, inputs, 2, target, folder, flags=["--emulate-schedule=" + SCHEDULES])
    return (o == 0).all() and (lse == -np.inf).all()


def run_case(number, target, folder):
    # The numbers are differential.py's matter; here it is that they do not change.
    case = Case(SEED, number, budget=300_000, scores=6_000, gaps=True)
    runner.run(case.module(), case.inputs, 2 if case.has_lse else 1, target, folder,
               flags=["--emulate-schedule=" + SCHEDULES])
    return True


def check(name, target):
    """A complaint, or None."""
    with tempfile.TemporaryDirectory(prefix="posenc-schedules-") as folder:
        try:
            works = {"linalg": run_linalg, "no keys": run_no_keys}
            good = works[name](target, folder) if name in works else run_case(name, target, folder)
        except runner.RunFailed as error:
            return "%s on %s: %s" % (name, target, error)
    return None if good else "%s on %s: wrong numbers" % (name, target)


def main():
    kernels = ["linalg", "no keys", *range(80 if ALL else 8)]
    jobs = []
    for at, name in enumerate(kernels):
        chips = CHIPS if ALL or isinstance(name, str) else (CHIPS[at % 4], CHIPS[(at + 2) % 4])
        jobs += [(name, "emulate:" + chip) for chip in chips]
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        complaints = [text for text in pool.map(check, *zip(*jobs)) if text]
    for text in complaints:
        print(text)
    print("seed %d: %d kernels under schedules %s, %d differ or are reported" % (
        SEED, len(jobs), SCHEDULES, len(complaints)))
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
