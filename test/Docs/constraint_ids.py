# RUN: %python %s %posenc_src
"""Constraint ids are the same in the .td files, the verifiers, the tests and docs/Semantics*.md."""
import pathlib
import re
import sys

ID = re.compile(r"\(([A-Z]{1,2}\d+)\)")
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def read(paths):
    return {path: path.read_text(encoding="utf-8") for path in paths}


def main(root):
    ir = root / "include/posenc/Dialect/PosEnc/IR"
    # `* (A3) …` in an op's or attribute's description defines an id.
    defined = {}
    for path, text in read(sorted(ir.glob("*.td"))).items():
        for found in re.finditer(r"^\s*\* \(([A-Z]{1,2}\d+)\) (.*)$", text, re.MULTILINE):
            expect(found[1] not in defined, f"{path.name}: ({found[1]}) is defined twice")
            defined[found[1]] = found[2]
    expect(defined, f"no constraint is defined in {ir}")

    semantics = "\n".join(read(sorted((root / "docs").glob("Semantics*.md"))).values())
    documented = set(re.findall(r"^- \(([A-Z]{1,2}\d+)\) ", semantics, re.MULTILINE))
    for name in sorted(set(defined) - documented):
        failures.append(f"docs/Semantics*.md list no ({name}) {defined[name]}")
    for name in sorted(documented - set(defined)):
        failures.append(f"docs/Semantics*.md list ({name}), which no .td file defines")

    used = read(sorted((root / "lib/Dialect").rglob("*.cpp")))
    used.update(read(sorted((root / "test").rglob("*.mlir"))))
    for path, text in used.items():
        for number, line in enumerate(text.splitlines(), 1):
            for name in ID.findall(line):
                expect(name in defined, f"{path.relative_to(root)}:{number}: ({name}) is defined nowhere")

    # A constraint that no negative test violates is a claim.
    negative = [line for path, text in used.items() if path.suffix == ".mlir" for line in text.splitlines()
                if "expected-error" in line or "@negative_" in line]
    tested = {name for line in negative for name in ID.findall(line)}
    # Where ODS itself checks a type its message has no id: the function's name has it.
    tested |= {name.upper() for line in negative for name in re.findall(r"_([a-z]{1,2}\d+)(?=_|\()", line)}
    for name in sorted(set(defined) - tested):
        failures.append(f"no expected-error in test/ names ({name}) {defined[name]}")


main(pathlib.Path(sys.argv[1]))
print("\n".join(failures))
sys.exit(1 if failures else 0)
