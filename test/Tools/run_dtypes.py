# RUN: %python %s
"""Arrays of every type and form go through posenc-run unchanged."""

import numpy as np

from tool_runner import BAD_INPUT, ToolTest, literal, main

# Element type in the module, NumPy types that it takes, the one that it gives.
TYPES = [
    ("f32", ["f4"], "f4"), ("f64", ["f8"], "f8"), ("f16", ["f2"], "f2"),
    ("bf16", ["u2", "V2"], "u2"), ("i1", ["?"], "?"),
    ("i8", ["i1", "u1"], "i1"), ("i16", ["i2", "u2"], "i2"),
    ("i32", ["i4", "u4"], "i4"), ("i64", ["i8", "u8"], "i8"), ("index", ["i8", "u8"], "i8"),
]


def some_values(dtype, shape):
    """Bytes that are odd, negative and large, without NaNs."""
    rng = np.random.default_rng(7)
    dtype = np.dtype(dtype)
    if dtype.kind in "f":
        return (rng.standard_normal(shape) * 100).astype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    if dtype.kind == "V":
        return some_values("u2", shape).view(dtype)
    values = rng.integers(0, 2**min(8 * dtype.itemsize, 63) - 1, shape, dtype=np.uint64)
    return values.astype("u%d" % dtype.itemsize).view(dtype)


def as_bytes(array):
    return np.ascontiguousarray(array).tobytes()


class RunDTypes(ToolTest):
    def module(self, kind):
        # A reversed copy: neither the data nor its order is kept by accident.
        return self.write("copy.mlir", """
#reverse = affine_map<(i, j) -> (1 - i, j)>
#same = affine_map<(i, j) -> (i, j)>
func.func @main(%%a: tensor<2x?x%(t)s>, %%s: %(t)s) -> (tensor<2x?x%(t)s>, %(t)s, tensor<%(t)s>) {
  %%c1 = arith.constant 1 : index
  %%n = tensor.dim %%a, %%c1 : tensor<2x?x%(t)s>
  %%0 = tensor.extract_slice %%a[0, 0] [1, %%n] [1, 1] : tensor<2x?x%(t)s> to tensor<1x?x%(t)s>
  %%1 = tensor.extract_slice %%a[1, 0] [1, %%n] [1, 1] : tensor<2x?x%(t)s> to tensor<1x?x%(t)s>
  %%2 = tensor.insert_slice %%0 into %%a[1, 0] [1, %%n] [1, 1] : tensor<1x?x%(t)s> into tensor<2x?x%(t)s>
  %%3 = tensor.insert_slice %%1 into %%2[0, 0] [1, %%n] [1, 1] : tensor<1x?x%(t)s> into tensor<2x?x%(t)s>
  %%4 = tensor.from_elements %%s : tensor<%(t)s>
  return %%3, %%s, %%4 : tensor<2x?x%(t)s>, %(t)s, tensor<%(t)s>
}""" % {"t": kind})

    def test_round_trip(self):
        for kind, takes, gives in TYPES:
            self.module(kind)
            for dtype in takes:
                with self.subTest(kind=kind, dtype=dtype):
                    array = some_values(dtype, (2, 5))
                    self.save("a.npy", array)
                    self.save("s.npy", array[0, 3])
                    self.ok("copy.mlir", "--in=a.npy", "--in=s.npy", "--out=x.npy", "--out=y.npy",
                            "--out=z.npy")
                    x, y, z = (self.load(name) for name in ("x.npy", "y.npy", "z.npy"))
                    self.assertEqual((x.dtype, y.dtype), (np.dtype(gives), np.dtype(gives)))
                    self.assertEqual((x.shape, y.shape, z.shape), ((2, 5), (), ()))
                    self.assertEqual(as_bytes(x), as_bytes(array[::-1]))
                    self.assertEqual(as_bytes(y), as_bytes(array[0, 3]))
                    self.assertEqual(as_bytes(z), as_bytes(array[0, 3]))

    def test_wrong_type(self):
        self.save("s.npy", np.zeros(1))
        for kind, dtype, text in [
            ("bf16", "f4", "expected bfloat16 (as uint16 words) of shape [2, ?] but got float32"),
            ("f16", "V2", "expected float16 of shape [2, ?] but got 2-byte void"),
            ("f16", "u2", "expected float16 of shape [2, ?] but got uint16"),
            ("i1", "u1", "expected bool of shape [2, ?] but got uint8"),
            ("i8", "?", "expected int8 of shape [2, ?] but got bool"),
            ("i32", "i8", "expected int32 of shape [2, ?] but got int64"),
        ]:
            self.module(kind)
            self.save("a.npy", np.zeros((2, 3), dtype))
            self.fails(BAD_INPUT, literal(text), "copy.mlir", "--in=a.npy", "--in=s.npy")

    def test_signed_types(self):
        self.write("sign.mlir", "func.func @main(%a: tensor<3xui8>) -> tensor<3xui8> {\n"
                   "return %a : tensor<3xui8> }")
        self.save("a.npy", np.array([1, 2, 255], "u1"))
        self.save("b.npy", np.array([1, 2, -1], "i1"))
        self.fails(BAD_INPUT, literal("expected uint8 of shape [3] but got int8"), "sign.mlir",
                   "--in=b.npy")

    def test_odd_bool(self):
        # Compiled code reads one bit; NumPy says that every other byte is true.
        self.module("i1")
        self.save("a.npy", np.array([[0, 1, 2], [255, 128, 0]], "u1").view("?"))
        self.save("s.npy", np.array([2], "u1").view("?"))
        self.ok("copy.mlir", "--in=a.npy", "--in=s.npy", "--out=x.npy", "--out=y.npy", "--out=z.npy")
        self.assertEqual(self.load("x.npy").view("u1").tolist(), [[1, 1, 0], [0, 1, 1]])
        self.assertEqual(self.load("y.npy").view("u1").tolist(), 1)

    def test_layouts(self):
        self.module("i16")
        self.save("s.npy", np.array(3, "i2"))
        array = some_values("i2", (2, 7))
        for name, form in [("fortran", np.asfortranarray(array)), ("big", array.astype(">i2")),
                           ("both", np.asfortranarray(array.astype(">i2")))]:
            self.save("a.npy", form)
            self.ok("copy.mlir", "--in=a.npy", "--in=s.npy", "--out=x.npy", "--out=y.npy", "--out=z.npy")
            np.testing.assert_array_equal(self.load("x.npy"), array[::-1], name)

    def test_no_elements(self):
        self.module("f32")
        self.save("s.npy", np.array(3, "f4"))
        self.save("a.npy", np.zeros((2, 0), "f4"))
        self.save("e.npy", np.array(3, "f4"))
        self.ok("copy.mlir", "--in=a.npy", "--in=s.npy", "--expect=a.npy", "--expect=s.npy",
                "--expect=e.npy", "--out=x.npy", "--out=y.npy", "--out=z.npy")
        self.assertEqual(self.load("x.npy").shape, (2, 0))

    def test_scalars(self):
        self.write("sum.mlir", """
func.func @main(%a: i1, %b: i32, %c: f16, %d: index) -> (i1, f64, i1, i8, index) {
  %0 = arith.extf %c : f16 to f64
  %1 = arith.trunci %b : i32 to i8
  %2 = arith.addi %d, %d : index
  return %a, %0, %a, %1, %2 : i1, f64, i1, i8, index
}""")
        # One element in any number of dimensions is a scalar.
        for name, array in [("a", np.array(True)), ("b", np.array([[-3]], "i4")),
                            ("c", np.array([0.5], "f2")), ("d", np.array(2**40))]:
            self.save(name + ".npy", array)
        self.ok("sum.mlir", *["--in=%s.npy" % name for name in "abcd"],
                *["--out=%d.npy" % i for i in range(5)])
        results = [self.load("%d.npy" % i) for i in range(5)]
        self.assertEqual([r.tolist() for r in results], [True, 0.5, True, -3, 2**41])
        self.assertEqual([r.dtype.str for r in results], ["|b1", "<f8", "|b1", "|i1", "<i8"])

    def test_results_that_nobody_allocated(self):
        # A constant, the argument twice, and one buffer as two results.
        self.write("same.mlir", """
func.func @main(%a: tensor<4xf32>) -> (tensor<2xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0 = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %1 = arith.addf %a, %a : tensor<4xf32>
  return %0, %a, %a, %1, %1 : tensor<2xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}""")
        self.save("a.npy", np.arange(4, dtype="f4"))
        self.ok("same.mlir", "--in=a.npy", *["--out=%d.npy" % i for i in range(5)], "--time=3")
        results = [self.load("%d.npy" % i).tolist() for i in range(5)]
        a, twice = [0, 1, 2, 3], [0, 2, 4, 6]
        self.assertEqual(results, [[1, 2], a, a, twice, twice])

    def test_arguments_stay(self):
        # The program writes into its argument where it may; timed calls and the
        # file must see the first values.
        self.write("set.mlir", """
func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %0 = tensor.extract %a[%c0] : tensor<4xf32>
  %1 = arith.addf %0, %0 : f32
  %2 = tensor.insert %1 into %a[%c0] : tensor<4xf32>
  return %2 : tensor<4xf32>
}""")
        self.save("a.npy", np.ones(4, "f4"))
        self.save("e.npy", np.array([2, 1, 1, 1], "f4"))
        self.ok("set.mlir", "--in=a.npy", "--time=5", "--expect=e.npy", "--out=o.npy")
        np.testing.assert_array_equal(self.load("o.npy"), self.load("e.npy"))
        np.testing.assert_array_equal(self.load("a.npy"), np.ones(4, "f4"))


main()
