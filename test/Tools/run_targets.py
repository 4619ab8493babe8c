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

    def test_results_that_share_memory(self):
        """A value returned twice, views of it and of an argument, and what a branch picked."""
        self.write("views.mlir", """
          func.func @main(%a: tensor<4x?xf32>, %p: i1) -> (tensor<4x?xf32>, tensor<?xf32>, tensor<4x?xf32>, tensor<?xf32>,
              tensor<4x?xf32>, tensor<4x?xf32>) {
            %b = arith.addf %a, %a : tensor<4x?xf32>
            %c = arith.mulf %b, %a : tensor<4x?xf32>
            %f = tensor.collapse_shape %b [[0, 1]] : tensor<4x?xf32> into tensor<?xf32>
            %g = tensor.collapse_shape %a [[0, 1]] : tensor<4x?xf32> into tensor<?xf32>
            %s = arith.select %p, %b, %c : tensor<4x?xf32>
            return %b, %f, %b, %g, %a, %s : tensor<4x?xf32>, tensor<?xf32>, tensor<4x?xf32>, tensor<?xf32>,
              tensor<4x?xf32>, tensor<4x?xf32>
          }""")
        a = np.arange(20, dtype="f4").reshape(4, 5)
        self.save("a.npy", a)
        for pick, last in (True, 2 * a), (False, 2 * a * a):
            self.save("p.npy", np.array(pick))
            for i, result in enumerate([2 * a, 2 * a.ravel(), 2 * a, a.ravel(), a, last]):
                self.save("x%d.npy" % i, result)
            for target in "cpu", "emulate:sm_80", "emulate:gfx942":
                with self.subTest(target=target, pick=pick):
                    self.ok("views.mlir", "--in=a.npy", "--in=p.npy", "--target=" + target, "--rtol=0", "--atol=0",
                            *["--expect=x%d.npy" % i for i in range(6)])

    def test_outputs_serve_as_expectations(self):
        for raising in "on", "off":
            self.ok(*self.arguments, "--target=reference", "--out=o.npy", "--raise=" + raising)
            self.ok(*self.arguments, "--expect=o.npy", "--raise=" + raising)
        self.assertEqual(self.load("o.npy").shape, (2, 4, 37, 24))


main()
