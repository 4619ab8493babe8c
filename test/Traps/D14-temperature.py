# RUN: %python %s
"""D14. Llama-4 counts positions from 1, Ministral from 0; Inkling's temperature is a factor of its bias too."""
import unittest

import numpy as np

from posenc_testing import traps

N, F = 24, 4.0
I = np.arange(N)
LLAMA4 = 1 + 0.1 * np.log(1 + np.floor((I + 1) / F))
MINISTRAL = 1 + 0.1 * np.log(1 + np.floor(I / F))
INKLING = 1 + 0.1 * np.log(np.maximum((I + 1) / F, 1))


class Temperature(traps.Trap):
    def factors(self, text):
        return """func.func @main() -> tensor<24xf32> {
  %%p = posenc.positions : tensor<24xi64>
  %%t = posenc.temperature %%p %s : tensor<24xi64> -> tensor<24xf32>
  return %%t : tensor<24xf32>
}""" % text, []

    def test_llama4_and_ministral(self):
        self.check(self.factors("llama4 length 4.0"), LLAMA4, MINISTRAL)
        self.check(self.factors("ministral length 4.0"), MINISTRAL, LLAMA4)
        self.assertEqual(list(np.flatnonzero(LLAMA4 != MINISTRAL)), [3, 7, 11, 15, 19, 23])

    def test_inkling_does_not_round(self):
        self.check(self.factors("inkling length 4.0"), INKLING, LLAMA4)

    def test_inkling_scales_the_bias(self):
        """The same factor on q and on the bias; on q alone is another model."""
        q, k, v = self.qkv(queries=N, keys=N)
        curve, d = self.random(16), traps.distances(N, N)
        bias = np.where((d >= 0) & (d < 16), curve[np.clip(d, 0, 15)], 0.0)
        hidden = np.where(d < 0, -np.inf, 0.0)
        prologue = "%p = posenc.positions : tensor<24xi64>\n  %tau = posenc.temperature %p inkling length 4.0 : tensor<24xi64> -> tensor<24xf32>"
        rows = """q_rows(%row, %b, %h, %t) {
    %y = posenc.row_scale %row at(%b, %t) by(%tau) : !posenc.row, tensor<24xf32>
    posenc.yield %y : !posenc.row
  }"""
        body = """%w = tensor.extract %tau[%m] : tensor<24xf32>
    %x = posenc.bias_table %s, %curve at(%i, %j) bucket <identity, q_minus_k, extent = 16> weight(%w) : tensor<16xf32>
    %r = posenc.mask %x at(%i, %j) <causal>"""
        tau = INKLING[:, None]
        scaled = q * tau
        self.check(traps.attention(body, q, k, v, dict(curve=curve), regions=rows, prologue=prologue),
                   traps.attend(scaled, k, v, tau * bias + hidden), traps.attend(scaled, k, v, bias + hidden),
                   traps.attend(q, k, v, tau * bias + hidden))


unittest.main()
