# RUN: %python %s
"""Every message of posenc-compile about its command line and its files."""

from tool_runner import BAD_INPUT, OK, USAGE, ToolTest, literal, main

ADD = """
func.func @main(%a: tensor<?xf32>) -> tensor<?xf32> {
  %r = arith.addf %a, %a : tensor<?xf32>
  return %r : tensor<?xf32>
}
"""


class CompileErrors(ToolTest):
    tool = "posenc-compile"

    def setUp(self):
        super().setUp()
        self.write("add.mlir", ADD)

    def test_command_line(self):
        full = "add.mlir", "-o", "out"
        for arguments, message in [
            (("-o", "out"), "expected one FILE but got 0 (see --help)"),
            (("add.mlir", "--emit=ptx", "--target=cuda:sm_90a"), "expected -o OUT"),
            ((*full, "--emits=ptx"), "unknown flag '--emits=ptx' (see --help)"),
            ((*full, "--emit=ptx"), "--target: expected cuda:CHIP, hip:CHIP or cpu:CHIP but got ''"),
            ((*full, "--emit=ptx", "--target=cuda"), "hip:CHIP or cpu:CHIP but got 'cuda'"),
            ((*full, "--emit=ptx", "--target=cuda:"), "hip:CHIP or cpu:CHIP but got 'cuda:'"),
            ((*full, "--emit=ptx", "--target=tpu:v5"), "hip:CHIP or cpu:CHIP but got 'tpu:v5'"),
            ((*full, "--emit=ptx", "--target=cuda:sm_90a}"), "but got 'cuda:sm_90a}'"),
            ((*full, "--target=cuda:sm_90a"), "expected --emit=ptx|cubin|llvm for --target=cuda:sm_90a"),
            ((*full, "--emit=asm", "--target=cuda:sm_90a"),
             "--emit: expected ptx, cubin, llvm for --target=cuda:sm_90a but got 'asm'"),
            ((*full, "--emit=ptx", "--target=hip:gfx942"),
             "--emit: expected asm, hsaco, llvm for --target=hip:gfx942 but got 'ptx'"),
            ((*full, "--emit=hsaco", "--target=cpu:host"),
             "--emit: expected object, asm, llvm for --target=cpu:host but got 'hsaco'"),
        ]:
            with self.subTest(arguments):
                self.fails(USAGE, "^posenc-compile: .*" + literal(message) + "$", *arguments)

    def test_help(self):
        self.assertIn("--emit=FORMAT", self.ok("--help"))

    def test_files(self):
        flags = "--emit=object", "--target=cpu:host"
        self.fails(BAD_INPUT, "none.mlir.*No such file", "none.mlir", "-o", "out", *flags)
        self.fails(BAD_INPUT, "-o none/out: cannot write: No such file", "add.mlir", "-o", "none/out",
                   *flags)
        self.fails(BAD_INPUT, "-o .: cannot write: Is a directory", "add.mlir", "-o", ".", *flags)
        self.write("broken.mlir", "func.func @main() {\n  posenc.nothing\n}")
        self.fails(BAD_INPUT, r"^broken.mlir:2:\d+: error: ", "broken.mlir", "-o", "out", *flags,
                   lines=None)

    def test_chips(self):
        for target, emit, known in [("cuda:sm_10", "ptx", "'sm_75', .*'sm_121a'"), ("cuda:gfx942", "ptx", "'sm_75', "),
                                    ("hip:sm_80", "asm", "'gfx906', .*'gfx1201'")]:
            self.fails(BAD_INPUT, "^posenc-compile: --target=%s: expected one of %s.* but got '%s'$"
                       % (target, known, target.split(":")[1]), "add.mlir", "-o", "out", "--emit=" + emit,
                       "--target=" + target)
        self.fails(BAD_INPUT, "--target=cpu:abacus: expected the name of a CPU", "add.mlir", "-o", "out",
                   "--emit=object", "--target=cpu:abacus")


main()
