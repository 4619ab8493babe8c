# REQUIRES: lld
# RUN: %python %s
"""The C API of packages: where tensors are, who owns results, and every message about an argument."""

import ctypes
import os
import threading

import numpy as np

from posenc_package import DEVICE, HOST, Error, Session, Tensor
from tool_runner import ToolTest, literal, main

# Its own length, so that host code on a GPU has something to do; an argument comes back as a result.
MODULE = """
func.func @main(%a: tensor<?x8xf32>, %b: tensor<?x8xf32>, %n: i64) -> (tensor<?x8xf32>, tensor<?x8xf32>, i64) {
  %one = arith.constant 1 : i64
  %m = arith.addi %n, %one : i64
  %s = arith.addf %a, %b : tensor<?x8xf32>
  return %s, %a, %m : tensor<?x8xf32>, tensor<?x8xf32>, i64
}
"""
A = np.arange(24, dtype="f4").reshape(3, 8)
B = np.full((3, 8), 100, "f4")
N = np.array(41)


class PackageAPI(ToolTest):
    tool = "posenc-compile"

    def open(self, target):
        name = "cpu:x86-64-v2" if target == "cpu" else target
        self.write("m.mlir", MODULE)
        self.ok("m.mlir", "--target=" + name, "-o", "m.posenc")
        session = Session(self.path("m.posenc"), target)
        self.addCleanup(session.close)
        return session

    def both(self):
        for target in "cpu", "emulate:sm_80", "emulate:gfx942":
            with self.subTest(target):
                yield self.open(target)

    def test_host_memory(self):
        for session in self.both():
            results = (Tensor * 3)()
            session.call("main", [Tensor.of(A), Tensor.of(B), Tensor.of(N)], results)
            np.testing.assert_array_equal(results[0].numpy(), A + B)
            np.testing.assert_array_equal(results[1].numpy(), A)
            self.assertEqual(results[2].numpy(), 42)
            self.assertNotEqual(results[1].data, A.ctypes.data, "an argument is not given away")
            for result in results:
                self.assertEqual(result.where, HOST)
                session.release(result)
                self.assertIsNone(result.data)
                session.release(result)

    def test_device_memory_and_stream(self):
        for session in self.both():
            stream = ctypes.c_void_p()
            session.check(session.library.posenc_stream_create(session.device, ctypes.byref(stream)))
            a, b = session.to_device(A), session.to_device(B)
            results = (Tensor * 3)()
            results[0].where = DEVICE
            session.call(None, [a, b, Tensor.of(N)], results, stream)
            session.check(session.library.posenc_stream_synchronize(session.device, stream))
            np.testing.assert_array_equal(session.from_device(results[0]), A + B)
            np.testing.assert_array_equal(results[1].numpy(), A)
            # The result of one call is the argument of the next; host and device memory mix.
            more = (Tensor * 3)()
            session.call(None, [results[0], Tensor.of(B), Tensor.of(N)], more, stream)
            np.testing.assert_array_equal(more[0].numpy(), A + B + B)
            for result in [*results, *more]:
                session.release(result)
            session.free(a)
            session.free(b)
            session.check(session.library.posenc_stream_destroy(session.device, stream))

    def test_results_of_the_caller(self):
        for session in self.both():
            out, n = np.zeros((3, 8), "f4"), np.zeros((), "i8")
            on_device = session.to_device(out)
            results = (Tensor * 3)(Tensor.of(out), on_device, Tensor.of(n))
            session.call("main", [Tensor.of(A), Tensor.of(B), Tensor.of(N)], results)
            np.testing.assert_array_equal(out, A + B)
            np.testing.assert_array_equal(session.from_device(on_device), A)
            self.assertEqual(n, 42)
            self.assertIsNone(results[0].allocation)
            session.free(on_device)

    def test_empty(self):
        for session in self.both():
            empty, results = Tensor.of(np.zeros((0, 8), "f4")), (Tensor * 3)()
            empty.data = None
            session.call("main", [empty, empty, Tensor.of(N)], results)
            self.assertEqual(list(results[0].shape[:2]), [0, 8])
            for result in results:
                session.release(result)

    def fails(self, session, message, arguments, results=None, entry="main"):
        results = (Tensor * 3)() if results is None else results
        before = bytes(results)
        with self.assertRaisesRegex(Error, "^" + literal(message) + "$"):
            session.call(entry, arguments, results)
        self.assertEqual(bytes(results), before)

    def test_messages(self):
        session = self.open("cpu")
        a, b, n = Tensor.of(A), Tensor.of(B), Tensor.of(N)
        strides = (ctypes.c_int64 * 2)(1, 3)
        def change(array, **fields):
            tensor = Tensor.of(array)
            for name, value in fields.items():
                setattr(tensor, name, value)
            return tensor
        first, second = "argument 0 (arg0) of @main: ", "argument 1 (arg1) of @main: "
        shape = "expected f32 of shape [s0, 8] but got "
        for message, arguments in [
            ("@main: expected 3 arguments but got 2", [a, b]),
            (first + shape + "f64 of shape [3, 8]", [Tensor.of(A.astype("f8")), b, n]),
            (first + shape + "f32 of shape [3, 7]", [Tensor.of(A[:, :7].copy()), b, n]),
            (first + shape + "f32 of shape [24]", [Tensor.of(A.reshape(-1)), b, n]),
            (first + shape + "rank 17", [change(A, rank=17), b, n]),
            (first + "expected a type of elements but got the number 13", [change(A, dtype=13), b, n]),
            (first + "expected data but got null", [change(A, data=None), b, n]),
            (first + "expected data aligned to 4 bytes", [change(A, data=A.ctypes.data + 1), b, n]),
            (first + "expected a place (host 0, device 1) but got 2", [change(A, where=2), b, n]),
            (first + "expected row-major strides [8, 1] but got [1, 3]", [change(A, strides=strides), b, n]),
            (first + "expected extents of at least 0 but got [-1, 8]",
             [change(A, shape=(ctypes.c_int64 * 16)(-1, 8)), b, n]),
            (first + "expected fewer than 2^63 bytes but got the shape [1152921504606846976, 8]",
             [change(A, shape=(ctypes.c_int64 * 16)(2**60, 8)), b, n]),
            (second + "expected extent 3 in dimension 0 (s0, as dimension 0 of argument 0 (arg0) of @main) but got 2",
             [a, Tensor.of(B[:2].copy()), n]),
            ("argument 2 (arg2) of @main: expected i64 scalar (rank 0) but got i32 of shape []",
             [a, b, Tensor.of(np.array(1, "i4"))]),
            ("argument 2 (arg2) of @main: expected a scalar in host memory", [a, b, change(N, where=DEVICE)]),
        ]:
            with self.subTest(message):
                self.fails(session, message, arguments)
        self.fails(session, "@main: expected 3 results but got 2", [a, b, n], (Tensor * 2)())
        self.fails(session, "expected an entry @none but the package has @main", [a, b, n], entry="none")
        small = (Tensor * 3)(Tensor.of(np.zeros((3, 9), "f4")))
        self.fails(session, "result 0 (result0) of @main: expected f32 of shape [s0, 8] but got f32 of shape [3, 9]",
                   [a, b, n], small)
        tied = (Tensor * 3)(Tensor.of(np.zeros((4, 8), "f4")))
        self.fails(session, "result 0 (result0) of @main: expected extent 3 in dimension 0 (s0, as dimension 0 of "
                   "argument 0 (arg0) of @main) but got 4", [a, b, n], tied)
        # Row-major strides are fine, also where an extent of 1 makes them meaningless.
        results = (Tensor * 3)()
        session.call("main", [change(A[:1].copy(), strides=(ctypes.c_int64 * 2)(77, 1)), Tensor.of(B[:1].copy()), n],
                     results)
        for result in results:
            session.release(result)

    def test_null(self):
        session = self.open("cpu")
        library, null = session.library, ctypes.c_void_p()
        arguments, results = (Tensor * 3)(Tensor.of(A), Tensor.of(B), Tensor.of(N)), (Tensor * 3)()
        for given, message in [
            ((session.package, null, None, arguments, 3, results, 3), "a device"),
            ((session.package, session.device, None, None, 3, results, 3), "arguments"),
            ((session.package, session.device, None, arguments, 3, None, 3), "results"),
        ]:
            self.assertEqual(library.posenc_package_call(*given, None), 1)
            self.assertEqual(library.posenc_last_error().decode(), "expected %s but got null" % message)
        self.assertEqual(library.posenc_package_select(session.package, session.device, None), 1)
        self.assertEqual(library.posenc_last_error(), b"expected a place for the target but got null")
        library.posenc_package_find_entry.restype = ctypes.c_void_p
        self.assertIsNone(library.posenc_package_find_entry(session.package, None))

    def test_threads(self):
        session = self.open("cpu")
        errors = []

        def work(value):
            for _ in range(50):
                results = (Tensor * 3)()
                b = np.full((3, 8), value, "f4")
                session.call("main", [Tensor.of(A), Tensor.of(b), Tensor.of(N)], results)
                if not np.array_equal(results[0].numpy(), A + b):
                    errors.append(value)
                for result in results:
                    session.release(result)

        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])

    def test_many_packages(self):
        """Each has its code, also where descriptors of files come again; none is left open."""
        self.write("m.mlir", MODULE)
        for name, value in ("one", 1.0), ("two", 2.0):
            self.write(name + ".mlir", "func.func @f() -> f32 { %%0 = arith.constant %s : f32\nreturn %%0 : f32 }" % value)
            self.ok(name + ".mlir", "--target=cpu:x86-64-v2", "-o", name + ".posenc")
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            sessions = [(Session(self.path(name + ".posenc"), "cpu"), value) for name, value in (("one", 1), ("two", 2))]
            for session, value in sessions:
                result = (Tensor * 1)()
                session.call("f", [], result)
                self.assertEqual(result[0].numpy(), value)
                session.release(result[0])
            for session, _ in sessions[::-1]:
                session.close()
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)


main()
