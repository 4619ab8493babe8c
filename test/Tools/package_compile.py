# REQUIRES: lld
# RUN: %python %s %posenc_src %models
"""posenc-compile -o NAME.posenc: the manifest, and every message about targets and files."""

import json
import os
import subprocess
import sys

from tool_runner import BAD_INPUT, USAGE, ToolTest, literal, main

SOURCE, MODELS = sys.argv[1:]

ADD = """
func.func @main(%a: tensor<?xf32>, %b: tensor<?x4xsi32>, %n: i64) -> tensor<?xf32> {
  %r = arith.addf %a, %a : tensor<?xf32>
  return %r : tensor<?xf32>
}
func.func private @helper() -> f32 {
  %0 = arith.constant 1.0 : f32
  return %0 : f32
}
"""


class PackageCompile(ToolTest):
    tool = "posenc-compile"

    def setUp(self):
        super().setUp()
        self.write("add.mlir", ADD)

    def manifest(self, *arguments):
        self.ok(*arguments, "-o", "p.posenc")
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("p.")], ["p.posenc"])
        subprocess.run(["llvm-objcopy", "--dump-section", ".posenc.manifest=manifest", "p.posenc", "copy"],
                       cwd=self.folder, check=True)
        with open(self.path("manifest")) as file:
            return json.load(file)

    def test_manifest(self):
        manifest = self.manifest("add.mlir", "--target=cpu:x86-64-v3,cpu:x86-64-v2")
        self.assertEqual(manifest["format"], 1)
        self.assertRegex(manifest["posenc"], r"^\d+\.\d+\.\d+$")
        self.assertRegex(manifest["runtime"], r"^libposenc_runtime\.so\.\d")
        self.assertEqual(manifest["machine"], "x86-64")
        (entry,) = manifest["entries"]
        self.assertEqual(entry["name"], "main")
        self.assertEqual(entry["arguments"], [
            {"name": "arg0", "kind": "tensor", "dtype": "f32", "shape": ["s0"], "layout": "row-major"},
            {"name": "arg1", "kind": "tensor", "dtype": "si32", "shape": ["?", 4], "layout": "row-major"},
            {"name": "arg2", "kind": "scalar", "dtype": "i64", "shape": []}])
        self.assertEqual(entry["results"], [
            {"name": "result0", "kind": "tensor", "dtype": "f32", "shape": ["s0"], "layout": "row-major"}])
        new, old = manifest["targets"]
        self.assertEqual((new["target"], new["format"], new["host"]["cpu"]), ("cpu:x86-64-v3", "native", "x86-64-v3"))
        self.assertIn("avx2", new["host"]["features"])
        self.assertNotIn("avx2", old["host"]["features"])
        self.assertEqual(new["kernels"], [])

    def test_ties(self):
        alibi = os.path.join(SOURCE, "examples", "c-package", "alibi.mlir")
        manifest = self.manifest(alibi, "--target=cuda:sm_80,hip:gfx1100,emulate:gfx942")
        (entry,) = manifest["entries"]
        shapes = [value["shape"] for value in entry["arguments"] + entry["results"]]
        q, k = ["s0", 4, "s1", 32], ["s0", 4, "s2", 32]
        self.assertEqual(shapes, [q, k, k, [4], q])
        cuda, hip, emulated = manifest["targets"]
        self.assertIn(cuda["format"], ("cubin", "ptx"))
        self.assertEqual((hip["format"], emulated["format"]), ("hsaco", "emulated"))
        for target in cuda, hip:
            self.assertGreater(target["images"][0]["bytes"], 1000)
        for target in cuda, hip, emulated:
            self.assertTrue(any(kernel["engine"] for kernel in target["kernels"]), target["target"])

    def test_ties_through_reshapes(self):
        model = os.path.join(MODELS, "t5_encoder", "linalg_dyn.mlir")
        (entry,) = self.manifest(model, "--target=cpu:x86-64-v2")["entries"]
        for value in entry["arguments"] + entry["results"]:
            self.assertEqual(value["shape"], [2, "s0", 64])

    def test_targets(self):
        for arguments, message in [
            (("--target=cuda:sm_80,tpu:v5", "-o", "a.posenc"), "--target: expected cuda:CHIP, hip:CHIP, cpu:CHIP or "
             "emulate:CHIP, separated by commas, but got 'tpu:v5'"),
            (("--target=cuda:sm_80,", "-o", "a.posenc"), "separated by commas, but got ''"),
            (("--target=cuda", "-o", "a.posenc"), "separated by commas, but got 'cuda'"),
            (("-o", "a.posenc"), "separated by commas, but got ''"),
            (("--target=cpu:host,cuda:sm_80,cpu:host", "-o", "a.posenc"),
             "--target: expected different targets but got 'cpu:host' twice"),
            (("--target=cuda:sm_80,hip:gfx942", "-o", "a.so"),
             "-o: expected NAME.posenc for several targets but got 'a.so'"),
            (("--target=cuda:sm_80,hip:gfx942", "--emit=ptx", "-o", "a.posenc"),
             "expected one --target for --emit=ptx but got 'cuda:sm_80,hip:gfx942'"),
            (("--target=emulate:sm_80", "-o", "a.so"), "--target: expected cuda:CHIP, hip:CHIP or cpu:CHIP but got"),
        ]:
            with self.subTest(arguments):
                self.fails(USAGE, "^posenc-compile: .*" + literal(message), "add.mlir", *arguments)
        for target, message in [
            ("cpu:abacus", "--target=cpu:abacus: expected the name of a CPU"),
            ("cpu:neoverse-n1", "--target=cpu:neoverse-n1: expected a CPU of x86-64, which packages are for"),
            ("cuda:sm_10", "--target=cuda:sm_10: expected one of 'sm_75', "),
            ("cpu:host,cuda:gfx942", "--target=cuda:gfx942: expected one of 'sm_75', "),
            ("hip:sm_80", "--target=hip:sm_80: expected one of 'gfx906', "),
            ("emulate:sm_10", "--target=emulate:sm_10: expected one of 'sm_75', "),
        ]:
            with self.subTest(target):
                self.fails(BAD_INPUT, literal(message), "add.mlir", "--target=" + target, "-o", "a.posenc", lines=None)

    def test_modules(self):
        self.fails(BAD_INPUT, "none.mlir.*No such file", "none.mlir", "--target=cpu:host", "-o", "a.posenc")
        self.write("none.mlir", "func.func private @f()")
        self.fails(BAD_INPUT, "none.mlir: expected a public function but found none", "none.mlir",
                   "--target=cpu:host", "-o", "a.posenc")
        for kind, message in [("tensor<*xf32>", "argument 0 of @main: expected a ranked tensor or a scalar"),
                              ("tensor<%sf32>" % ("1x" * 17), "@main: expected tensors of rank at most 16 but got rank 17")]:
            self.write("odd.mlir", "func.func @main(%%a: %s) { return }" % kind)
            self.fails(BAD_INPUT, literal(message), "odd.mlir", "--target=cpu:host", "-o", "a.posenc")
        self.write("extern.mlir", "func.func private @nowhere()\nfunc.func @main() {\ncall @nowhere() "
                   ": () -> ()\nreturn }")
        self.fails(BAD_INPUT, "the code calls 'nowhere', which neither libposenc_runtime nor libc, libm or libgcc has",
                   "extern.mlir", "--target=cpu:host", "-o", "a.posenc")

    def test_outputs(self):
        self.fails(BAD_INPUT, "-o none/a.posenc: cannot write: No such file", "add.mlir", "--target=cpu:host", "-o",
                   "none/a.posenc")
        # What was there stays when the compilation fails.
        self.write("a.posenc", "old")
        self.write("broken.mlir", "func.func @main() {\n  posenc.nothing\n}")
        self.fails(BAD_INPUT, "^broken.mlir:2:", "broken.mlir", "--target=cpu:host", "-o", "a.posenc", lines=None)
        with open(self.path("a.posenc")) as file:
            self.assertEqual(file.read(), "old")

    def test_host(self):
        (target,) = self.manifest("add.mlir", "--target=cpu:host")["targets"]
        # A file that travels says what it needs, not where it was made.
        self.assertNotEqual(target["target"], "cpu:host")
        self.fails(BAD_INPUT, "--target=cpu:host: expected another target than '%s', which this machine is"
                   % target["target"], "add.mlir", "--target=cpu:host," + target["target"], "-o", "q.posenc")


main()
