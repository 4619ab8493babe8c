# RUN: %python %s %posenc_src
"""What the documents show as whole functions parses, verifies and compiles."""
import pathlib
import re
import sys

import posenc

BLOCK = re.compile(r"^```mlir\n(.*?)^```", re.MULTILINE | re.DOTALL)


def main(root):
    pages = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    blocks = [(page, block) for page in pages for block in BLOCK.findall(page.read_text(encoding="utf-8"))
              if "func.func" in block and "…" not in block]
    assert blocks, "no document shows a whole function"
    for page, block in blocks:
        text = posenc.opt(block, "--posenc-verify-fused")
        assert "posenc.attention" in text, f"{page.name}: no attention in the example"
        posenc.opt(block, "--posenc-cpu-pipeline")
        posenc.opt(block, "--posenc-nvvm-pipeline=chip=sm_90a format=llvm")


main(pathlib.Path(sys.argv[1]))
