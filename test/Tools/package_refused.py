# REQUIRES: lld
# RUN: %python %s
"""Files that are no packages, or no longer: refused with a reason, before anything in them runs."""

import ctypes
import os
import random
import struct
import subprocess

from tool_runner import BAD_INPUT, ToolTest, is_root, literal, main

SEED = int(os.environ.get("POSENC_SEED", "20261124"))
FLIPS = 2000 if os.environ.get("POSENC_ALL") else 300
RUNTIME = os.path.join(os.path.dirname(os.environ["POSENC_BIN"]), "lib", "libposenc_runtime.so")
MODULE = "func.func @main() -> f32 {\n  %0 = arith.constant 2.5 : f32\n  return %0 : f32\n}\n"


class Refused(ToolTest):
    tool = "posenc-run-package"

    def setUp(self):
        super().setUp()
        self.write("m.mlir", MODULE)
        self.ok("m.mlir", "--target=cpu:x86-64-v2", "-o", "p.posenc", tool="posenc-compile")
        with open(self.path("p.posenc"), "rb") as file:
            self.package = file.read()
        self.library = ctypes.CDLL(RUNTIME)
        self.library.posenc_last_error.restype = ctypes.c_char_p

    def load(self, contents):
        """The error of loading these bytes in this process, or none."""
        package = ctypes.c_void_p()
        if self.library.posenc_package_load_memory(contents, ctypes.c_uint64(len(contents)),
                                                   ctypes.byref(package)):
            return self.library.posenc_last_error().decode()
        self.library.posenc_package_unload(package)
        return ""

    def test_loads(self):
        self.assertEqual(self.load(self.package), "")
        self.ok("p.posenc")

    def test_flipped_bytes(self):
        numbers = random.Random(SEED)
        reasons = set()
        for _ in range(FLIPS):
            at, bit = numbers.randrange(len(self.package)), 1 << numbers.randrange(8)
            flipped = bytearray(self.package)
            flipped[at] ^= bit
            error = self.load(bytes(flipped))
            self.assertNotEqual(error, "", "byte %d, bit %d, seed %d" % (at, bit, SEED))
            reasons.add(error.split(": ", 1)[1])
        self.assertIn("the checksum does not hold: the file was changed or damaged", reasons)

    def test_every_byte_of_the_headers(self):
        for at in range(64):
            flipped = bytearray(self.package)
            flipped[at] ^= 0xff
            self.assertNotEqual(self.load(bytes(flipped)), "", at)

    def test_truncated(self):
        numbers = random.Random(SEED)
        lengths = [0, 1, 3, 4, 63, 64, len(self.package) - 1]
        for length in lengths + [numbers.randrange(len(self.package)) for _ in range(100)]:
            error = self.load(self.package[:length])
            self.assertRegex(error, "truncated|empty|of another kind", length)
        self.write("p.posenc", self.package[:-1])
        self.fails(BAD_INPUT, "^posenc-run-package: p.posenc: the file is truncated: its table of sections lies "
                   "beyond its %d bytes$" % (len(self.package) - 1), "p.posenc")
        self.write("p.posenc", self.package[:20])
        self.fails(BAD_INPUT, "the file is truncated: it has 20 bytes, fewer than an ELF header", "p.posenc")

    def test_grown(self):
        self.assertRegex(self.load(self.package + b"\0"), "the checksum does not hold")

    def test_foreign(self):
        for name, contents, reason in [
            ("text", b"func.func @main() { return }\n",
             "expected a package (an ELF file) but got a file of another kind"),
            ("empty", b"", "expected a package but the file is empty"),
        ]:
            self.write(name + ".posenc", contents)
            self.fails(BAD_INPUT, "^posenc-run-package: %s.posenc: %s$" % (name, literal(reason)), name + ".posenc")
        os.mkdir(self.path("d.posenc"))
        self.fails(BAD_INPUT, "d.posenc: Is a directory$", "d.posenc")
        self.fails(BAD_INPUT, "none.posenc: No such file or directory$", "none.posenc")
        os.mkfifo(self.path("pipe.posenc"))
        self.fails(BAD_INPUT, "pipe.posenc: expected a regular file$", "pipe.posenc")
        self.fails(BAD_INPUT, "expected a package but the file has no section .posenc", os.path.realpath(RUNTIME))
        if not is_root():
            os.chmod(self.path("p.posenc"), 0)
            self.fails(BAD_INPUT, "p.posenc: Permission denied$", "p.posenc")

    def test_library_is_not_opened(self):
        """A shared object with a constructor: it would leave a file behind."""
        self.write("evil.c", '#include <stdio.h>\n__attribute__((constructor)) static void run(void) '
                   '{ fopen("%s", "w"); }\n' % self.path("ran"))
        subprocess.run(["cc", "-shared", "-fPIC", "evil.c", "-o", "evil.posenc"], cwd=self.folder, check=True)
        self.fails(BAD_INPUT, "no section .posenc.seal", "evil.posenc")
        # The same with sections of the right names: the seal holds nothing.
        for name, contents in ("seal", b"posenc package\n\0\1\0\0\0" + bytes(20)), ("manifest", b"{}"):
            self.write(name, contents)
        subprocess.run(["llvm-objcopy", "--add-section=.posenc.seal=seal", "--add-section=.posenc.manifest=manifest",
                        "evil.posenc"], cwd=self.folder, check=True)
        self.fails(BAD_INPUT, "the checksum does not hold", "evil.posenc")
        self.assertFalse(os.path.exists(self.path("ran")))

    def test_other_kinds_of_elf(self):
        header = bytearray(self.package)
        for at, value, reason in [
            (4, b"\1", "expected a package (a 64-bit shared object) but got another ELF file"),
            (16, b"\1\0", "expected a package (a 64-bit shared object) but got another ELF file"),
            (18, struct.pack("<H", 183), "expected a package for x86-64 but got one for ELF machine 183"),
            (60, b"\0\0", "expected a package but the file has no table of sections"),
        ]:
            changed = bytes(header[:at]) + value + bytes(header[at + len(value):])
            self.assertIn(reason, self.load(changed))

    def test_format(self):
        at = self.package.index(b"posenc package\n\0")
        changed = self.package[:at + 16] + b"\2" + self.package[at + 17:]
        self.assertIn("expected format 1 of packages but got 2", self.load(changed))
        changed = self.package[:at] + b"P" + self.package[at + 1:]
        self.assertIn("expected a package but its seal has another mark", self.load(changed))


main()
