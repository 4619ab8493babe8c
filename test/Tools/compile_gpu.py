# RUN: %python %s
"""Kernel files for GPUs: the JSON beside one says enough to launch it."""

import json
import re
import shutil
import unittest

from tool_runner import BAD_INPUT, ToolTest, main

SCALE = """
#id = affine_map<(i, j) -> (i, j)>
func.func @scale(%a: tensor<?x64xf32>, %s: f32) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%n) : tensor<?x64xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<?x64xf32>) outs(%e : tensor<?x64xf32>) {
  ^bb0(%x: f32, %y: f32):
    %0 = arith.mulf %x, %s : f32
    linalg.yield %0 : f32
  } -> tensor<?x64xf32>
  return %r : tensor<?x64xf32>
}
"""

ATTENTION = """
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>, %slopes: tensor<8xf32>, %e: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16> {
  %o = posenc.attention scale(0.125)
      ins(%q, %k, %v : tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>)
      outs(%e : tensor<?x8x?x64xf16>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<8xf32>, index
    posenc.yield %1 : f32
  }
  return %o : tensor<?x8x?x64xf16>
}
"""

FUNCTIONS = {"ceildiv": lambda a, b: -(-a // b), "min": min, "max": max, "__builtins__": {}}


class Shape:
    def __init__(self, *shape):
        self.shape = shape


class CompileGPU(ToolTest):
    tool = "posenc-compile"

    def setUp(self):
        super().setUp()
        self.write("scale.mlir", SCALE)
        self.write("attention.mlir", ATTENTION)

    def compile(self, module, target, emit):
        self.ok(module + ".mlir", "--target=" + target, "--emit=" + emit, "-o", "kernels")
        with open(self.path("kernels"), "rb") as file, open(self.path("kernels.json")) as description:
            contents, description = file.read(), json.load(description)
        self.assertEqual((description["format"], description["target"]), (emit, target))
        self.assertTrue(description["kernels"])
        return contents, description["kernels"]

    def check_arguments(self, kernel):
        # Every argument begins where the ones before it end.
        first = 0
        for argument in kernel["arguments"]:
            self.assertEqual(argument["first_parameter"], first)
            first += 3 + 2 * argument["rank"] if "rank" in argument else 1
        self.assertEqual(first, len(kernel["parameters"]))

    def test_ptx(self):
        sizes = {"ptr": "u64", "i64": "u64", "f32": "f32"}
        for module in "scale", "attention":
            text, kernels = self.compile(module, "cuda:sm_90a", "ptx")
            text = text.decode()
            self.assertFalse(text.endswith("\0"))
            self.assertIn(".target sm_90a", text)
            entries = dict(re.findall(r"\.entry (\w+)\((.*?)\)", text, re.S))
            self.assertEqual(sorted(entries), sorted(kernel["symbol"] for kernel in kernels))
            for kernel in kernels:
                self.check_arguments(kernel)
                types = re.findall(r"\.param \.([a-z]+\d+)", entries[kernel["symbol"]])
                self.assertEqual([sizes[p] for p in kernel["parameters"]],
                                 ["u64" if t == "b64" else "f32" if t == "b32" else t for t in types])
                self.assertIn(".maxntid %d" % kernel["block"][0], text)

    def test_numbers_of_a_launch(self):
        _, (kernel,) = self.compile("scale", "cuda:sm_90a", "ptx")
        values = dict(FUNCTIONS, scale=type("scale", (), {"arg0": Shape(1000, 64), "arg1": 2.0}))
        threads = kernel["block"][0]
        blocks = [eval(g, values) if isinstance(g, str) else g for g in kernel["grid"]]
        self.assertEqual(blocks[1:], [1, 1])
        self.assertTrue(1000 * 64 <= blocks[0] * threads < 1000 * 64 + threads, blocks)
        scalars = [eval(a["value"], values) for a in kernel["arguments"] if isinstance(a.get("value"), str)]
        self.assertIn(2.0, scalars)
        self.assertEqual((kernel["engine"], kernel["shared_memory"]), (None, 0))

    def test_attention(self):
        _, kernels = self.compile("attention", "cuda:sm_90a", "ptx")
        (kernel,) = [kernel for kernel in kernels if kernel["engine"]]
        self.assertEqual(kernel["engine"], "simt")
        self.assertEqual([a["name"] for a in kernel["arguments"]][:4], ["q", "k", "v", "o"])
        self.assertEqual([a["element"] for a in kernel["arguments"][:4]], ["f16"] * 4)
        blocks = [eval(g, dict(FUNCTIONS, Tq=130, B=3, Hq=8)) if isinstance(g, str) else g
                  for g in kernel["grid"]]
        self.assertEqual(blocks[0] % 24, 0)
        self.assertEqual(blocks[1:], [1, 1])
        self.assertGreater(kernel["shared_memory"], 0)
        self.assertEqual(kernel["alignment"], 16)

    def test_amd(self):
        for module in "scale", "attention":
            text, kernels = self.compile(module, "hip:gfx942", "asm")
            for kernel in kernels:
                self.check_arguments(kernel)
                self.assertIn(kernel["symbol"] + ":", text.decode())
            self.assertIn(b"gfx942", text)

    def test_llvm(self):
        for target, triple in ("cuda:sm_80", "nvptx64-nvidia-cuda"), ("hip:gfx1100", "amdgcn-amd-amdhsa"):
            text, (kernel,) = self.compile("scale", target, "llvm")
            self.assertIn('target triple = "%s"' % triple, text.decode())
            self.assertRegex(text.decode(), r"define \S+ void @%s\(" % kernel["symbol"])

    @unittest.skipUnless(shutil.which("ptxas"), "needs ptxas")
    def test_cubin(self):
        contents, _ = self.compile("attention", "cuda:sm_90a", "cubin")
        self.assertEqual(contents[:4], b"\x7fELF")

    @unittest.skipUnless(shutil.which("ld.lld"), "needs ld.lld")
    def test_hsaco(self):
        contents, _ = self.compile("attention", "hip:gfx1201", "hsaco")
        self.assertEqual(contents[:4], b"\x7fELF")

    def test_unknown_chip(self):
        self.fails(BAD_INPUT, "--target=cuda:sm_1: expected one of .*'sm_90a'.* but got 'sm_1'", "scale.mlir",
                   "--target=cuda:sm_1", "--emit=ptx", "-o", "out")
        self.fails(BAD_INPUT, "--target=hip:gfx1: expected one of .*'gfx942'.* but got 'gfx1'", "scale.mlir",
                   "--target=hip:gfx1", "--emit=asm", "-o", "out")


main()
