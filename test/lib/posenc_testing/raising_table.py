"""The table of docs/Raising.md: case × form → raised as, structure, error.

    python3 -m posenc_testing.raising_table MODELS DOCS/Raising.md            writes it
    python3 -m posenc_testing.raising_table MODELS DOCS/Raising.md --check    compares a sample, all with POSENC_ALL

What was raised and its structure have to be those of the table. Errors may differ by machine; they
have to be within the tolerance, unless the table says that they are not.
"""

import argparse
import collections
import glob
import os
import random
import re
import sys

from . import raising

BEGIN = "<!-- made by posenc_testing.raising_table -->"
END = "<!-- end -->"
HEAD = "| case | form | raised as | structure | error |\n|---|---|---|---|---|\n"


def structures(source):
    """What the remarks say of each attention: raised with which terms, or why not."""
    done = raising.call("posenc-opt", "--posenc-raise", "--remarks-filter=posenc-raise", source, "-o", os.devnull)
    return re.findall(r"\[(Passed|Missed)\] attention .*Reason=\"(.*?)\"", done.stderr)


def words(reason):
    """The words of structure in a remark."""
    found = re.findall(r"(?:with |, )([a-z]+)(?= \(|,|$)", reason)
    return ", ".join(found) or "none"


def counted(parts):
    counts = collections.Counter(parts)
    return "; ".join(f"{n} × {what}" if n > 1 else what for what, n in counts.items())


def row(folder, form, execute=True):
    result = raising.measure(folder, form, execute)
    said = structures(os.path.join(folder, form + ".mlir"))
    raised = counted(result.raised) or "nothing"
    structure = counted([words(reason) if kind == "Passed" else "left: " + reason for kind, reason in said])
    errors = ", ".join(f"{e:.2f}" if isinstance(e, float) else e for e in result.errors)
    if result.verified:
        errors += "; not verified: " + result.verified
    return [result.case, form, raised, structure, errors]


def places(models):
    for folder in sorted(glob.glob(os.path.join(models, "*", ""))):
        for form in raising.FORMS:
            if os.path.exists(os.path.join(folder, form + ".mlir")):
                yield folder, form


def as_text(cells):
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def split(page):
    with open(page, encoding="utf-8") as file:
        before, rest = file.read().split(BEGIN + "\n")
        table, after = rest.split(END)
    return before, table, after


def write(models, page):
    before, _, after = split(page)
    table = HEAD
    for folder, form in places(models):
        table += as_text(row(folder, form))
        print(table.splitlines()[-1], flush=True)
    with open(page, "w", encoding="utf-8") as file:
        file.write(before + BEGIN + "\n" + table + END + after)


def within(errors):
    """Whether every error of a cell is a number within the tolerance."""
    return all(re.fullmatch(r"\d+\.\d+", e) and float(e) <= 1.0 for e in errors.split(", "))


def check(models, page, everything, seed):
    committed = {}
    for line in split(page)[1].splitlines()[2:]:
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        committed[tuple(cells[:2])] = cells
    names = {(os.path.basename(folder.rstrip("/")), form): folder for folder, form in places(models)}
    problems = [f"{case}/{form}: in the table, but not among the cases" for case, form in set(committed) - set(names)]
    problems += [f"{case}/{form}: not in the table" for case, form in set(names) - set(committed)]
    chosen = sorted(set(names) & set(committed))
    executed = set(random.Random(seed).sample(chosen, 2))
    if not everything:
        chosen = sorted(set(random.Random(seed + 1).sample(chosen, 10)) | executed)
    for key in chosen:
        execute = everything or key in executed
        have, want = row(names[key], key[1], execute), committed[key]
        for column, name in ((2, "raised as"), (3, "structure")):
            if have[column] != want[column]:
                problems.append(f"{'/'.join(key)}, {name}: the table has \"{want[column]}\" but got \"{have[column]}\"")
        if execute and within(want[4]) and not within(have[4]):
            problems.append(f"{'/'.join(key)}: expected errors within the tolerance but got {have[4]}")
    print("\n".join(problems))
    print(f"{len(chosen)} of {len(names)} rows were compared, {len(executed & set(chosen))} of them run"
          if not everything else f"all {len(names)} rows were compared")
    return 1 if problems else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models")
    parser.add_argument("page")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if not args.check:
        return write(args.models, args.page)
    seed = int(os.environ.get("POSENC_SEED", "20261124"))
    return check(args.models, args.page, bool(os.environ.get("POSENC_ALL")), seed)


if __name__ == "__main__":
    sys.exit(main())
