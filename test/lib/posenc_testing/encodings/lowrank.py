"""Low ranks, gates, dense biases and networks (encodings.md 4, 10, 11, 15, 17, 19, 21, 22)."""

import math

import numpy as np

from ..catalogue import Encoding, Shapes
from . import parts
from .parts import bias_fn, causal

# What belongs to tokens is read at i = m + Tk - Tq: not where positions have gaps or queries have no key.
TOKENS = Shapes(no={"gaps": "the gates belong to tokens", "future": "there are as many gates as keys"})
TABLE = Shapes(no={"future": "no row of the table belongs to a negative position"})


def _f32(case, values):
    """An argument of f32: name, type and its float64 values."""
    return case.exact_input(values)


def _last_position(case):
    return int(max(p.max() for p in case.position_values.values()))


def _rows_at(table, positions):
    """table[h, p[b, t]] as [B or 1, H, T, r]."""
    return np.moveaxis(table[:, positions.reshape(len(positions), -1)], 1, 0)


# TUPE --------------------------------------------------------------------------------------------------------

def _tupe_factors(case):
    rank = int(case.rng.choice([4, 8, 20]))
    shape = [case.query_heads, _last_position(case) + 1, rank]
    u = case.float_input(shape, case.rng.standard_normal(shape))
    v = case.float_input(shape, case.rng.standard_normal(shape))
    scale = float(np.float32(case.head_size**-0.5))
    bias = lambda s: scale * np.einsum("bhmr,bhnr->bhmn", _rows_at(u[2], s.i), _rows_at(v[2], s.j))
    line = "%%lr = posenc.bias_lowrank %%S, %s[%%h, %%i], %s[%%h, %%j] weight(%%w) : %s, %s" % (u[0], v[0], u[1], v[1])
    return ["%%w = arith.constant %.9e : f32" % scale, line], bias


def tupe(case):
    lines, bias = _tupe_factors(case)
    return lines[:1] + [lines[1].replace("%lr", "%R")], lambda s: s.add(bias(s))


def tupe_cls(case):
    """Column 0 becomes one number per head, then row 0 another."""
    lines, bias = _tupe_factors(case)
    name, type_, theta = case.float_input([2, case.query_heads], case.rng.standard_normal([2, case.query_heads]))
    lines += ["%zero = arith.constant 0 : index", "%one = arith.constant 1 : index",
              "%%first = posenc.bias_dense %%S, %s[%%zero, %%h] : %s" % (name, type_),
              "%%others = posenc.bias_dense %%S, %s[%%one, %%h] : %s" % (name, type_),
              "%key = arith.cmpi eq, %j, %zero : index", "%query = arith.cmpi eq, %i, %zero : index",
              "%column = arith.select %key, %others, %lr : f32", "%R = arith.select %query, %first, %column : f32"]

    def apply(s):
        t = theta[:, None, :, None, None]
        s.add(np.where(s.i == 0, t[0], np.where(s.j == 0, t[1], bias(s))))
    return lines, apply


# Gates -------------------------------------------------------------------------------------------------------

def _gates(case, start=None, scale=1.0):
    """The sums of the logarithms of drawn gates, by posenc.decay_gate: name, type, and a function that gives them, [B,H,Tk]."""
    shape = [case.batch, case.query_heads, case.keys]
    x, x_type, raw = case.float_input(shape, case.rng.standard_normal(shape) + 2)
    made, type_ = case.fresh("c"), "tensor<%s>" % "x".join(x_type[7:-1].split("x")[:-1] + ["f32"])
    clause, types = "logsigmoid", x_type
    if start is not None:
        name, start_type = case.add_input(start.astype(np.int64), "i64")
        clause, types = "logsigmoid start(%s)" % name, "%s, %s" % (x_type, start_type)
    counts = np.arange(case.keys) >= (0 if start is None else start[:, None, None])
    case.prologue.append("%s = posenc.decay_gate %s %s : %s -> %s" % (made, x, clause, types, type_))
    return made, type_, lambda: np.cumsum(np.where(counts, -np.logaddexp(0, -raw), 0), -1)


def _at(c, positions):
    """c[b, h, p[b]] as [B,H,T]."""
    p = positions.reshape(len(positions), 1, -1)
    return np.take_along_axis(c, np.broadcast_to(p, c.shape[:2] + p.shape[2:]), -1)


def _decay(c, s):
    return _at(c, s.i)[..., :, None], _at(c, s.j)[..., None, :]


def fox(case, start=None, scale=None):
    """C_i - C_j in two terms, after the scale of the product, or with a factor (PaTH: the scale)."""
    name, type_, c = _gates(case, start)
    lines = ["%minus = arith.constant -1.0 : f32"]
    weights = "", " weight(%minus)"
    if scale:
        scale = float(np.float32(case.head_size**-0.5))
        lines = ["%%minus = arith.constant %.9e : f32" % -scale, "%%plus = arith.constant %.9e : f32" % scale]
        weights = " weight(%plus)", " weight(%minus)"
    lines += ["%%row = posenc.bias_dense %%S, %s[%%b, %%h, %%i]%s : %s" % (name, weights[0], type_),
              "%%R = posenc.bias_dense %%row, %s[%%b, %%h, %%j]%s : %s" % (name, weights[1], type_)]

    def apply(s):
        row, column = _decay(c() * (scale or 1.0), s)
        s.add(row)
        s.note()
        s.add(-column)
    return lines, apply


def path_gate(case):
    return fox(case, scale=True)


def fox_padded(case):
    """Left padding: no gate counts before the first token, and no key does."""
    start = case.rng.integers(0, max(case.keys - case.queries, 1), case.batch)
    lines, apply = fox(case, start)
    name, type_ = case.add_input(start.astype(np.int64), "i64")
    lines = [line.replace("%R", "%biased") for line in lines]
    lines += ["%%s64 = tensor.extract %s[%%b] : %s" % (name, type_), "%st = arith.index_cast %s64 : i64 to index",
              "%visible = arith.cmpi sge, %n, %st : index", "%inf = arith.constant 0xFF800000 : f32",
              "%R = arith.select %visible, %biased, %inf : f32"]

    def padded(s):
        apply(s)
        s.note()
        s.select(np.arange(case.keys) >= start[:, None, None, None])
    return lines, padded


def fox_bidirectional(case):
    """x-transformers' data-dependent ALiBi: one gate for the past, one for the future; the diagonal gets both, 0 each."""
    past, past_type, c = _gates(case)
    future, future_type, d = _gates(case)
    lines = []
    for gate, type_, letter in ((past, past_type, "c"), (future, future_type, "d")):
        for side in "ij":
            lines.append("%%%s%s = tensor.extract %s[%%b, %%h, %%%s] : %s" % (letter, side, gate, side, type_))
    lines += ["%down = arith.subf %ci, %cj : f32", "%up = arith.subf %dj, %di : f32",
              "%past = arith.cmpi sge, %i, %j : index", "%g = arith.select %past, %down, %up : f32",
              "%R = arith.addf %S, %g : f32"]

    def apply(s):
        (ci, cj), (di, dj) = _decay(c(), s), _decay(d(), s)
        s.add(np.where(s.i >= s.j, ci - cj, dj - di))
    return lines, apply


def grape_a(case):
    """-w_h (i - j) (a_i + c_j) as a product of rank 4."""
    heads, i, j = case.query_heads, case.position_values["q"], case.position_values["k"]
    a = np.log1p(np.exp(case.rng.standard_normal((case.batch, heads, case.queries)))).astype(np.float32)
    c = np.log1p(np.exp(case.rng.standard_normal((case.batch, heads, case.keys)))).astype(np.float32)
    one = np.ones_like
    i, j = (np.broadcast_to(p[:, None, :], x.shape).astype(np.float32) for p, x in ((i, a), (j, c)))
    u, u_type, u64 = _f32(case, np.stack([i * a, i, a, one(a)], -1))
    v, v_type, v64 = _f32(case, np.stack([one(c), c, -j, -j * c], -1))
    w, w_type, w64 = _f32(case, -0.05 * parts.slopes(heads))
    lines = ["%%w = tensor.extract %s[%%h] : %s" % (w, w_type),
             "%%R = posenc.bias_lowrank %%S, %s[%%b, %%h, %%m], %s[%%b, %%h, %%n] weight(%%w) : %s, %s" % (u, v, u_type, v_type)]

    def apply(s):
        # The products are larger than their sum: rounding errors are relative to them.
        s.magnitude = max(s.magnitude, float(np.abs(w64).max() * 4 * np.abs(u64).max() * np.abs(v64).max()))
        s.add(w64[:, None, None] * np.einsum("bhmr,bhnr->bhmn", u64, v64))
    return lines, apply


def key_bias(case):
    """Transformer-XL's u · k, scaled as the product is; keys are read as they are stored."""
    shape = [case.query_heads, case.head_size]
    u, u_type, u64 = case.float_input(shape, case.rng.standard_normal(shape))
    scale = float(np.float32(case.head_size**-0.5))
    lines, row, k_type = case.capture("k")
    lines = lines + ["%%w = arith.constant %.9e : f32" % scale,
                     "%%R = posenc.bias_lowrank %%S, %s[%%h], %s weight(%%w) : %s, %s" % (u, row, u_type, k_type)]
    return lines, lambda s: s.add(scale * np.einsum("hd,bhnd->bhn", u64, s.k)[:, :, None, :])


# Dense -------------------------------------------------------------------------------------------------------

def pair_bias(letters, multiply=False):
    """A tensor of some of the dimensions, in that order; AlphaFold's is "hmn"."""
    def make(case):
        extents = dict(b=case.batch, h=case.query_heads, m=case.queries, n=case.keys)
        shape = [extents[letter] for letter in letters]
        name, type_, table = case.float_input(shape, case.rng.uniform(0.5, 1.5, shape) if multiply
                                              else case.rng.standard_normal(shape))
        order = [letter for letter in "bhmn" if letter in letters]
        view = table.transpose([letters.index(letter) for letter in order])
        view = view.reshape([extents[c] if c in letters else 1 for c in "bhmn"])
        line = "%%R = posenc.bias_dense %%S, %s[%s]%s : %s" % (
            name, ", ".join("%" + c for c in letters), " multiply" if multiply else "", type_)
        if not multiply:
            return [line], lambda s: s.add(view)

        def apply(s):
            s.value = s.value * view
        return [line], apply
    return make


def float_mask(case):
    """0 and -inf per score, one key of every row at least."""
    shape = [case.batch, case.queries, case.keys]
    mask = np.where(case.rng.random(shape) < 0.4, -np.inf, 0.0)
    mask[:, :, 0] = 0
    name, type_, mask = case.exact_input(mask)
    line = "%%R = posenc.bias_dense %%S, %s[%%b, %%m, %%n] : %s" % (name, type_)
    return [line], lambda s: s.add(mask[:, None])


def graphormer(case):
    """A table of shortest paths per head, an edge term, and a number per head for the virtual node's row and column."""
    b, h, m, n = case.batch, case.query_heads, case.queries, case.keys
    paths = case.rng.integers(0, 7, [b, m, n])
    spd, spd_type = case.add_input(paths.astype(np.int64), "i64")
    table, table_type, e = case.float_input([7, h], case.rng.standard_normal([7, h]))
    edge, edge_type, g = case.float_input([b, h, m, n], case.rng.standard_normal([b, h, m, n]))
    virtual, virtual_type, t = case.float_input([h], case.rng.standard_normal([h]))
    lines = ["%%p64 = tensor.extract %s[%%b, %%m, %%n] : %s" % (spd, spd_type), "%p = arith.index_cast %p64 : i64 to index",
             "%%near = posenc.bias_dense %%S, %s[%%p, %%h] : %s" % (table, table_type),
             "%%far = posenc.bias_dense %%near, %s[%%b, %%h, %%m, %%n] : %s" % (edge, edge_type),
             "%%node = posenc.bias_dense %%S, %s[%%h] : %s" % (virtual, virtual_type),
             "%zero = arith.constant 0 : index", "%row = arith.cmpi eq, %i, %zero : index",
             "%column = arith.cmpi eq, %j, %zero : index", "%is = arith.ori %row, %column : i1",
             "%R = arith.select %is, %node, %far : f32"]

    def apply(s):
        near = np.moveaxis(e[paths], -1, 1) + g
        s.add(np.where((s.i == 0) | (s.j == 0), t[:, None, None], near))
    return lines, apply


# Networks ----------------------------------------------------------------------------------------------------

ACTIVATIONS = {
    "relu": lambda x: np.maximum(x, 0), "silu": lambda x: x / (1 + np.exp(-x)), "tanh": np.tanh,
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "gelu": lambda x: 0.5 * x * (1 + np.vectorize(math.erf)(x * 0.5**0.5)),
}


def _network(case, features, widths, activation, last_bias=True):
    """`layers(…)` with its activation, its types, and the function of an array of features [..., F]."""
    names, types, layers, size = [], [], [], features
    sizes = list(widths) + [case.query_heads]
    for number, width in enumerate(sizes):
        shape = [size, width]
        name, type_, w = case.float_input(shape, case.rng.standard_normal(shape) / size**0.5, fixed=1)
        names, types, b = names + [name], types + [type_], np.zeros(width)
        if last_bias or number + 1 < len(sizes):
            name, type_, b = case.float_input([width], 0.5 * case.rng.standard_normal([width]))
            names, types = names + [name], types + [type_]
        layers.append((w, b))
        size = width

    def run(x):
        for number, (w, b) in enumerate(layers):
            x = ACTIVATIONS[activation](x) @ w + b if number else x @ w + b
        return np.moveaxis(x, -1, 1)
    return "layers(%s) %s" % (", ".join(names), activation), ", ".join(types), run


def _to_f32(result, value):
    return ["%%%s64 = arith.index_cast %%%s : index to i64" % (value, value),
            "%%%s = arith.sitofp %%%s64 : i64 to f32" % (result, value)]


def fire(threshold):
    """FIRE: the network of ln(1 + c D) over ln(1 + c max(L, i)), causal."""
    def make(case):
        c, c_type, c64 = _f32(case, case.rng.uniform(0.05, 0.5))
        layers, types, run = _network(case, 1, [8], "relu")
        lines = ["%%c = tensor.extract %s[] : %s" % (c, c_type), "%%limit = arith.constant %d : index" % threshold,
                 "%zero = arith.constant 0 : index", "%d0 = arith.subi %i, %j : index",
                 "%d = arith.maxsi %d0, %zero : index", "%t = arith.maxsi %i, %limit : index"]
        lines += _to_f32("df", "d") + _to_f32("tf", "t")
        lines += ["%dc = arith.mulf %df, %c : f32", "%num = math.log1p %dc : f32",
                  "%tc = arith.mulf %tf, %c : f32", "%den = math.log1p %tc : f32",
                  "%x = arith.divf %num, %den : f32",
                  "%%R = posenc.bias_mlp %%S, (%%x)[%%h] %s : %s" % (layers, types)]

        def apply(s):
            d = np.maximum(s.i - s.j, 0)[:, 0]
            top = np.maximum(s.i, threshold)[:, 0]
            s.add(run((np.log1p(c64 * d) / np.log1p(c64 * top))[..., None]))
        return lines, apply
    return make


def dynamic_position_bias(log, activation="silu", widths=(6, 6)):
    """x-transformers: the network of D, or of sign(D) ln(1 + |D|)."""
    def make(case):
        layers, types, run = _network(case, 1, widths, activation)
        lines = ["%d = arith.subi %i, %j : index"] + _to_f32("f", "d")
        feature = "%f"
        if log:
            lines += ["%abs = math.absf %f : f32", "%log = math.log1p %abs : f32",
                      "%x = math.copysign %log, %f : f32"]
            feature = "%x"
        else:
            lines += ["%small = arith.constant 0.0625 : f32", "%x = arith.mulf %f, %small : f32"]
            feature = "%x"
        lines.append("%%R = posenc.bias_mlp %%S, (%s)[%%h] %s : %s" % (feature, layers, types))

        def apply(s):
            d = (s.i - s.j)[:, 0].astype(float)
            s.add(run((np.sign(d) * np.log1p(np.abs(d)) if log else d / 16)[..., None]))
        return lines, apply
    return make


def swin_v2(case):
    """16 sigmoid(network of log-spaced coordinates), rows and columns of the window."""
    height, width = case.grid
    layers, types, run = _network(case, 2, [12], "relu", last_bias=False)
    lines = ["%%w = arith.constant %d : index" % width]
    for axis, op, extent in (("y", "divui", height), ("x", "remui", width)):
        lines += ["%%%sq = arith.%s %%i, %%w : index" % (axis, op), "%%%sk = arith.%s %%j, %%w : index" % (axis, op),
                  "%%%sd = arith.subi %%%sq, %%%sk : index" % ((axis,) * 3)] + _to_f32(axis + "f", axis + "d")
        lines += ["%%%sc = arith.constant %.9e : f32" % (axis, 8.0 / (extent - 1)),
                  "%%%ss = arith.mulf %%%sf, %%%sc : f32" % ((axis,) * 3), "%%%sa = math.absf %%%ss : f32" % (axis, axis),
                  "%%%so = arith.constant 1.0 : f32" % axis, "%%%sp = arith.addf %%%sa, %%%so : f32" % ((axis,) * 3),
                  "%%%sl = math.log2 %%%sp : f32" % (axis, axis), "%%%sn = arith.constant %.9e : f32" % (axis, 1 / 3),
                  "%%%sg = arith.mulf %%%sl, %%%sn : f32" % ((axis,) * 3),
                  "%%%st = math.copysign %%%sg, %%%ss : f32" % ((axis,) * 3)]
    lines.append("%%R = posenc.bias_mlp %%S, (%%yt, %%xt)[%%h] %s sigmoid(16.0) : %s" % (layers, types))

    def apply(s):
        i, j = s.i[:, 0], s.j[:, 0]
        scaled = [8.0 * (i // width - j // width) / (height - 1), 8.0 * (i % width - j % width) / (width - 1)]
        g = np.stack([np.sign(x) * np.log2(1 + np.abs(x)) / 3 for x in np.broadcast_arrays(*scaled)], -1)
        s.add(16 / (1 + np.exp(-run(g))))
    return lines, apply


def kerple_power(case):
    """-a D^p, 0 < p ≤ 2."""
    return -case.rng.uniform(0.01, 0.1, case.query_heads), case.rng.uniform(0.3, 1.2, case.query_heads)


def kerple_kernel(case):
    """The factor s e^(-a D^p) of the composite form."""
    heads = case.query_heads
    return (case.rng.uniform(0.5, 1.5, heads), -case.rng.uniform(0.01, 0.1, heads),
            case.rng.uniform(0.3, 0.9, heads))


ENCODINGS = [
    Encoding("tupe", "17", (tupe, parts.t5(32, 128, True)), scale=None, shapes=TABLE,
             structure=("query factor", "key factor", "function of i - j")),
    Encoding("tupe-cls", "17", (tupe_cls,), shapes=TABLE,
             structure=("add, rank ", "query factor %", "key factor %", ", but %", "[0, h] where m == 0, %",
                        "[1, h] where n == 0, %", "[0, h] where m == 0 and n == 0")),
    Encoding("fox", "19", (fox, causal), shapes=TOKENS, structure=("query-only", "key-only", "mask")),
    Encoding("fox-left-padding", "19", (fox_padded, causal), shapes=TOKENS, structure=("query-only", "key-only")),
    Encoding("fox-bidirectional", "19", (fox_bidirectional,), shapes=TOKENS,
             structure=("add, function of i - j and the query and the key",)),
    Encoding("path-gate", "19", (path_gate, causal), shapes=TOKENS, structure=("query-only", "key-only")),
    Encoding("grape-a", "21", (grape_a, causal), structure=("rank 4, query factor", "key factor")),
    Encoding("key-bias", "4", (key_bias,), structure=("key-only",)),
    Encoding("pair-bias", "22", (pair_bias("hmn"),), structure=("dense",)),
    Encoding("pair-bias-batch", "22", (pair_bias("bhmn"), pair_bias("bmn")), structure=("dense", "dense")),
    Encoding("pair-bias-shared", "22", (pair_bias("nm"), pair_bias("bn"), pair_bias("hm")),
             structure=("dense", "key-only", "query-only")),
    Encoding("dense-factor", "22", (pair_bias("bhn", True), pair_bias("mn", True)), structure=("multiply, key-only", "dense")),
    Encoding("float-mask", "22", (float_mask,), structure=("dense",)),
    Encoding("graphormer", "22", (graphormer,),
             structure=("add, dense, per head, per batch, but %", "[h] where m == 0, %", "[h] where n == 0, %",
                        "[h] where m == 0 and n == 0")),
    Encoding("fire", "11", (fire(12), causal), shapes=TABLE,
             structure=("posenc.bias_mlp: add, function of i - j and the query, per head",)),
    Encoding("fire-below-threshold", "11", (fire(512), causal), shapes=TABLE,
             structure=("posenc.bias_mlp: add, function of i - j and the query, per head",)),
    Encoding("dynamic-position-bias", "15", (dynamic_position_bias(False),), structure=("function of i - j, per head",)),
    Encoding("dynamic-position-bias-log", "15", (dynamic_position_bias(True, "gelu", (9,)),),
             structure=("function of i - j, per head",)),
    Encoding("dynamic-position-bias-deep", "15", (dynamic_position_bias(True, "leaky_relu", (3, 4, 3)),),
             structure=("function of i - j, per head",)),
    Encoding("dynamic-position-bias-tanh", "15", (dynamic_position_bias(False, "tanh", (5,)),),
             structure=("add, function of i - j, per head",)),
    Encoding("swin-v2", "15", (swin_v2,), shapes=Shapes(grid=2),
             structure=("posenc.bias_mlp: add, function of ((m mod", "per head")),
    Encoding("kerple-power", "10", (bias_fn("power", "absolute", kerple_power), causal), structure=("function of i - j",)),
    Encoding("kerple-composite", "10", (bias_fn("exp_power", "absolute", kerple_kernel, multiply=True),
                                        parts.window(1000, 1000)), structure=("multiply, function of i - j",)),
]
