# RUN: %python %s
"""Score regions whose ops no vector of keys can hold run lane by lane."""
import sys

import numpy as np

import posenc

ATTENTION = """
func.func @main(%q: tensor<1x4x?x16xf32>, %k: tensor<1x2x?x16xf32>, %v: tensor<1x2x?x16xf32>,
                %o: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {{
  %r = posenc.attention scale(0.25)
      ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>)
      outs(%o : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {{
    {region}
    posenc.yield %x : f32
  }}
  return %r : tensor<1x4x?x16xf32>
}}
"""

# A region, and what it computes of the scores and of the indices m and n.
REGIONS = {
    "vector": ("""
    %w = vector.broadcast %s : f32 to vector<4xf32>
    %x = vector.reduction <add>, %w : vector<4xf32> into f32""", lambda s, m, n: 4 * s),
    "vector, then scalars": ("""
    %c2 = arith.constant 2 : index
    %d = arith.remui %n, %c2 : index
    %i = arith.index_cast %d : index to i32
    %f = arith.sitofp %i : i32 to f32
    %w = vector.from_elements %s, %f : vector<2xf32>
    %t = vector.reduction <add>, %w : vector<2xf32> into f32
    %x = arith.mulf %t, %t : f32""", lambda s, m, n: (s + n % 2)**2),
    "complex": ("""
    %c = complex.create %s, %s : complex<f32>
    %p = complex.mul %c, %c : complex<f32>
    %x = complex.im %p : complex<f32>""", lambda s, m, n: 2 * s * s),
    "row of keys": ("""
    %c0 = arith.constant 0 : index
    %w = tensor.extract_slice %k[0, 0, %n, 0] [1, 1, 1, 16] [1, 1, 1, 1]
        : tensor<1x2x?x16xf32> to tensor<16xf32>
    %e = tensor.extract %w[%c0] : tensor<16xf32>
    %x = arith.addf %s, %e : f32""", None),
}


def oracle(q, k, v, function):
    k, v = (np.repeat(x, 2, axis=1).astype("f8") for x in (k, v))
    scores = function(0.25 * q @ k.swapaxes(-1, -2), *np.ogrid[:q.shape[2], :k.shape[2]])
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True) @ v


def main():
    random = np.random.default_rng(0)
    q, k, v = (random.standard_normal(shape).astype("f4")
               for shape in ((1, 4, 9, 16), (1, 2, 21, 16), (1, 2, 21, 16)))
    failed = 0
    for name, (region, function) in REGIONS.items():
        first = k[0, 0, :, 0].astype("f8")
        expected = oracle(q, k, v, function or (lambda s, m, n: s + first))
        module = ATTENTION.format(region=region)
        for target in "reference", "cpu":
            (got,) = posenc.run(module, [q, k, v, np.zeros_like(q)], target=target)
            if not np.allclose(got, expected, rtol=1e-4, atol=1e-5):
                print(f"{name} on {target}: off by {np.abs(got - expected).max()}")
                failed = 1
    return failed


sys.exit(main())
