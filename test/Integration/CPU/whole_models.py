# RUN: %python %s %models
"""Whole models of two layers, in every form: each layer is raised and fused, what the layers share is shared, and the
recorded outputs come out, at both lengths where the form has a dynamic one.

T5 computes its bias in the first layer and uses it again in the second: both attentions read one and the same table, and
nothing of the bias is left outside of them.
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

LAYERS = 2
MODELS = pathlib.Path(sys.argv.pop(1))
# Of a score, or of the position ids' logarithm.
T5_LEFTOVERS = r"math\.log|math\.exp|x40x40x"


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stderr[-2000:]}"
    return done.stdout


def forms(name):
    return json.loads((MODELS / name / "case.json").read_text())["forms"]


class WholeModels(unittest.TestCase):
    def fused(self, name, form):
        """The module with every layer's attention in one op, verified."""
        text = run("posenc-opt", MODELS / name / f"{form}.mlir", "--posenc-raise=strict", "--posenc-fuse",
                   "--posenc-verify-fused")
        self.assertEqual(text.count("= posenc.attention "), LAYERS)
        return text

    def numbers(self, name, form):
        folder = MODELS / name
        for suffix in ("", "_long") if form == "linalg_dyn" else ("",):
            flags = [f"--{flag}={p}" for flag, kind in (("in", "in"), ("expect", "out"))
                     for p in sorted(folder.glob(f"{kind}?{suffix}.npy"))]
            run("posenc-run", folder / f"{form}.mlir", "--target=cpu", "--rtol=2e-4", "--atol=2e-5", *flags)

    def check(self, name, shared):
        for form in forms(name):
            with self.subTest(form=form):
                shared(self.fused(name, form))
                self.numbers(name, form)

    def test_bert(self):
        self.check("bert_model", lambda text: None)

    def test_gpt2(self):
        def causal(text):
            self.assertEqual(len(re.findall(r"posenc\.mask .*<causal>", text)), LAYERS)
        self.check("gpt2_model", causal)

    def test_t5_encoder(self):
        def one_bias(text):
            tables = re.findall(r"posenc\.bias_table %\w+, (%\w+)\[.*(bucket <.*>)", text)
            self.assertEqual(len(tables), LAYERS)
            self.assertEqual(len(set(tables)), 1, "the layers read different tables")
            self.assertNotRegex(text, T5_LEFTOVERS)
            # A weight, or, in TOSA, the one matrix of it that there is.
            made = rf"^ *{tables[0][0]} = (?:arith\.constant|tensor\.extract_slice %cst)"
            self.assertEqual(len(re.findall(made, text, re.M)), 1)
        self.check("whole_t5_encoder", one_bias)


if __name__ == "__main__":
    unittest.main()
