"""Random attention cases."""

import numpy as np

from . import modifiers, oracle
from .attention_case import AttentionCase

# Multiply-adds and scores of one case, so that hundreds of unfused ones take minutes.
BUDGET, SCORES = 15_000_000, 1_000_000


class Case(AttentionCase):
    """Everything follows from (seed, number) and the limits. `gaps`: some cases read q, k and v from
    the middle of larger tensors, so that rows are neither contiguous nor aligned."""

    def __init__(self, seed, number, budget=BUDGET, scores=SCORES, gaps=False):
        super().__init__()
        self.seed, self.number = seed, number
        self.limits = budget, scores
        # Choices of their own, so that the others stay what they were.
        self.gaps = gaps and np.random.default_rng([seed, number, 1]).random() < 0.4
        self.rng = np.random.default_rng([seed, number])
        self._choose_shapes()
        self._choose_storage()
        self._make_tensors()
        self._choose_positions()
        self.rows = {t: self._choose_rotation(t) for t in "qkvo"}
        self._choose_modifiers()
        self.has_lse = self.rng.random() < 0.5
        self.scale = float(np.float32(self.head_size**-0.5 if self.rng.random() < 0.7
                                      else self.rng.uniform(0.05, 1.0) / self.head_size**0.25))

    # Choices ---------------------------------------------------------------

    def _extent(self, top):
        """1 … top, small and edge values often."""
        kind = self.rng.integers(4)
        if kind == 0:
            return int(self.rng.choice([v for v in (1, 2, 7, 16, 31, 32, 33, 64, 65) if v <= top]))
        return int(self.rng.integers(1, top + 1)) if kind == 1 else int(np.exp(
            self.rng.uniform(0, np.log(top))))

    def _choose_shapes(self):
        sizes = [8, 16, 20, 24, 32, 40, 64, 80, 96, 128, 160, 256]
        while True:
            self.batch = int(self.rng.integers(1, 4))
            self.key_heads = int(self.rng.choice([1, 1, 2, 3, 4]))
            self.group = int(self.rng.choice([1, 1, 2, 4, 8]))
            self.query_heads = self.key_heads * self.group
            self.queries, self.keys = self._extent(300), self._extent(700)
            self.head_size = int(self.rng.choice(sizes))
            self.value_size = (self.head_size if self.rng.random() < 0.6
                               else int(self.rng.choice(sizes)))
            scores = self.batch * self.query_heads * self.queries * self.keys
            products = scores * (self.head_size + self.value_size)
            if products <= self.limits[0] and scores <= self.limits[1]:
                break
        self.dtype = str(self.rng.choice(["f32", "f32", "f16", "bf16"]))

    def _choose_storage(self):
        orders = ["bhtd", "bthd", "tbhd", "hbtd", "bhdt", "thbd", "dtbh"]
        self.dims = {t: str(self.rng.choice(orders)) if self.rng.random() < 0.5 else "bhtd"
                     for t in "qkvo"}
        self.dynamic = float(self.rng.choice([0.0, 0.5, 1.0]))

    def _choose_positions(self):
        kinds = ["none", "offset", "i32", "i64", "index"]
        floats = self.rng.random() < 0.12
        self.position_type = "f32" if floats else "index"
        self.positions = {"positions": [], "offsets": []}
        self.position_values, self.axes = {}, {}
        for side, length in (("q", self.queries), ("k", self.keys)):
            kind = "f32" if floats else str(self.rng.choice(kinds))
            self._choose_side(side, length, kind)

    def _choose_side(self, side, length, kind):
        self.axes[side] = None
        index = np.arange(length)
        if kind in ("none", "offset"):
            offset = 0
            if kind == "offset":
                # The memory is longer than the query as often as anything else.
                offset = (self.keys - self.queries if side == "q" and self.rng.random() < 0.6
                          else int(self.rng.integers(-20, 300)))
                name, _ = self.add_input(np.array(offset, np.int64), "index")
                self.positions["offsets"].append("%s = %s" % (side, name))
            self.position_values[side] = (index + offset)[None]
            return
        rank = int(self.rng.integers(1, 4))
        shape = {1: [length], 2: [self.batch, length], 3: [2, self.batch, length]}[rank]
        steps = self.rng.integers(0, 3, shape)
        values = np.cumsum(steps, axis=-1) + int(self.rng.integers(-10, 100))
        if kind == "f32":
            values = values * 0.25
        else:
            values = values.astype(np.int32 if kind == "i32" else np.int64)
        name, type_ = self.add_input(values.astype(np.float32) if kind == "f32" else values, kind)
        if kind == "f32":
            self.floats[len(self.inputs) - 1] = values
        self.positions["positions"].append(("%s = %s" % (side, name), type_))
        if rank == 3:
            self.axes[side] = int(self.rng.integers(2))
            values = values[self.axes[side]]
        self.position_values[side] = values.reshape(-1, length)

    def _choose_rotation(self, tensor):
        """No transform of the rows, or one rotation."""
        if self.rng.random() > (0.4 if tensor in "qk" else 0.1):
            return []
        length = self.keys if tensor in "kv" else self.queries
        channels = self.value_size if tensor in "vo" else self.head_size
        pairs = channels // 2 if self.rng.random() < 0.5 else int(
            self.rng.integers(1, channels // 2 + 1))
        offset = int(self.rng.integers(0, channels - 2 * pairs + 1))
        layout = str(self.rng.choice(["half", "interleaved"]))
        shape = [length, pairs] if self.rng.random() < 0.6 else [self.batch, length, pairs]
        angles = self.rng.uniform(-30, 30, shape).astype(np.float32)
        tables = [angles] if self.rng.random() < 0.5 else [np.cos(angles), np.sin(angles)]
        type_ = self._type(shape, "f32")
        names, _, arrays = zip(*[self.exact_input(table, type_) for table in tables])
        line = "%%Y = posenc.rotate %%X at(%%b, %%t) by(%s) %s%s : !posenc.row, %s" % (
            ", ".join(names), layout, " channel_offset %d" % offset if offset else "",
            ", ".join([type_] * len(names)))
        return [([line], lambda x: oracle.rotate(x, arrays, layout, offset))]

    def _choose_modifiers(self):
        pool = modifiers.ON_ANY + ([] if self.position_type == "f32" else modifiers.ON_INDEX)
        count = int(self.rng.choice([0, 1, 1, 2, 2, 3, 4]))
        self.modifiers = [self.rng.choice(pool)(self) for _ in range(count)]

    def __str__(self):
        return "case %d of seed %d: %s B%d Hq%d Hkv%d Tq%d Tk%d D%d Dv%d" % (
            self.number, self.seed, self.dtype, self.batch, self.query_heads, self.key_heads,
            self.queries, self.keys, self.head_size, self.value_size)
