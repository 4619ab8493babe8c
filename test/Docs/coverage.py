# RUN: %python %s %posenc_src
"""Every op, and every keyword of an attribute or enumeration, occurs in a round trip; encodings have pages."""
import pathlib
import re
import sys

from posenc_testing import catalogue

ROOT = pathlib.Path(sys.argv[1])
IR = ROOT / "include/posenc/Dialect/PosEnc/IR"
PAGES = ROOT / "docs/encodings"
# A round trip prints what it has parsed, and parses that. (In brackets: lit runs what stands behind the plain word.)
ROUND_TRIP = re.compile(r"[R]UN: posenc-opt [^|]*\| *posenc-opt")


def mnemonics(text):
    """Names of ops, attributes and types, and the keywords of enumerations."""
    ops = re.findall(r'^def PosEnc_\w+ *: *PosEnc_\w*Op<"(\w+)"', text, re.MULTILINE)
    cases = re.findall(r'I(?:32|64)EnumAttrCase<"\w+", *\d+, *"(\w+)">', text)
    return ops, cases


def main():
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "test/Dialect").rglob("*.mlir"))]
    tripped = "\n".join(text for text in texts if ROUND_TRIP.search(text))
    failures = []
    for path in sorted(IR.glob("*.td")):
        ops, cases = mnemonics(path.read_text(encoding="utf-8"))
        failures += ["%s: no round trip has posenc.%s" % (path.name, op) for op in ops
                     if not re.search(r"posenc\.%s\b" % op, tripped)]
        failures += ["%s: no round trip has the keyword %s" % (path.name, case) for case in cases
                     if not re.search(r"\b%s\b" % case, tripped)]
    # The pages are complete once there is a list of them.
    if (PAGES / "README.md").exists():
        pages = "\n".join(path.read_text(encoding="utf-8") for path in PAGES.glob("*.md"))
        missing = [entry.name for entry in catalogue.encodings()
                   if entry.section != "hybrid" and not re.search(r"`%s`" % re.escape(entry.name), pages)]
        if missing:
            failures.append("docs/encodings: no page names these entries of the catalogue: " + ", ".join(missing))
    print("\n".join(failures))
    return bool(failures)


sys.exit(main())
