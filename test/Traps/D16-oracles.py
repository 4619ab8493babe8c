# RUN: %python %s %posenc_src
"""D16. What libraries no longer have: those encodings are compared with formulas, and nothing asks a library for them.

test/Oracles/removed.py checks that they are still gone.
"""
import pathlib
import re
import sys
import unittest

from posenc_testing import catalogue

ROOT = pathlib.Path(sys.argv.pop(1))
# By the name of an encoding's page: what is gone, and from where.
GONE = {
    "shaw": "transformers has no values of Shaw's", "bert-relative-key": "removed from transformers 5",
    "transformer-xl": "removed from transformers 5", "graphormer": "removed from transformers 5",
}
# Names that would stand in a test which asks for one of them.
IMPORTS = re.compile(r"models\.(?:transfo_xl|deprecated)|modeling_(?:transfo_xl|graphormer)|[\"']RelativePositionBias[\"']"
                     r"|position_embedding_type\s*=\s*[\"']relative_key|onnx\.backend\.test\.loader")


class Oracles(unittest.TestCase):
    def test_the_catalogue_has_formulas_for_them(self):
        names = [entry.name for entry in catalogue.encodings()]
        for gone, why in GONE.items():
            self.assertTrue([name for name in names if name.startswith(gone)], "%s: %s" % (gone, why))

    def test_no_test_asks_a_library_for_them(self):
        for path in sorted((ROOT / "test").rglob("*.py")):
            if path.name != pathlib.Path(__file__).name:
                found = IMPORTS.search(path.read_text(encoding="utf-8"))
                self.assertIsNone(found, "%s: %s" % (path.relative_to(ROOT), found and found[0]))


unittest.main()
