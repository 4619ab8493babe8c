#!/usr/bin/env python3
"""Raises every form of every case and says what came of it.

    measure.py BIN CASES [--only REGEX] [--sample N] [--numbers on|off] [--json FILE] [--expect FILE]

BIN is the folder of the tools, CASES that of the unpacked cases (build/bin and build/raising). A form counts as raised
if the module has as many attentions as the layer has, --posenc-verify-fused accepts it, every structure that the case
names is found in what --posenc-print-structure prints, and posenc-run --target=cpu reproduces the recorded outputs, at
both lengths where the form has a dynamic one (rtol 2e-4, atol 2e-5).

--expect: exit code 1 if a form does worse than in the results FILE. --sample: N forms, drawn by POSENC_SEED, unless
POSENC_ALL is 1.
"""
import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import sys

FORMS = ("linalg", "linalg_dyn", "tosa", "shlo_linalg")
RTOL, ATOL = 2e-4, 2e-5
TIMEOUT = 600


def run(*command):
    try:
        return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired as e:
        return subprocess.CompletedProcess(command, -1, "", f"error: no result after {e.timeout} s")


def first_error(text):
    """The first thing that a tool complains about, without the place."""
    lines = [line.split("error: ", 1)[1] for line in text.splitlines() if "error: " in line]
    return lines[0] if lines else text.strip().splitlines()[-1][-200:] if text.strip() else "no message"


def structures(opt, path, case):
    """(problem or None, what print-structure says)"""
    done = run(opt, path, "--posenc-raise", "--posenc-quiet", "--posenc-fuse", "--posenc-print-structure")
    lines = [line for line in done.stderr.splitlines() if " attention " in line]
    if done.returncode:
        return "fuse: " + first_error(done.stderr), lines
    for number in range(case["attentions"]):
        own = "\n".join(line for line in lines if re.search(rf" attention {number}\b", line))
        for wanted in case["structures"]:
            if not re.search(wanted, own):
                return f"attention {number}: no {wanted!r}", lines
        if "dense" in own:
            return f"attention {number}: dense", lines
    rotations = done.stdout.count("= posenc.rotate ")
    if case["rotates"] and rotations < 2 * case["attentions"]:
        return f"{rotations} rotations of rows", lines
    return None, lines


def numbers(runner, path, folder, suffix):
    """(problem or None, the largest absolute difference)"""
    inputs = [f"--in={p}" for p in sorted(folder.glob(f"in?{suffix}.npy"))]
    expected = [f"--expect={p}" for p in sorted(folder.glob(f"out?{suffix}.npy"))]
    done = run(runner, path, "--raise=on", "--target=cpu", "--json", f"--rtol={RTOL}", f"--atol={ATOL}", *inputs,
               *expected)
    worst = None
    if done.stdout.startswith("{"):
        worst = json.loads(done.stdout.splitlines()[0]).get("max_abs")
    if done.returncode == 3:
        return f"numbers{suffix}: differ by {worst}", worst
    return (f"run{suffix}: " + first_error(done.stderr) if done.returncode else None), worst


def measure(tools, folder, case, form, with_numbers):
    opt, path = tools / "posenc-opt", folder / f"{form}.mlir"
    raised = run(opt, path, "--posenc-raise")
    found = raised.stdout.count("= posenc.attention ")
    result = {"attentions": found}
    problem = None
    if raised.returncode:
        problem = "raise: " + first_error(raised.stderr)
    elif found != case["attentions"]:
        said = re.findall(r'reason="?(.*?)"?(?:$|\s*\])|remark: (.*)', raised.stderr)
        result["remarks"] = sorted({(a or b)[:200] for a, b in said})
        problem = f"expected {case['attentions']} attentions but got {found}"
    if not problem:
        problem, result["structure"] = structures(opt, path, case)
    if not problem:
        done = run(opt, path, "--posenc-raise", "--posenc-quiet", "--posenc-fuse", "--posenc-verify-fused", "-o",
                   "/dev/null")
        problem = "verify-fused: " + first_error(done.stderr) if done.returncode else None
    if with_numbers and found == case["attentions"]:
        worst = []
        for suffix in ("", "_long") if form == "linalg_dyn" else ("",):
            wrong, difference = numbers(tools / "posenc-run", path, folder, suffix)
            problem = problem or wrong
            worst.append(difference)
        result["max_abs"] = worst
    result["problem"] = problem
    if not problem:
        del result["structure"]
    return result


def choose(args):
    """Which (folder, case, form) to measure."""
    chosen = []
    for folder in sorted(p.parent for p in args.cases.glob("*/case.json")):
        case = json.loads((folder / "case.json").read_text())
        chosen += [(folder, case, form) for form in FORMS
                   if form in case["forms"] and re.search(args.only, f"{folder.name}/{form}")]
    if not args.sample or os.environ.get("POSENC_ALL") == "1":
        return chosen
    seed = int(os.environ.get("POSENC_SEED", "20261124"))
    print(f"seed {seed}")
    return random.Random(seed).sample(chosen, min(args.sample, len(chosen)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("cases", type=pathlib.Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--numbers", choices=("on", "off"), default="on")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--expect", type=pathlib.Path)
    args = parser.parse_args()
    results, expected = {}, json.loads(args.expect.read_text()) if args.expect else {}
    for folder, case, form in choose(args):
        name = f"{folder.name}/{form}"
        results[name] = measure(args.bin, folder, case, form, args.numbers == "on")
        print(f"{name}: {results[name]['problem'] or 'raised'}", flush=True)
    raised = sum(r["problem"] is None for r in results.values())
    print(f"{raised} of {len(results)} forms raised")
    if args.json:
        args.json.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    worse = [name for name, r in results.items() if r["problem"] and not expected.get(name, {"problem": 1})["problem"]]
    for name in worse:
        print(f"error: {name}: expected it raised, as recorded, but got: {results[name]['problem']}", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
