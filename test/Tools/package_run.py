# REQUIRES: lld
# RUN: %python %s %models
"""Packages run by posenc-run-package and posenc-run: models, dynamic shapes, several targets, sizes."""

import json
import os
import re
import subprocess
import sys

import numpy as np

from tool_runner import BAD_INPUT, MISMATCH, OK, USAGE, ToolTest, main

MODELS = sys.argv[1]
BUILD = os.path.dirname(os.environ["POSENC_BIN"])

# Every way that a value can be passed: tensors and scalars, several results, an argument and a constant as results.
KINDS = """
func.func @kinds(%a: tensor<2x?xf32>, %n: i32, %flag: i1, %h: f16, %b: tensor<?xbf16>, %t: tensor<3xi1>)
    -> (tensor<2x?xf32>, i32, i1, f16, tensor<?xbf16>, tensor<3xi1>, tensor<2xi64>, tensor<2x?xf32>) {
  %c = arith.constant dense<[7, -9]> : tensor<2xi64>
  %one = arith.constant 1 : i32
  %m = arith.addi %n, %one : i32
  %true = arith.constant true
  %no = arith.xori %flag, %true : i1
  %hh = arith.addf %h, %h : f16
  %d = arith.addf %a, %a : tensor<2x?xf32>
  return %d, %m, %no, %hh, %b, %t, %c, %d : tensor<2x?xf32>, i32, i1, f16, tensor<?xbf16>, tensor<3xi1>,
    tensor<2xi64>, tensor<2x?xf32>
}
"""

TIES = """
func.func @ties(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>, %n: index) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %a, %c0 : tensor<?x?xf32>
  %k = tensor.dim %b, %c1 : tensor<?x?xf32>
  %e = tensor.empty(%m, %k) : tensor<?x?xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
  %short = arith.cmpi sle, %m, %n : index
  cf.assert %short, "too long"
  %r = linalg.matmul ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>) outs(%f : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
func.func @other() -> f32 {
  %0 = arith.constant 2.5 : f32
  return %0 : f32
}
"""


class PackageRun(ToolTest):
    tool = "posenc-run-package"

    def compile(self, file, targets, name="p.posenc"):
        self.ok(file, "--target=" + targets, "-o", name, tool="posenc-compile")
        return name

    def model(self, case, file):
        return os.path.join(MODELS, case, file)

    def test_model(self):
        package = self.compile(self.model("t5_encoder", "linalg.mlir"), "cpu:x86-64-v2,cpu:x86-64-v3")
        arguments = [package, "--in", self.model("t5_encoder", "in0.npy"), "--expect",
                     self.model("t5_encoder", "out0.npy"), "--rtol=1e-4", "--atol=1e-5"]
        report = self.json(OK, *arguments)
        self.assertLess(report["max_abs"], 1e-5)
        self.assertEqual(report["target"], "cpu")
        self.assertIsNone(report["time_ms"])
        # posenc-run does the same, bit for bit.
        again = json.loads(self.ok(*arguments, "--json", tool="posenc-run"))
        self.assertEqual(again["max_abs"], report["max_abs"])
        times = self.json(OK, *arguments, "--time=3")["time_ms"]
        self.assertTrue(0 < times["min"] <= times["median"] <= times["max"])

    def test_dynamic_shapes(self):
        package = self.compile(self.model("t5_encoder", "linalg_dyn.mlir"), "cpu:x86-64-v3")
        for suffix in "", "_long":
            self.ok(package, "--in", self.model("t5_encoder", "in0%s.npy" % suffix), "--expect",
                    self.model("t5_encoder", "out0%s.npy" % suffix), "--rtol=1e-4", "--atol=1e-5")

    def test_kinds_of_values(self):
        self.write("kinds.mlir", KINDS)
        package = self.compile("kinds.mlir", "cpu:x86-64-v2")
        a = np.arange(10, dtype="f4").reshape(2, 5)
        b = np.arange(16000, 16004, dtype="u2")
        t = np.array([True, False, True])
        inputs = [a, np.int32(-8), np.array(True), np.array(0.75, "f2"), b, t]
        expected = [a + a, np.int32(-7), np.array(False), np.array(1.5, "f2"), b, t, np.array([7, -9]), a + a]
        flags = []
        for i, array in enumerate(inputs):
            flags += ["--in", self.save("i%d.npy" % i, array)]
        for i in range(len(expected)):
            flags += ["--out", "o%d.npy" % i]
        self.ok(package, *flags)
        for i, array in enumerate(expected):
            np.testing.assert_array_equal(self.load("o%d.npy" % i), array)
        self.ok(package, *flags, tool="posenc-run")
        # Integers without a sign of their own come in both; nothing else changes its type.
        self.save("i1.npy", np.uint32(5))
        self.ok(package, *flags)
        self.save("i1.npy", np.int64(5))
        self.fails(BAD_INPUT, "^posenc-run-package: --in i1.npy: expected int32 of one element but got int64",
                   package, *flags)

    def test_ties_and_assertions(self):
        self.write("ties.mlir", TIES)
        package = self.compile("ties.mlir", "cpu:x86-64-v2")
        self.save("n.npy", np.array(4))
        for name, shape in [("a", (4, 3)), ("b", (3, 5)), ("long", (9, 3)), ("bad", (2, 5))]:
            self.save(name + ".npy", np.ones(shape, "f4"))
        call = lambda a, b, *more: (package, "--entry=ties", "--in", a, "--in", b, "--in", "n.npy", *more)
        self.ok(*call("a.npy", "b.npy", "--out=r.npy"))
        np.testing.assert_array_equal(self.load("r.npy"), np.full((4, 5), 3, "f4"))
        self.fails(BAD_INPUT, "argument 1 .arg1. of @ties: expected extent 3 in dimension 0 .s1, as dimension 1 of "
                   "argument 0 .arg0. of @ties. but got 2", *call("a.npy", "bad.npy"))
        self.fails(BAD_INPUT, "^posenc-run-package: too long$", *call("long.npy", "b.npy", "--out=r.npy"))
        self.fails(BAD_INPUT, "p.posenc: expected --entry but the package has @ties, @other$", package)
        self.fails(BAD_INPUT, "expected an entry @none but the package has @ties, @other$", package, "--entry=none")
        self.ok(package, "--entry=other", "--out=x.npy")
        self.assertEqual(self.load("x.npy"), np.float32(2.5))

    def test_expectations(self):
        self.write("ties.mlir", TIES)
        package = self.compile("ties.mlir", "cpu:x86-64-v2")
        self.save("x.npy", np.array(2.0, "f4"))
        error = self.fails(MISMATCH, "^posenc-run-package: result 0: 1 of 1 elements differ", package,
                           "--entry=other", "--expect=x.npy")
        self.assertIn("expected 2 but got 2.5", error)
        self.save("x.npy", np.array(2, "i4"))
        self.fails(BAD_INPUT, "--expect x.npy: expected int32", package, "--entry=other", "--expect=x.npy")
        self.fails(BAD_INPUT, "expected 1 --out for the results of @other but got 2", package, "--entry=other",
                   "--out=a.npy", "--out=b.npy")
        self.fails(BAD_INPUT, "--out none/a.npy: cannot write: No such file", package, "--entry=other",
                   "--out=none/a.npy")

    def test_targets(self):
        self.write("ties.mlir", TIES)
        package = self.compile("ties.mlir", "cuda:sm_80,hip:gfx942,cpu:x86-64-v2")
        with open(self.path(package), "rb") as file:
            contents = file.read()
        for chip in b"sm_80", b"gfx942":
            self.assertIn(chip, contents)
        # Without a GPU the CPU is the best that there is.
        report = self.json(OK, package, "--entry=other")
        self.assertIn(report["target"], ("cpu", "cuda", "hip"))
        self.fails(BAD_INPUT, "--target=emulate:sm_80: expected a target for .*sm_80.* but the package has cuda:sm_80, hip:gfx942, cpu:x86-64-v2", package, "--entry=other",
                   "--target=emulate:sm_80")
        for flag in "--target=reference", "--target=cpu:x86-64-v2":
            self.fails(BAD_INPUT, flag + ": expected cpu, cuda.* or emulate:CHIP for a package", package, flag)
        self.fails(BAD_INPUT, "--compare=reference: expected a module but got a package", package,
                   "--compare=reference")
        self.fails(USAGE, "--target: expected reference, cpu", package, "--target=tpu")
        self.assertIn("usage: posenc-run-package FILE", self.ok("--help"))

    def test_emulator(self):
        package = self.compile(self.model("t5_encoder", "linalg_dyn.mlir"), "emulate:sm_80,emulate:gfx942")
        arguments = [package, "--in", self.model("t5_encoder", "in0.npy"), "--expect",
                     self.model("t5_encoder", "out0.npy"), "--rtol=1e-4", "--atol=1e-5"]
        # There is nothing better in it.
        self.assertEqual(self.json(OK, *arguments)["target"], "emulate:sm_80")
        for chip in "sm_80", "gfx942":
            report = self.json(OK, *arguments, "--target=emulate:" + chip, "--emulate-schedule=3-4")
            self.assertLess(report["max_abs"], 1e-5)
        self.ok(*arguments, "--target=emulate:gfx942", "--emulate-checks=off")
        self.fails(BAD_INPUT, "--raise: expected a module but got a package, which is compiled", *arguments,
                   "--target=emulate:sm_80", "--raise=off")
        self.fails(BAD_INPUT, "--emulate-stats: expected a module but got a package", *arguments,
                   "--target=emulate:sm_80", "--emulate-stats")

    def test_cpu_features(self):
        self.write("ties.mlir", TIES)
        # No CPU that is made today has these of Bulldozer's.
        package = self.compile("ties.mlir", "cpu:bdver4")
        self.fails(BAD_INPUT, "this machine cannot run cpu:bdver4: it has no (fma4|tbm|xop)", package,
                   "--entry=other", "--target=cpu")
        self.fails(BAD_INPUT, "expected a device that the package has code for: cpu: this machine cannot run",
                   package, "--entry=other")

    def test_size_and_libraries(self):
        package = self.compile(self.model("t5_encoder", "linalg_dyn.mlir"),
                               "cuda:sm_80,hip:gfx942,cpu:x86-64-v3", "t5.posenc")
        runner, runtime = BUILD + "/bin/posenc-run-package", BUILD + "/lib/libposenc_runtime.so"
        files = self.path(package), runner, os.path.realpath(runtime)
        self.assertLess(sum(map(os.path.getsize, files)), 5 * 2**20)
        for file in files:
            dynamic = subprocess.run(["llvm-readelf", "-d", file], capture_output=True, text=True, check=True).stdout
            needed = re.findall(r"NEEDED.*\[(.*?)\]", dynamic)
            for library in needed:
                self.assertRegex(library, r"^(libposenc_runtime|libstdc\+\+|libm|libgcc_s|libc|ld-linux-x86-64)\.so")
        loaded = subprocess.run(["ldd", runner], capture_output=True, text=True, check=True).stdout
        self.assertNotRegex(loaded, "LLVM|MLIR")
        symbols = subprocess.run(["llvm-readelf", "--dyn-syms", self.path(package)], capture_output=True, text=True,
                                 check=True).stdout
        exported = [line.split()[-1] for line in symbols.splitlines() if " GLOBAL " in line and " UND " not in line]
        self.assertEqual(exported, ["posenc_package_code"])


main()
