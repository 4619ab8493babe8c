"""Compares posenc's targets with the oracle and with the reference on random cases."""

import concurrent.futures
import os
import shutil
import sys
import tempfile
import traceback

import numpy as np

from . import dtypes, runner
from .cases import Case

REFERENCE = "reference"


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


def run_target(case, target, folder):
    """The results in float64."""
    got = runner.run(case.module(), case.inputs, 2 if case.has_lse else 1, target, folder)
    got[0] = dtypes.decode(got[0], case.dtype)
    return [array.astype(np.float64) for array in got]


def compare(case, targets, folder):
    """All complaints about a case: each target against the oracle and the reference."""
    o64, lse64, magnitude, values, rotated = case.expect()
    constant, slope, lse_bound = bounds(case, magnitude, values, rotated)
    o_bound = constant + slope * np.abs(o64)
    wanted = (("o", o64, o_bound), ("lse", lse64, lse_bound))
    complaints, results = [], {}
    for target in (REFERENCE, *targets):
        try:
            results[target] = run_target(case, target, folder)
        except runner.RunFailed as error:
            complaints.append(str(error))
            continue
        for got, (name, want, allowed) in zip(results[target], wanted):
            complaints.append(check("%s %s" % (target, name), got, want, allowed))
    if REFERENCE not in results:
        return [text for text in complaints if text]
    # Two results within a bound of the oracle are within two of each other.
    for target in set(results) - {REFERENCE}:
        for got, want, (name, _, allowed) in zip(results[target], results[REFERENCE], wanted):
            complaints.append(check("%s against %s %s" % (target, REFERENCE, name), got, want,
                                    2 * allowed))
    return [text for text in complaints if text]


def run_one(seed, number, targets, limits):
    """None, or a report from which the case can be replayed."""
    case = None
    folder = tempfile.mkdtemp(prefix="posenc-case-%d-%d-" % (seed, number))
    try:
        case = Case(seed, number, **limits)
        complaints = compare(case, targets, folder)
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


def main(sample, every, targets, **limits):
    """Cases on each of the targets; `limits` are those of Case."""
    seed = int(os.environ.get("POSENC_SEED") or 20261124)
    numbers = case_range(every if os.environ.get("POSENC_ALL") else sample)
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    failures = []
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        pending = [pool.submit(run_one, seed, number, targets, limits) for number in numbers]
        for report in (future.result() for future in pending):
            if report:
                failures.append(report)
                print(report, flush=True)
    print("seed %d: %d cases on %s, %d failed" % (
        seed, len(numbers), ", ".join(targets), len(failures)))
    sys.exit(1 if failures else 0)
