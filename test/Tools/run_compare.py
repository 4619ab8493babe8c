# RUN: %python %s
"""Expectations, their tolerances, and what --json says about them."""

import numpy as np

from tool_runner import MISMATCH, OK, ToolTest, literal, main

KEYS = {"max_abs", "max_rel", "worst_index", "worst_result", "time_ms", "statistics", "target",
        "device"}


class RunCompare(ToolTest):
    def setUp(self):
        super().setUp()
        self.write("id.mlir", "func.func @main(%a: tensor<2x3xf32>) -> tensor<2x3xf32> {\n"
                   "return %a : tensor<2x3xf32> }")

    def compare(self, code, got, expected, *flags):
        self.save("a.npy", np.array(got, "f4").reshape(2, 3))
        self.save("e.npy", np.array(expected).reshape(2, 3))
        return self.json(code, "id.mlir", "--in=a.npy", "--expect=e.npy", *flags)

    def test_equal(self):
        report = self.compare(OK, [1, 2, 3, 4, 5, 6], np.arange(1, 7, dtype="f4"))
        self.assertEqual(set(report), KEYS)
        self.assertEqual((report["max_abs"], report["max_rel"]), (0, 0))
        self.assertEqual((report["worst_index"], report["worst_result"]), ([0, 0], 0))
        self.assertEqual((report["time_ms"], report["target"]), (None, "cpu"))
        self.assertTrue(report["device"])

    def test_tolerance(self):
        got, expected = [1, 2, 3, 4, 5, 6.5], np.arange(1, 7, dtype="f8")
        report = self.compare(MISMATCH, got, expected)
        self.assertEqual((report["max_abs"], report["worst_index"]), (0.5, [1, 2]))
        self.assertAlmostEqual(report["max_rel"], 0.5 / 6)
        self.compare(OK, got, expected, "--atol=0.5", "--rtol=0")
        self.compare(MISMATCH, got, expected, "--atol=0.49", "--rtol=0")
        self.compare(OK, got, expected, "--atol=0", "--rtol=0.0834")
        self.compare(MISMATCH, got, expected, "--atol=0", "--rtol=0.0833")
        self.compare(OK, got, expected, "--atol=0.25", "--rtol=0.0417")

    def test_expected_zero(self):
        report = self.compare(MISMATCH, [0, 0, 0, 0, 0, 1], np.zeros(6, "f4"))
        self.assertEqual((report["max_abs"], report["max_rel"]), (1, 0))

    def test_message_and_outputs(self):
        self.save("a.npy", np.array([[1, 2, 3], [4, 5, 7]], "f4"))
        self.save("e.npy", np.array([[1, 2, 3], [4, 6, 9]], "f4"))
        self.fails(MISMATCH, "^posenc-run: result 0: 2 of 6 elements differ from --expect e.npy; "
                   "the worst is at " + literal("[1, 2]: expected 9 but got 7") + "$",
                   "id.mlir", "--in=a.npy", "--expect=e.npy", "--out=o.npy")
        np.testing.assert_array_equal(self.load("o.npy"), self.load("a.npy"))

    def test_nan(self):
        nan, inf = float("nan"), float("inf")
        for got, expected in [(nan, 1), (1, nan), (nan, nan), (nan, inf)]:
            report = self.compare(MISMATCH, [0, 9, 0, 0, got, 0], [0.0, 0, 0, 0, expected, 0],
                                  "--atol=1e30")
            self.assertEqual((report["max_abs"], report["worst_index"]), ("nan", [1, 1]))

    def test_nan_without_expectation(self):
        self.save("a.npy", np.array([[1, 2, 3], [np.nan, np.nan, 7]], "f4"))
        result = self.run_tool("id.mlir", "--in=a.npy", "--out=o.npy")
        self.assertEqual(result.returncode, OK)
        self.assertEqual(result.stderr, "posenc-run: warning: result 0 has 2 NaN of 6 elements, the "
                         "first at [1, 0]\n")
        report = self.json(OK, "id.mlir", "--in=a.npy")
        self.assertEqual([report[key] for key in ("max_abs", "max_rel", "worst_index")], [None] * 3)

    def test_infinities(self):
        inf = float("inf")
        self.compare(OK, [inf, -inf, 0, 0, 0, 0], [inf, -inf, 0, 0, 0, 0])
        for got, expected in [(inf, -inf), (1, inf), (inf, 1), (-inf, 1)]:
            report = self.compare(MISMATCH, [0, 0, got, 0, 0, 0], [0.0, 0, expected, 0, 0, 0],
                                  "--atol=1e30", "--rtol=1e30")
            self.assertEqual((report["max_abs"], report["worst_index"]), ("inf", [0, 2]))

    def test_integers_are_exact(self):
        self.write("int.mlir", "func.func @main(%a: tensor<2xi64>, %b: tensor<2xi1>) -> (tensor<2xi64>, "
                   "tensor<2xi1>) {\nreturn %a, %b : tensor<2xi64>, tensor<2xi1> }")
        self.save("a.npy", np.array([2**62, 5]))
        self.save("b.npy", np.array([True, False]))
        arguments = "int.mlir", "--in=a.npy", "--in=b.npy", "--rtol=1"
        self.json(OK, *arguments, "--expect=a.npy", "--expect=b.npy")
        # As doubles these two are equal.
        self.save("e.npy", np.array([2**62 + 1, 5]))
        report = self.json(MISMATCH, *arguments, "--expect=e.npy", "--expect=b.npy")
        self.assertEqual((report["max_abs"], report["worst_index"]), (1, [0]))
        self.save("a.npy", np.array([5, 2**62]))
        self.save("e.npy", np.array([5, 2**62 + 1]))
        report = self.json(MISMATCH, *arguments, "--expect=e.npy", "--expect=b.npy")
        self.assertEqual((report["max_abs"], report["worst_index"]), (1, [1]))
        self.save("e.npy", np.array([True, True]))
        report = self.json(MISMATCH, *arguments, "--expect=a.npy", "--expect=e.npy")
        self.assertEqual((report["worst_result"], report["worst_index"]), (1, [1]))

    def test_half_precision(self):
        # Words of bfloat16, and any float type, stand for bfloat16 values.
        self.write("half.mlir", "func.func @main(%a: tensor<4xbf16>, %b: tensor<4xf16>) -> "
                   "(tensor<4xbf16>, tensor<4xf16>) {\nreturn %a, %b : tensor<4xbf16>, tensor<4xf16> }")
        values = np.array([1, -2.5, 2.0**-20, np.inf], "f4")
        words = (values.view("u4") >> 16).astype("u2")
        halves = np.array([1, -2.5, 2.0**-20, 65504], "f2")
        self.save("a.npy", words)
        self.save("b.npy", halves)
        self.save("v.npy", words.view("V2"))
        self.save("f.npy", values)
        self.save("g.npy", halves.astype("f8"))
        for a, b in ("a.npy", "b.npy"), ("v.npy", "g.npy"), ("f.npy", "g.npy"):
            report = self.json(OK, "half.mlir", "--in=a.npy", "--in=b.npy", "--expect=" + a,
                               "--expect=" + b, "--rtol=0", "--atol=0")
            self.assertEqual(report["max_abs"], 0)

    def test_default_tolerance_of_half_precision(self):
        """A unit of the last place apart agrees, two do not, also where the expectation alone is narrow."""
        for kind, words, one in ("bf16", "u2", 0x3f80), ("f16", "f2", 0x3c00):
            self.write("narrow.mlir", "func.func @main(%%a: tensor<2x%s>) -> tensor<2x%s> {\n"
                       "return %%a : tensor<2x%s> }" % ((kind,) * 3))
            bits = lambda apart: np.array([one, 0x8000 | one + apart], "u2").view(words)
            self.save("a.npy", bits(0))
            for apart, code in (1, OK), (2, MISMATCH):
                self.save("e.npy", bits(apart))
                report = self.json(code, "narrow.mlir", "--in=a.npy", "--expect=e.npy")
                self.assertEqual(report["max_abs"], apart * (2.0**-7 if kind == "bf16" else 2.0**-10))
                self.json(MISMATCH, "narrow.mlir", "--in=a.npy", "--expect=e.npy", "--rtol=1e-4")
        self.save("a.npy", np.array([[1, 1, 1], [1, 1, 1.0009]], "f4"))
        for kind, code in ("f2", OK), ("f4", MISMATCH), ("f8", MISMATCH):
            self.save("e.npy", np.ones((2, 3), kind))
            self.json(code, "id.mlir", "--in=a.npy", "--expect=e.npy")

    def test_message_names_an_element_that_differs(self):
        """The farthest one agrees, as it is large."""
        self.save("a.npy", np.array([[1000.05, 0, 0.01], [0, 0.02, 0]], "f4"))
        self.save("e.npy", np.array([[1000, 0, 0], [0, 0, 0]], "f4"))
        self.fails(MISMATCH, "2 of 6 elements differ .*the worst is at " + literal("[1, 1]: expected 0 but got 0.02"),
                   "id.mlir", "--in=a.npy", "--expect=e.npy")
        self.assertEqual(self.json(MISMATCH, "id.mlir", "--in=a.npy", "--expect=e.npy")["worst_index"], [0, 0])

    def test_worst_of_scalars(self):
        self.write("scalars.mlir", "func.func @main(%a: f32, %b: f32) -> (f32, f32) {\n"
                   "return %a, %b : f32, f32 }")
        self.save("a.npy", np.array(3, "f4"))
        self.save("b.npy", np.array(1, "f4"))
        self.save("e.npy", np.array(0, "f4"))
        report = self.json(MISMATCH, "scalars.mlir", "--in=a.npy", "--in=b.npy", "--expect=e.npy", "--expect=e.npy")
        self.assertEqual((report["max_abs"], report["worst_result"], report["worst_index"]), (3, 0, []))

    def test_no_elements(self):
        self.write("none.mlir", "func.func @main(%a: tensor<?x3xf32>) -> tensor<?x3xf32> {\n"
                   "return %a : tensor<?x3xf32> }")
        self.save("a.npy", np.zeros((0, 3), "f4"))
        report = self.json(OK, "none.mlir", "--in=a.npy", "--expect=a.npy")
        self.assertEqual((report["max_abs"], report["worst_index"]), (0, []))

    def test_times(self):
        self.save("a.npy", np.zeros((2, 3), "f4"))
        times = self.json(OK, "id.mlir", "--in=a.npy", "--time=4")["time_ms"]
        self.assertEqual(set(times), {"min", "median", "max"})
        self.assertTrue(0 < times["min"] <= times["median"] <= times["max"])
        text = self.ok("id.mlir", "--in=a.npy", "--time=1", "--expect=a.npy")
        self.assertRegex(text, r"^max_abs 0, max_rel 0, worst at \[0, 0\] of result 0\ntime min \S+ ms, "
                         r"median \S+ ms, max \S+ ms on \S+\n$")

    def test_program_output_stays_off_stdout(self):
        self.write("print.mlir", "func.func private @puts(!llvm.ptr) -> i32\n"
                   "llvm.mlir.global constant @text(\"hello\\00\")\nfunc.func @main() {\n"
                   "%0 = llvm.mlir.addressof @text : !llvm.ptr\n"
                   "%1 = call @puts(%0) : (!llvm.ptr) -> i32\nreturn }")
        result = self.run_tool("print.mlir", "--json")
        self.assertEqual((result.returncode, result.stderr), (OK, "hello\n"))
        self.assertTrue(result.stdout.startswith("{"))


main()
