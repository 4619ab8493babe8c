# RUN: %python %s %posenc_src
"""D18. Two CoPEs, two CAPEs, three HoPEs: no name of ours leaves open which one it is."""
import pathlib
import re
import sys
import unittest

from posenc_testing import catalogue

ROOT = pathlib.Path(sys.argv.pop(1))
# What stands alone for several papers, and what an entry says instead.
AMBIGUOUS = {
    "cope": ("contextual (Golovneva et al. 2024)", "clipped RoPE"),
    "cape": ("continuous augmented (Likhomanenko et al. 2021)", "context-adaptive, an earlier name of DAPE"),
    "hope": ("high-frequency", "hyperbolic", "hybrid, for videos"),
}
QUALIFIED = {"cope": "cope-contextual", "cape": "cape-continuous", "hope": "hope-high-frequency"}


class Names(unittest.TestCase):
    def test_entries_of_the_catalogue(self):
        names = [entry.name for entry in catalogue.encodings()]
        for name, papers in AMBIGUOUS.items():
            self.assertNotIn(name, names, "%s is %s" % (name, " or ".join(papers)))
            self.assertTrue([n for n in names if n.startswith(QUALIFIED[name])], "no entry is called " + QUALIFIED[name])

    def test_ops_and_attributes(self):
        """An op or a keyword says what it computes, not who published it."""
        for path in sorted((ROOT / "include/posenc/Dialect/PosEnc/IR").glob("*.td")):
            words = re.findall(r'<"(\w+)"', path.read_text(encoding="utf-8"))
            self.assertFalse({*map(str.lower, words)} & {*AMBIGUOUS}, path.name)

    def test_pages(self):
        """A page says in its first lines which one it is about."""
        for name, papers in AMBIGUOUS.items():
            page = ROOT / "docs/encodings" / (name + ".md")
            if page.exists():
                start = page.read_text(encoding="utf-8")[:300].lower()
                self.assertIn(papers[0].split()[0], start, page.name)


unittest.main()
