"""Buckets of two positions: their rows from the papers' formulas in float64, and random ones for the differential test.

A bucket is a dict: `kind`, `sign` and the fields of #posenc.bucket, words as strings. `rows_of` gives the row and
whether there is one, for integer positions that broadcast.
"""

import numpy as np


def deberta_rows(d, size, top, rule):
    """make_log_bucket_position and the clamp of the index (He et al. 2021)."""
    if rule == "microsoft":
        d = np.clip(d, 1 - top, top - 1)
    middle, length = size // 2, np.abs(d)
    inner = length <= middle
    ratio = np.log(np.where(inner, middle, length) / middle) / np.log((top - 1) / middle)
    # The ends of buckets that are whole numbers are no matter of rounding.
    steps = np.ceil(np.round(ratio * (middle - 1), 9))
    delta = np.where(inner, d, np.sign(d) * (steps + middle))
    return np.clip(delta.astype(np.int64) + size, 0, 2 * size - 1)


def piecewise(x, alpha, beta, gamma):
    """iRPE's index of a signed distance, Eq. 18 (Wu et al. 2021); round half to even."""
    length = np.abs(x)
    inner = length <= alpha
    outer = alpha + np.log(np.where(inner, alpha, length) / alpha) / np.log(gamma / alpha) * (beta - alpha)
    rounded = np.minimum(np.round(np.round(outer, 9)), np.floor(beta))
    return np.where(inner, np.round(x), np.sign(x) * rounded).astype(np.int64)


def _irpe_rows(b, dy, dx):
    numbers = b["alpha"], b["beta"], b["gamma"]
    limit = int(b["beta"])
    index = lambda x: piecewise(x, *numbers) + limit
    return {
        "rows": lambda: index(dy),
        "cols": lambda: index(dx),
        "product": lambda: index(dy) * (2 * limit + 1) + index(dx),
        "euclidean": lambda: index(np.round(np.sqrt(dy * dy + dx * dx))),
        "quant": lambda: index(dy * dy + dx * dx),
    }[b["method"]]()


def _coordinates(b, position):
    """(z, y, x) of tokens that are counted row by row, from the nearest end of the grid."""
    shape = tuple(b.get(extent, 1) for extent in ("depth", "height", "width"))
    first = 0 if b.get("cls", "none") == "none" else 1
    return np.unravel_index(np.clip(position - first, 0, np.prod(shape) - 1), shape)


def _grid_rows(b, i, j):
    sign = -1 if b.get("sign") == "k_minus_q" else 1
    dz, dy, dx = (sign * (q - k) for q, k in zip(_coordinates(b, i), _coordinates(b, j)))
    height, width = b["height"], b["width"]
    if b["kind"] == "abs_grid":
        return np.abs(dy) * width + np.abs(dx)
    if b["kind"] == "irpe":
        return _irpe_rows(b, dy, dx)
    layer = (dz + b.get("depth", 1) - 1) * (2 * height - 1)
    return (layer + dy + height - 1) * (2 * width - 1) + dx + width - 1


def number_of_rows(b):
    kind, extra = b["kind"], {"none": 0, "beit": 3, "shared": 1, "tupe": 1}[b.get("cls", "none")]
    if kind == "irpe":
        side = 2 * int(b["beta"]) + 1
        return (side * side if b["method"] == "product" else side) + extra
    return extra + {
        "t5": lambda: b["num_buckets"],
        "deberta": lambda: 2 * b["size"],
        "identity": lambda: b["extent"],
        "lut": lambda: max(b["rows"]) + 1,
        "abs_grid": lambda: b["height"] * b["width"],
        "grid2d": lambda: (2 * b["height"] - 1) * (2 * b["width"] - 1),
        "grid3d": lambda: (2 * b["depth"] - 1) * (2 * b["height"] - 1) * (2 * b["width"] - 1),
    }[kind]()


def rows_of(b, i, j):
    """(rows, whether there is one)."""
    from . import oracle
    kind, cls = b["kind"], b.get("cls", "none")
    i, j = np.broadcast_arrays(i, j)
    d = j - i if b.get("sign") == "k_minus_q" else i - j
    exists = np.ones(d.shape, bool)
    if kind == "deberta":
        return deberta_rows(d, b["size"], b["max"], b["rule"]), exists
    if kind == "identity":
        return np.clip(d, 0, b["extent"] - 1), (d >= 0) & (d < b["extent"])
    if kind == "lut":
        at, size = d - b["origin"], len(b["rows"])
        return np.array(b["rows"])[np.clip(at, 0, size - 1)], (at >= 0) & (at < size)
    rows = oracle.bucket_rows(b, d) if kind == "t5" else _grid_rows(b, i, j)
    last = number_of_rows(b) - 1
    if cls == "beit":
        rows = np.where(i == 0, last - 2, np.where(j == 0, last - 1, rows))
        rows = np.where((i == 0) & (j == 0), last, rows)
    elif cls == "shared":
        rows = np.where((i == 0) | (j == 0), last, rows)
    elif cls == "tupe":
        rows = np.where(j == 0, last, rows)
        rows = np.where(i == 0, b["num_buckets"] // 2, rows)
    return rows, exists


def bucket_text(b):
    def text(value):
        return str(value).lower() if isinstance(value, bool) else str(value)
    fields = ["%s = %s" % (key, text(value)) for key, value in b.items() if key not in ("kind", "sign")]
    if b["kind"] == "lut":
        fields.insert(1, "outside = zero")
    return "<%s>" % ", ".join([b["kind"], *([b["sign"]] if "sign" in b else []), *fields])


def add_table(scores, table, b, weight=1.0, i=None, j=None):
    """s + weight · table[row, head], 0 where there is no row."""
    rows, exists = rows_of(b, scores.i if i is None else i, scores.j if j is None else j)
    scores.add(weight * np.where(exists, scores._per_head(table, (rows,)), 0.0))


def modifier(case, b, heads=True, weight=None, positions=("%i", "%j"), values=(None, None), before=()):
    """bias_table under a bucket as (lines, apply). `weight`: the name of an f32 and its values."""
    shape = [number_of_rows(b)] + ([case.query_heads] if heads else [])
    name, type_, table = case.float_input(shape, case.rng.standard_normal(shape))
    line = "%%R = posenc.bias_table %%S, %s%s at(%s, %s) bucket %s%s : %s" % (
        name, "[%h]" if heads else "", *positions, bucket_text(b), " weight(%s)" % weight[0] if weight else "", type_)
    factor = weight[1] if weight else 1.0
    return [*before, line], lambda s: add_table(s, table, b, factor, *values)


#
# Random buckets, for the differential test
#

def _draw(rng):
    sign = str(rng.choice(["q_minus_k", "k_minus_q"]))
    extent = lambda: int(rng.integers(1, 20))
    kind = str(rng.choice(["deberta", "identity", "lut", "grid2d", "grid3d", "abs_grid", "irpe", "t5"]))
    b = dict(kind=kind, sign=sign)
    if kind == "deberta":
        size = int(rng.choice([4, 6, 32, 64]))
        b.update(size=size, max=size // 2 + 2 + int(rng.integers(0, 200)), rule=str(rng.choice(["huggingface", "microsoft"])))
    elif kind == "identity":
        b.update(extent=int(rng.integers(1, 300)))
    elif kind == "lut":
        b.update(origin=int(rng.integers(-60, 20)), rows=rng.integers(0, 20, rng.integers(1, 60)).tolist())
    elif kind == "t5":
        b.update(num_buckets=int(rng.choice([8, 32])), max_distance=int(rng.integers(9, 200)), bidirectional=True, cls="tupe")
    elif kind == "abs_grid":
        b = dict(kind=kind, height=extent(), width=extent())
    elif kind == "grid3d":
        b.update(depth=extent() % 4 + 1, height=extent(), width=extent())
    else:
        b.update(height=extent(), width=extent())
    if kind == "grid2d":
        b.update(cls=str(rng.choice(["none", "beit", "shared"])))
    if kind == "irpe":
        alpha = float(rng.choice([1.0, 1.9, 2.5, 6.0]))
        method = str(rng.choice(["product", "euclidean", "quant", "rows", "cols"]))
        b = dict(kind=kind, sign=sign, method=method, height=b["height"], width=b["width"], alpha=alpha,
                 beta=2 * alpha, gamma=8 * alpha, cls=str(rng.choice(["none", "shared"])))
    return b


def bias_table(case):
    """A random bucket of any kind that modifiers.py has not, sometimes with a gate per query."""
    b, weight, before = _draw(case.rng), None, []
    if case.rng.random() < 0.3:
        name, type_, gate = case.exact_input(case.rng.uniform(0.5, 2, (case.batch, case.query_heads, case.queries)))
        before = ["%%gate = tensor.extract %s[%%b, %%h, %%m] : %s" % (name, type_)]
        weight = "%gate", gate[..., None]
    return modifier(case, b, heads=bool(case.rng.random() < 0.7), weight=weight, before=before)


def mask(case):
    """The masks that are more than an interval of distances, and causal ones with an offset."""
    kind = str(case.rng.choice(["chunked", "prefix", "causal"]))
    number = int(case.rng.integers(1, 100))
    if kind == "chunked":
        line = "%%R = posenc.mask %%S at(%%i, %%j) <chunked, size = %d>" % number
        return [line], lambda s: s.select(s.i // number == s.j // number)
    if kind == "prefix":
        lines = ["%%length = arith.constant %d : index" % number,
                 "%R = posenc.mask %S at(%i, %j) <prefix> length(%length)"]
        return lines, lambda s: s.select((s.j <= s.i) | (s.j < number))
    offset = number - 50
    line = "%%R = posenc.mask %%S at(%%i, %%j) <causal, offset = %d>" % offset
    return [line], lambda s: s.select(s.j <= s.i + offset)


ON_INDEX = [bias_table, bias_table, mask]
