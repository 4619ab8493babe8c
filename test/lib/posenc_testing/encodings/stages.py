"""Sinks, and encodings that read more than one score: of the row (CoPE, GRAPE-AP, stick-breaking) or of all heads (DAPE,
talking heads); encodings.md 13, 14, 21, 23."""

import numpy as np

from ..catalogue import Encoding
from . import bias, parts

PER_ROW = ("row scan, the row's values in order, reverse",)


def sinks(draw):
    """A logit per query head, f32 or of the operands' type."""
    def make(case):
        element = str(case.rng.choice(["f32", case.dtype]))
        name, type_, values = _typed(case, draw(case), element)
        clause = "sinks(%s : %s)" % (name, type_)

        def apply(s):
            s.sinks = values
        return clause, apply
    return make


def _typed(case, values, element, static=()):
    """An argument of this element type whose extents are dynamic in dynamic cases, but for the `static` ones."""
    from .. import dtypes
    data = dtypes.encode(values, element)
    extents = ["?" if case.dynamic and axis not in static else str(extent) for axis, extent in enumerate(data.shape)]
    name, type_ = case.add_input(data, element, "tensor<%s>" % "x".join([*extents, element]))
    case.floats[len(case.inputs) - 1] = dtypes.decode(data, element)
    return name, type_, case.floats[len(case.inputs) - 1]


learned_sinks = sinks(lambda case: case.rng.normal(0, 2, case.query_heads))
zero_sinks = sinks(lambda case: np.zeros(case.query_heads))

# Scalar functions, as lines %x -> %y.


def sigmoid(x, y):
    return ["%%neg_%s = arith.negf %%%s : f32" % (y, x), "%%exp_%s = math.exp %%neg_%s : f32" % (y, y),
            "%%one_%s = arith.constant 1.0 : f32" % y, "%%sum_%s = arith.addf %%exp_%s, %%one_%s : f32" % (y, y, y),
            "%%%s = arith.divf %%one_%s, %%sum_%s : f32" % (y, y, y)]


def log_sigmoid(x, y):
    """-ln(1 + e^-x)"""
    return ["%%neg_%s = arith.negf %%%s : f32" % (y, x), "%%exp_%s = math.exp %%neg_%s : f32" % (y, y),
            "%%log_%s = math.log1p %%exp_%s : f32" % (y, y), "%%%s = arith.negf %%log_%s : f32" % (y, y)]


def dot(result, left, right, extent):
    """Σ_d left[…, d] · right[…, d]: each is (text of the indices before d, name, type)."""
    tag = result
    lines = ["%%c0_%s = arith.constant 0 : index" % tag, "%%c1_%s = arith.constant 1 : index" % tag,
             "%%cd_%s = arith.constant %d : index" % (tag, extent), "%%zero_%s = arith.constant 0.0 : f32" % tag,
             "%%%s = scf.for %%d_%s = %%c0_%s to %%cd_%s step %%c1_%s iter_args(%%acc_%s = %%zero_%s) -> (f32) {" % (
                 (tag,) * 7)]
    for side, (name, at, type_) in (("l", left), ("r", right)):
        element = type_[type_.rindex("x") + 1:-1]
        lines.append("%%%s_%s = tensor.extract %s[%s, %%d_%s] : %s" % (side, tag, name, at, tag, type_))
        if element != "f32":
            lines.append("%%%sw_%s = arith.extf %%%s_%s : %s to f32" % (side, tag, side, tag, element))
        else:
            lines.append("%%%sw_%s = arith.addf %%%s_%s, %%zero_%s : f32" % (side, tag, side, tag, tag))
    return lines + ["%%mul_%s = arith.mulf %%lw_%s, %%rw_%s : f32" % (tag, tag, tag),
                    "%%next_%s = arith.addf %%acc_%s, %%mul_%s : f32" % (tag, tag, tag),
                    "scf.yield %%next_%s : f32" % tag, "}"]


def _suffix(x, exclusive=False):
    """Σ over the keys behind each, with itself or not."""
    sums = np.cumsum(x[..., ::-1], axis=-1)[..., ::-1]
    return sums - x if exclusive else sums


def _visible(s):
    return np.broadcast_to(s.j <= s.i, s.value.shape)


VISIBLE = ["%visible = arith.cmpi sle, %j, %i : index", "%nought = arith.constant 0.0 : f32"]

# Row scans.


def cope(case, maximum=16):
    """Mask, gate, suffix sum, clamp, and the interpolation between two rows of the table that meet the query."""
    table, table_type, rows = _typed(case, case.rng.standard_normal((maximum, case.head_size)),
                                     str(case.rng.choice(["f32", case.dtype])))
    query, query_type = case.tensors["q"]
    lines = ["%masked = posenc.mask %S at(%i, %j) <causal>"] + sigmoid("masked", "gate")
    lines += ["%all = posenc.row_scan sum reverse %gate : f32", "%%last = arith.constant %r : f32" % (maximum - 1.0),
              "%p = arith.minimumf %all, %last : f32", "%low = math.floor %p : f32", "%high = math.ceil %p : f32",
              "%w = arith.subf %p, %low : f32", "%one = arith.constant 1.0 : f32", "%v = arith.subf %one, %w : f32"]
    for name, before, after, weight in (("low", "masked", "first", "v"), ("high", "first", "R", "w")):
        lines += ["%%i_%s = arith.fptosi %%%s : f32 to i32" % (name, name),
                  "%%at_%s = arith.index_cast %%i_%s : i32 to index" % (name, name),
                  "%%%s = posenc.rel_dot %%%s, %s[%%b, %%h, %%m], %s row(%%at_%s) weight(%%%s) : %s, %s" % (
                      after, before, query, table, name, weight, query_type, table_type)]

    def apply(s):
        s.mask(None, 0)
        with np.errstate(over="ignore"):
            gate = 1 / (1 + np.exp(-s.value))
        p = np.minimum(_suffix(gate), maximum - 1)
        z = np.einsum("bhmd,pd->bhmp", s.q, rows)
        low, high = (np.take_along_axis(z, f(p).astype(int), axis=-1) for f in (np.floor, np.ceil))
        s.add(low + (p - np.floor(p)) * (high - low))
    return lines, apply


def grape_path(case, width=4):
    """m_h Σ_{j < t ≤ i} log sigmoid(⟨u_i, w_t⟩ / width) with the path's vectors as arguments."""
    vectors = []
    for side, length in (("m", case.queries), ("n", case.keys)):
        shape = (case.batch, case.query_heads, length, width)
        name, type_, values = _typed(case, case.rng.standard_normal(shape), "f32")
        vectors.append(((name, "%%b, %%h, %%%s" % side, type_), values))
    (left, u), (right, w) = vectors
    slopes, slopes_type, m = _typed(case, case.rng.uniform(0.05, 0.5, case.query_heads), "f32")
    lines = VISIBLE + dot("raw", left, right, width)
    lines += ["%%width = arith.constant %r : f32" % float(width), "%x = arith.divf %raw, %width : f32"]
    lines += log_sigmoid("x", "log") + [
        "%seen = arith.select %visible, %log, %nought : f32", "%path = posenc.row_scan sum reverse exclusive %seen : f32",
        "%%slope = tensor.extract %s[%%h] : %s" % (slopes, slopes_type), "%bias = arith.mulf %slope, %path : f32",
        "%biased = arith.addf %S, %bias : f32", "%R = posenc.mask %biased at(%i, %j) <causal>"]

    def apply(s):
        x = np.einsum("bhmc,bhnc->bhmn", u, w) / width
        path = _suffix(np.where(_visible(s), -np.log1p(np.exp(-x)), 0.0), exclusive=True)
        s.add(m[:, None, None] * path)
        s.note()
        s.mask(None, 0)
    return lines, apply


def stick_breaking(case):
    """ln β_ij + Σ_{j < k ≤ i} ln(1 − β_ik), β = sigmoid of the masked score; the softmax divides by the stick's used part."""
    lines = ["%masked = posenc.mask %S at(%i, %j) <causal>"] + log_sigmoid("masked", "kept")
    lines += ["%other = arith.negf %masked : f32"] + log_sigmoid("other", "left")
    lines += ["%before = posenc.row_scan sum reverse exclusive %left : f32", "%R = arith.addf %kept, %before : f32"]

    def apply(s):
        s.mask(None, 0)
        with np.errstate(over="ignore"):
            kept, left = -np.log1p(np.exp(-s.value)), -np.log1p(np.exp(s.value))
        s.value = kept + _suffix(left, exclusive=True)
    return lines, apply


def prefix_count(case):
    """A forward scan: the number of visible keys up to each, times a slope per head."""
    slopes, slopes_type, values = _typed(case, case.rng.uniform(-0.1, 0.1, case.query_heads), "f32")
    lines = VISIBLE + ["%unit = arith.constant 1.0 : f32", "%seen = arith.select %visible, %unit, %nought : f32",
                       "%count = posenc.row_scan sum %seen : f32",
                       "%%slope = tensor.extract %s[%%h] : %s" % (slopes, slopes_type),
                       "%bias = arith.mulf %slope, %count : f32", "%R = arith.addf %S, %bias : f32"]
    return lines, lambda s: s.add(values[:, None, None] * np.cumsum(_visible(s), axis=-1))

# Head mixing.


def layers(case, sizes, taps=1, biases=True):
    """The text of layers(…), its types, and the arrays (weight [in, out, K], bias [out])."""
    names, types, arrays = [], [], []
    for inputs, outputs in zip(sizes, sizes[1:]):
        shape = (inputs, outputs) if taps == 1 else (inputs, outputs, taps)
        scale = (inputs * taps) ** -0.5
        element = str(case.rng.choice(["f32", case.dtype]))
        name, type_, weight = _typed(case, scale * case.rng.standard_normal(shape), element, static=(2,))
        names, types = names + [name], types + [type_]
        bias_values = np.zeros(outputs)
        if biases:
            name, type_, bias_values = _typed(case, 0.3 * case.rng.standard_normal(outputs), "f32")
            names, types = names + [name], types + [type_]
        arrays.append((weight.reshape(inputs, outputs, taps), bias_values))
    activation = " activation leaky_relu" if len(sizes) > 2 else ""
    return "layers(%s)%s : %s" % (", ".join(names), activation, ", ".join(types)), arrays


def mix(inputs, arrays):
    """The network over the heads of arrays [B,H,M,N]; every key outside is 0."""
    z = np.concatenate(inputs, axis=1)
    for number, (weight, bias_values) in enumerate(arrays):
        taps = weight.shape[2]
        room = np.pad(z, [(0, 0)] * 3 + [(taps // 2, taps // 2)])
        y = bias_values[:, None, None] + sum(
            np.einsum("bcmn,co->bomn", room[..., t:t + z.shape[3]], weight[..., t]) for t in range(taps))
        z = np.where(y > 0, y, 0.01 * y) if number + 1 < len(arrays) else y
    return z


def talking_heads(case):
    text, arrays = layers(case, (case.query_heads, case.query_heads), biases=False)
    lines = ["%mixed = posenc.head_mix(%S) " + text, "%R = posenc.mask %mixed at(%i, %j) <causal>"]

    def apply(s):
        s.value = mix([s.value], arrays)
        s.note()
        s.mask(None, 0)
    return lines, apply


def dape(taps, hidden=12):
    """s + B + f([s ; B]) with ALiBi's B, then the mask; with taps the network reads 0 above the diagonal."""
    def make(case):
        text, arrays = layers(case, (2 * case.query_heads, hidden, case.query_heads), taps)
        slopes, slopes_type, m = case.exact_input(parts.slopes(case.query_heads))
        lines = VISIBLE + [
            "%%bias = posenc.bias_fn %%nought, %s[%%h] at(%%i, %%j) linear k_minus_q : %s, index" % (slopes, slopes_type)]
        read = ["S", "bias"]
        if taps > 1:
            lines += ["%%tril_%s = arith.select %%visible, %%%s, %%nought : f32" % (name, name) for name in read]
            read = ["tril_" + name for name in read]
        lines += ["%%mixed = posenc.head_mix(%%%s, %%%s) %s" % (*read, text), "%biased = arith.addf %S, %bias : f32",
                  "%sum = arith.addf %biased, %mixed : f32", "%R = posenc.mask %sum at(%i, %j) <causal>"]

        def apply(s):
            b = np.broadcast_to(m[:, None, None] * (s.j - s.i), s.value.shape)
            seen = _visible(s) if taps > 1 else True
            mixed = mix([np.where(seen, x, 0.0) for x in (s.value, b)], arrays)
            s.value = s.value + b + mixed
            s.note()
            s.mask(None, 0)
        return lines, apply
    return make


alibi = parts.bias_fn("linear", "k_minus_q", bias.alibi())
ENCODINGS = [
    Encoding("sinks", "23", (parts.causal,), options=(learned_sinks,)),
    Encoding("sinks-window", "23", (parts.window(15),), options=(learned_sinks,),
             structure=("(-inf, 15] visible", "[0, inf) visible")),
    Encoding("sinks-alibi", "6", (alibi, parts.causal), options=(learned_sinks,), structure=("affine in i - j",)),
    Encoding("softmax-off-by-one", "23", options=(zero_sinks,)),
    Encoding("cope-contextual", "13", (cope,), structure=(*PER_ROW, "function of the score", "a stage")),
    Encoding("grape-ap", "21", (grape_path,), structure=(*PER_ROW, "mask, function of i - j")),
    Encoding("stick-breaking", "21", (stick_breaking,), structure=PER_ROW),
    Encoding("visible-count", "21", (prefix_count,), structure=("row scan, the row's values in order, reads 1 value",)),
    Encoding("talking-heads", "14", (talking_heads,), structure=("head mix, the values of all heads",)),
    Encoding("dape", "14", (dape(1),), structure=("head mix, the values of all heads, reads 2 values",)),
    Encoding("dape-v2", "14", (dape(3),), structure=("head mix, the values of all heads, reads 2 values",)),
    Encoding("talking-cope-sinks", "hybrid", (talking_heads, cope), options=(learned_sinks,),
             structure=("stage 0 posenc.head_mix", "stage 1 posenc.row_scan")),
]
