# REQUIRES: lld
# RUN: %python %s %S/Inputs
"""Packages whose checksum holds but whose contents do not: what the reader says of them."""

import ctypes
import json
import os
import struct
import subprocess
import sys

from posenc_package import open_library
from tool_runner import ToolTest, main

INPUTS = sys.argv[1]
MODULE = """
func.func @main(%a: tensor<2x?xf32>) -> tensor<2x?xf32> {
  %0 = arith.addf %a, %a : tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}
"""
CONSTRUCTOR = """
#include <stdio.h>
__attribute__((constructor)) static void run(void) { fopen("ran", "w"); }
"""


class Manifests(ToolTest):
    tool = "posenc-compile"

    def setUp(self):
        super().setUp()
        self.write("m.mlir", MODULE)
        self.ok("m.mlir", "--target=cpu:x86-64-v2", "-o", "m.posenc")
        subprocess.run(["cc", "-D_GNU_SOURCE", os.path.join(INPUTS, "reseal.c"), "-o", self.path("reseal")], check=True)
        with open(self.path("m.posenc"), "rb") as file:
            self.package = file.read()
        self.begin = self.package.index(b'{\n  "entries"')
        self.end = self.package.index(b"\n}\n", self.begin) + 3
        self.library = open_library()

    def load(self, contents, reseal=True):
        """The error of loading this, or none."""
        path = self.path(self.write("changed.posenc", contents))
        if reseal:
            subprocess.run([self.path("reseal"), path], check=True)
        package = ctypes.c_void_p()
        if self.library.posenc_package_load(path.encode(), ctypes.byref(package)):
            prefix, error = self.library.posenc_last_error().decode().split(": ", 1)
            self.assertEqual(prefix, path)
            return error
        self.library.posenc_package_unload(package)
        return ""

    def replace(self, text):
        room = self.end - self.begin
        self.assertLessEqual(len(text), room)
        return self.package[:self.begin] + text.encode().ljust(room) + self.package[self.end:]

    def change(self, edit):
        manifest = json.loads(self.package[self.begin:self.end])
        edit(manifest)
        return self.load(self.replace(json.dumps(manifest, separators=(",", ":"))))

    def test_unchanged(self):
        self.assertEqual(self.change(lambda manifest: None), "")

    def test_values(self):
        argument = lambda manifest: manifest["entries"][0]["arguments"][0]
        for edit, message in [
            (lambda m: m.pop("targets"), "expected a value targets"),
            (lambda m: m.update(targets=3), "expected targets to be a list"),
            (lambda m: m["targets"][0].update(target="cpu"), "expected targets[0].target to be KIND:CHIP"),
            (lambda m: m["targets"][0].pop("host"), "expected a value targets[0].host"),
            (lambda m: m["targets"][0].update(host=[]), "expected a value targets[0].host.features"),
            (lambda m: m["entries"][0].update(name=7), "expected entries[0].name to be a string"),
            (lambda m: argument(m).update(dtype="f33"),
             "expected entries[0].arguments[0].dtype to be a type of elements but got 'f33'"),
            (lambda m: argument(m).update(kind="list"), "expected entries[0].arguments[0].kind to be tensor or scalar"),
            (lambda m: argument(m).update(kind="scalar"), "to be a shape of at most 16 dimensions, of none for a scalar"),
            (lambda m: argument(m).update(shape=[1] * 17), "to be a shape of at most 16 dimensions"),
            (lambda m: argument(m).update(shape=[-1]), "expected entries[0].arguments[0].shape[0] to be an extent"),
            (lambda m: argument(m).update(shape=[2**63]), "expected entries[0].arguments[0].shape[0] to be an extent"),
            (lambda m: argument(m).update(shape=[1.5]), "expected entries[0].arguments[0].shape[0] to be an extent"),
            (lambda m: argument(m).update(layout="tiles"), "expected entries[0].arguments[0].layout to be row-major"),
        ]:
            with self.subTest(message):
                error = self.change(edit)
                self.assertTrue(error.startswith("the manifest is not as it must be: "), error)
                self.assertIn(message, error)
        self.assertRegex(self.load(self.replace("{")), "the manifest is not as it must be: .*parse error")

    def test_other_library(self):
        error = self.change(lambda m: m.update(runtime="libposenc_runtime.so.77"))
        self.assertRegex(error, r"^expected a package for libposenc_runtime\.so\.\d[.\d]* but it is for "
                         r"libposenc_runtime\.so\.77$")

    def test_code_of_another_manifest(self):
        message = "the code does not have the targets and entries of the manifest"
        self.assertEqual(self.change(lambda m: m.update(entries=[])), message)
        self.assertEqual(self.change(lambda m: m.update(targets=[])), message)

    def test_no_code(self):
        """A checksum that holds is no signature: such a file is a library like any other."""
        self.write("c.c", CONSTRUCTOR)
        self.write("seal", self.package[self.package.index(b"posenc package\n\0"):][:40])
        self.write("manifest", self.package[self.begin:self.end])
        run = lambda *command: subprocess.run(command, cwd=self.folder, check=True)
        run("cc", "-shared", "-fPIC", "c.c", "-o", "c.so")
        run("llvm-objcopy", "--add-section=.posenc.seal=seal", "--add-section=.posenc.manifest=manifest", "c.so")
        with open(self.path("c.so"), "rb") as file:
            self.assertEqual(self.load(file.read()), "the code has no symbol posenc_package_code")
        self.write("seal", b"posenc package\n\0")
        run("cc", "-shared", "-fPIC", "c.c", "-o", "c.so")
        run("llvm-objcopy", "--add-section=.posenc.seal=seal", "--add-section=.posenc.manifest=manifest", "c.so")
        with open(self.path("c.so"), "rb") as file:
            self.assertEqual(self.load(file.read(), reseal=False),
                             "expected the section .posenc.seal to have 40 bytes but got 16")

    def test_sections(self):
        """Tables that point elsewhere."""
        offset, = struct.unpack_from("<Q", self.package, 40)
        count, names = struct.unpack_from("<HH", self.package, 60)
        header = lambda index: offset + 64 * index
        at, = struct.unpack_from("<Q", self.package, header(names) + 24)
        name_of = {}
        for index in range(count):
            start, = struct.unpack_from("<I", self.package, header(index))
            text = self.package[at + start:self.package.index(b"\0", at + start)]
            name_of[text.decode()] = index, start
        seal, seal_name = name_of[".posenc.seal"]
        manifest, manifest_name = name_of[".posenc.manifest"]

        def patch(index, field, value):
            changed = bytearray(self.package)
            struct.pack_into("<I" if field == 0 else "<Q", changed, header(index) + field, value)
            return self.load(bytes(changed), reseal=False)

        self.assertEqual(patch(names, 24, 2**63), "the names of the file's sections lie beyond its end")
        self.assertEqual(patch(seal, 0, 2**31), "the name of a section lies beyond the names' end")
        self.assertEqual(patch(seal, 24, len(self.package)), "the section .posenc.seal lies beyond the file's end")
        self.assertEqual(patch(manifest, 32, 2**64 - 1), "the section .posenc.manifest lies beyond the file's end")
        self.assertEqual(patch(manifest, 0, seal_name), "the file has several sections .posenc.seal")
        self.assertEqual(patch(manifest, 0, seal_name + 1), "expected a package but the file has no section "
                         ".posenc.manifest")


main()
