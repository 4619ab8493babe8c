# REQUIRES: lld
# RUN: %python %s
"""Packages on a fake CUDA driver: which target is taken, and every call of the driver failing once."""

import ctypes
import os

import numpy as np

FAKE = os.path.join(os.path.dirname(os.environ["POSENC_BIN"]), "lib", "posenc-test-fake-cuda.so")
os.environ["POSENC_CUDA_LIBRARY"] = FAKE
# Without ptxas the kernels are PTX, which the fake can read.
os.environ["PATH"] = os.environ["POSENC_BIN"]

from posenc_package import DEVICE, Error, Session, Tensor  # noqa: E402
from tool_runner import BAD_INPUT, OK, ToolTest, main  # noqa: E402

MODULE = """
func.func @main(%a: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %s = arith.addf %a, %a : tensor<?xf32>
  %t = arith.mulf %s, %a : tensor<?xf32>
  return %s, %t : tensor<?xf32>, tensor<?xf32>
}
"""


class Machine(ctypes.Structure):
    _fields_ = [("devices", ctypes.c_int), ("major", ctypes.c_int), ("minor", ctypes.c_int),
                ("arch", ctypes.c_char_p), ("has_pools", ctypes.c_bool), ("memory", ctypes.c_uint64)]


class Live(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in ("memory", "streams", "events", "modules", "contexts", "pools")]


class Control(ctypes.Structure):
    _fields_ = [("reset", ctypes.CFUNCTYPE(None, ctypes.POINTER(Machine))),
                ("fail_at", ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_int)),
                ("count_calls", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p)),
                ("get_call", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_int)),
                ("get_live", ctypes.CFUNCTYPE(Live)),
                ("count_mistakes", ctypes.CFUNCTYPE(ctypes.c_int)),
                ("get_mistake", ctypes.CFUNCTYPE(ctypes.c_char_p))]


class FakeDriver(ToolTest):
    tool = "posenc-compile"

    def setUp(self):
        super().setUp()
        self.write("m.mlir", MODULE)
        self.ok("m.mlir", "--target=cuda:sm_80,cuda:sm_90a,cpu:x86-64-v2", "-o", "m.posenc")
        self.control = Control.in_dll(ctypes.CDLL(FAKE), "fake_control")

    def reset(self, major=9, minor=0, pools=True):
        self.control.reset(ctypes.byref(Machine(1, major, minor, b"", pools, 2**30)))

    def check_clean(self):
        self.assertEqual(self.control.count_mistakes(), 0, self.control.get_mistake())
        live = self.control.get_live()
        self.assertEqual({name: getattr(live, name) for name, _ in Live._fields_ if getattr(live, name)}, {})

    def test_choice(self):
        for (major, minor), expected in [((8, 0), b"cuda:sm_80"), ((8, 6), b"cuda:sm_80"), ((9, 0), b"cuda:sm_90a"),
                                         ((12, 0), b"cuda:sm_80"), ((7, 5), None)]:
            self.reset(major, minor)
            session = Session(self.path("m.posenc"), "cuda")
            target = ctypes.c_void_p()
            status = session.library.posenc_package_select(session.package, session.device, ctypes.byref(target))
            if expected:
                self.assertEqual(ctypes.cast(target, ctypes.POINTER(ctypes.c_char_p))[0], expected)
            else:
                self.assertRegex(session.library.posenc_last_error().decode(),
                                 "expected a target for .*sm_75.* but the package has cuda:sm_80, cuda:sm_90a, cpu:")
            self.assertEqual(bool(status), expected is None)
            session.close()
            self.check_clean()

    def work(self):
        """Host and device memory, the runtime's stream and one of the caller's."""
        session, held = Session(self.path("m.posenc"), "cuda"), []
        stream = ctypes.c_void_p()
        try:
            array, results = np.ones(5, "f4"), (Tensor * 2)()
            held += results
            results[0].where = DEVICE
            session.call("main", [Tensor.of(array)], results)
            try:
                session.check(session.library.posenc_stream_create(session.device, ctypes.byref(stream)))
                more = (Tensor * 2)(Tensor.of(np.zeros(5, "f4")))
                session.call("main", [results[0]], more, stream)
                session.release(more[1])
            finally:
                for result in results:
                    session.release(result)
            self.assertEqual(list(more[1].shape[:1]), [5])
        finally:
            if stream:
                session.library.posenc_stream_destroy(session.device, stream)
            session.close()

    def test_every_failure(self):
        for pools in True, False:
            self.reset(pools=pools)
            self.work()
            self.check_clean()
            total, failures = self.control.count_calls(None), 0
            self.assertGreater(total, 30)
            for nth in range(1, total + 1):
                self.reset(pools=pools)
                self.control.fail_at(None, nth, 2)
                try:
                    self.work()
                except Error as error:
                    failures += 1
                    self.assertNotEqual(str(error), "")
                call = self.control.get_call(nth).decode()
                # Without its context the driver cannot be asked to release anything.
                if call != "cuCtxPushCurrent_v2":
                    with self.subTest(pools=pools, nth=nth, call=call):
                        self.check_clean()
            self.assertGreater(failures, 15)

    def test_runner(self):
        self.tool = "posenc-run-package"
        self.save("a.npy", np.ones(5, "f4"))
        report = self.json(OK, "m.posenc", "--in", "a.npy", "--time=3")
        self.assertEqual(report["target"], "cuda")
        self.assertGreaterEqual(report["time_ms"]["min"], 0)
        self.ok("m.posenc", "--in", "a.npy", "--target=cuda:0", "--out=o.npy", "--out=p.npy")
        self.fails(BAD_INPUT, "^posenc-run-package: --target=cuda:7: ", "m.posenc", "--in", "a.npy", "--target=cuda:7")
        self.fails(BAD_INPUT, "^posenc-run-package: --target=hip: ", "m.posenc", "--in", "a.npy", "--target=hip")


main()
