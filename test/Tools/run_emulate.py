# RUN: %python %s
"""posenc-run on the emulator: schedules, checks, statistics, times, comparison."""

import numpy as np

from tool_runner import BAD_INPUT, MISMATCH, OK, ToolTest, literal, main

# The sum of 64 numbers by atomics: the order decides the last bits.
SUM = """
module attributes {gpu.container_module} {
  func.func @main(%a: tensor<64xf32>) -> tensor<1xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant 0.0 : f32
    %in = bufferization.to_buffer %a read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<1xf32>
    linalg.fill ins(%zero : f32) outs(%out : memref<1xf32>)
    gpu.launch_func @kernels::@sum blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%in : memref<64xf32>, %out : memref<1xf32>)
    %r = bufferization.to_tensor %out restrict : memref<1xf32> to tensor<1xf32>
    return %r : tensor<1xf32>
  }
  gpu.module @kernels {
    gpu.func @sum(%in: memref<64xf32>, %out: memref<1xf32>) kernel {
      %t = gpu.thread_id x
      %c0 = arith.constant 0 : index
      %x = memref.load %in[%t] : memref<64xf32>
      %old = memref.atomic_rmw addf %x, %out[%c0] : (f32, memref<1xf32>) -> f32
      gpu.return
    }
  }
}
"""

# All threads write to the same place.
RACE = SUM.replace("%old = memref.atomic_rmw addf %x, %out[%c0] : (f32, memref<1xf32>) -> f32",
                   "memref.store %x, %out[%c0] : memref<1xf32>")

# Reads out of bounds unless thread 0 is the first.
FIRST = SUM.replace("      gpu.return", """      %zero = arith.constant 0.0 : f32
      %c100 = arith.constant 100 : index
      %late = arith.cmpf one, %old, %zero : f32
      %mine = arith.cmpi eq, %t, %c0 : index
      %both = arith.andi %late, %mine : i1
      %at = arith.select %both, %c100, %c0 : index
      %y = memref.load %in[%at] : memref<64xf32>
      %sum = memref.atomic_rmw addf %y, %out[%c0] : (f32, memref<1xf32>) -> f32
      gpu.return""")

ATTENTION = """
func.func @main(%q: tensor<1x2x?x16xf32>, %k: tensor<1x2x?x16xf32>, %v: tensor<1x2x?x16xf32>) -> tensor<1x2x?x16xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x2x?x16xf32>
  %e = tensor.empty(%n) : tensor<1x2x?x16xf32>
  %o = posenc.attention scale(0.25)
      ins(%q, %k, %v : tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>)
      outs(%e : tensor<1x2x?x16xf32>)
  return %o : tensor<1x2x?x16xf32>
}
"""


class RunEmulate(ToolTest):
    def setUp(self):
        super().setUp()
        self.write("sum.mlir", SUM)
        self.write("race.mlir", RACE)
        self.write("attention.mlir", ATTENTION)
        rng = np.random.default_rng(3)
        self.save("a.npy", (rng.standard_normal(64) * 10.0 ** rng.uniform(-3, 3, 64)).astype("f4"))
        for name in "qkv":
            self.save(name + ".npy", rng.standard_normal((1, 2, 30, 16)).astype("f4"))
        self.attention = ["attention.mlir", *["--in=%s.npy" % name for name in "qkv"]]

    def test_compare_with_reference(self):
        for chip in "sm_80", "gfx1100":
            report = self.json(OK, *self.attention, "--target=emulate:" + chip, "--compare=reference",
                               "--emulate-schedule=3")
            self.assertEqual((report["target"], report["device"]), ("emulate:" + chip,) * 2)
            self.assertLess(report["max_abs"], 1e-5)
            self.assertEqual(len(report["worst_index"]), 4)
            self.assertIsNone(report["statistics"])

    def test_statistics_and_times(self):
        report = self.json(OK, *self.attention, "--target=emulate:sm_90a", "--emulate-stats", "--time=2")
        self.assertGreater(report["time_ms"]["min"], 0)
        kernel = report["statistics"][0]
        self.assertEqual((kernel["name"], kernel["launches"]), ("posenc_attention", 1))
        self.assertGreater(kernel["instructions"]["fma"], 0)
        self.assertGreater(kernel["global"]["bytes_read"], 0)
        text = self.ok(*self.attention, "--target=emulate:sm_90a", "--emulate-stats")
        self.assertIn('"posenc_attention"', text)

    def test_schedules_that_differ(self):
        result = self.run_tool("sum.mlir", "--in=a.npy", "--target=emulate:sm_80", "--emulate-schedule=0-9")
        self.assertEqual(result.returncode, MISMATCH)
        self.assertRegex(result.stderr, r"^posenc-run: result 0 has other bits under schedule \d\n")
        self.ok("sum.mlir", "--in=a.npy", "--target=emulate:sm_80", "--emulate-schedule=4")

    def test_report(self):
        result = self.run_tool("race.mlir", "--in=a.npy", "--target=emulate:gfx942", "--emulate-schedule=0-3",
                               "--out=o.npy")
        self.assertEqual((result.returncode, result.stdout), (BAD_INPUT, ""))
        self.assertRegex(result.stderr, r"race.mlir:\d+:7: error: emulator: data race on global memory .* in "
                         r"kernel @sum, block \(0,0,0\), thread \(\d+,0,0\)")
        self.assertTrue(result.stderr.endswith("posenc-run: the emulator has reported a kernel\n"))
        self.ok("race.mlir", "--in=a.npy", "--target=emulate:gfx942", "--emulate-checks=off")

    def test_report_of_a_later_schedule(self):
        self.write("first.mlir", FIRST)
        self.ok("first.mlir", "--in=a.npy", "--target=emulate:sm_80")
        result = self.run_tool("first.mlir", "--in=a.npy", "--target=emulate:sm_80", "--emulate-schedule=0-5")
        self.assertEqual(result.returncode, BAD_INPUT)
        self.assertRegex(result.stderr, "out-of-bounds read of global memory")
        self.assertRegex(result.stderr, r"\nposenc-run: this was schedule [1-5]\n$")

    def test_no_model(self):
        self.write("odd.mlir", SUM.replace("%t = gpu.thread_id x", "%t = gpu.thread_id x\n      nvvm.cluster.arrive"))
        self.fails(BAD_INPUT, literal("'nvvm.cluster.arrive' op is not modelled by the emulator"), "odd.mlir",
                   "--in=a.npy", "--target=emulate:sm_90a", lines=None)


main()
