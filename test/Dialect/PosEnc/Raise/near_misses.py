# RUN: %python %s %t

"""Layers that are almost attention: raised with the right numbers, or left with the right remark.

They stand in one module, a function each, so that two runs do: as written, and raised. By default a
sample is run, of static lengths; the remarks are compared for all, and all are run with POSENC_ALL.
"""

import os
import random
import re
import subprocess
import sys

import numpy as np

from posenc_testing import layer_text, near_misses
from posenc_testing import near_misses_scores  # noqa: F401: registers

SEED = int(os.environ.get("POSENC_SEED", "20261124"))
EVERY = bool(os.environ.get("POSENC_ALL"))
SAMPLE = 15
LENGTHS = {"static": {}, "dynamic": {"t": 11, "s": 13}}


def arrays(dynamic):
    rng = np.random.default_rng(7)
    made = {}
    for name, shape in layer_text.ARGUMENTS.items():
        letters, _, element = shape.partition(":")
        extents = [LENGTHS["dynamic"].get(c, layer_text.EXTENTS[c]) if dynamic else layer_text.EXTENTS[c]
                   for c in letters]
        made[name] = (rng.integers(0, 3, extents) if element
                      else rng.standard_normal(extents).astype(np.float32))
    made["low"] *= 0
    made["low"][..., 2] = -3.40282347e38  # hides every key of a query: none of them, then
    return made


def build(cases, dynamic):
    """The module, the names of its arguments and the results per case."""
    functions, calls, results, types, counts = [], [], [], [], {}
    for case in cases:
        layer = layer_text.Layer(case.name, dynamic)
        outs = case.build(layer)
        functions.append(layer.text(*outs))
        of_case = [layer.type(letters) for _, letters in outs]
        calls.append("  %%%s:%d = func.call @%s(%s) : (%s) -> (%s)" % (
            case.name, len(outs), case.name, ", ".join("%" + n for n in layer.used),
            ", ".join(layer.type(layer_text.ARGUMENTS[n]) for n in layer.used), ", ".join(of_case)))
        results += ["%%%s#%d" % (case.name, i) for i in range(len(outs))]
        types += of_case
        counts[case.name] = len(outs)
    layer = layer_text.Layer("main", dynamic)
    arguments = ", ".join("%%%s: %s" % (n, layer.type(s)) for n, s in layer_text.ARGUMENTS.items())
    main = "func.func @main(%s) -> (%s) {\n%s\n  return %s : %s\n}\n" % (
        arguments, ", ".join(types), "\n".join(calls), ", ".join(results), ", ".join(types))
    return "".join(functions) + main, counts


def execute(path, counts, inputs, scratch, raising):
    outs = [f"{scratch}.{name}.{i}.{raising}.npy" for name, n in counts.items() for i in range(n)]
    done = subprocess.run(["posenc-run", path, f"--raise={raising}", *(f"--in={name}" for name in inputs),
                           *(f"--out={name}" for name in outs)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = iter([np.load(name) for name in outs])
    return {name: [next(loaded) for _ in range(n)] for name, n in counts.items()}


def remarks(path):
    done = subprocess.run(["posenc-opt", path, "--posenc-raise", "--remarks-filter=posenc-raise", "-o", os.devnull],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = {}
    for kind, name, reason in re.findall(r"\[(\w+)\] attention .*Function=(\w+) \| Reason=\"(.*?)\"", done.stderr):
        found.setdefault(name, []).append((kind, reason))
    return found


def wrong_remark(case, said):
    kind = "Passed" if case.raised else "Missed"
    if not case.says and said:
        yield f"expected no remark but got {said}"
    if case.says and not any(k == kind and case.says in reason for k, reason in said):
        yield f"expected {kind} \"{case.says}\" but got {said}"


def wrong_numbers(case, truth, got, usual):
    for want, have in zip(truth, got):
        assert np.isfinite(want).all(), f"{case.name}: the truth is not finite"
        worst = np.max(np.abs(want - have) / (case.atol + 1e-4 * np.abs(want)))
        if not worst <= 1.0:  # NaN too
            yield f"expected the numbers of the IR as written, but they are off by {worst:.3g} times the tolerance"
    if usual is not None:
        other = truth[0]
        close = other.shape == usual.shape and np.allclose(other, usual, rtol=1e-4, atol=1e-5)
        if close != case.same:
            yield "expected other numbers than the usual layer's" if close else "expected the usual numbers"


def write(cases, dynamic, path):
    text, counts = build(cases, dynamic)
    with open(path, "w") as file:
        file.write(text)
    return counts


def run_both(cases, dynamic, scratch):
    """Results as written and raised, per case."""
    counts = write(cases, dynamic, f"{scratch}.run.mlir")
    inputs = []
    for name, array in arrays(dynamic).items():
        inputs.append(f"{scratch}.in.{name}.npy")
        np.save(inputs[-1], array)
    truth, got = (execute(f"{scratch}.run.mlir", counts, inputs, scratch, raising) for raising in ("off", "on"))
    return {case.name: (truth[case.name], got[case.name]) for case in cases}


def check(dynamic, scratch):
    cases = [case for case in near_misses.ALL if case.dynamic or not dynamic]
    write(cases, dynamic, f"{scratch}.mlir")
    said = remarks(f"{scratch}.mlir")
    # The first is the usual layer, from which the others are to differ.
    ran = cases if EVERY else [] if dynamic else [cases[0], *random.Random(SEED).sample(cases[1:], SAMPLE)]
    results = run_both(ran, dynamic, scratch) if ran else {}
    # With other lengths some are the usual one: what a clamp does depends on them.
    usual = None if dynamic else results["usual"][0][0]
    failed = 0
    for case in cases:
        found = list(wrong_remark(case, said.get(case.name, [])))
        if case in ran:
            found += wrong_numbers(case, *results[case.name], usual)
        for problem in found:
            print(f"{case.name}{' (dynamic)' if dynamic else ''}: {problem}")
        failed += bool(found)
    print(f"{len(cases) - failed} of {len(cases)} near misses are right{' (dynamic)' if dynamic else ''}, {len(ran)} run")
    return failed


sys.exit(1 if sum(check(dynamic, f"{sys.argv[1]}.{dynamic}") for dynamic in (False, True)) else 0)
