"""One module spelt in many ways: what raising makes of it may not depend on the spelling.

A variant is a module, a seed and some rewrites that keep what it computes, each at places drawn
from the seed. Most are of test/lib/Rewrites; the rest are upstream passes.
"""

import collections
import dataclasses
import os
import random
import re
import subprocess

PLACES = (
    "swap-operands", "swap-comparisons", "shift-comparisons", "flip-selects", "negate-differences",
    "add-negatives", "reassociate-integers", "narrow-indices", "select-extremes", "shift-products",
    "exp-as-exp2", "split-scales", "divide-by-powers", "move-scales", "insert-transposes",
    "merge-dims", "split-dims", "pad-and-cut", "duplicate", "reorder", "fill-splats",
    "permute-loops", "permute-inputs", "extract-inputs", "split-bodies")
PASSES = {
    "canonicalize-cse-fuse": "canonicalize,cse,func.func(linalg-fuse-elementwise-ops)",
    "generalize": "func.func(linalg-generalize-named-ops)",
    "specialize": "func.func(linalg-specialize-generic-ops)",
    "fold-unit-dims": "func.func(linalg-fold-unit-extent-dims)",
}
REWRITES = (*PLACES, *PASSES)
# Rewrites are of linalg; this is how upstream gets there.
FROM_TOSA = ("func.func(tosa-to-linalg-named,tosa-to-linalg),func.func(tosa-to-arith,tosa-to-tensor),"
             "canonicalize")
# Loops of generics may be permuted, those of named ops may not.
ON_GENERICS = {"permute-loops", "permute-inputs", "extract-inputs", "split-bodies"}


@dataclasses.dataclass
class Summary:
    """What may not depend on the spelling."""
    attentions: int
    ops: collections.Counter
    structure: list


def stages(rewrites, seed, form):
    generator = random.Random(seed)
    yield from [FROM_TOSA] if form == "tosa" else []
    for name in rewrites:
        if name in PASSES:
            yield PASSES[name]
            continue
        if name in ON_GENERICS and generator.random() < 0.5:
            yield PASSES["generalize"]
        share = generator.choice((0.2, 0.5, 1.0))
        # Of few places all, of many some: a module may grow by what is inserted.
        if name in ("duplicate", "insert-transposes", "merge-dims", "split-dims", "pad-and-cut"):
            share = generator.choice((0.1, 0.3))
        yield "func.func(posenc-test-rewrite{names=%s seed=%d share=%g})" % (
            name, generator.randrange(1 << 30), share)


def raise_variant(source, form, rewrites, seed, target, plugin, raising=True):
    """Rewrites and raises; returns (summary, how many places each rewrite found, stderr)."""
    passes = [*stages(rewrites, seed, form)]
    if raising:
        passes += ["posenc-raise", "posenc-print-structure"]
    command = ["posenc-opt", "--load-pass-plugin=" + plugin, source, "-o", target,
               "--pass-pipeline=builtin.module(%s)" % ",".join(passes)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise AssertionError("%s\n%s" % (" ".join(command), done.stderr[:3000]))
    with open(target) as file:
        text = file.read()
    counts = {name: int(n) for name, n in re.findall(r"^rewrite (\S+): (\d+)$", done.stderr, re.M)}
    return summarise(text, done.stderr), counts, done.stderr


def summarise(module, printed):
    ops = collections.Counter(re.findall(r"\bposenc\.(\w+)", module))
    # Positions are read where they are needed, once or twice.
    for name in ("q_pos", "k_pos", "yield"):
        ops.pop(name, None)
    lines = [normal(line) for line in printed.splitlines() if re.match(r"@\w+ attention ", line)]
    return Summary(ops["attention"], ops, sort_sums(lines))


def normal(line):
    """A line of structure without names of values and numbers of terms."""
    return re.sub(r" term \d+ ", " term ", re.sub(r"%[\w#$.-]+", "%", line))


def sort_sums(lines):
    """What is added in a row is added in any order."""
    key = [0]

    def rank(line):
        if not re.match(r"@\w+ attention \d+ term \S+: (add|product), ", line):
            key[0] += 2
            return key[0], ""
        return key[0] + 1, line
    return sorted(lines, key=rank)


def replay(source, form, rewrites, seed):
    """How to see a variant again."""
    return "posenc-opt --load-pass-plugin=build/lib/posenc-test-rewrites.so %s --pass-pipeline='builtin.module(%s)'" % (
        os.path.relpath(source), ",".join([*stages(rewrites, seed, form), "posenc-raise", "posenc-print-structure"]))


def deal(count, hand, seed):
    """`count` lists of `hand` rewrites, in random order, each rewrite as often as any other."""
    generator, deck = random.Random(seed), []
    for _ in range(count):
        dealt = []
        while len(dealt) < hand:
            if not deck:
                deck = list(REWRITES)
                generator.shuffle(deck)
            dealt.append(deck.pop())
        yield dealt
