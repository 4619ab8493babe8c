# REQUIRES: lld
# RUN: %python %s
"""Objects for CPUs: the JSON beside one says enough to call it."""

import ctypes
import json
import os
import platform
import shutil

import numpy as np

from tool_runner import OK, ToolTest, main

MODULE = """
func.func @scale(%a: tensor<2x?xf32>, %s: f32) -> tensor<2x?xf32> {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %a, %c1 : tensor<2x?xf32>
  %e = tensor.empty(%n) : tensor<2x?xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<2x?xf32>) outs(%e : tensor<2x?xf32>) {
  ^bb0(%x: f32, %y: f32):
    %0 = arith.mulf %x, %s : f32
    linalg.yield %0 : f32
  } -> tensor<2x?xf32>
  return %r : tensor<2x?xf32>
}
"""

# ELF's numbers of machines.
MACHINES = {"x86_64": 62, "aarch64": 183, "riscv64": 243}


def descriptor(array):
    words = [array.ctypes.data, array.ctypes.data, 0, *array.shape]
    words += [stride // array.itemsize for stride in array.strides]
    return (ctypes.c_int64 * len(words))(*words)


class CompileCPU(ToolTest):
    tool = "posenc-compile"

    def setUp(self):
        super().setUp()
        self.write("scale.mlir", MODULE)

    def compile(self, emit, chip, out):
        self.ok("scale.mlir", "--emit=" + emit, "--target=cpu:" + chip, "-o", out)
        with open(self.path(out), "rb") as file, open(self.path(out + ".json")) as description:
            return file.read(), json.load(description)

    def test_description(self):
        _, description = self.compile("object", "host", "scale.o")
        self.assertEqual((description["format"], description["target"]), ("object", "cpu:host"))
        (kernel,) = description["kernels"]
        self.assertEqual(kernel["symbol"], "_mlir_ciface_scale")
        self.assertEqual([(a["name"], a["type"], a["passed"]) for a in kernel["arguments"]],
                         [("arg0", "tensor<2x?xf32>", "descriptor"), ("arg1", "f32", "value")])
        self.assertEqual([(r["name"], r["rank"], r["element"]) for r in kernel["results"]],
                         [("result0", 2, "f32")])

    def test_call(self):
        self.compile("object", "host", "scale.o")
        self.ok("-shared", "scale.o", "-o", "scale.so", tool="ld.lld")
        libraries = os.path.join(os.path.dirname(os.path.dirname(shutil.which("mlir-opt"))), "lib")
        ctypes.CDLL(os.path.join(libraries, "libomp.so.5"), ctypes.RTLD_GLOBAL)
        function = ctypes.CDLL(self.path("scale.so"))._mlir_ciface_scale
        function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_float]
        array = np.arange(10, dtype="f4").reshape(2, 5)
        result = (ctypes.c_int64 * 7)()
        argument = descriptor(array)
        function(ctypes.addressof(result), ctypes.addressof(argument), 0.5)
        self.assertEqual(list(result[2:]), [0, 2, 5, 5, 1])
        data = np.ctypeslib.as_array(ctypes.cast(result[1], ctypes.POINTER(ctypes.c_float)), (2, 5))
        np.testing.assert_array_equal(data, array / 2)
        ctypes.CDLL(None).free(ctypes.c_void_p(result[0]))

    def test_chips(self):
        for chip, machine in [("x86-64-v3", "x86_64"), ("x86-64-v4", "x86_64"), ("znver4", "x86_64"),
                              ("neoverse-n1", "aarch64"), ("sifive-u74", "riscv64")]:
            contents, _ = self.compile("object", chip, "scale.o")
            self.assertEqual(contents[:4], b"\x7fELF")
            self.assertEqual(int.from_bytes(contents[18:20], "little"), MACHINES[machine], chip)
        host, _ = self.compile("object", "host", "scale.o")
        self.assertEqual(int.from_bytes(host[18:20], "little"), MACHINES[platform.machine()])

    def test_text(self):
        assembly, _ = self.compile("asm", "x86-64-v3", "scale.s")
        self.assertIn(b"_mlir_ciface_scale:", assembly)
        self.assertIn(b"%ymm", assembly)
        module, _ = self.compile("llvm", "neoverse-n1", "scale.ll")
        self.assertIn(b'target triple = "aarch64', module)
        self.assertIn(b"@_mlir_ciface_scale(", module)


main()
