# RUN: %python %s
"""--posenc-print-structure of every encoding of the catalogue says what the entry says of it, in this order."""
import re
import subprocess
import sys

from posenc_testing import catalogue

SEED = 1


def functions(entries):
    """One module with a function per entry, each under its own name."""
    text = []
    for number, entry in enumerate(entries):
        form, *_ = next(v for v in entry.variants() if v[1:] == ("static", "f32"))
        case = catalogue.EncodingCase(entry, form, "static", "f32", SEED)
        text.append(case.module().replace("func.func @main(", "func.func @e%d(" % number, 1))
    return "\n".join(text)


def expected(entry):
    """What the entry states; of masks alone there is nothing else to say."""
    only_masks = entry.modifiers and all(getattr(make, "is_mask", False) for make in entry.modifiers)
    return entry.structure or (("mask",) if only_masks else ())


def rows(entry, printed):
    """What happens to rows is printed where something does, and sinks where there are some."""
    for tensor in "qkvo":
        if bool(entry.rows.get(tensor)) != bool(re.search(r"^attention 0 %s rows: posenc\." % tensor, printed, re.MULTILINE)):
            yield "%s: the rows of %s of\n%s" % (entry.name, tensor, printed)
    if ("sinks(" in functions([entry])) != bool(re.search(r"^attention 0 sinks: %", printed, re.MULTILINE)):
        yield "%s: the sinks of\n%s" % (entry.name, printed)


def main():
    entries = catalogue.encodings()
    done = subprocess.run(["posenc-opt", "-", "--posenc-print-structure", "-o", "/dev/null"], input=functions(entries),
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    failures = []
    for number, entry in enumerate(entries):
        lines = re.findall(r"^@e%d (.*)$" % number, done.stderr, re.MULTILINE)
        printed, at = "\n".join(lines), 0
        if not lines:
            failures.append("%s: nothing is printed" % entry.name)
        failures += rows(entry, printed)
        texts = expected(entry)
        if entry.modifiers and not texts:
            failures.append("%s: the entry does not say what is printed:\n%s" % (entry.name, printed))
        for text in texts:
            found = printed.find(text, at)
            if found < 0:
                failures.append("%s: expected '%s' after character %d of\n%s" % (entry.name, text, at, printed))
                break
            at = found + len(text)
    print("\n".join(failures))
    print("%d encodings, %d failures" % (len(entries), len(failures)))
    sys.exit(bool(failures))


main()
