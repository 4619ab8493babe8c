# RUN: %python %s %posenc_src
"""docs/Oracles.md, the recordings, the IR that is tested against them, the generators and the pins agree."""
import pathlib
import re
import sys

from posenc_testing import against_oracle, catalogue, fixtures

ROW = re.compile(r"^\| `([\w-]+)` \| ([\w-]+) \| (.*) \| `(\w+)` \|$", re.MULTILINE)
VERSION = re.compile(r"^\| ([\w-]+) \| ([\d.]+) \|", re.MULTILINE)


def main(root):
    page = (root / "docs" / "Oracles.md").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([\w-]+)==(.+)$", (root / "scripts/requirements-oracles.txt").read_text(), re.MULTILINE))
    folder = root / "test" / "Integration" / "Oracles"
    encodings = {path.stem: against_oracle.Encoding(path) for path in sorted(folder.glob("*.mlir"))}
    failures = []
    expect(failures, set(VERSION.findall(page)) <= set(pins.items()), "the page's versions are not the pins")
    rows = ROW.findall(page)
    tested = {(name, fixture) for name, encoding in encodings.items() for fixture in encoding.fixtures}
    for name, library, asked, fixture in rows:
        if fixture not in fixtures.names():
            failures.append(f"{fixture}: no such recording")
            continue
        _, about = fixtures.load(fixture)
        expect(failures, (name, fixture) in tested, f"{name}: not tested against {fixture}")
        expect(failures, library == about["library"] and asked == about["function"], f"{fixture}: asked something else")
        expect(failures, about["version"] == pins[library], f"{fixture}: recorded with {library} {about['version']}")
        expect(failures, about["torch"].split("+")[0] == pins["torch"], f"{fixture}: recorded with torch {about['torch']}")
        expect(failures, (root / about["generator"]).is_file(), f"{fixture}: its generator is gone")
    listed = {row[3] for row in rows}
    failures += [f"{name}: not on the page" for name in fixtures.names() if name not in listed]
    failures += [f"{name}: not on the page" for name, _ in tested if name not in {row[0] for row in rows}]
    failures += unknown_entries(page)
    print("\n".join(failures) or f"{len(rows)} rows, {len(listed)} recordings")
    return 1 if failures else 0


def unknown_entries(page):
    """Names of the catalogue that the page mentions and the catalogue lacks, or the other way round."""
    words = set()
    for line in re.findall(r"^In the catalogue: (.*)\.$", page, re.MULTILINE):
        words |= set(re.findall(r"`([\w-]+)`", line))
    formulas = page.split("## By formula")[1]
    words |= set(re.findall(r"`([\w-]+)`", "".join(re.findall(r"^\| (.*?) \|", formulas, re.MULTILINE))))
    known = {encoding.name for encoding in catalogue.encodings() if encoding.section != "hybrid"}
    yield from (f"{name}: not in the catalogue" for name in sorted(words - known))
    yield from (f"{name}: in the catalogue, not on the page" for name in sorted(known - words))


def expect(failures, condition, message):
    if not condition:
        failures.append(message)


sys.exit(main(pathlib.Path(sys.argv[1])))
