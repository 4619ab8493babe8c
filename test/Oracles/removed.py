# REQUIRES: oracles
# RUN: %python %s
"""Encodings that transformers has no longer, as test/Traps/D16-oracles.py takes for granted."""
import importlib.util
import pathlib
import unittest

import transformers


class Removed(unittest.TestCase):
    def test_models(self):
        for name in ("transfo_xl", "graphormer"):
            self.assertIsNone(importlib.util.find_spec("transformers.models." + name), transformers.__version__)

    def test_relative_key_of_bert(self):
        source = pathlib.Path(importlib.util.find_spec("transformers.models.bert.modeling_bert").origin)
        self.assertNotIn("relative_key", source.read_text(encoding="utf-8"))


unittest.main()
