#!/usr/bin/env python3
"""Measures how long raising takes beside what everybody runs anyway, and checks the limit.

    raising_time.py BIN MODELS [--layers N] [--only REGEX] [--repeat N] [--json] [--report-only]

BIN is the folder of the tools, MODELS that of the unpacked model cases (build/bin and build/models). For every layer
whose result can be its own input, a module of N = 48 of them, one after the other:

  * in linalg forms `posenc-opt -posenc-raise` takes at most 3 times the wall time of `-canonicalize -cse`;
  * in TOSA forms the baseline has upstream's lowering to linalg in front.

Each is the least of 5 runs, process and parser included on both sides. Layers that raising leaves alone are reported
and not measured. Exit code 1 if the limit is exceeded.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from compile_time import Timer, stack

MAX_RATIO = 3.0
LOWER_TOSA = "func.func(tosa-to-linalg-named,tosa-to-linalg,tosa-to-arith,tosa-to-tensor),"


def baseline(form):
    lowering = LOWER_TOSA if form == "tosa" else ""
    return f"--pass-pipeline=builtin.module({lowering}canonicalize,cse)"


def stacked(path, layers, folder):
    """The module's file, or None where a result is no input of the same layer."""
    text = path.read_text()
    signature = re.search(r"func\.func @main\(%arg0: (tensor<[^>]*>)([^)]*)\) -> (\S+)", text)
    if not signature or signature[1] != signature[3] or "%arg1" in signature[2]:
        return None
    out = folder / "layers.mlir"
    out.write_text(stack(text, layers))
    return out


def compare(timer, path, layers, folder):
    module = stacked(path, layers, folder)
    if not module:
        return None
    raised = subprocess.run([timer.opt, module, "--posenc-raise", "--posenc-quiet"], capture_output=True, text=True)
    found = raised.stdout.count("= posenc.attention ")
    if raised.returncode or found != layers:
        return {"attentions": found}
    out = ["-o", "/dev/null"]
    base = timer.run(module, baseline(path.stem), *out)
    own = timer.run(module, "--posenc-raise", "--posenc-quiet", *out)
    return {"attentions": found, "baseline_s": round(base, 3), "raise_s": round(own, 3), "ratio": round(own / base, 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("models", type=pathlib.Path)
    parser.add_argument("--layers", type=int, default=48)
    parser.add_argument("--only", default="/(linalg|linalg_dyn|tosa)$")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--report-only", action="store_true", help="exit code 0 whatever the times are")
    args = parser.parse_args()
    timer = Timer(args.bin, args.repeat)
    report = {}
    with tempfile.TemporaryDirectory(prefix="posenc-") as folder:
        for path in sorted(args.models.glob("*/*.mlir")):
            name = f"{path.parent.name}/{path.stem}"
            if not re.search(args.only, name):
                continue
            times = compare(timer, path, args.layers, pathlib.Path(folder))
            if times:
                report[name] = times
                if not args.json:
                    print(name, ", ".join(f"{k} {v}" for k, v in times.items()), flush=True)
    measured = [r for r in report.values() if "ratio" in r]
    failed = not measured or any(r["ratio"] > MAX_RATIO for r in measured)
    if args.json:
        print(json.dumps({"layers": args.layers, "holds": not failed, "forms": report}))
    else:
        print(f"{len(measured)} forms measured, worst ratio {max(r['ratio'] for r in measured)} (limit {MAX_RATIO})"
              if measured else "no form measured")
    return 1 if failed and not args.report_only else 0


if __name__ == "__main__":
    sys.exit(main())
