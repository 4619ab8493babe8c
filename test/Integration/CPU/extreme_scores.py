# RUN: %python %s
"""Scores at the ends of the range, rows that see nothing, and values that are no
numbers, in tiles and in decoding; the same bits for every number of threads."""
import os
import sys

import numpy as np

import posenc

MODULE = """
func.func @main(%q: tensor<1x4x?x32xf32>, %k: tensor<1x2x?x32xf32>, %v: tensor<1x2x?x32xf32>,
                %table: tensor<33x4xf32>, %o: tensor<1x4x?x32xf32>, %l: tensor<1x4x?xf32>)
    -> (tensor<1x4x?x32xf32>, tensor<1x4x?xf32>) {{
  %r, %e = posenc.attention scale(1.0)
      ins(%q, %k, %v : tensor<1x4x?x32xf32>, tensor<1x2x?x32xf32>, tensor<1x2x?x32xf32>)
      outs(%o, %l : tensor<1x4x?x32xf32>, tensor<1x4x?xf32>) score(%s, %b, %h, %m, %n) {{
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <clip, k_minus_q, left = 16, right = 16> : tensor<33x4xf32>
    {mask}
    posenc.yield %y : f32
  }}
  return %r, %e : tensor<1x4x?x32xf32>, tensor<1x4x?xf32>
}}
"""
MASKS = {
    "none": "%zero = arith.constant 0.0 : f32\n %y = arith.addf %x, %zero : f32",
    "window": "%y = posenc.mask %x at(%i, %j) <window, left = 20, right = 3>",
    # The first 40 rows see no key.
    "nothing": """%c40 = arith.constant 40 : index
    %hidden = arith.constant 0xFF800000 : f32
    %far = arith.addi %j, %c40 : index
    %visible = arith.cmpi sle, %far, %i : index
    %y = arith.select %visible, %x, %hidden : f32""",
}


def score(q, k, table):
    """Scores before the mask, in float64."""
    s = q.astype("f8") @ np.repeat(k, 2, axis=1).astype("f8").swapaxes(-1, -2)
    d = np.arange(k.shape[2])[None, :] - np.arange(q.shape[2])[:, None]
    return s + table[np.clip(d, -16, 16) + 16].transpose(2, 0, 1).astype("f8"), d


def expect(q, k, v, table, mask):
    s, d = score(q, k, table)
    if mask != "none":
        left, right = (20, 3) if mask == "window" else (1 << 30, -40)
        s = np.where((d <= right) & (-d <= left), s, -np.inf)
    with np.errstate(all="ignore"):
        top = np.where(np.isinf(s.max(-1, keepdims=True)), 0, s.max(-1, keepdims=True))
        w = np.exp(s - top)
        total = w.sum(-1, keepdims=True)
        o = np.where(total == 0, 0, w / total) @ np.repeat(v, 2, axis=1).astype("f8")
        return o, (top + np.log(total))[..., 0], np.abs(np.where(np.isinf(s), 0, s)).max()


def check(name, q, k, v, table, mask):
    inputs = [q, k, v, table, np.zeros_like(q), np.zeros(q.shape[:3], "f4")]
    results = []
    # Every kind of work once with another number of threads.
    for threads in ("1", "3") if name[-1].isdigit() else ("3",):
        os.environ["OMP_NUM_THREADS"] = threads
        results.append(posenc.run(MODULE.format(mask=MASKS[mask]), inputs, results=2, target="cpu"))
    for a, b in zip(results[0], results[-1]):
        if a.tobytes() != b.tobytes():
            print(f"{name}, {mask}: other bits with three threads")
            return 1
    got, lse = results[0]
    expected, expected_lse, top = expect(q, k, v, table, mask)
    # Numerics.md, with a quarter of what it allows.
    bound = 2.5e-6 * (1 + top) * np.abs(v).max()
    if np.array_equal(np.isinf(lse), np.isinf(expected_lse)):
        seen = ~np.isinf(expected_lse)
        off = np.abs(got - expected).max()
        off_lse = np.abs(lse[seen] - expected_lse[seen]).max(initial=0)
        if off <= bound and off_lse <= 2.5e-6 * (1 + top) and not got[~seen].any():
            return 0
        print(f"{name}, {mask}: off by {off} (bound {bound}), lse by {off_lse}")
    else:
        print(f"{name}, {mask}: other rows see nothing")
    return 1


def not_a_number(q, k, v, table):
    """A NaN in a query's row stays in that row; a NaN in a key reaches those that see it."""
    failed = 0
    for where, tensor, rows in (("query", q, [5]), ("key", k, range(0, 28))):
        spoilt = [q.copy(), k.copy(), v]
        spoilt[0 if tensor is q else 1][0, 0, 5, 3] = np.nan
        inputs = spoilt + [table, np.zeros_like(q), np.zeros(q.shape[:3], "f4")]
        got, _ = posenc.run(MODULE.format(mask=MASKS["window"]), inputs, results=2, target="cpu")
        # Key 5 is seen by queries 2 to 25.
        expected = {5} if where == "query" else set(range(2, 26))
        found = set(np.nonzero(np.isnan(got[0, 0]).any(-1))[0].tolist())
        if found != expected:
            print(f"NaN in a {where}: rows {sorted(found)} instead of {sorted(expected)}")
            failed = 1
    return failed


def main():
    random = np.random.default_rng(0)
    failed = 0
    for queries, keys in ((150, 300), (3, 600)):
        q, k, v = (random.standard_normal(shape).astype("f4") for shape in
                   ((1, 4, queries, 32), (1, 2, keys, 32), (1, 2, keys, 32)))
        table = random.standard_normal((33, 4)).astype("f4")
        outlier = k.copy()
        outlier[0, 0, keys // 2] *= 1000
        hidden = table.copy()
        hidden[10:20] = -np.inf
        lowest = table + np.float32(-1e4)
        for mask in MASKS:
            failed |= check(f"{queries}x{keys}", q, k, v, table, mask)
            failed |= check(f"{queries}x{keys} large", 100 * q, 20 * k, v, table, mask)
            failed |= check(f"{queries}x{keys} outlier", q, outlier, v, table, mask)
            failed |= check(f"{queries}x{keys} hidden by the table", q, k, v, hidden, mask)
            failed |= check(f"{queries}x{keys} low", q, k, v, lowest, mask)
    q, k, v = (random.standard_normal((1, h, 70, 32)).astype("f4") for h in (4, 2, 2))
    return failed | not_a_number(q, k, v, table)


sys.exit(main())
