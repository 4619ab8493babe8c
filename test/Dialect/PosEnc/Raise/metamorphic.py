# RUN: %python %s %models %rewrites %t

"""However a layer is spelt, it is raised to the same form, with the same numbers.

Rewrites that keep what IR computes are applied at random to the model cases. By default a sample of
cases and forms; with POSENC_ALL every case in every form, several times.
"""

import glob
import os
import random
import re
import subprocess
import sys

from posenc_testing import metamorphic, raising

models, plugin, scratch = sys.argv[1:4]
SEED = int(os.environ.get("POSENC_SEED", "20261124"))
EVERY = bool(os.environ.get("POSENC_ALL"))
ONLY = os.environ.get("POSENC_CASES", "")  # case/form, a regular expression


def sources():
    found = [(os.path.basename(folder), form, os.path.join(folder, form + ".mlir"))
             for folder in sorted(glob.glob(os.path.join(models, "*"))) for form in raising.FORMS
             if os.path.exists(os.path.join(folder, form + ".mlir"))]
    if ONLY:
        return [source for source in found if re.fullmatch(ONLY, "%s/%s" % source[:2])]
    return found if EVERY else random.Random(SEED).sample(found, 14)


def numbers(module, folder, form):
    """Runs the raised variant against what was recorded; the worst error in tolerances."""
    errors = [raising.execute(module, folder, length, os.path.dirname(scratch))
              for length in (("", "_long") if form == "linalg_dyn" else ("",))]
    return [e for e in errors if not (isinstance(e, float) and e <= 1.0)]


def attention_ops(form):
    # Look-ups outside attention are found where the rewriting leaves them in one piece; that much depends on
    # the spelling still, and docs/Raising.md says so.
    return {name: count for name, count in form.ops.items() if name != "lookup"}


def differences(want, have):
    if attention_ops(want) != attention_ops(have):
        yield "expected %s but got %s" % (dict(want.ops), dict(have.ops))
    for line in want.structure:
        if line not in have.structure:
            yield "  lost:  " + line
    for line in have.structure:
        if line not in want.structure:
            yield "  found: " + line


def main():
    chosen = sources()
    rounds = 3 if EVERY else 1
    hands = list(metamorphic.deal(len(chosen) * rounds, 6, SEED))
    places, failed = dict.fromkeys(metamorphic.PLACES, 0), 0
    for number, (case, form, source) in enumerate(chosen * rounds):
        seed = SEED + number
        target = f"{scratch}.{case}.{form}.mlir"
        want, _, _ = metamorphic.raise_variant(source, form, [], 0, target, plugin)
        have, counts, said = metamorphic.raise_variant(source, form, hands[number], seed, target, plugin)
        for name, count in counts.items():
            places[name] += count
        problems = list(differences(want, have))
        if number % 5 == 0 and not problems:
            problems += [f"the numbers are off: {e}" for e in numbers(target, os.path.dirname(source), form)]
        if problems:
            failed += 1
            print(f"{case}/{form}, seed {seed}, {' '.join(hands[number])}:")
            print("\n".join(problems))
            print("\n".join(re.findall(r"remark: .*", said)))
            print(metamorphic.replay(source, form, hands[number], seed), flush=True)
    print(f"{len(hands) - failed} of {len(hands)} variants are raised to the same form")
    unused = [name for name, count in places.items() if count == 0]
    if unused and not ONLY:
        print("rewrites without a place: " + ", ".join(unused))
        failed += EVERY
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
