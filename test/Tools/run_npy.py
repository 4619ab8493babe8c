# RUN: %python %s
"""The .npy format to its edges, as posenc-run reads it."""

import struct

import numpy as np

from tool_runner import BAD_INPUT, ToolTest, literal, main

IDENTITY = "func.func @main(%a: tensor<?xi16>) -> tensor<?xi16> { return %a : tensor<?xi16> }"
GOOD = "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }"


def npy(header, data=b"\1\0\2\0\3\0", version=1, length=None):
    """A file with any header text, padded as NumPy does."""
    header = header.encode()
    prefix = 10 if version == 1 else 12
    header += b" " * (-(prefix + len(header) + 1) % 64) + b"\n"
    length = len(header) if length is None else length
    form = "<H" if version == 1 else "<I"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack(form, length) + header + data


class RunNpy(ToolTest):
    def setUp(self):
        super().setUp()
        self.write("id.mlir", IDENTITY)

    def reads(self, contents, expected=(1, 2, 3)):
        self.write("a.npy", contents)
        self.ok("id.mlir", "--in=a.npy", "--out=o.npy")
        self.assertEqual(self.load("o.npy").tolist(), list(expected))

    def refuses(self, contents, message):
        self.write("a.npy", contents)
        self.fails(BAD_INPUT, "^posenc-run: --in a.npy: " + literal(message), "id.mlir", "--in=a.npy")

    def test_versions(self):
        for version in 1, 2, 3:
            self.reads(npy(GOOD, version=version))
        self.refuses(npy(GOOD, version=4), "version 4 of the .npy format is not supported")
        self.refuses(npy(GOOD, version=0), "version 0 of the .npy format is not supported")

    def test_spellings(self):
        for header in [
            "{'shape': (3,), 'fortran_order': False, 'descr': '<i2'}",
            '{"descr":"=i2","fortran_order":True,"shape":(3)}',
            "{ 'descr' : 'i2' , 'fortran_order' : False , 'shape' : ( 3L , ) , } \n",
        ]:
            self.reads(npy(header))
        # Data need not begin at a multiple of 64.
        self.reads(b"\x93NUMPY\1\0" + struct.pack("<H", len(GOOD)) + GOOD.encode() + b"\1\0\2\0\3\0")

    def test_data_after_the_array(self):
        self.reads(npy(GOOD) + npy(GOOD))

    def test_not_npy(self):
        for contents in b"", b"\x93NUMP", b"PK\3\4 an archive of arrays":
            self.refuses(contents, "not a .npy file")

    def test_truncated(self):
        whole = npy(GOOD)
        self.refuses(whole[:-1], "truncated: expected 6 bytes of data but got 5")
        self.refuses(whole[:-6], "truncated: expected 6 bytes of data but got 0")
        self.refuses(whole[:40], "truncated header of a .npy file")
        self.refuses(npy(GOOD, version=2)[:11], "truncated header of a .npy file")

    def test_huge_header(self):
        self.refuses(npy(GOOD, version=2, length=2**31),
                     "expected a header of at most 1048576 bytes but got 2147483648")

    def test_huge_shapes(self):
        head = "{'descr': '<i2', 'fortran_order': False, 'shape': "
        self.refuses(npy(head + "(4611686018427387904,)}"),
                     "the shape [4611686018427387904] is too large")
        self.refuses(npy(head + "(3037000500, 3037000500)}"),
                     "the shape [3037000500, 3037000500] is too large")
        self.refuses(npy(head + "(0, 3037000500, 3037000500)}"),
                     "the shape [0, 3037000500, 3037000500] is too large")
        self.refuses(npy(head + "(99999999999999999999,)}"), "an extent in the shape is too large")
        self.refuses(npy(head + "(1099511627776,)}"),
                     "truncated: expected 2199023255552 bytes of data but got 6")

    def test_bad_headers(self):
        head = "{'descr': '<i2', 'fortran_order': False, 'shape': "
        for header, message in [
            ("", "expected '{' in the header of a .npy file"),
            ("{'descr': '<i2'}", "expected a header with descr, fortran_order and shape"),
            ("{'descr': '<i2', 'more': 1}", "unexpected key 'more' in the header of a .npy file"),
            ("{'descr' '<i2'}", "expected ':' in the header of a .npy file"),
            ("{descr: '<i2'}", "expected a string in the header of a .npy file"),
            ("{'descr': '<i2}", "expected a string in the header of a .npy file"),
            ("{'descr': '<i2' 'shape': ()}", "expected '}' in the header of a .npy file"),
            ("{'fortran_order': 1}", "expected fortran_order to be True or False"),
            (head + "3}", "expected '(' in the header of a .npy file"),
            (head + "(3", "expected ')' in the header of a .npy file"),
            (head + "(-3,)}", "expected a non-negative extent in the shape"),
            (head + "(3,)} 4", "expected the header to end after its dictionary"),
            ("{'descr': [('x', '<i2')], ", "structured dtypes are not supported"),
            ("{'descr': '<c8', ", "dtype '<c8' is not supported"),
            ("{'descr': '|O', ", "dtype '|O' is not supported"),
            ("{'descr': '<U3', ", "dtype '<U3' is not supported"),
        ]:
            with self.subTest(header):
                self.refuses(npy(header), message)

    def test_written_headers(self):
        # NumPy reads what posenc-run writes, for every rank, aligned to 64.
        for rank in 0, 1, 2, 9:
            shape = tuple(range(1, rank + 1))[-3:] + (1,) * (rank - 3)
            kind = "tensor<%si16>" % "".join("%dx" % extent for extent in shape)
            self.write("rank.mlir", "func.func @main(%a: T) -> T { return %a : T }".replace("T", kind))
            array = np.arange(np.prod(shape, dtype=int), dtype="i2").reshape(shape)
            self.save("a.npy", array)
            self.ok("rank.mlir", "--in=a.npy", "--out=o.npy")
            np.testing.assert_array_equal(self.load("o.npy"), array)
            self.assertEqual(self.load("o.npy").shape, shape)
            with open(self.path("o.npy"), "rb") as file:
                self.assertEqual((len(file.read()) - array.nbytes) % 64, 0)


main()
