"""Encodings by tables of two positions, and the masks that are ops (encodings.md 3, 5, 7, 15, 17, 18, 21, 22)."""

import numpy as np

from .. import tables
from ..catalogue import Encoding, Shapes
from . import parts

LAST = {"future": "the queries are the last of the tokens that have this"}


def of_grid(kind, sign="q_minus_k", axes=2, **fields):
    """A table over the grid of the case; `fields` are the bucket's others."""
    names = ("depth", "height", "width")[3 - axes:]

    def make(case):
        b = dict(kind=kind, **({} if kind == "abs_grid" else dict(sign=sign)))
        if "method" in fields:
            b["method"] = fields["method"]
        b.update(zip(names, case.grid))
        b.update(fields)
        return tables.modifier(case, b)
    return make


def irpe(method, ratio=1.9, cls="none"):
    return of_grid("irpe", method=method, alpha=ratio, beta=2 * ratio, gamma=8 * ratio, cls=cls)


def table(**b):
    return lambda case: tables.modifier(case, b)


def shifted_window(case):
    """-100 between tokens of different regions; a batch of windows (Swin)."""
    ids = case.rng.integers(0, 3, (case.batch, case.keys)).astype(np.int32)
    name, type_ = case.add_input(ids, "i32")
    first, at = case.keys - case.queries, case.fresh("first")
    lines = ["%s = arith.constant %d : index" % (at, first), "%%at = arith.addi %%m, %s : index" % at,
             "%%iq = tensor.extract %s[%%b, %%at] : %s" % (name, type_),
             "%%ik = tensor.extract %s[%%b, %%n] : %s" % (name, type_),
             "%same = arith.cmpi eq, %iq, %ik : i32", "%zero = arith.constant 0.0 : f32",
             "%far = arith.constant -100.0 : f32", "%bias = arith.select %same, %zero, %far : f32",
             "%R = arith.addf %S, %bias : f32"]

    def apply(s):
        s.add(np.where(ids[:, None, first:, None] == ids[:, None, None, :], 0.0, -100.0))
    return lines, apply


def wavlm(case):
    """T5's table, 320 rows up to 800, times a gate per query: g = a (b c_h - 1) + 2, from the layer's input."""
    shape = (case.batch, case.query_heads, case.queries)
    a, b = (1 / (1 + np.exp(-case.rng.standard_normal(shape))) for _ in range(2))
    gate = (a * (b * case.rng.standard_normal((case.query_heads, 1)) - 1) + 2).astype(np.float32)
    name, type_, gate = case.exact_input(gate)
    before = ["%%gate = tensor.extract %s[%%b, %%h, %%m] : %s" % (name, type_)]
    bucket = dict(kind="t5", sign="k_minus_q", num_buckets=320, max_distance=800, bidirectional=True)
    return tables.modifier(case, bucket, weight=("%gate", gate[..., None]), before=before)


def layoutlm(axis, buckets, reach):
    """A T5 table inside the multiplication by 1/sqrt(d), over the index or a coordinate of the page."""
    bucket = dict(kind="t5", sign="k_minus_q", num_buckets=buckets, max_distance=reach, bidirectional=True)

    def make(case):
        factor, weight = np.float32(case.head_size**-0.5), case.fresh("weight")
        before = ["%s = arith.constant %.9e : f32" % (weight, factor)]
        if axis is None:
            return tables.modifier(case, bucket, weight=(weight, float(factor)), before=before)
        page = case.rng.integers(0, 1000, (case.batch, case.keys))
        name, type_ = case.add_input(page, "i64")
        first, at = case.keys - case.queries, case.fresh("first")
        before += ["%s = arith.constant %d : index" % (at, first), "%%at = arith.addi %%m, %s : index" % at,
                   "%%pq = tensor.extract %s[%%b, %%at] : %s" % (name, type_),
                   "%%pk = tensor.extract %s[%%b, %%n] : %s" % (name, type_),
                   "%xq = arith.index_cast %pq : i64 to index", "%xk = arith.index_cast %pk : i64 to index"]
        return tables.modifier(case, bucket, weight=(weight, float(factor)), positions=("%xq", "%xk"),
                               values=(page[:, None, first:, None], page[:, None, None, :]), before=before)
    return make


def graphormer(case):
    """Lengths of shortest paths, an index tensor; 0 and what is beyond the table are no path."""
    spd = case.rng.integers(0, 24, (case.batch, case.queries, case.keys))
    name, type_ = case.add_input(spd, "i64")
    before = ["%%path = tensor.extract %s[%%b, %%m, %%n] : %s" % (name, type_),
              "%spd = arith.index_cast %path : i64 to index", "%none = arith.constant 0 : index"]
    bucket = dict(kind="identity", sign="q_minus_k", extent=20)
    return tables.modifier(case, bucket, positions=("%spd", "%none"), values=(spd[:, None], 0), before=before)


def chunked(size):
    return parts.fixed(["%%R = posenc.mask %%S at(%%i, %%j) <chunked, size = %d>" % size],
                       lambda s: s.select(s.i // size == s.j // size))


def prefix(case):
    """A prefix per batch."""
    lengths = case.rng.integers(0, case.keys + 1, case.batch)
    name, type_ = case.add_input(lengths, "i64")
    lines = ["%%p64 = tensor.extract %s[%%b] : %s" % (name, type_), "%p = arith.index_cast %p64 : i64 to index",
             "%R = posenc.mask %S at(%i, %j) <prefix> length(%p)"]
    return lines, lambda s: s.select((s.j <= s.i) | (s.j < lengths[:, None, None, None]))


def causal_offset(offset):
    return parts.fixed(["%%R = posenc.mask %%S at(%%i, %%j) <causal, offset = %d>" % offset],
                       lambda s: s.select(s.j <= s.i + offset))


DISTANCE = "add, function of i - j, per head"
AXES = "add, table over"
DENSE = "add, dense, per head"
ROWS_AND_COLUMNS = (AXES, " floordiv ", " and ", " mod ", ", per head")
CLASS_TOKEN = (", but %", " where m == 0, %", " where n == 0, %", " where m == 0 and n == 0")
GRID = Shapes(grid=2)
CLS = Shapes(grid=2, extra=1)
ENCODINGS = [
    # The last thresholds of T5's rows, 16 of them for keys in the future, are at 91.
    Encoding("mpnet", "5", (parts.t5(32, 128, True),),
             structure=(DISTANCE, "(-inf, -91] = %", "[31, h], [91, inf) = %", "[15, h], 14 shorter")),
    Encoding("wavlm-gate", "5", (wavlm,), structure=("add, query factor", "times function of i - j")),
    Encoding("layoutlmv3", "5", (layoutlm(None, 32, 128), layoutlm("x", 64, 256), layoutlm("y", 64, 256)),
             shapes=Shapes(no=LAST), structure=(DISTANCE, DENSE, DENSE)),
    # 8 (39/8)^(6/7) is 31.1: the last row of the past from 32 on. Row 0 of the future beyond 39, where the other code
    # stops at 39 and at row 1.
    Encoding("deberta-table", "7", (table(kind="deberta", sign="q_minus_k", size=16, max=40, rule="huggingface"),),
             structure=(DISTANCE, "(-inf, -40] = %", "[0, h], [32, inf) = %", "[31, h]")),
    Encoding("deberta-table-microsoft", "7",
             (table(kind="deberta", sign="q_minus_k", size=16, max=40, rule="microsoft"),),
             structure=(DISTANCE, "(-inf, -32] = %", "[1, h], [32, inf) = %", "[31, h]")),
    Encoding("swin", "15", (of_grid("grid2d"),), shapes=GRID, structure=ROWS_AND_COLUMNS),
    Encoding("swin-shifted", "15", (of_grid("grid2d"), shifted_window), shapes=GRID, structure=(AXES,)),
    Encoding("maxvit-tf", "15", (of_grid("grid2d", sign="k_minus_q"),), shapes=GRID, structure=ROWS_AND_COLUMNS),
    Encoding("beit", "15", (of_grid("grid2d", cls="beit"),), shapes=CLS,
             structure=(*ROWS_AND_COLUMNS, *CLASS_TOKEN)),
    Encoding("levit", "15", (of_grid("abs_grid"),), shapes=GRID, structure=ROWS_AND_COLUMNS),
    Encoding("video-swin", "15", (of_grid("grid3d", axes=3),), shapes=Shapes(grid=3),
             structure=(AXES, " floordiv ", " and ", " floordiv ", " mod ", " and ", " mod ")),
    Encoding("irpe-product", "15", (irpe("product"),), shapes=GRID, structure=ROWS_AND_COLUMNS),
    Encoding("irpe-cross", "15", (irpe("rows"), irpe("cols")), shapes=GRID, structure=(AXES, " floordiv ", AXES, " mod ")),
    Encoding("irpe-euclidean", "15", (irpe("euclidean"),), shapes=GRID, structure=ROWS_AND_COLUMNS),
    Encoding("irpe-quant", "15", (irpe("quant", 4.0),), shapes=GRID, structure=ROWS_AND_COLUMNS),
    Encoding("irpe-class-token", "15", (irpe("product", cls="shared"),), shapes=CLS,
             structure=(*ROWS_AND_COLUMNS, *CLASS_TOKEN)),
    Encoding("tupe-rel", "17", (table(kind="t5", sign="k_minus_q", num_buckets=32, max_distance=128,
                                      bidirectional=True, cls="tupe"),),
             structure=(DISTANCE, "[16, h] where m == 0", "[32, h] where n == 0", "[16, h] where m == 0 and n == 0")),
    Encoding("inkling-table", "21", (table(kind="identity", sign="q_minus_k", extent=30), parts.causal),
             structure=(DISTANCE, "(-inf, -1] = 0, [30, inf) = 0", "mask, function of i - j")),
    Encoding("graphormer-table", "22", (graphormer,), structure=(DENSE,)),
    Encoding("chunked-op", "18", (parts.causal, chunked(16)), structure=("mask, function of i - j", "floordiv 16")),
    Encoding("prefix-op", "23", (prefix,), structure=("mask",)),
    Encoding("causal-ahead", "23", (causal_offset(3),), structure=("(-inf, -4] hidden, [-3, inf) visible",)),
    Encoding("causal-behind", "23", (causal_offset(-4),), structure=("(-inf, 3] hidden, [4, inf) visible",)),
]
