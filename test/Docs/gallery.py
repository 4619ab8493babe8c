# RUN: %python %s %posenc_src
"""The pages of docs/encodings: all sections, IR that compiles, the structure that the tool prints, a picture of that IR.

`gallery.py SRC --update [NAME …]` writes the structures, the pictures and the index.
"""
import hashlib
import pathlib
import re
import subprocess
import sys

import posenc
from posenc import plot

SECTIONS = ["Formula", "IR", "Structure", "Cost per tile", "Source"]
BLOCK = re.compile(r"^```mlir\n(.*?)^```", re.MULTILINE | re.DOTALL)
STRUCTURE = re.compile(r"(^## Structure\n.*?^```text\n)(.*?)(^```)", re.MULTILINE | re.DOTALL)
INDEX = re.compile(r"(<!-- index -->\n).*?(<!-- end -->)", re.DOTALL)
SIZE = 48


class Page:
    def __init__(self, path):
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.picture = path.with_suffix(".png")
        headings = re.findall(r"^## (.*)$", self.text, re.MULTILINE)
        missing = [s for s in SECTIONS if s not in headings]
        assert not missing, f"{path.name}: expected the sections {SECTIONS} but {missing} are missing"
        blocks = BLOCK.findall(self.text)
        assert len(blocks) == 1 and "func.func" in blocks[0], f"{path.name}: expected one mlir block, a function"
        self.ir = blocks[0]
        assert f"({self.picture.name})" in self.text, f"{path.name}: expected a link to {self.picture.name}"
        self.title = re.match(r"# (.*)\n", self.text)[1]
        self.summary = self.text.split("\n\n")[1].strip().split("\n")[0]

    def hash(self):
        return hashlib.sha256(self.ir.encode()).hexdigest()

    def structure(self):
        """What --posenc-print-structure says of the fused IR."""
        text = posenc.opt(self.ir, "--posenc-fuse")
        process = subprocess.run([posenc.find_tool("posenc-opt"), "--posenc-print-structure", "-o", "/dev/null"],
                                 input=text, capture_output=True, text=True, check=True)
        return process.stderr

    def check(self):
        found = STRUCTURE.search(self.text)
        assert found, f"{self.path.name}: expected a text block under Structure"
        expected = self.structure()
        assert found[2] == expected, f"{self.path.name}: expected the structure\n{expected}but got\n{found[2]}"
        assert self.picture.is_file(), f"expected {self.picture.name} (gallery.py SRC --update)"
        assert self.hash().encode() in self.picture.read_bytes(), f"{self.picture.name} is of other IR (--update)"
        posenc.opt(self.ir, "--posenc-cpu-pipeline")
        posenc.opt(self.ir, "--posenc-nvvm-pipeline=chip=sm_90a format=llvm")

    def update(self):
        self.path.write_text(STRUCTURE.sub(lambda m: m[1] + self.structure() + m[3], self.text), encoding="utf-8")
        if self.picture.is_file() and self.hash().encode() in self.picture.read_bytes():
            return
        panels = plot.expose(self.ir, size=SIZE, raising=False)
        plot.draw(panels, self.picture, heads=2, metadata={"Source": self.hash()})


def index(pages):
    rows = "".join(f"| [{page.title}]({page.path.name}) | {page.summary} |\n" for page in pages)
    return f"| encoding | in one line |\n|---|---|\n{rows}"


def main(root, *arguments):
    folder = pathlib.Path(root) / "docs/encodings"
    pages = [Page(path) for path in sorted(folder.glob("*.md")) if path.name != "README.md"]
    assert pages, "expected pages in docs/encodings"
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8")
    indexed = INDEX.sub(lambda m: m[1] + index(pages) + m[2], text)
    if arguments[:1] == ("--update",):
        readme.write_text(indexed, encoding="utf-8")
        for page in pages:
            if len(arguments) == 1 or page.path.stem in arguments[1:]:
                page.update()
        return
    assert text == indexed, "docs/encodings/README.md: expected an index of all pages (gallery.py SRC --update)"
    for page in pages:
        page.check()


main(*sys.argv[1:])
