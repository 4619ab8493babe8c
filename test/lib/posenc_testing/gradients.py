"""The backward of posenc against finite differences of the float64 oracle.

A direction U of one argument x is a random array of its shape. With L = Σ do · o + Σ dlse · lse, the oracle gives
(L(x + h U) − L(x − h U)) / 2h in float64, and posenc's gradient g gives Σ g · U. They have to agree to within rounding:

    |Σ g U − dL/dU| ≤ 1e-5 (1 + S) C + u Σ |g U|

S is the largest score on its way (docs/Numerics.md), u the roundoff of the argument's type, and C the sum of the
absolute values of all that posenc sums up: P (|dP| + |δ| + |dlse|) |df/dU| over the scores, and |do| |do/dU| over the
output. A contribution that is missing, doubled or at a wrong index is of the order of C itself.
"""

import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
import zlib

import numpy as np

from . import dtypes, runner

STEP = 1e-5
# For what the oracle reads as f32: the truncation error is larger.
COARSE = 2.0**-11
ENTRY = "main_backward"


def element_of(argument):
    """ "f32" of "%a0: tensor<2x3xf32>"."""
    return argument.rstrip(">").split(": ")[1].split("x")[-1].split("<")[-1]


class Backward:
    """A case with random gradients of its results, and what posenc makes of them."""

    def __init__(self, case, seed):
        self.case = case
        self.rng = np.random.default_rng([seed, 77])
        o, lse, scores, self.probabilities, self.values = case.forward()
        self.magnitude = scores.magnitude
        self.results = [dtypes.encode(o, case.dtype)] + ([lse.astype(np.float32)] if case.has_lse else [])
        d_o = dtypes.encode(self.rng.standard_normal(o.shape), case.dtype)
        d_lse = np.where(np.isfinite(lse), self.rng.standard_normal(lse.shape), 0).astype(np.float32)
        self.gradients = [d_o] + ([d_lse] if case.has_lse else [])
        self.d_o = dtypes.decode(d_o, case.dtype)
        self.d_lse = d_lse.astype(np.float64) if case.has_lse else np.zeros(lse.shape)
        self.floats = [n for n, text in enumerate(case.arguments) if element_of(text) in dtypes.ROUNDOFF]

    def module(self, folder):
        path = os.path.join(folder, "forward.mlir")
        with open(path, "w") as file:
            file.write(self.case.module())
        done = subprocess.run(
            ["posenc-opt", path, "--posenc-generate-backward=functions=main lse-gradient=true"],
            capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise runner.RunFailed(done.stderr)
        return done.stdout

    def run(self, module, target, folder):
        """By the number of the argument its gradient, as the file has it."""
        inputs = self.case.inputs + self.results + self.gradients
        got = runner.run(module, inputs, len(self.floats), target, folder, entry=ENTRY)
        return dict(zip(self.floats, got))

    def loss(self):
        """(L, the scores with 0 for −inf, o)."""
        o, lse, scores, _, _ = self.case.forward()
        value = np.where(np.isfinite(scores.value), scores.value, 0.0)
        return (self.d_o * o).sum() + (self.d_lse * np.where(np.isfinite(lse), lse, 0)).sum(), value, o

    def along(self, number, direction):
        """dL/dU, C, and U, which is what the array could hold of it."""
        exact = self.case.floats[number]
        step = STEP if exact.dtype == np.float64 else COARSE
        before = exact.copy()
        ends, places = [], []
        for sign in (1, -1):
            exact[...] = before + sign * step * direction
            places.append(exact.astype(np.float64))
            ends.append(self.loss())
        exact[...] = before
        slope = (ends[0][0] - ends[1][0]) / (2 * step)
        scores = np.abs(ends[0][1] - ends[1][1]) / (2 * step)
        outputs = np.abs(ends[0][2] - ends[1][2]) / (2 * step)
        size = (self.probabilities * scores).sum((-1, -2)).sum() if scores.size else 0.0
        size = size * self.largest() + (np.abs(self.d_o) * outputs).sum()
        # From −inf there is no way.
        moved = np.isfinite(before)
        return slope, size, np.subtract(*places, out=np.zeros(before.shape), where=moved) / (2 * step)

    def largest(self):
        """A bound of |dP| + |δ| + |dlse|: dP = do' · v'."""
        channels = self.case.dims["o"].index("d")
        rows = np.abs(self.d_o).sum(axis=channels).max() if self.d_o.size else 0.0
        return 2 * rows * self.values + np.abs(self.d_lse).max(initial=0.0)

    def directions(self, shape):
        """Everywhere, and a few elements alone."""
        yield self.rng.standard_normal(shape)
        for _ in range(2):
            sparse = np.zeros(shape)
            for index in self.rng.integers(0, max(sparse.size, 1), min(2, sparse.size)):
                sparse.flat[index] = self.rng.standard_normal()
            yield sparse

    def complaints(self, target, got):
        found = []
        for number in self.floats:
            dtype = element_of(self.case.arguments[number])
            gradient = dtypes.decode(got[number], dtype)
            name = "%s: gradient of argument %d (%s)" % (target, number, self.case.arguments[number])
            if not np.isfinite(gradient).all():
                found.append(name + ": not finite")
                continue
            if number not in self.case.floats:
                found.append(name + ": the oracle does not know it (float_input, exact_input)")
                continue
            coarse = self.case.floats[number].dtype != np.float64
            for direction in self.directions(gradient.shape):
                slope, size, direction = self.along(number, direction)
                value = (gradient * direction).sum()
                allowed = ((1e-5 * (1 + self.magnitude) + 1e-4 * coarse) * size + 1e-7 * abs(slope)
                           + 2 * dtypes.ROUNDOFF[dtype] * np.abs(gradient * direction).sum()
                           + dtypes.UNDERFLOW[dtype] * np.abs(direction).sum() + 1e-9 * (1 + abs(size)))
                if not abs(value - slope) <= allowed:
                    found.append("%s: %.9g along a direction, but finite differences give %.9g, allowed %.2e" % (
                        name, value, slope, allowed))
        return found


def compare(case, seed, targets, folder):
    """Complaints: each target against finite differences, and its bits on a second run."""
    backward = Backward(case, seed)
    module = backward.module(folder)
    found = []
    for target in targets:
        got = backward.run(module, target, folder)
        found += backward.complaints(target, got)
        threads = os.environ.get("OMP_NUM_THREADS", "2")
        os.environ["OMP_NUM_THREADS"] = "1" if threads != "1" else "3"
        try:
            again = backward.run(module, target, folder)
        finally:
            os.environ["OMP_NUM_THREADS"] = threads
        found += ["%s: gradient of argument %d has other bits on a second run" % (target, number)
                  for number in got if got[number].tobytes() != again[number].tobytes()]
    return found


def run_one(label, make, seed, targets):
    """None, or a report. `make()` gives the case."""
    case, folder = None, tempfile.mkdtemp(prefix="posenc-backward-")
    try:
        case = make()
        found = compare(case, seed, targets, folder)
    except runner.RunFailed as error:
        found = [str(error)]
    except Exception:
        found = [traceback.format_exc()]
    if not found:
        shutil.rmtree(folder)
        return None
    return "%s\n%s\n%s\nfiles in %s" % (label, "\n".join(found), case.module() if case else "", folder)


def targets(label, seed):
    """One of the two for a case of a sample, both with POSENC_ALL=1."""
    both = ("reference", "cpu")
    return both if os.environ.get("POSENC_ALL") else (both[(zlib.crc32(label.encode()) + seed) % 2],)


def report(jobs, what):
    """Runs (label, make, seed, targets), prints what fails, and ends the program."""
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    failures = 0
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        pending = [pool.submit(run_one, *job) for job in jobs]
        for text in (job.result() for job in pending):
            if text:
                failures += 1
                print(text, flush=True)
    print("%s: %d cases, %d failed" % (what, len(jobs), failures))
    sys.exit(1 if failures or not jobs else 0)
