"""Runs entries of the catalogue on all targets, and says how to run a failing one alone."""

import concurrent.futures
import fnmatch
import os
import shutil
import sys
import tempfile
import traceback
import zlib

import numpy as np

from . import catalogue, differential


def run_variant(name, variant, seed, targets):
    """None, or a report."""
    case, folder = None, tempfile.mkdtemp(prefix="posenc-%s-" % name)
    try:
        entry = next(e for e in catalogue.encodings() if e.name == name)
        case = catalogue.EncodingCase(entry, *variant, seed)
        complaints = differential.compare(case, targets, folder)
    except Exception:
        complaints = [traceback.format_exc()]
    if not complaints:
        shutil.rmtree(folder)
        return None
    label = "/".join((name, *variant))
    return "%s\n%s\n%s\nfiles in %s; replay: POSENC_SEED=%d POSENC_ENCODINGS='%s' %s %s" % (
        case or label, "\n".join(complaints), case.module() if case else "", folder, seed, label,
        os.path.basename(sys.executable), sys.argv[0])


def chosen(entries, seed):
    """(name, variant) of what runs: one variant of each, or what the environment asks for."""
    pattern = os.environ.get("POSENC_ENCODINGS")
    everything = [(entry.name, variant) for entry in entries for variant in entry.variants()]
    if pattern:
        return [(name, variant) for name, variant in everything
                if fnmatch.fnmatch("/".join((name, *variant)), pattern) or fnmatch.fnmatch(name, pattern)]
    if os.environ.get("POSENC_ALL"):
        return everything
    drawn = []
    for entry in entries:
        rng = np.random.default_rng([seed, zlib.crc32(entry.name.encode()), 1])
        variants = entry.variants()
        drawn.append((entry.name, variants[rng.integers(len(variants))]))
    return drawn


def targets_of(name, seed):
    """Beside the reference: all where a person asks for cases, else the CPU and one of the GPUs."""
    first, cpu, *emulated = catalogue.TARGETS
    if os.environ.get("POSENC_ALL") or os.environ.get("POSENC_ENCODINGS"):
        return cpu, *emulated
    rng = np.random.default_rng([seed, zlib.crc32(name.encode()), 2])
    return cpu, emulated[rng.integers(len(emulated))]


def main(entries):
    seed = int(os.environ.get("POSENC_SEED") or 20261124)
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    failures, runs = 0, chosen(entries, seed)
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        pending = [pool.submit(run_variant, name, variant, seed, targets_of(name, seed)) for name, variant in runs]
        for report in (future.result() for future in pending):
            if report:
                failures += 1
                print(report, flush=True)
    print("seed %d: %d cases of %d encodings on %s, %d failed" % (
        seed, len(runs), len({name for name, _ in runs}), ", ".join(catalogue.TARGETS), failures))
    # A pattern that matches nothing shows nothing.
    sys.exit(1 if failures or not runs else 0)
