"""Modifiers with chosen parameters, which entries are put together from. Each is `make(…)` -> (case) -> (lines, apply)."""

import numpy as np

from .. import oracle

ENCODINGS = []


def fixed(lines, apply):
    """The same in every case."""
    return lambda case: (list(lines), apply)


def mask(make):
    """A modifier that only hides keys: it stands behind every term of a score."""
    make.is_mask = True
    return make


def bias_fn(kind, distance, draw, multiply=False, terms=None, base=10000.0):
    """`draw(case)` gives the parameters: scalars or arrays [H], f32."""
    def make(case):
        rows = [np.asarray(p, np.float32) for p in draw(case)]
        values = rows[0] if len(rows) == 1 else np.stack(rows)
        head = "[%h]" if rows[0].ndim else ""
        name, type_, exact = case.exact_input(values, "tensor<%s>" % "x".join([*map(str, values.shape), "f32"]))
        rows = [exact] if len(rows) == 1 else list(exact)
        fields = (" multiply" if multiply else "") + (" terms %d base %r" % (terms, base) if terms else "")
        options = dict(terms=terms, base=base) if terms else {}
        line = "%%R = posenc.bias_fn %%S, %s%s at(%%i, %%j) %s %s%s : %s, %s" % (
            name, head, kind, distance, fields, type_, case.position_type)
        return [line], lambda s: s.bias_fn(kind, rows, distance, multiply, **options)
    return make


def bias_table(bucket, rows, heads=True):
    """A drawn table under a bucket: a dict with kind and sign as oracle.bucket_rows reads it. `rows`: a number."""
    def make(case):
        shape = [rows] + ([case.query_heads] if heads else [])
        name, type_, table = case.float_input(shape, case.rng.standard_normal(shape))
        line = "%%R = posenc.bias_table %%S, %s%s at(%%i, %%j) bucket %s : %s" % (
            name, "[%h]" if heads else "", bucket_text(bucket), type_)
        return [line], lambda s: s.bias_table(table, bucket)
    return make


def bucket_text(bucket):
    fields = {key: value for key, value in bucket.items() if key not in ("kind", "sign")}
    text = ["%s = %s" % (key, str(value).lower() if isinstance(value, bool) else value)
            for key, value in fields.items()]
    return "<%s>" % ", ".join([bucket["kind"], bucket["sign"], *text])


def t5(num_buckets, max_distance, bidirectional):
    bucket = dict(kind="t5", sign="k_minus_q", num_buckets=num_buckets, max_distance=max_distance,
                  bidirectional=bidirectional)
    return bias_table(bucket, num_buckets)


causal = mask(fixed(["%R = posenc.mask %S at(%i, %j) <causal>"], lambda s: s.mask(None, 0)))


def window(left, right=0):
    return mask(fixed(["%%R = posenc.mask %%S at(%%i, %%j) <window, left = %d, right = %d>" % (left, right)],
                      lambda s: s.mask(left, right)))


def softcap(cap):
    return fixed(["%%R = posenc.softcap %%S cap(%r)" % cap], lambda s: s.softcap(cap))


HIDE = ["%inf = arith.constant 0xFF800000 : f32", "%R = arith.select %visible, %S, %inf : f32"]


def chunked(size):
    """Keys of the query's own chunk of positions (Llama 4)."""
    lines = ["%%size = arith.constant %d : index" % size, "%ci = arith.divui %i, %size : index",
             "%cj = arith.divui %j, %size : index", "%visible = arith.cmpi eq, %ci, %cj : index"] + HIDE
    return mask(fixed(lines, lambda s: s.select(s.i // size == s.j // size)))


def prefix(length):
    """Causal, but that every query sees the first keys (PaLI, PrefixLM)."""
    lines = ["%%length = arith.constant %d : index" % length, "%past = arith.cmpi sle, %j, %i : index",
             "%first = arith.cmpi slt, %j, %length : index", "%visible = arith.ori %past, %first : i1"] + HIDE
    return mask(fixed(lines, lambda s: s.select((s.j <= s.i) | (s.j < length))))


@mask
def documents(case):
    """Only keys of the query's own document: one id per position, [B, keys]; the queries are the last keys."""
    ids = np.cumsum(case.rng.random((case.batch, case.keys)) < 0.1, axis=-1).astype(np.int32)
    first = case.keys - case.queries
    of_query = np.pad(ids, [(0, 0), (max(-first, 0), 0)])[:, max(first, 0):]
    k_name, k_type = case.add_input(ids, "i32")
    q_name, q_type = case.add_input(np.ascontiguousarray(of_query), "i32")
    lines = ["%%dq = tensor.extract %s[%%b, %%m] : %s" % (q_name, q_type),
             "%%dk = tensor.extract %s[%%b, %%n] : %s" % (k_name, k_type),
             "%visible = arith.cmpi eq, %dq, %dk : i32"] + HIDE
    return lines, lambda s: s.select(of_query[:, None, :, None] == ids[:, None, None, :])


@mask
def key_padding(case):
    """Key lengths per batch."""
    lengths = case.rng.integers(max(case.keys // 2, 1), case.keys + 1, case.batch)
    name, type_ = case.add_input(lengths.astype(np.int64), "i64")
    lines = ["%%len64 = tensor.extract %s[%%b] : %s" % (name, type_),
             "%len = arith.index_cast %len64 : i64 to index",
             "%visible = arith.cmpi slt, %n, %len : index"] + HIDE
    return lines, lambda s: s.select(np.arange(case.keys) < lengths[:, None, None, None])


def block_sparse(size, every):
    """Blocks of the diagonal, and every so many columns of blocks (BigBird, Sparse Transformer)."""
    lines = ["%%size = arith.constant %d : index" % size, "%%every = arith.constant %d : index" % every,
             "%zero = arith.constant 0 : index",
             "%bm = arith.divui %i, %size : index", "%bn = arith.divui %j, %size : index",
             "%near = arith.cmpi eq, %bm, %bn : index", "%rest = arith.remui %bn, %every : index",
             "%column = arith.cmpi eq, %rest, %zero : index", "%visible = arith.ori %near, %column : i1"] + HIDE
    return mask(fixed(lines, lambda s: s.select((s.i // size == s.j // size) | (s.j // size % every == 0))))


def slopes(heads, maximum=8.0):
    """ALiBi's, as Press wrote them."""
    c = 1 << (heads.bit_length() - 1)
    return np.array([2.0 ** (-maximum * (h + 1) / c) if h < c else 2.0 ** (-maximum / 2 * (2 * (h - c) + 1) / c)
                     for h in range(heads)])


def rotated(layout="half", base=10000.0, channels=None):
    """A setup and the rows of q and k: RoPE at the positions, from one table of angles per side, made by posenc."""
    def prepare(case):
        for side, tensor in (("q", "q"), ("k", "k")):
            rotary = channels(case.head_size) if channels else case.head_size
            case.state["angles_" + tensor] = _angles(case, side, rotary, base)

    def rows(case, tensor):
        name, type_, phi = case.state["angles_" + tensor]
        line = "%%Y = posenc.rotate %%X at(%%b, %%t) by(%s) %s : !posenc.row, %s" % (name, layout, type_)
        return [line], lambda x: oracle.rotate(x, [phi], layout, 0)
    return dict(setup=(prepare,), rows=dict(q=(rows,), k=(rows,)))


def _angles(case, side, rotary, base):
    """Name, type and float64 values [B or 1, T, P] of p · base^(-2k/r)."""
    p = case.position_values[side]
    values = np.ascontiguousarray(p[0] if len(p) == 1 else p).astype(np.int64)
    name, type_ = case.add_input(values, "i64")
    w, phi = case.fresh("w"), case.fresh("phi")
    pairs = rotary // 2
    result = type_[:-5] + "x%dxf32>" % pairs
    case.prologue += ["%s = posenc.inv_freq <default, dim = %d, base = %r> : tensor<%dxf32>" % (w, rotary, base, pairs),
                      "%s = posenc.angles %s by(%s) : %s, tensor<%dxf32> -> %s" % (phi, name, w, type_, pairs, result)]
    exact = base ** (-2.0 * np.arange(pairs) / rotary)
    return phi, result, values[..., None] * exact
