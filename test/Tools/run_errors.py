# RUN: %python %s
"""Every message of posenc-run about its command line and its files."""

import os
import stat
import subprocess

import numpy as np

from tool_runner import BAD_INPUT, USAGE, ToolTest, is_root, literal, main

ADD = """
func.func @main(%a: tensor<2x?xf32>, %n: index) -> tensor<2x?xf32> {
  %c1 = arith.constant 1 : index
  %d = tensor.dim %a, %c1 : tensor<2x?xf32>
  %long = arith.cmpi sge, %d, %n : index
  cf.assert %long, "too short"
  %r = arith.addf %a, %a : tensor<2x?xf32>
  return %r : tensor<2x?xf32>
}
"""


class RunErrors(ToolTest):
    def setUp(self):
        super().setUp()
        self.write("add.mlir", ADD)
        self.save("a.npy", np.ones((2, 3), "f4"))
        self.save("n.npy", np.array(3))

    def arguments(self, a="a.npy", n="n.npy"):
        return "add.mlir", "--in", a, "--in", n

    def test_command_line(self):
        for arguments, message in [
            ((), "expected one FILE but got 0 (see --help)"),
            (("a", "b"), "expected one FILE but got 2 (see --help)"),
            (("add.mlir", "--colour=red"), "unknown flag '--colour=red' (see --help)"),
            (("add.mlir", "--in"), "--in: expected a value"),
            (("add.mlir", "--in="), "--in: expected a value"),
            (("add.mlir", "--entry="), "--entry: expected a value"),
            (("add.mlir", "--json=yes"), "--json: expected no value"),
            (("add.mlir", "--raise=maybe"), "--raise: expected on or off but got 'maybe'"),
            (("add.mlir", "--rtol=-1"), "--rtol: expected a number >= 0 but got '-1'"),
            (("add.mlir", "--atol=nan"), "--atol: expected a number >= 0 but got 'nan'"),
            (("add.mlir", "--rtol=1x"), "--rtol: expected a number >= 0 but got '1x'"),
            (("add.mlir", "--time=0"), "--time: expected a count from 1 to 1000000 but got '0'"),
            (("add.mlir", "--compare=cpu"), "--compare: expected reference but got 'cpu'"),
            (("add.mlir", "--compare=reference", "--expect=a.npy"),
             "expected --expect or --compare but got both"),
            (("add.mlir", "--target=tpu"), "--target: expected reference, cpu[:CHIP], "
             "emulate:CHIP, cuda[:N] or hip[:N] but got 'tpu'"),
            (("add.mlir", "--target=emulate"), "but got 'emulate'"),
            (("add.mlir", "--target=emulate:"), "but got 'emulate:'"),
            (("add.mlir", "--target=cuda:x"), "but got 'cuda:x'"),
            (("add.mlir", "--target=hip:"), "but got 'hip:'"),
            (("add.mlir", "--target=hip:12345"), "but got 'hip:12345'"),
            (("add.mlir", "--emulate-stats"),
             "--emulate-stats: expected --target=emulate:CHIP but got --target=cpu"),
            (("add.mlir", "--emulate-schedule=3", "--target=cuda:1"),
             "--emulate-schedule: expected --target=emulate:CHIP but got --target=cuda:1"),
            (("add.mlir", "--emulate-checks=off", "--target=reference"),
             "--emulate-checks: expected --target=emulate:CHIP but got --target=reference"),
            (("add.mlir", "--target=emulate:sm_80", "--emulate-checks=some"),
             "--emulate-checks: expected on or off but got 'some'"),
            (("add.mlir", "--target=emulate:sm_80", "--emulate-stats=on"),
             "--emulate-stats: expected no value"),
            (("add.mlir", "--target=emulate:sm_80", "--emulate-schedule=x"),
             "--emulate-schedule: expected SEED or FIRST-LAST, at most 10000 of them, but got 'x'"),
            (("add.mlir", "--target=emulate:sm_80", "--emulate-schedule=5-2"), "but got '5-2'"),
            (("add.mlir", "--target=emulate:sm_80", "--emulate-schedule=1-"), "but got '1-'"),
            (("add.mlir", "--target=emulate:sm_80", "--emulate-schedule=-1"), "but got '-1'"),
            (("add.mlir", "--target=emulate:sm_80", "--emulate-schedule=0-10000"), "but got '0-10000'"),
            (("add.mlir", "--target=emulate:sm_80", "--emulate-schedule=1-2", "--time=3"),
             "--time: expected one --emulate-schedule but got several"),
            (("add.mlir", "-emulate-stats"),
             "--emulate-stats: expected --target=emulate:CHIP but got --target=cpu"),
            (("add.mlir", "--target=cpu:"), "but got 'cpu:'"),
            (("add.mlir", "--target=reference:x"), "but got 'reference:x'"),
        ]:
            with self.subTest(arguments):
                self.fails(USAGE, "^posenc-run: .*" + literal(message) + "$", *arguments)

    def test_help(self):
        self.assertIn("--expect=F.npy", self.ok("--help"))

    def test_no_device(self):
        # A library without the driver's functions, wherever this runs.
        for target, name in ("cuda", "CUDA"), ("hip:1", "HIP"):
            result = self.run_tool(*self.arguments(), "--target=" + target,
                                   environment={"POSENC_%s_LIBRARY" % name: "none.so"})
            self.assertEqual(result.returncode, BAD_INPUT)
            self.assertRegex(result.stderr, "^posenc-run: --target=%s: cannot open the %s driver: "
                             "none.so: .*\n$" % (target, name))
        result = self.run_tool(*self.arguments(), "--target=emulate:sm_80",
                               environment={"POSENC_EMULATOR_LIBRARY": "none.so"})
        self.assertEqual(result.returncode, BAD_INPUT)
        self.assertRegex(result.stderr, "^posenc-run: --target=emulate:sm_80: cannot open the emulator: "
                         "none.so: .*\n$")

    def test_emulated_chip(self):
        self.fails(BAD_INPUT, "--target=emulate:sm_12: expected one of 'sm_75', .*'gfx1201' but got 'sm_12'",
                   *self.arguments(), "--target=emulate:sm_12")

    def test_chip(self):
        self.fails(BAD_INPUT, "expected the name of a CPU, .* but got 'abacus'",
                   *self.arguments(), "--target=cpu:abacus")
        foreign = "x86-64-v3" if os.uname().machine == "aarch64" else "neoverse-n1"
        self.fails(BAD_INPUT, "this machine is not of the architecture of '" + foreign + "'",
                   *self.arguments(), "--target=cpu:" + foreign)

    def test_module(self):
        self.fails(BAD_INPUT, "none.mlir.*No such file", "none.mlir")
        self.write("broken.mlir", "func.func @main() {\n  posenc.nothing\n}")
        self.fails(BAD_INPUT, r"^broken.mlir:2:\d+: error: ", "broken.mlir", lines=None)
        self.write("invalid.mlir", "func.func @main() -> f32 {\n  return\n}")
        self.fails(BAD_INPUT, r"^invalid.mlir:2:\d+: error: ", "invalid.mlir", lines=None)

    def test_entry(self):
        self.write("none.mlir", "func.func private @f()")
        self.fails(BAD_INPUT, "none.mlir: expected a public function but found none", "none.mlir")
        self.fails(BAD_INPUT, "add.mlir: expected a public function @g but found none",
                   *self.arguments(), "--entry=g")
        self.fails(BAD_INPUT, "none.mlir: expected a public function @f but found another symbol", "none.mlir",
                   "--entry=f")
        self.write("two.mlir", "func.func @f() { return }\nfunc.func @g() { return }")
        self.fails(BAD_INPUT, "expected --entry: there are 2 public functions, @f and @g$", "two.mlir")
        self.ok("two.mlir", "--entry=g")

    def test_types_without_arrays(self):
        for kind, code in ("tensor<*xf32>", "argument 0"), ("tensor<2xi4>", "argument 0"):
            self.write("odd.mlir", "func.func @main(%%a: %s) { return }" % kind)
            self.fails(BAD_INPUT, code + " of @main: expected a ranked tensor or a scalar .* but got "
                       + literal(kind), "odd.mlir", "--in", "a.npy")
        self.write("odd.mlir", "func.func private @g() -> complex<f32>\nfunc.func @main() -> complex<f32> {"
                   "\n%0 = call @g() : () -> complex<f32>\nreturn %0 : complex<f32> }")
        self.fails(BAD_INPUT, "result 0 of @main: expected .* but got complex<f32>", "odd.mlir")

    def test_counts(self):
        for arguments, message in [
            (("--in", "a.npy"), "expected 2 --in for the arguments of @main but got 1"),
            (("--in", "a.npy") * 3, "expected 2 --in for the arguments of @main but got 3"),
        ]:
            self.fails(BAD_INPUT, message, "add.mlir", *arguments)
        self.fails(BAD_INPUT, "expected 1 --out for the results of @main but got 2",
                   *self.arguments(), "--out=x.npy", "--out=y.npy")
        self.fails(BAD_INPUT, "expected 1 --expect for the results of @main but got 2",
                   *self.arguments(), "--expect=x.npy", "--expect=y.npy")

    def test_argument_types(self):
        expected = literal("expected float32 of shape [2, ?] but got ")
        for array, got in [
            (np.zeros((2, 3), "i8"), "int64 of shape [2, 3]"),
            (np.zeros((2, 3), "f8"), "float64 of shape [2, 3]"),
            (np.zeros((3, 2), "f4"), "float32 of shape [3, 2]"),
            (np.zeros((2,), "f4"), "float32 of shape [2]"),
            (np.zeros((2, 3, 1), "f4"), "float32 of shape [2, 3, 1]"),
            (np.array(1, "f4"), "float32 of shape []"),
        ]:
            self.save("b.npy", array)
            self.fails(BAD_INPUT, "^posenc-run: --in b.npy: " + expected + literal(got) + "$",
                       *self.arguments(a="b.npy"))
        self.save("b.npy", np.zeros(2, "i8"))
        self.fails(BAD_INPUT, "--in b.npy: expected int64 of one element but got int64 of shape ",
                   *self.arguments(n="b.npy"))
        self.save("b.npy", np.array(2.0))
        self.fails(BAD_INPUT, "--in b.npy: expected int64 of one element but got float64",
                   *self.arguments(n="b.npy"))

    def test_extents(self):
        """What compiled code takes for granted: a read beyond an array's end is no answer."""
        self.write("sum.mlir", """
          func.func @main(%a: tensor<2x?xf32>, %n: index, %b: tensor<2x?xf32>) -> tensor<2x?xf32> {
            %r = arith.addf %a, %b : tensor<2x?xf32>
            return %r : tensor<2x?xf32> }
          func.func @three(%a: tensor<?x?xf32>) -> tensor<2x3xf32> {
            %0 = tensor.cast %a : tensor<?x?xf32> to tensor<2x3xf32>
            return %0 : tensor<2x3xf32> }""")
        self.save("b.npy", np.ones((2, 4), "f4"))
        self.save("n.npy", np.array([[[3]]]))
        both = lambda a, b: ("sum.mlir", "--entry=main", "--in", a, "--in=n.npy", "--in", b)
        message = "dimension 1 of --in {}: expected extent {}, as in dimension 1 of --in {}, but got {}"
        for target in "cpu", "reference", "emulate:sm_80", "emulate:gfx942":
            self.fails(BAD_INPUT, literal(message.format("b.npy", 3, "a.npy", 4)) + "$", *both("a.npy", "b.npy"),
                       "--target=" + target)
        self.fails(BAD_INPUT, literal(message.format("a.npy", 4, "b.npy", 3)) + "$", *both("b.npy", "a.npy"))
        self.ok(*both("b.npy", "b.npy"))
        self.ok("sum.mlir", "--entry=three", "--in=a.npy")
        self.fails(BAD_INPUT, literal("--in b.npy: expected float32 of shape [2, 3] but got float32 of shape [2, 4]"),
                   "sum.mlir", "--entry=three", "--in=b.npy")

    def test_input_files(self):
        self.fails(BAD_INPUT, "--in none.npy: No such file", *self.arguments(a="none.npy"))
        self.fails(BAD_INPUT, "--in .: Is a directory", *self.arguments(a="."))
        self.fails(BAD_INPUT, "--in /dev/zero: expected a regular file", *self.arguments(a="/dev/zero"))
        self.fails(BAD_INPUT, "--in add.mlir: not a .npy file", *self.arguments(a="add.mlir"))

    def test_expectation(self):
        self.fails(BAD_INPUT, "--expect none.npy: No such file", *self.arguments(),
                   "--expect=none.npy", "--out=o.npy")
        for array, text in [(np.zeros((2, 4), "f4"), "float32 of shape [2, 4]"),
                            (np.zeros((2, 3), "i4"), "int32 of shape [2, 3]")]:
            self.save("e.npy", array)
            self.fails(BAD_INPUT, literal("--expect e.npy: expected " + text + " but result 0 is "
                                          "float32 of shape [2, 3]"),
                       *self.arguments(), "--expect=e.npy", "--out=o.npy")

    def test_outputs(self):
        # Known before anything runs: the assertion would fail.
        self.save("n.npy", np.array(100))
        for path, reason in [("none/o.npy", "No such file"), (".", "Is a directory")]:
            self.fails(BAD_INPUT, "--out " + literal(path) + ": cannot write: " + reason,
                       *self.arguments(), "--out=" + path)
        self.save("n.npy", np.array(1))
        self.fails(BAD_INPUT, "--out /dev/full: cannot write: No space left", *self.arguments(),
                   "--out=/dev/full")
        self.ok(*self.arguments(), "--out=/dev/null")
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))
        if not is_root():
            self.save("o.npy", np.zeros(1))
            os.chmod(self.path("o.npy"), 0o444)
            self.fails(BAD_INPUT, "--out o.npy: cannot write: Permission denied",
                       *self.arguments(), "--out=o.npy")

    def test_stdout(self):
        with open("/dev/full", "w") as full:
            result = subprocess.run([self.tool, *self.arguments(), "--json"],
                                    cwd=self.folder, stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual((result.returncode, result.stderr),
                         (BAD_INPUT, "posenc-run: cannot write to stdout: No space left on device\n"))

    def test_output_replaces_file_and_keeps_link(self):
        self.save("old.npy", np.zeros(7))
        os.symlink("old.npy", self.path("link.npy"))
        self.ok(*self.arguments(), "--out=link.npy")
        self.assertTrue(os.path.islink(self.path("link.npy")))
        np.testing.assert_array_equal(self.load("old.npy"), np.full((2, 3), 2, "f4"))
        # An output may be an input.
        self.ok(*self.arguments(), "--out=a.npy")
        np.testing.assert_array_equal(self.load("a.npy"), np.full((2, 3), 2, "f4"))

    def test_failed_assertion(self):
        self.save("n.npy", np.array(100))
        self.save("o.npy", np.zeros(7))
        error = self.fails(BAD_INPUT, "(?m)^too short$", *self.arguments(), "--out=o.npy", lines=2)
        self.assertRegex(error, "the program stopped with SIGABRT, as a failed assertion does$")
        self.assertEqual(self.load("o.npy").shape, (7,))

    def test_crash(self):
        self.write("crash.mlir", """
          llvm.func @abs_of_nothing() { %0 = llvm.mlir.zero : !llvm.ptr
            %1 = llvm.load volatile %0 : !llvm.ptr -> i32
            llvm.return }
          func.func @main() { llvm.call @abs_of_nothing() : () -> ()
            return }""")
        self.fails(BAD_INPUT, "^posenc-run: the program stopped with SIGSEGV$", "crash.mlir",
                   "--entry=main")

    def test_missing_function(self):
        self.write("extern.mlir", "func.func private @nowhere()\nfunc.func @main() {\ncall @nowhere() "
                   ": () -> ()\nreturn }")
        self.fails(BAD_INPUT, "nowhere", "extern.mlir", lines=None)


main()
