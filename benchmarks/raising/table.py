#!/usr/bin/env python3
"""Prints results of measure.py as a Markdown table:  table.py CASES FIRST.json NOW.json

A cell has what came of the form at the first try, and what comes of it now where that differs: `yes`, or the first thing
that is wrong.
"""
import collections
import json
import pathlib
import re
import sys

FORMS = ("linalg", "linalg_dyn", "tosa", "shlo_linalg")
SHORT = ((r"expected \d+ attentions but got .*", "not found"), (r".*no '(.*)'", r"structure"),
         (r".*dense", "dense"), (r"0 rotations of rows", "rotation outside"), (r"verify-fused: .*", "not fused"),
         (r"numbers.*: differ by (.*)", r"off by \1"), (r"(raise|fuse|run)\w*: .*", r"\1 fails"))


def cell(result):
    if result["problem"] is None:
        return "yes"
    for pattern, text in SHORT:
        if re.fullmatch(pattern, result["problem"]):
            return re.sub(pattern, text, result["problem"])
    return "no"


def main():
    cases = pathlib.Path(sys.argv[1])
    first, now = (json.loads(pathlib.Path(p).read_text()) for p in sys.argv[2:4])
    rows = collections.defaultdict(dict)
    for name in sorted(first):
        case, form = name.split("/")
        before, after = cell(first[name]), cell(now[name]) if name in now else "?"
        rows[case][form] = before if before == after else f"{before} → {after}"
    for results, when in ((first, "first try"), (now, "now")):
        good = [name for name, r in results.items() if r["problem"] is None]
        found = [name for name, r in results.items() if "expected" not in str(r["problem"]).split(":")[0]]
        layers = {name.split("/")[0] for name in results}
        whole = [layer for layer in layers
                 if all(r["problem"] is None for name, r in results.items() if name.split("/")[0] == layer)]
        print(f"{when}: {len(good)} of {len(results)} forms, {len(whole)} of {len(layers)} layers in every form; "
              f"found as attention: {len(found)} forms")
    print("\n| case | layer | " + " | ".join(FORMS) + " |\n|---|---|" + "---|" * len(FORMS))
    for case, forms in rows.items():
        about = json.loads((cases / case / "case.json").read_text())
        print(f"| {case} | {about['source']}: {about['exercises']} | "
              + " | ".join(forms.get(f, "–") for f in FORMS) + " |")


if __name__ == "__main__":
    main()
