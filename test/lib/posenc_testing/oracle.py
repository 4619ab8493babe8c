"""The op's formulas in NumPy float64, written from the documentation of the dialect.

Shares nothing with the compiler: the tests compare it with what posenc computes.
"""

import numpy as np


def rotate(x, rotation, layout, channel_offset):
    """posenc.rotate of x [B, H, T, D] by one array (angles) or two (cos, sin), [T, P] or [B, T, P]."""
    tables = [np.asarray(t, np.float64) for t in rotation]
    cos, sin = tables if len(tables) == 2 else (np.cos(tables[0]), np.sin(tables[0]))
    if cos.ndim == 2:
        cos, sin = cos[None], sin[None]
    cos, sin = cos[:, None], sin[:, None]
    pairs = np.arange(cos.shape[-1])
    if layout == "half":
        a, b = channel_offset + pairs, channel_offset + pairs + len(pairs)
    else:
        a = channel_offset + 2 * pairs
        b = a + 1
    y = x.copy()
    y[..., a] = x[..., a] * cos - x[..., b] * sin
    y[..., b] = x[..., b] * cos + x[..., a] * sin
    return y


def t5_bucket(distance, num_buckets, max_distance, bidirectional):
    """The row for one signed distance, in Python's unbounded integers."""
    rows, base, a = num_buckets, 0, max(-distance, 0)
    if bidirectional:
        rows //= 2
        base, a = (rows if distance > 0 else 0), abs(distance)
    exact = rows // 2
    if a < exact:
        return base + a
    # Steps of the logarithmic part, log(a / e) / log(M / e) * (rows - e) >= k.
    steps, width = 0, rows - exact
    for k in range(1, width):
        if a**width * exact**k >= exact**width * max_distance**k:
            steps = k
    return base + exact + steps


def bucket_rows(bucket, distance):
    """Table rows for an array of signed distances (of the bucket's own sign)."""
    kind, p = bucket["kind"], bucket
    if kind == "t5":
        values, inverse = np.unique(distance, return_inverse=True)
        rows = [t5_bucket(int(d), p["num_buckets"], p["max_distance"], p["bidirectional"])
                for d in values]
        return np.array(rows)[inverse].reshape(distance.shape)
    if kind == "clip":
        return np.clip(distance, -p["left"], p["right"]) + p["left"]
    rows = np.array(p["rows"])
    return rows[np.clip(distance - p["origin"], 0, len(rows) - 1)]


class Scores:
    """The score tensor [B, H, M, N] on its way through a score region.

    `i` and `j` are positions broadcastable to it. `magnitude` is the largest finite score seen
    on the way: rounding errors are relative to it. `q`, `k` and `v` are the tensors [B, H, T, D] as they
    are stored, before any transform of their rows, for all query heads.

    What acts beside the scores: `sinks`, None or a logit per head; `value_terms`, functions of the
    probabilities that give what is added to the output, with `value_size`, the largest row they add.
    """

    def __init__(self, scores, i, j, tensors):
        self.value, self.i, self.j = scores, i, j
        self.q, self.k, self.v = (tensors[t] for t in "qkv")
        self.sinks, self.value_terms, self.value_size = None, [], 0.0
        self.magnitude = 0.0
        self.note()

    def note(self):
        finite = np.abs(self.value[np.isfinite(self.value)])
        if finite.size:
            self.magnitude = max(self.magnitude, float(finite.max()))

    def _per_head(self, table, at=()):
        """table[at..., head] or table[at...] as [B, H, M, N]."""
        table = np.asarray(table, np.float64)
        if table.ndim == len(at):
            return table[at] if at else table
        heads = np.arange(self.value.shape[1])[None, :, None, None]
        return table[at + (heads,)]

    def bias_table(self, table, bucket):
        d = self.i - self.j if bucket["sign"] == "q_minus_k" else self.j - self.i
        self.value = self.value + self._per_head(table, (bucket_rows(bucket, d),))

    def bias_fn(self, kind, params, distance, multiply=False, terms=None, base=10000.0):
        """`params`: one array per parameter, a scalar or one value per head."""
        d = self.i - self.j if distance != "k_minus_q" else self.j - self.i
        d = np.abs(d) if distance == "absolute" else d
        d = np.asarray(d, np.float64)
        a, *rest = (self._per_head(p) for p in params)
        if kind == "linear":
            g = a * d
        elif kind == "power":
            g = a * d ** rest[0]
        elif kind == "log":
            g = a * np.log1p(rest[0] * d)
        elif kind == "exponential":
            g = a * np.exp(rest[0] * d)
        elif kind == "exp_power":
            g = a * np.exp(rest[0] * d ** rest[1])
        else:
            g = a * sum(np.cos(d * base ** (-k / terms)) for k in range(terms))
        self.value = self.value * g if multiply else self.value + g

    def mask(self, left, right):
        """Keys i - left <= j <= i + right; None is unbounded."""
        d = self.i - self.j
        visible = np.ones(d.shape, bool)
        if left is not None:
            visible &= d <= left
        if right is not None:
            visible &= d >= -right
        self.select(visible)

    def select(self, visible):
        self.value = np.where(visible, self.value, -np.inf)

    def softcap(self, cap):
        self.value = cap * np.tanh(self.value / cap)

    def add(self, bias):
        self.value = self.value + bias


def softmax(scores, sinks=None):
    """Probabilities and log-sum-exp over the last axis; a row of -inf gives 0 and -inf.

    A sink is a further logit of each row of its head, whose probability goes nowhere.
    """
    top = scores.max(axis=-1, initial=-np.inf, keepdims=True)
    if sinks is not None:
        sinks = np.asarray(sinks, np.float64)[:, None, None]
        top = np.maximum(top, sinks)
    top = np.where(np.isneginf(top), 0.0, top)
    weights = np.exp(scores - top)
    total = weights.sum(axis=-1, keepdims=True)
    if sinks is not None:
        total = total + np.exp(sinks - top)
    nothing = total == 0
    probabilities = np.where(nothing, 0.0, weights / np.where(nothing, 1.0, total))
    with np.errstate(divide="ignore"):
        lse = np.log(total) + top
    return probabilities, lse[..., 0]
