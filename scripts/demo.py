#!/usr/bin/env python3
"""Raises, fuses and runs every form of one model case; see demo.sh.

    demo.py TOOLS_FOLDER CASE_FOLDER
"""
import glob
import json
import pathlib
import re
import subprocess
import sys

RTOL, ATOL = "1e-4", "1e-5"
FUSE = ["--posenc-raise", "--posenc-fuse", "--posenc-verify-fused", "--mlir-elide-resource-strings-if-larger=16",
        "--mlir-elide-elementsattrs-if-larger=16"]


class Demo:
    def __init__(self, tools, case):
        self.tools = pathlib.Path(tools)
        self.case = pathlib.Path(case)
        self.failed = False

    def fail(self, what, process):
        self.failed = True
        print(f"   FAILED: {what} (exit code {process.returncode})")
        print("   " + process.stderr.strip()[-1500:].replace("\n", "\n   "))

    def run_tool(self, name, *args):
        return subprocess.run([self.tools / name, *args], capture_output=True, text=True)

    def raise_and_fuse(self, path):
        """Prints the fused attention ops of a form; returns whether there are any."""
        before = self.run_tool("posenc-opt", path, "--mlir-elide-resource-strings-if-larger=16")
        after = self.run_tool("posenc-opt", path, *FUSE)
        if after.returncode:
            return self.fail("posenc-opt --posenc-raise --posenc-fuse --posenc-verify-fused", after)
        attentions = attention_ops(after.stdout)
        buckets = re.findall(r"bucket <[^>]*>", after.stdout)
        print(f"   raised: {len(attentions)} posenc.attention"
              + "".join(f", {b}" for b in buckets))
        print(f"   fused:  {count_ops(before.stdout)} ops before, {count_ops(after.stdout)} after; "
              f"{after.stdout.count('posenc.score_map')} score maps left; verify-fused holds")
        if not attentions:
            self.failed = True
            print("   FAILED: nothing was raised")
        return attentions

    def compare(self, path, suffix):
        """Runs on the CPU and compares with what PyTorch recorded."""
        def files(kind):
            return sorted(glob.glob(f"{glob.escape(str(self.case))}/{kind}[0-9]{suffix}.npy"))

        args = [f"--in={f}" for f in files("in")] + [f"--expect={f}" for f in files("out")]
        process = self.run_tool("posenc-run", path, "--target=cpu", *args, f"--rtol={RTOL}",
                                f"--atol={ATOL}", "--time=5", "--json")
        if process.returncode not in (0, 3):
            return self.fail("posenc-run", process)
        report = json.loads(process.stdout)
        verdict = "holds" if process.returncode == 0 else "FAILED"
        self.failed |= process.returncode != 0
        length = "the second length" if suffix else "the first length"
        print(f"   run on {report['device']}, {length}: max |out - PyTorch| = {report['max_abs']:.3g} "
              f"(rtol {RTOL}, atol {ATOL}: {verdict}), {report['time_ms']['median']:.3g} ms")

    def main(self):
        about = json.loads((self.case / "case.json").read_text())
        print(f"== {self.case.name}: {about['source']}")
        shown = False
        for form in about["forms"]:
            path = self.case / f"{form}.mlir"
            print(f"-- {form}.mlir")
            attentions = self.raise_and_fuse(path)
            self.compare(path, "")
            if form == "linalg_dyn" and glob.glob(f"{glob.escape(str(self.case))}/in0_long.npy"):
                self.compare(path, "_long")
            if attentions and not shown:
                shown = True
                print("   the attention op, fused:\n")
                print("      " + attentions[0].replace("\n", "\n      ") + "\n")
        print("== failed" if self.failed else "== all forms raised, fused and equal to PyTorch's output")
        return 1 if self.failed else 0


def count_ops(text):
    """Lines that are operations, more or less: results or a dialect's op in front."""
    return len(re.findall(r"^\s*(?:%\S.* = |[a-z_]+\.[a-z_]+\b)", text, re.MULTILINE))


def attention_ops(text):
    """The text of every posenc.attention: its line, and what is deeper or closes a region of it."""
    found = []
    lines = text.splitlines()
    for start, line in enumerate(lines):
        if " posenc.attention " not in line:
            continue
        indent = " " * (len(line) - len(line.lstrip()))
        end = start + 1
        while lines[end].startswith(indent + " ") or lines[end] == indent + "}":
            end += 1
        found.append("\n".join(l[len(indent):] for l in lines[start:end]))
    return found


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(Demo(*sys.argv[1:]).main())
