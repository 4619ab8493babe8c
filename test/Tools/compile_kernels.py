# RUN: %python %s
"""Kernel files for GPUs: the JSON beside one describes what is in it."""

import json
import re

from tool_runner import ToolTest, main

MODULE = """
func.func @main(%q: tensor<2x4x?x64xf16>, %k: tensor<2x2x?x64xf16>, %v: tensor<2x2x?x32xf16>,
                %slopes: tensor<4xf32>, %gain: f32, %flag: i1, %start: index, %at: tensor<?xi64>,
                %o: tensor<2x4x?x32xf16>, %l: tensor<2x4x?xf32>) -> (tensor<2x4x?x32xf16>, tensor<2x4x?xf32>) {
  %e = math.exp %q : tensor<2x4x?x64xf16>
  %r:2 = posenc.attention scale(0.25)
      ins(%e, %k, %v : tensor<2x4x?x64xf16>, tensor<2x2x?x64xf16>, tensor<2x2x?x32xf16>)
      outs(%o, %l : tensor<2x4x?x32xf16>, tensor<2x4x?xf32>)
      positions(k = %at : tensor<?xi64>) offsets(q = %start) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<4xf32>, index
    %2 = arith.mulf %1, %gain : f32
    %3 = arith.select %flag, %2, %1 : f32
    posenc.yield %3 : f32
  }
  return %r#0, %r#1 : tensor<2x4x?x32xf16>, tensor<2x4x?xf32>
}
"""

# A kernel over a buffer whose extent the host selects.
DOUBLED = """
func.func @main(%a: tensor<?x64xf32>, %twice: i1) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %one = arith.constant 1.0 : f32
  %n = tensor.dim %a, %c0 : tensor<?x64xf32>
  %nn = arith.muli %n, %c2 : index
  %rows = arith.select %twice, %nn, %n : index
  %e = tensor.empty(%rows) : tensor<?x64xf32>
  %r = linalg.fill ins(%one : f32) outs(%e : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %r : tensor<?x64xf32>
}
"""

WORDS = {"ptr": "u64", "i64": "u64", "i1": "u8"}


class CompileGPU(ToolTest):
    tool = "posenc-compile"

    def compile(self, emit, target, module=MODULE):
        self.write("layer.mlir", module)
        self.ok("layer.mlir", "--emit=" + emit, "--target=" + target, "-o", "out")
        with open(self.path("out"), "rb") as file, open(self.path("out.json")) as description:
            about = json.load(description)
            self.assertEqual((about["format"], about["target"]), (emit, target))
            return file.read(), {kernel["symbol"]: kernel for kernel in about["kernels"]}

    def test_attention(self):
        _, kernels = self.compile("llvm", "cuda:sm_80")
        self.assertEqual(len(kernels), 2)
        kernel = kernels["posenc_attention"]
        self.assertEqual((kernel["engine"], kernel["alignment"]), ("simt", 16))
        tile = re.fullmatch(r"ceildiv\(Tq, (\d+)\) \* 4 \* 2", kernel["grid"][0])
        self.assertGreater(int(tile[1]), 0)
        self.assertEqual((kernel["grid"][1:], kernel["block"][1:]), ([1, 1], [1, 1]))
        arguments = kernel["arguments"]
        self.assertEqual([a["name"] for a in arguments][:7],
                         ["q", "k", "v", "k_positions", "q_offset", "o", "lse"])
        self.assertEqual([(a["type"], a.get("value")) for a in arguments][7:],
                         [("memref<4xf32>", None), ("f32", "main.arg4"), ("i1", "main.arg5")])
        self.assertEqual(arguments[4]["value"], "main.arg6")
        first = 0
        for argument in arguments:
            self.assertEqual(argument["first_parameter"], first)
            first += 3 + 2 * argument["rank"] if "rank" in argument else 1
        self.assertEqual(len(kernel["parameters"]), first)

    def test_grid_of_buffers_of_the_host(self):
        _, kernels = self.compile("llvm", "cuda:sm_80", DOUBLED)
        (kernel,) = [k for k in kernels.values() if k["grid"][0] != 1]
        expression = kernel["grid"][0].replace("main.arg0.shape[0]", "n").replace("main.arg1", "twice")
        names = {"ceildiv": lambda a, b: -(-a // b), "min": min, "max": max,
                 "select": lambda condition, a, b: a if condition else b}
        for n, twice in (1, 0), (1, 1), (300, 0), (300, 1):
            blocks = -(-n * (1 + twice) * 64 // 256)
            self.assertEqual(eval(expression, names, {"n": n, "twice": twice}), blocks)

    def test_ptx(self):
        text, kernels = self.compile("ptx", "cuda:sm_90a")
        entries = re.split(r"^\.visible \.entry ", text.decode(), flags=re.MULTILINE)[1:]
        self.assertEqual(len(entries), len(kernels))
        for entry in entries:
            kernel = kernels[entry[:entry.index("(")]]
            head = entry[:entry.index("{")]
            self.assertEqual(re.findall(r"\.param \.(\w+)", head),
                             [WORDS.get(word, word) for word in kernel["parameters"]])
            self.assertIn(".maxntid %d, %d, %d" % tuple(kernel["block"]), head)
            shared = re.findall(r"\.shared \.align \d+ \.b8 \w+\[(\d+)\]", entry)
            self.assertEqual(sum(map(int, shared)), kernel["shared_memory"])

    def test_gcn(self):
        text, kernels = self.compile("asm", "hip:gfx1100")
        blocks = re.split(r"^\t\.amdhsa_kernel ", text.decode(), flags=re.MULTILINE)[1:]
        self.assertEqual(len(blocks), len(kernels))
        for block in blocks:
            kernel = kernels[block.split()[0]]
            self.assertIn(".amdhsa_group_segment_fixed_size %d\n" % kernel["shared_memory"], block)
        metadata = text.decode().split("amdhsa.kernels:")[1]
        for arguments, symbol in re.findall(r"- \.args:(.*?)\.name: +(\w+)", metadata, re.DOTALL):
            explicit = re.findall(r"\.value_kind: +(by_value|global_buffer)", arguments)
            self.assertEqual(len(explicit), len(kernels[symbol]["parameters"]))


main()
