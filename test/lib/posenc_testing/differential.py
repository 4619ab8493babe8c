"""Compares posenc's targets with the oracle and with each other on random cases."""

import concurrent.futures
import os
import shutil
import sys
import tempfile
import traceback

import numpy as np

from . import dtypes, runner
from .cases import Case

TARGETS = ("reference", "cpu")


def bounds(case, magnitude, values, rotated):
    """Bounds of |o - o64| (per element of |o64|: constant and slope) and of lse.

    docs/Numerics.md derives them.
    """
    exact = 1e-5 * (1 + magnitude) * values * (np.sqrt(2) if rotated else 1)
    if case.dtype == "f32":
        return exact, 0.0, 1e-5 * (1 + magnitude)
    u = dtypes.ROUNDOFF[case.dtype]
    return exact * (1 + u) + dtypes.UNDERFLOW[case.dtype], u, 1e-5 * (1 + magnitude)


def check(what, got, want, allowed):
    """A complaint, or None. Equal infinities are equal; a NaN never is."""
    if got.shape != want.shape:
        return "%s: shape %s instead of %s" % (what, got.shape, want.shape)
    if got.size == 0:
        return None
    with np.errstate(invalid="ignore"):
        error = np.where(got == want, 0.0, np.abs(got - want))
    error = np.where(np.isnan(error), np.inf, error)
    excess = error - allowed
    if not (excess > 0).any():
        return None
    worst = np.unravel_index(np.argmax(excess), error.shape)
    return "%s: %d of %d wrong, worst at %s: %r instead of %r, bound %.3e" % (
        what, int((excess > 0).sum()), got.size, tuple(int(x) for x in worst), float(got[worst]),
        float(want[worst]), float(np.broadcast_to(allowed, error.shape)[worst]))


def compare(case, folder):
    """All complaints about a case."""
    o64, lse64, magnitude, values, rotated = case.expect()
    constant, slope, lse_bound = bounds(case, magnitude, values, rotated)
    o_bound = constant + slope * np.abs(o64)
    complaints, results, module = [], {}, case.module()
    for target in TARGETS:
        try:
            got = runner.run(module, case.inputs, 2 if case.has_lse else 1, target, folder)
        except runner.RunFailed as error:
            complaints.append(str(error))
            continue
        got[0] = dtypes.decode(got[0], case.dtype)
        results[target] = [array.astype(np.float64) for array in got]
        complaints.append(check(target + " o", results[target][0], o64, o_bound))
        if case.has_lse:
            complaints.append(check(target + " lse", results[target][1], lse64, lse_bound))
    if len(results) < len(TARGETS):
        return [text for text in complaints if text]
    # Two results within a bound of the oracle are within two of each other.
    for name, a, b, allowed in zip(("o", "lse"), results["cpu"], results["reference"],
                                   (2 * o_bound, 2 * lse_bound)):
        complaints.append(check("cpu against reference " + name, a, b, allowed))
    return [text for text in complaints if text]


def run_one(seed, number):
    """None, or a report from which the case can be replayed."""
    case = None
    folder = tempfile.mkdtemp(prefix="posenc-case-%d-%d-" % (seed, number))
    try:
        case = Case(seed, number)
        complaints = compare(case, folder)
    except Exception:
        complaints = [traceback.format_exc()]
    if not complaints:
        shutil.rmtree(folder)
        return None
    return "%s\n%s\n%s\nfiles in %s; replay: POSENC_SEED=%d POSENC_CASES=%d-%d" % (
        case, "\n".join(complaints), case.module() if case else "", folder, seed, number,
        number + 1)


def case_range(default):
    """POSENC_CASES is a count, or first-last (exclusive)."""
    text = os.environ.get("POSENC_CASES") or str(default)
    first, _, last = text.rpartition("-")
    return range(int(first or 0), int(last))


def main(sample=40, every=320):
    seed = int(os.environ.get("POSENC_SEED") or 20261124)
    numbers = case_range(every if os.environ.get("POSENC_ALL") else sample)
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    failures = []
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for report in pool.map(run_one, [seed] * len(numbers), numbers):
            if report:
                failures.append(report)
                print(report, flush=True)
    print("seed %d: %d cases, %d failed" % (seed, len(numbers), len(failures)))
    sys.exit(1 if failures else 0)
