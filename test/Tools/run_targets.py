# RUN: %python %s
"""The targets of posenc-run agree with each other on an attention op."""

import numpy as np

from tool_runner import OK, ToolTest, main

ATTENTION = """
func.func @main(%q: tensor<2x4x?x16xf32>, %k: tensor<2x2x?x16xf32>, %v: tensor<2x2x?x24xf32>, %t: tensor<32x4xf32>) -> tensor<2x4x?x24xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<2x4x?x16xf32>
  %e = tensor.empty(%n) : tensor<2x4x?x24xf32>
  %o = posenc.attention scale(0.25)
      ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x24xf32>)
      outs(%e : tensor<2x4x?x24xf32>)
      score(%s, %b, %h, %m, %n2) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<2x4x?x24xf32>
}
"""


class RunTargets(ToolTest):
    def setUp(self):
        super().setUp()
        self.write("attention.mlir", ATTENTION)
        rng = np.random.default_rng(3)
        for name, shape in [("q", (2, 4, 37, 16)), ("k", (2, 2, 150, 16)), ("v", (2, 2, 150, 24)),
                            ("t", (32, 4))]:
            self.save(name + ".npy", rng.standard_normal(shape).astype("f4"))
        self.arguments = ["attention.mlir", *["--in=%s.npy" % name for name in "qkvt"]]

    def test_compare_with_reference(self):
        for target in "cpu", "cpu:host", "reference":
            report = self.json(OK, *self.arguments, "--target=" + target, "--compare=reference")
            self.assertEqual(report["target"], target)
            self.assertLess(report["max_abs"], 1e-5)
            self.assertEqual(len(report["worst_index"]), 4)

    def test_outputs_serve_as_expectations(self):
        for raising in "on", "off":
            self.ok(*self.arguments, "--target=reference", "--out=o.npy", "--raise=" + raising)
            self.ok(*self.arguments, "--expect=o.npy", "--raise=" + raising)
        self.assertEqual(self.load("o.npy").shape, (2, 4, 37, 24))


main()
