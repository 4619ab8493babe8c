# RUN: %python %s %inputs
"""posenc.inv_freq against what transformers computed (test/Inputs/frequencies.json) and the formulas in float64."""

import json
import pathlib
import sys
import unittest

import numpy as np

from posenc_testing import frequencies, producers

CASES = {**frequencies.LIBRARY, **frequencies.OTHERS}


def module(cases, runtime=False):
    """@main gives f32 values, hi and lo, and m of every case; lengths are its arguments if `runtime`."""
    arguments, types, body, results = [], [], [], []
    for index, freq in enumerate(cases):
        pairs, n = freq.dim // 2, "%%n%d" % index
        length = "" if freq.length is None else " length(%s)" % n
        if length and runtime:
            arguments.append(n + ": index")
        elif length:
            body.append("%s = arith.constant %d : index" % (n, freq.length))
        body.append("%%w%d, %%m%d = posenc.inv_freq %s%s : tensor<%dxf32>, f32" % (
            index, index, freq.attribute(), length, pairs))
        body.append("%%t%d = tensor.from_elements %%m%d : tensor<1xf32>" % (index, index))
        results += ["%%w%d" % index, "%%t%d" % index]
        types += ["tensor<%dxf32>" % pairs, "tensor<1xf32>"]
        if runtime and freq.kind == "dynamic_ntk":
            continue
        body.append("%%h%d = posenc.inv_freq %s%s : tensor<2x%dxf32>" % (
            index, freq.attribute(), length, pairs))
        results.append("%%h%d" % index)
        types.append("tensor<2x%dxf32>" % pairs)
    types = ", ".join(types)
    return "func.func @main(%s) -> (%s) {\n  %s\n  return %s : %s\n}\n" % (
        ", ".join(arguments), types, "\n  ".join(body), ", ".join(results), types), len(results)


class Frequencies(unittest.TestCase):
    def check_exact(self, name, freq, parts):
        want = frequencies.exact(freq)
        got = parts.astype(np.float64).sum(axis=0)
        # Two f32 hold 48 bits; a power in double precision is good to about 45.
        np.testing.assert_allclose(got, want, rtol=2.0**-44, err_msg=name)
        np.testing.assert_array_equal(parts[0], want.astype(np.float32), err_msg=name)

    def test_constants(self):
        recorded = json.loads((pathlib.Path(sys.argv[1]) / "frequencies.json").read_text(encoding="utf-8"))
        text, count = module(CASES.values())
        for target, results in producers.run_all(text, [], count):
            equal = total = 0
            for (name, freq), (w, m, parts) in zip(CASES.items(), zip(*[iter(results)] * 3)):
                self.check_exact(target + " " + name, freq, parts)
                np.testing.assert_allclose(w, frequencies.exact(freq), rtol=1e-6, err_msg=name)
                self.assertEqual(m[0], np.float32(frequencies.magnitude(freq)), name)
                if name not in frequencies.LIBRARY:
                    continue
                library = recorded["cases"][name]
                self.assertEqual(m[0], np.float32(library["magnitude"]), name)
                want = np.array(library["inv_freq"], np.float32)
                np.testing.assert_allclose(w, want, rtol=3e-7, err_msg=name)
                equal, total = equal + int((w == want).sum()), total + len(want)
            # PyTorch's f32 power is not correctly rounded: a few differ by an ulp.
            self.assertGreater(equal, 0.97 * total, target)
            print("%s: %d of %d equal bits" % (target, equal, total))

    def test_default_bits(self):
        """default is f32(1 / f32(base ** f32(f32(2k) / f32(r)))), powers rounded once."""
        freq = frequencies.LIBRARY["llama3_base"]
        exponent = np.arange(0, freq.dim, 2, dtype=np.float32) / np.float32(freq.dim)
        power = np.power(freq.get("base"), exponent.astype(np.float64)).astype(np.float32)
        text, count = module([freq])
        (_, results), = producers.run_all(text, [], count, ["reference"])
        np.testing.assert_array_equal(results[0], np.float32(1) / power)

    def test_lengths_at_run_time(self):
        """The switch holds for all positions; at most max_position nothing is scaled."""
        ntk = dict(factor=10.0, max_position=2048)
        longrope = frequencies.LIBRARY["longrope_long"]
        for lengths in ((1, 4096), (2048, 4097), (16384, 100000)):
            cases = [frequencies.Freq("dynamic_ntk", 128, ntk, lengths[0]),
                     frequencies.Freq("longrope", 96, longrope.fields, lengths[1])]
            text, count = module(cases, runtime=True)
            inputs = [np.array(n, np.int64) for n in lengths]
            for target, results in producers.run_all(text, inputs, count):
                np.testing.assert_allclose(results[0], frequencies.exact(cases[0]), rtol=2e-6, err_msg=target)
                np.testing.assert_allclose(results[2], frequencies.exact(cases[1]), rtol=1e-6, err_msg=target)
                self.check_exact(target, cases[1], results[4])

    def test_trap_4(self):
        """proportional is not a partial rotation; YaRN clamps at r - 1; truncate = false."""
        gemma, partial = frequencies.LIBRARY["gemma4"], frequencies.Freq("default", 64, dict(base=1000000.0))
        self.assertEqual(np.count_nonzero(frequencies.exact(gemma)), 32)
        self.assertGreater(frequencies.exact(gemma)[1], frequencies.exact(partial)[1])
        clamped = frequencies.LIBRARY["yarn_clamped"]
        text, count = module([gemma, clamped])
        (_, results), = producers.run_all(text, [], count, ["reference"])
        np.testing.assert_array_equal(results[0][32:], 0)
        self.assertEqual(len(results[0]), 128)
        # Up to r - 1, not P - 1: the last pair is not fully interpolated.
        self.assertGreater(results[3][-1], np.float32(500.0 ** (-14 / 16) / 8) * 1.5)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
