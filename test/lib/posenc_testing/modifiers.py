"""Random modifiers of a score region: what each prints as IR and does to the oracle's scores.

A modifier is made by a function `(case) -> (lines, apply)`. `lines` turn the score %S into %R and
may use %b, %h, %m, %n and the positions %i, %j; `apply` does the same to an oracle.Scores.
"""

import numpy as np

from . import dtypes, tables


def _head(case, shape):
    """A table's shape with a trailing head dimension, or without; and how it is indexed."""
    if case.rng.random() < 0.3:
        return shape, ""
    return shape + [case.query_heads], "[%h]"


def _bucket(case):
    rng = case.rng
    sign = str(rng.choice(["q_minus_k", "k_minus_q"]))
    kind = str(rng.choice(["t5", "clip", "lut"]))
    if kind == "t5":
        both = bool(rng.integers(2))
        buckets = int(rng.choice([4, 8, 12, 32, 64])) if both else int(rng.choice([4, 6, 16, 32]))
        reach = int(buckets // (4 if both else 2) + rng.integers(1, 200))
        bucket = dict(kind=kind, num_buckets=buckets, max_distance=reach, bidirectional=both)
        text = "num_buckets = %d, max_distance = %d, bidirectional = %s" % (
            buckets, reach, str(both).lower())
        rows = buckets
    elif kind == "clip":
        left, right = (int(v) for v in rng.integers(0, 80, 2))
        bucket = dict(kind=kind, left=left, right=right)
        text, rows = "left = %d, right = %d" % (left, right), left + right + 1
    else:
        table = rng.integers(0, 20, rng.integers(1, 60)).tolist()
        origin = int(rng.integers(-60, 20))
        bucket = dict(kind=kind, origin=origin, rows=table)
        text = "origin = %d, outside = clamp, rows = %s" % (origin, table)
        rows = max(table) + 1 + int(rng.integers(0, 3))
    bucket["sign"] = sign
    return bucket, "<%s, %s, %s>" % (kind, sign, text), rows


def bias_table(case):
    bucket, text, rows = _bucket(case)
    shape, head = _head(case, [rows])
    name, type_, table = case.float_input(shape, case.rng.standard_normal(shape))
    line = "%%R = posenc.bias_table %%S, %s%s at(%%i, %%j) bucket %s : %s" % (
        name, head, text, type_)
    return [line], lambda s: s.bias_table(table, bucket)


def _parameters(case, kind, multiply):
    """Parameters of a bias_fn, one row each, that keep it and its derivative small.

    Factors are positive, and no function is so small that it is 0: what is hidden stays hidden.
    """
    shape, head = _head(case, [])
    draw = lambda low, high: case.rng.uniform(low, high, shape)
    signs = 1 if multiply else case.rng.choice([-1, 1])
    rows = {
        "linear": lambda: [signs * 2.0 ** -draw(2, 9)],
        "power": lambda: [signs * 2.0 ** -draw(5, 9), draw(0.25, 1.25)],
        "log": lambda: [signs * draw(0.1, 2), draw(0.01, 1)],
        "exponential": lambda: [signs * draw(0.1, 2), draw(-0.01, 0.001)],
        "exp_power": lambda: [signs * draw(0.1, 2), draw(-0.05, -0.01), draw(0.25, 0.9)],
        "cosine_sum": lambda: [signs * draw(0.05, 0.5)],
    }[kind]()
    return (rows[0] if len(rows) == 1 else np.stack(rows)), len(rows), head


def bias_fn(case):
    kind = str(case.rng.choice(["linear", "linear", "power", "log", "exponential", "exp_power", "cosine_sum"]))
    signed = kind in ("linear", "exponential")
    distance = str(case.rng.choice(["q_minus_k", "k_minus_q", "absolute"])) if signed else "absolute"
    # A product with a distance would leave what a softmax is tested for.
    multiply = kind.startswith("exp") and bool(case.rng.integers(2))
    values, count, head = _parameters(case, kind, multiply)
    name, type_, params = case.float_input(list(values.shape), values, fixed=int(count > 1))
    fields, options = "", {}
    if multiply:
        fields += " multiply"
    if kind == "cosine_sum":
        options = dict(terms=int(case.rng.integers(1, 9)), base=float(case.rng.choice([10.0, 10000.0])))
        fields += " terms %(terms)d base %(base)s" % options
    line = "%%R = posenc.bias_fn %%S, %s%s at(%%i, %%j) %s %s%s : %s, %s" % (
        name, head, kind, distance, fields, type_, case.position_type)
    return [line], lambda s: s.bias_fn(kind, [params] if count == 1 else list(params), distance, multiply, **options)


def causal(case):
    return ["%R = posenc.mask %S at(%i, %j) <causal>"], lambda s: s.mask(None, 0)


def window(case):
    left, right = (int(v) for v in case.rng.integers(0, 150, 2))
    ends = int(case.rng.integers(3))
    left, right = (None if ends == 1 else left), (None if ends == 2 else right)
    fields = ["%s = %d" % (n, v) for n, v in (("left", left), ("right", right)) if v is not None]
    line = "%%R = posenc.mask %%S at(%%i, %%j) <window, %s>" % ", ".join(fields)
    return [line], lambda s: s.mask(left, right)


def softcap(case):
    cap = float(case.rng.choice([0.5, 2.0, 30.0, 50.0]))
    return ["%%R = posenc.softcap %%S cap(%s)" % cap], lambda s: s.softcap(cap)


def _constants(case, **values):
    """Lines that define index constants with unique names, and those names."""
    lines, names = [], {}
    for key, value in values.items():
        names[key] = case.fresh(key)
        lines.append("%s = arith.constant %d : index" % (names[key], value))
    return lines, names


_HIDE = ["%x = arith.constant 0xFF800000 : f32", "%R = arith.select %visible, %S, %x : f32"]


def predicate_mod(case):
    """A mask by arithmetic on the indices that is no function of a distance."""
    a, c, p = (int(v) for v in case.rng.integers(1, 9, 3))
    p += 1
    lines, k = _constants(case, a=a, c=c, p=p, zero=0)
    lines += ["%%am = arith.muli %%m, %(a)s : index" % k, "%%cn = arith.muli %%n, %(c)s : index" % k,
              "%sum = arith.addi %am, %cn : index", "%all = arith.addi %sum, %h : index",
              "%%mod = arith.remui %%all, %(p)s : index" % k,
              "%%visible = arith.cmpi ne, %%mod, %(zero)s : index" % k]

    def apply(s):
        b, h, m, n = np.indices(s.value.shape, sparse=True)
        s.select((a * m + c * n + h) % p != 0)
    return lines + _HIDE, apply


def predicate_rows(case):
    """Hides every key from the first rows of the queries: nothing to attend to."""
    first = int(case.rng.integers(0, case.queries + 1))
    lines, k = _constants(case, first=first)
    lines += ["%%visible = arith.cmpi uge, %%m, %(first)s : index" % k]

    def apply(s):
        m = np.arange(s.value.shape[2])[:, None]
        s.select(m >= first)
    return lines + _HIDE, apply


def padding(case):
    """Key lengths per batch, read from a captured integer tensor; may be 0."""
    lengths = case.rng.integers(0, case.keys + 1, case.batch)
    name, type_ = case.add_input(lengths.astype(np.int64), "i64")
    lines = ["%%len64 = tensor.extract %s[%%b] : %s" % (name, type_),
             "%len = arith.index_cast %len64 : i64 to index",
             "%visible = arith.cmpi slt, %n, %len : index"]

    def apply(s):
        n = np.arange(s.value.shape[3])
        s.select(n < lengths[:, None, None, None])
    return lines + _HIDE, apply


def arith_bias(case):
    """A bias that is written out: slope * ((n + h) mod p)."""
    slope, p = float(np.float32(case.rng.uniform(-0.5, 0.5))), int(case.rng.integers(2, 9))
    lines, k = _constants(case, p=p)
    lines += ["%nh = arith.addi %n, %h : index", "%%mod = arith.remui %%nh, %(p)s : index" % k,
              "%w = arith.index_cast %mod : index to i64", "%f = arith.sitofp %w : i64 to f32",
              "%%sl = arith.constant %.9e : f32" % slope, "%bi = arith.mulf %f, %sl : f32",
              "%R = arith.addf %S, %bi : f32"]

    def apply(s):
        b, h, m, n = np.indices(s.value.shape, sparse=True)
        s.add(slope * ((n + h) % p))
    return lines, apply


def dense(case):
    """A bias tensor that is an argument, of any rank that attention biases come in."""
    full = dict(b=case.batch, h=case.query_heads, m=case.queries, n=case.keys)
    letters = str(case.rng.choice(["bhmn", "hmn", "mn", "bn"]))
    shape = [full[c] for c in letters]
    name, type_, table = case.float_input(shape, case.rng.standard_normal(shape))
    at = ", ".join("%" + c for c in letters)
    lines = ["%%e = tensor.extract %s[%s] : %s" % (name, at, type_)]
    element = type_[type_.rindex("x") + 1:-1]
    wide = "%e"
    if element != "f32":
        lines.append("%%ef = arith.extf %%e : %s to f32" % element)
        wide = "%ef"
    lines.append("%%R = arith.addf %%S, %s : f32" % wide)
    view = table.reshape([full[c] if c in letters else 1 for c in "bhmn"])
    return lines, lambda s: s.add(view)


# Those that need integer positions, and those that do not.
ON_INDEX = [bias_table, bias_table, causal, window, *tables.ON_INDEX]
ON_ANY = [bias_fn, bias_fn, softcap, predicate_mod, predicate_rows, padding, arith_bias, dense]
