"""Content times relative position (encodings.md 3, 4, 7, 15, 21), written from the papers' formulas.

Each term is σ · x · table[row]: x the stored q or k, gathered for every pair of positions. What is expected never comes from a
bucket of posenc.
"""

import numpy as np

from .. import dtypes
from ..catalogue import Encoding, Shapes
from .parts import causal

NO_ROW = -1


def product(rows, table, at, side):
    """Σ_d x · table[at] as [B,H,M,N]: x is [B,H,T,D] of the queries or the keys, the table [R,D] or [R,H,D], `at` row numbers
    [B or 1,1,M,N] of which NO_ROW gives 0."""
    table = np.asarray(table, np.float64)
    if table.ndim == 2:
        table = table[:, None]
    inside = np.where(at == NO_ROW, 0, at)[:, 0]
    gathered = np.moveaxis(table[inside], 3, 1)  # [B or 1, 1 or H, M, N, D]
    x = rows[:, :, :, None] if side == "q" else rows[:, :, None]
    return np.where(at == NO_ROW, 0.0, (x * gathered).sum(-1))


def weight(case):
    """A line for %w and its value: σ, as attention has it."""
    value = np.float32(case.encoding.scale or case.head_size**-0.5)
    return "%%w = arith.constant %.9e : f32" % value, float(value)


def rel_dot(side, shape, row, at, scaled=True, bias=None, heads=False, table=None):
    """A modifier. `row(case)` → text behind the table and lines before it; `at(case, i, j)` → row numbers; `bias` names the
    vectors of `case.state` that are added to x; `table(case)` gives its rows, drawn unless given."""
    def make(case):
        count = shape(case)
        extents = [count] + ([case.query_heads] if heads else []) + [case.head_size]
        drawn = table(case) if table else case.rng.standard_normal(extents)
        name, type_, values = case.float_input(extents, drawn)
        before, x, x_type = case.capture(side)
        lines, where = row(case)
        clauses, types, w = where, [x_type, type_], 1.0
        u = None
        if bias:
            u_name, u_type, u = case.state[bias]
            clauses, types = clauses + " bias(%s[%%h])" % u_name, types + [u_type]
        if scaled:
            line, w = weight(case)
            lines, clauses = lines + [line], clauses + " weight(%w)"
        lines = before + lines + ["%%R = posenc.rel_dot %%S, %s, %s%s %s : %s" % (
            x, name, "[%h]" if heads else "", clauses, ", ".join(types))]

        def apply(s):
            x = s.q if side == "q" else s.k
            x = x if u is None else x + u[None, :, None, :]
            s.add(w * product(x, values, np.broadcast_to(*pairs(at(case, s.i, s.j), s)), side))
        return lines, apply
    return make


def pairs(rows, s):
    """Row numbers, and the shape [B or 1, 1, M, N] that they broadcast to."""
    rows = np.asarray(rows)
    return rows, (rows.shape[0], 1) + s.value.shape[2:]


def bucket(text):
    """The row by a bucket; `text` may take the case's numbers."""
    return lambda case: ([], "at(%i, %j) bucket " + (text(case) if callable(text) else text))


def vectors(*names):
    """A setup that draws vectors [H, d], by name."""
    def prepare(case):
        for name in names:
            case.state[name] = case.float_input([case.query_heads, case.head_size],
                                                case.rng.standard_normal([case.query_heads, case.head_size]))
    return prepare


# Shaw, BERT ----------------------------------------------------------------

def clipped(left, right):
    """clip(j - i, -left, right) + left."""
    return (lambda case: left + right + 1,
            bucket("<clip, k_minus_q, left = %d, right = %d>" % (left, right)),
            lambda case, i, j: np.clip(j - i, -left, right) + left)


def bert(case, i, j):
    """(i - j) + M - 1 of 2 M - 1 rows, M past every distance."""
    return i - j + case.reach


def bert_rows(case):
    return 2 * case.reach + 1


BERT_BUCKET = bucket(lambda case: "<clip, q_minus_k, left = %d, right = %d>" % (case.reach, case.reach))


def share_table(case):
    """relative_key_query: one table meets q and k."""
    values = case.rng.standard_normal([bert_rows(case), case.head_size])
    case.state["table"] = case.float_input(list(values.shape), values)


def bert_side(side):
    def make(case):
        name, type_, values = case.state["table"]
        before, x, x_type = case.capture(side)
        line, w = weight(case)
        lines = before + [line, "%%R = posenc.rel_dot %%S, %s, %s %s weight(%%w) : %s, %s" % (
            x, name, BERT_BUCKET(case)[1], x_type, type_)]
        return lines, lambda s: s.add(w * product(s.q if side == "q" else s.k, values,
                                                  np.broadcast_to(*pairs(bert(case, s.i, s.j), s)), side))
    return make


# Transformer-XL, XLNet, Conformer ------------------------------------------

def sinusoids(distances, channels, interleaved=False):
    angles = np.asarray(distances)[:, None] * 10000.0 ** (-np.arange(0, channels, 2) / channels)
    both = np.stack([np.sin(angles), np.cos(angles)], -1 if interleaved else 1)
    return both.reshape(len(angles), -1)


def projected(distances, interleaved=False):
    """W_r R for each head: [len(distances), H, d]."""
    def table(case):
        model = case.query_heads * case.head_size
        w = case.rng.standard_normal([model, model]) * model**-0.5
        r = sinusoids(distances(case), model, interleaved) @ w
        return r.reshape(-1, case.query_heads, case.head_size) * 2
    return table


def key_bias(case):
    """σ u · k."""
    u, u_type, values = case.state["u"]
    before, k, k_type = case.capture("k")
    line, w = weight(case)
    lines = before + [line, "%%R = posenc.bias_lowrank %%S, %s[%%h], %s weight(%%w) : %s, %s" % (u, k, u_type, k_type)]
    return lines, lambda s: s.add(w * np.einsum("hd,bhnd->bhn", values, s.k)[:, :, None])


def decreasing(case):
    """XL stores distances klen - 1 … 0; what is masked reads the last row."""
    return (["%%last = arith.constant %d : index" % case.reach, "%d = arith.subi %i, %j : index",
             "%back = arith.subi %last, %d : index", "%row = arith.minsi %back, %last : index"], "row(%row)")


def past_rows(case):
    return case.reach + 1


xl = rel_dot("q", past_rows, decreasing, lambda case, i, j: np.where(i >= j, case.reach - (i - j), case.reach),
             bias="v", heads=True, table=projected(lambda case: np.arange(case.reach, -1, -1)))
xl_clamped = rel_dot("q", lambda case: 8, bucket("<clip, q_minus_k, left = 0, right = 7>"),
                     lambda case, i, j: np.minimum(np.maximum(i - j, 0), 7),
                     bias="v", heads=True, table=projected(lambda case: np.arange(8)))


def both_ways(interleaved):
    """Distances reach … -reach."""
    return rel_dot("q", bert_rows, bucket(lambda case: "<clip, k_minus_q, left = %d, right = %d>" % (case.reach, case.reach)),
                   lambda case, i, j: j - i + case.reach, bias="v", heads=True,
                   table=projected(lambda case: np.arange(case.reach, -case.reach - 1, -1), interleaved))


def segments(case):
    """XLNet: σ (q + b_s) · seg_embed[whether the segments differ]."""
    ids = (np.arange(case.keys) >= case.rng.integers(0, case.keys, [case.batch, 1])).astype(np.int32)
    first = case.keys - case.queries
    of_query = np.ascontiguousarray(np.pad(ids, [(0, 0), (max(-first, 0), 0)])[:, max(first, 0):])
    (q_name, q_type), (k_name, k_type) = case.add_input(of_query, "i32"), case.add_input(ids, "i32")

    def row(_):
        return ["%%sq = tensor.extract %s[%%b, %%m] : %s" % (q_name, q_type),
                "%%sk = tensor.extract %s[%%b, %%n] : %s" % (k_name, k_type),
                "%differ = arith.cmpi ne, %sq, %sk : i32", "%row = arith.index_castui %differ : i1 to index"], "row(%row)"

    differ = (of_query[:, None, :, None] != ids[:, None, None, :]).astype(int)
    return rel_dot("q", lambda _: 2, row, lambda c, i, j: differ, bias="bs", heads=True)(case)


# DeBERTa -------------------------------------------------------------------

SIZE, FURTHEST, DEBERTA_HEAD = 32, 128, 16


def deberta_rows(_, i, j):
    """transformers' make_log_bucket_position, then the clamp of the index."""
    relative, middle = np.asarray(i - j), SIZE // 2
    a = np.where(np.abs(relative) < middle, middle - 1, np.abs(relative)).astype(np.float64)
    logarithm = np.ceil(np.log(a / middle) / np.log((FURTHEST - 1) / middle) * (middle - 1)) + middle
    delta = np.where(a <= middle, relative, logarithm * np.sign(relative)).astype(int)
    return np.clip(delta + SIZE, 0, 2 * SIZE - 1)


def deberta(side):
    text = "size = %d, max = %d, rule = huggingface>" % (SIZE, FURTHEST)
    where = ("at(%i, %j) bucket <deberta, q_minus_k, " if side == "q" else "at(%j, %i) bucket <deberta, k_minus_q, ") + text
    # √(3 d): three terms of one variance.
    return rel_dot(side, lambda case: 2 * SIZE, lambda case: ([], where), deberta_rows, heads=True)


# Grids ---------------------------------------------------------------------

def axis_rows(axis):
    """SAM, MViT: y_q - y_k + H - 1 (axis 0) or the same of x; the table is shared by heads, q is not scaled."""
    def row(case):
        height, width = case.grid
        op = "divui" if axis == 0 else "remui"
        return ["%%width = arith.constant %d : index" % width, "%%a = arith.%s %%i, %%width : index" % op,
                "%%c = arith.%s %%j, %%width : index" % op, "%d = arith.subi %a, %c : index",
                "%%reach = arith.constant %d : index" % ((height, width)[axis] - 1),
                "%row = arith.addi %d, %reach : index"], "row(%row)"

    def at(case, i, j):
        width = case.grid[1]
        a, c = (i // width, j // width) if axis == 0 else (i % width, j % width)
        return a - c + case.grid[axis] - 1
    return rel_dot("q", lambda case: 2 * case.grid[axis] - 1, row, at, scaled=False)


def piecewise(x, alpha=1.9, beta=3.8, gamma=15.2):
    """iRPE's index: exact near, logarithmic far."""
    x = np.asarray(x)
    a = np.maximum(np.abs(x), 1e-9)
    far = np.minimum(np.round(alpha + np.log(a / alpha) / np.log(gamma / alpha) * (beta - alpha)), int(beta))
    return np.where(np.abs(x) <= alpha, x, np.sign(x) * far).astype(int)


IRPE = "<irpe, q_minus_k, method = product, height = %d, width = %d, alpha = 1.9, beta = 3.8, gamma = 15.2>"


def irpe_at(case, i, j):
    width = case.grid[1]
    y, x = piecewise(i // width - j // width) + 3, piecewise(i % width - j % width) + 3
    return y * 7 + x


irpe = rel_dot("q", lambda case: 49, bucket(lambda case: IRPE % case.grid), irpe_at, heads=True)


# Inkling -------------------------------------------------------------------

def inkling(extent):
    """Rows of the query of their own, 16 wide; beyond the extent nothing."""
    def make(case):
        shape = [case.batch, case.query_heads, case.queries, 16]
        r, r_type, rows = case.float_input(shape, case.rng.standard_normal(shape) * 0.5)
        table, t_type, values = case.float_input([extent, 16], case.rng.standard_normal([extent, 16]) * 0.5)
        line = "%%R = posenc.rel_dot %%S, %s[%%b, %%h, %%m], %s at(%%i, %%j) bucket <identity, q_minus_k, extent = %d> : %s, %s"

        def apply(s):
            d = s.i - s.j
            rows_at = np.where((d >= 0) & (d < extent), d, NO_ROW)
            s.add(product(rows, values, np.broadcast_to(*pairs(rows_at, s)), "q"))
        return [line % (r, table, extent, r_type, t_type)], apply
    return make


# Values --------------------------------------------------------------------

def value_rel(shape, text, at, heads=False):
    """A clause: Σ_n P · table[at]."""
    def make(case):
        extents = [shape(case)] + ([case.query_heads] if heads else []) + [case.value_size]
        element = "f32" if case.rng.random() < 0.5 else case.dtype
        stored = dtypes.encode(case.rng.standard_normal(extents), element)
        name, type_ = case.add_input(stored, element)
        values = case.floats[len(case.inputs) - 1] = dtypes.decode(stored, element)
        clause = "value_rel(%s : %s) bucket %s" % (name, type_, text(case))

        def apply(s):
            rows, whole = pairs(at(case, s.i, s.j), s)
            rows = np.broadcast_to(rows, whole)[:, 0]
            table = values if heads else values[:, None]
            gathered = np.moveaxis(table[rows], 3, 1)
            s.value_terms.append(lambda p: (p[..., None] * gathered).sum(3))
            s.value_size += float(np.abs(values).max())
        return clause, apply
    return make


SHAW = clipped(8, 8)
shaw_values = value_rel(SHAW[0], lambda case: "<clip, k_minus_q, left = 8, right = 8>", SHAW[2])
irpe_values = value_rel(lambda case: 49, lambda case: IRPE % case.grid, irpe_at, heads=True)
GRID = Shapes(grid=2, no={"gaps": "tokens of a grid", "future": "tokens of a grid"})

ENCODINGS = [
    Encoding("shaw-keys", "3", (rel_dot("q", *SHAW),),
             structure=("product, rows of q times", "row a function of i - j; (-inf, -8] = 16")),
    Encoding("wav2vec2-bert", "3", (rel_dot("q", *clipped(64, 8)),), structure=("product, rows of q times",)),
    Encoding("bert-relative-key", "3", (rel_dot("q", bert_rows, BERT_BUCKET, bert),),
             structure=("product, rows of q times", "row a function of i - j")),
    Encoding("bert-relative-key-query", "3", (bert_side("q"), bert_side("k")), setup=(share_table,),
             structure=("product, rows of q times", "product, rows of k times")),
    Encoding("transformer-xl", "4", (key_bias, xl, causal), setup=(vectors("u", "v"),),
             structure=("key-only", "product, rows of q plus", "row a function of i - j", "mask")),
    Encoding("transformer-xl-clamp", "4", (key_bias, xl_clamped, causal), setup=(vectors("u", "v"),),
             structure=("key-only", "product, rows of q plus", "[7, inf) = 7", "mask")),
    Encoding("xlnet", "4", (key_bias, both_ways(False), segments), setup=(vectors("u", "v", "bs"),),
             structure=("key-only", "row a function of i - j", "row a function of")),
    Encoding("conformer", "4", (key_bias, both_ways(True)), setup=(vectors("u", "v"),),
             structure=("key-only", "row a function of i - j")),
    Encoding("deberta-v2", "7", (deberta("q"), deberta("k")), scale=(3 * DEBERTA_HEAD) ** -0.5,
             shapes=Shapes(head_sizes=(DEBERTA_HEAD,)),
             structure=("product, rows of q times", "row a function of i - j", "product, rows of k times",
                        "row a function of i - j")),
    Encoding("sam-decomposed", "15", (axis_rows(0), axis_rows(1)), shapes=GRID,
             structure=("product, rows of q times", "product, rows of q times")),
    Encoding("irpe-contextual", "15", (irpe,), shapes=GRID, structure=("product, rows of q times",)),
    Encoding("inkling", "21", (inkling(24), causal),
             structure=("product, rows of", "at the query times", "row a function of i - j", "mask")),
    Encoding("shaw-values", "3", (rel_dot("q", *SHAW),), options=(shaw_values,),
             structure=("product, rows of q times", "values: rows of", "row a function of i - j, of 17 rows")),
    Encoding("irpe-values", "15", (irpe,), options=(irpe_values,), shapes=GRID,
             structure=("product, rows of q times", "values: rows of", "of 49 rows")),
]
