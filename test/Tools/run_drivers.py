# RUN: %python %s %posenc_bin/lib
# REQUIRES: unit-tests, lld
"""posenc-run on CUDA and HIP, with a driver library that pretends.

Its kernels do nothing: what is tested is everything around them, from the data of the
compiled program to the driver's calls."""

import os
import sys

import numpy as np

from tool_runner import BAD_INPUT, OK, ToolTest, main

LIBRARIES = sys.argv.pop()

# A weight, an assertion in the kernel and a result.
MODEL = """
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %w = arith.constant dense<[1.0, 2.0, 4.0]> : tensor<3xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %y = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]} ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %i = linalg.index 0 : index
    %c3 = arith.constant 3 : index
    %inside = arith.cmpi ult, %i, %c3 : index
    cf.assert %inside, "expected three elements"
    %v = tensor.extract %w[%i] : tensor<3xf32>
    %s = arith.addf %a, %v : f32
    linalg.yield %s : f32
  } -> tensor<?xf32>
  return %y : tensor<?xf32>
}
"""


class RunDrivers(ToolTest):
    def setUp(self):
        super().setUp()
        self.write("model.mlir", MODEL)
        self.save("x.npy", np.ones(3, "f4"))
        for kind in "cuda", "hip":
            variable = "POSENC_%s_LIBRARY" % kind.upper()
            os.environ[variable] = os.path.join(LIBRARIES, "posenc-test-fake-%s.so" % kind)
        os.environ.pop("POSENC_FAKE_FAIL", None)

    def arguments(self, target):
        return "model.mlir", "--target=" + target, "--in=x.npy"

    def test_runs(self):
        for target in "cuda", "hip", "cuda:0":
            report = self.json(OK, *self.arguments(target), "--time=3", "--out=y.npy")
            self.assertEqual((report["target"], report["device"]), (target, "Fake GPU"))
            self.assertGreater(report["time_ms"]["min"], 0)
            self.assertEqual(self.load("y.npy").tolist(), [0, 0, 0])

    def test_without_ptxas(self):
        """The driver compiles PTX."""
        tool = os.path.join(os.environ["POSENC_BIN"], self.tool)
        self.ok(*self.arguments("cuda"), tool=tool, environment={"PATH": ""})

    def test_no_such_device(self):
        self.fails(BAD_INPUT, "--target=hip:3: expected a HIP device number 3 but there are 1",
                   *self.arguments("hip:3"))

    def test_failures(self):
        for target, function, pattern in [
                ("cuda", "cuDevicePrimaryCtxRetain", "cannot open a context on Fake GPU: the fake kernel crashed"),
                ("cuda", "cuModuleLoadDataEx", "cannot load the (cubin|ptx) for sm_90a: "),
                ("cuda", "cuLaunchKernel", "cannot launch the kernel f_kernel.* with 1x1x1 blocks of 256x1x1 "),
                ("cuda", "cuStreamSynchronize", "the fake kernel crashed .CUDA_ERROR_FAKE."),
                ("hip", "hipModuleLoadDataEx", "cannot load the hsaco for gfx942: "),
                ("hip", "hipMallocFromPoolAsync", "cannot allocate 12 bytes on the device: ")]:
            with self.subTest(function):
                os.environ["POSENC_FAKE_FAIL"] = function + ":1:719"
                self.fails(BAD_INPUT, pattern, *self.arguments(target))


if __name__ == "__main__":
    main()
