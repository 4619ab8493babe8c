"""What raising makes of each model case in each form: raised as what, its structure, the error.

    python3 -m posenc_testing.raising MODELS [--case=PATTERN] [--form=PATTERN] [--quick] [--markdown]

MODELS is the folder with the unpacked cases (build/models). Each form is raised and fused,
verified, its structure printed, and run on the CPU against the recorded outputs: at both
lengths where it is dynamic. `measure` does one form, for tests.
"""

import argparse
import collections
import dataclasses
import fnmatch
import glob
import os
import re
import subprocess
import sys
import tempfile

import numpy as np

FORMS = ("linalg", "linalg_dyn", "tosa", "shlo_linalg")
RTOL, ATOL = 2e-4, 2e-5


@dataclasses.dataclass
class Result:
    case: str
    form: str
    raised: list = dataclasses.field(default_factory=list)  # per attention, what is in it
    outside: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    structure: list = dataclasses.field(default_factory=list)  # lines of terms
    missed: list = dataclasses.field(default_factory=list)  # remarks
    verified: str = ""  # empty: yes; else why not
    # Per length the largest |got - want| / (ATOL + RTOL |want|), or why there is none.
    errors: list = dataclasses.field(default_factory=list)

    def is_right(self):
        return not self.missed and not self.verified and self.errors and all(
            isinstance(e, float) and e <= 1.0 for e in self.errors)


def call(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def first_line(text):
    lines = [line for line in text.splitlines() if "error" in line] or text.splitlines()
    return re.sub(r"^.*?error: ", "", lines[0])[:200] if lines else "no message"


def describe_attention(text):
    """The names of posenc ops in one attention op, and of clauses that change its softmax."""
    head = text.split(" {\n", 1)[0]
    parts = [clause for clause in ("sinks", "score_scale") if f" {clause}(" in head]
    for name, rest in re.findall(r"posenc\.(\w+)([^\n]*)", text)[1:]:
        if name in ("q_pos", "k_pos", "yield", "attention"):
            continue
        detail = re.search(r"(?:bucket\s*)?<(\w+)", rest)
        parts.append(name + (f"<{detail.group(1)}>" if detail else ""))
    plain = re.findall(r"tensor\.extract |(?:arith|math)\.\w+", text)
    if plain:
        parts.append(f"{len(plain)} scalar ops")
    return " ".join(parts) or "plain"


def split_attentions(module):
    """Each attention op with its regions, and what is left of the module."""
    found, rest, indent = [], [], None
    for line in module.splitlines():
        depth = len(line) - len(line.lstrip())
        if indent is not None and (depth > indent or line.lstrip().startswith("}") and depth == indent):
            found[-1] += "\n" + line
        elif "posenc.attention" in line:
            indent = depth
            found.append(line)
        else:
            indent = None
            rest.append(line)
    return found, "\n".join(rest)


def outputs_of(folder, length):
    return sorted(glob.glob(os.path.join(folder, f"out[0-9]{length}.npy")))


def error_of(got, want):
    got, want = got.astype(np.float64), want.astype(np.float64)
    if got.shape != want.shape or not np.isfinite(got).all():
        return float("inf")
    return float(np.max(np.abs(got - want) / (ATOL + RTOL * np.abs(want)), initial=0.0))


def execute(module, folder, length, scratch):
    """The error of one length, in units of the tolerance; a message if it does not run."""
    inputs = sorted(glob.glob(os.path.join(folder, f"in[0-9]{length}.npy")))
    wanted = outputs_of(folder, length)
    results = [os.path.join(scratch, f"result{i}.npy") for i in range(len(wanted))]
    done = call("posenc-run", module, "--target=cpu", "--raise=off",
                *(f"--in={name}" for name in inputs), *(f"--out={name}" for name in results))
    if done.returncode != 0:
        return first_line(done.stderr)
    return max(error_of(np.load(got), np.load(want)) for got, want in zip(results, wanted))


def measure(folder, form, execute_too=True):
    """One form of the case in `folder`."""
    result = Result(os.path.basename(folder.rstrip("/")), form)
    source = os.path.join(folder, form + ".mlir")
    with tempfile.TemporaryDirectory() as scratch:
        raised, fused = (os.path.join(scratch, name + ".mlir") for name in ("raised", "fused"))
        done = call("posenc-opt", "--posenc-raise", source, "-o", raised)
        result.missed = re.findall(r"\[Missed\].*Reason=\"(.*?)\"", done.stderr)
        if done.returncode != 0:
            result.errors = [first_line(done.stderr)]
            return result
        with open(raised) as file:
            attentions, rest = split_attentions(file.read())
        result.raised = [describe_attention(text) for text in attentions]
        result.outside = collections.Counter(re.findall(r"posenc\.(\w+)", rest))
        done = call("posenc-opt", "--posenc-fuse", "--posenc-verify-fused", raised, "-o", fused)
        if done.returncode != 0:
            result.verified = first_line(done.stderr)
        done = call("posenc-opt", "--posenc-print-structure", raised, "-o", os.devnull)
        result.structure = [line.strip() for line in (done.stdout + done.stderr).splitlines()
                            if re.match(r"@\w+ attention ", line)]
        if execute_too:
            for length in ("", "_long") if form == "linalg_dyn" else ("",):
                result.errors.append(execute(raised, folder, length, scratch))
    return result


def measure_all(models, case="*", form="*", execute_too=True):
    for folder in sorted(glob.glob(os.path.join(models, "*", ""))):
        name = os.path.basename(folder.rstrip("/"))
        for each in FORMS:
            if (fnmatch.fnmatch(name, case) and fnmatch.fnmatch(each, form)
                    and os.path.exists(os.path.join(folder, each + ".mlir"))):
                yield measure(folder, each, execute_too)


def cells(result):
    """The columns of a row: case, form, raised as, outside, fused, error."""
    raised = "; ".join(f"{n} × {what}" if n > 1 else what
                       for what, n in collections.Counter(result.raised).items())
    outside = ", ".join(f"{name} {n}" for name, n in sorted(result.outside.items())
                        if name != "yield")
    errors = ", ".join(f"{e:.2g}" if isinstance(e, float) else e for e in result.errors)
    missed = " MISSED: " + "; ".join(result.missed) if result.missed else ""
    return [result.case, result.form, raised + missed, outside,
            "yes" if not result.verified else result.verified, errors]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models")
    parser.add_argument("--case", default="*")
    parser.add_argument("--form", default="*")
    parser.add_argument("--quick", action="store_true", help="do not run anything")
    parser.add_argument("--structure", action="store_true", help="print the terms, too")
    args = parser.parse_args()
    print("| case | form | raised as | outside | fused | error / tolerance |")
    print("|---|---|---|---|---|---|")
    wrong = 0
    for result in measure_all(args.models, args.case, args.form, not args.quick):
        print("| " + " | ".join(cells(result)) + " |", flush=True)
        if args.structure:
            print("\n".join("    " + line for line in result.structure))
        wrong += not result.is_right() and not args.quick
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
