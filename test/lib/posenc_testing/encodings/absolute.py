"""What is added to embeddings before attention (encodings.md 1, 2, 20): here to q, k and v of every head.

A model adds to the tokens and projects; adding to the rows of q, k and v is the same with projections that are
identities, and needs no weights.
"""

import numpy as np

from .. import dtypes
from ..catalogue import Encoding, Shapes
from . import parts

GENERIC = """%(sum)s = linalg.generic {indexing_maps = [affine_map<(b, h, t, d) -> (b, h, t, d)>,
      affine_map<(b, h, t, d) -> (%(at)s)>, affine_map<(b, h, t, d) -> (b, h, t, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%(x)s, %(rows)s : %(type)s, %(rows_type)s) outs(%(x)s : %(type)s) {
    ^bb0(%%x: %(element)s, %%y: %(row_element)s, %%z: %(element)s):
      %%wide = arith.%(extend)s
      %%other = arith.%(extend_row)s
      %%added = arith.addf %%wide, %%other : f32
      %%narrow = arith.%(truncate)s
      linalg.yield %%narrow : %(element)s
    } -> %(type)s"""


def add(case, tensor, name, type_, values):
    """q, k or v plus the rows [T, D] or [B, T, D] that `values()` gives, in f32 and rounded once to the element type."""
    rank = values().ndim
    x, x_type = case.tensors[tensor]
    row_element, total = type_[type_.rindex("x") + 1:-1], case.fresh("sum")
    widen = lambda v, e: "extf %s : %s to f32" % (v, e) if e != "f32" else "addf %s, %%zero_add : f32" % v
    if not case.state.get("zero_add"):
        case.prologue.append("%zero_add = arith.constant -0.0 : f32")
        case.state["zero_add"] = True
    narrow = ("truncf %%added : f32 to %s" % case.dtype if case.dtype != "f32" else "addf %added, %zero_add : f32")
    text = GENERIC % dict(
        sum=total, at="t, d" if rank == 2 else "b, t, d", x=x, rows=name, type=x_type, rows_type=type_,
        element=case.dtype, row_element=row_element, extend=widen("%x", case.dtype),
        extend_row=widen("%y", row_element), truncate=narrow)
    case.prologue += text.split("\n")
    case.tensors[tensor] = (total, x_type)
    case.rounded = case.dtype != "f32"

    def apply(x):
        rows = values()[:, None] if rank == 3 else values()
        return x + rows if case.dtype == "f32" else dtypes.decode(dtypes.encode(x + rows, case.dtype), case.dtype)
    case.before.append((tensor, apply))


def positions(case, side):
    """An argument of positions: its name, type and values, [T] or [B, T]."""
    values = case.position_values[side]
    values = np.ascontiguousarray(values[0] if len(values) == 1 else values).astype(np.int64)
    return (*case.add_input(values, "i64"), values)


def learned(offset=0, padded=False):
    """Rows of a table at position + offset; `padded`: positions counted from a mask, padding at offset - 1."""
    def prepare(case):
        table_rows = max(int(p.max()) for p in case.position_values.values()) + 1 + offset
        name, type_, table = case.float_input([table_rows, case.head_size],
                                              case.rng.standard_normal([table_rows, case.head_size]))
        element = type_[type_.rindex("x") + 1:-1]
        for tensor, side in (("q", "q"), ("k", "k"), ("v", "k")):
            at, at_type, values = (masked if padded else shifted)(case, side, offset)
            rows = case.fresh("rows")
            rows_type = at_type[:-4] + "%s%s>" % ("?x" if "?" in type_ else "%dx" % case.head_size, element)
            case.prologue.append("%s = posenc.lookup %s[%s] clamp : %s, %s -> %s" % (
                rows, name, at, type_, at_type, rows_type))
            add(case, tensor, rows, rows_type, lambda values=values: table[values])
    return prepare


def shifted(case, side, offset):
    name, type_, values = positions(case, side)
    if not offset:
        return name, type_, values
    moved = case.add_input(values + offset, "i64", type_)[0]
    return moved, type_, values + offset


def masked(case, side, offset):
    """Left padding: the mask of all keys; queries are the last tokens."""
    if "mask" not in case.state:
        pad = case.rng.integers(0, max(case.keys // 3, 1), case.batch)
        case.state["mask"] = (np.arange(case.keys) >= pad[:, None]).astype(np.int64)
    mask = case.state["mask"]
    values = np.cumsum(mask, -1) * mask - 1 + offset
    name, type_ = case.add_input(mask, "i64", "tensor<%dx%dxi64>" % mask.shape)
    made, result = case.fresh("p"), type_
    case.prologue.append("%s = posenc.mask_positions %s offset %d : %s -> %s" % (made, name, offset, type_, type_))
    if side == "q" and case.queries != case.keys:
        part, result = case.fresh("part"), "tensor<%dx%dxi64>" % (case.batch, case.queries)
        case.prologue.append("%s = tensor.extract_slice %s[0, %d] [%d, %d] [1, 1] : %s to %s" % (
            part, made, case.keys - case.queries, case.batch, case.queries, type_, result))
        made, values = part, values[:, case.keys - case.queries:]
    return made, result, values


def sinusoidal(kind, layout, offset=0, scale=None):
    def prepare(case):
        pairs = case.head_size // 2
        k = np.arange(pairs)
        w = 10000.0 ** (-k / (max(pairs - 1, 1) if kind in ("t2t", "endpoint") else pairs))
        freq = "<%s, dim = %d>" % (kind, case.head_size)
        for tensor, side in (("q", "q"), ("k", "k"), ("v", "k")):
            name, type_, values = shifted(case, side, offset)
            rows, rows_type = _waves(case, name, type_, freq, pairs, layout, scale)
            add(case, tensor, rows, rows_type, lambda values=values: waves(values, w, layout) * (scale or 1.0))
    return prepare


def _waves(case, name, type_, freq, pairs, layout, scale):
    w, phi, rows, factor = (case.fresh(stem) for stem in ("w", "phi", "rows", "factor"))
    angles, result = type_[:-4] + "%dxf32>" % pairs, type_[:-4] + "%dxf32>" % (2 * pairs)
    case.prologue += [
        "%s = posenc.inv_freq %s : tensor<%dxf32>" % (w, freq, pairs),
        "%s = posenc.angles %s by(%s) : %s, tensor<%dxf32> -> %s" % (phi, name, w, type_, pairs, angles)]
    if scale:
        case.prologue.append("%s = arith.constant %.9e : f32" % (factor, scale))
    case.prologue.append("%s = posenc.sincos %s %s%s : %s -> %s" % (
        rows, phi, layout, " scale(%s)" % factor if scale else "", angles, result))
    return rows, result


def waves(values, w, layout):
    phi = values[..., None] * w
    parts_ = [np.sin(phi), np.cos(phi)]
    if layout == "interleaved":
        return np.stack(parts_, -1).reshape(*phi.shape[:-1], -1)
    return np.concatenate(parts_, -1)


def continuous(case):
    """CAPE: positions that are scaled and shifted at random, in f32; drawn outside, an operand here."""
    pairs = case.head_size // 2
    w = 10000.0 ** (-np.arange(pairs) / pairs)
    shift, stretch = case.rng.uniform(-2, 2), np.exp(case.rng.uniform(-0.1, 0.1))
    for tensor, side in (("q", "q"), ("k", "k"), ("v", "k")):
        values = case.position_values[side]
        p = ((values[0] if len(values) == 1 else values) + shift) * stretch
        name, type_, p = case.exact_input(p)
        rows, rows_type = _waves(case, name, type_, "<default, dim = %d>" % case.head_size, pairs, "interleaved", None)
        add(case, tensor, rows, rows_type, lambda p=p: waves(p, w, "interleaved"))


def grid_waves(case):
    """timm's 2-D form: half of the channels for each axis, sines before cosines: [sin y, sin x, cos y, cos x]."""
    pairs = case.head_size // 2
    w = np.tile(10000.0 ** (-np.arange(pairs // 2) / (pairs // 2)), 2)
    freq, freq_type, w = case.exact_input(w, "tensor<%dxf32>" % pairs)
    sizes = [case.fresh("extent") for _ in case.grid]
    at, phi, rows = case.fresh("at"), case.fresh("phi"), case.fresh("rows")
    n = case.keys
    case.prologue += ["%s = arith.constant %d : index" % pair for pair in zip(sizes, case.grid)]
    case.prologue += [
        "%s = posenc.grid_positions sizes(%s) : tensor<2x%dxi64>" % (at, ", ".join(sizes), n),
        "%s = posenc.angles %s by(%s) axes <sections, [%d, %d]> : tensor<2x%dxi64>, %s -> tensor<%dx%dxf32>" % (
            phi, at, freq, pairs // 2, pairs // 2, n, freq_type, n, pairs),
        "%s = posenc.sincos %s concat : tensor<%dx%dxf32> -> tensor<%dx%dxf32>" % (rows, phi, n, pairs, n, 2 * pairs)]
    cell = np.arange(n)
    at = np.where(np.arange(pairs) < pairs // 2, (cell // case.grid[1])[:, None], (cell % case.grid[1])[:, None])
    values = lambda: np.concatenate([np.sin(at * w), np.cos(at * w)], -1)
    for tensor in "qkv":
        add(case, tensor, rows, "tensor<%dx%dxf32>" % (n, 2 * pairs), values)


GRID = {**{form: "all tokens of the grid are queries" for form in ("longer", "tail", "decode")},
        "dynamic": "the grid's extents are constants here"}
ROUNDED = {"bf16": "sums of waves are rounded to the element type, where an ulp of f32 may decide the direction"}
COUNTED = {"gaps": "positions are counted from the mask", "future": "the queries are the last of the tokens of the mask",
           "dynamic": "the queries' positions are a slice of static sizes"}
SAME = dict(same_values=True)

ENCODINGS = [
    Encoding("learned-absolute", "1", (parts.causal,), setup=(learned(),),
             shapes=Shapes(**SAME, no={"future": "a table has no rows for negative positions"})),
    Encoding("learned-absolute-opt", "1", (parts.causal,), setup=(learned(2, True),), shapes=Shapes(**SAME, no=COUNTED)),
    Encoding("sinusoidal", "2", (parts.causal,), setup=(sinusoidal("default", "interleaved"),), shapes=Shapes(**SAME, no=ROUNDED)),
    Encoding("sinusoidal-marian", "2", setup=(sinusoidal("default", "concat"),), shapes=Shapes(**SAME, no=ROUNDED)),
    Encoding("sinusoidal-tensor2tensor", "2", setup=(sinusoidal("t2t", "concat"),), shapes=Shapes(**SAME, no=ROUNDED)),
    Encoding("sinusoidal-fairseq", "2", setup=(sinusoidal("endpoint", "concat", offset=2),), shapes=Shapes(**SAME, no=ROUNDED)),
    Encoding("sinusoidal-scaled", "2", setup=(sinusoidal("default", "concat", scale=0.25),), shapes=Shapes(**SAME, no=ROUNDED)),
    Encoding("sinusoidal-2d", "2", setup=(grid_waves,),
             shapes=Shapes(**SAME, grid=2, head_sizes=(8, 16, 24), no={**ROUNDED, **GRID})),
    Encoding("cape-continuous", "20", setup=(continuous,), shapes=Shapes(**SAME, no=ROUNDED)),
]
