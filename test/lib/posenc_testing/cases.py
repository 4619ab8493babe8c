"""Random attention cases: the module, its inputs, and what the oracle says."""

import re

import numpy as np

from . import dtypes, modifiers, oracle

# Multiply-adds and scores of one case, so that hundreds of unfused ones take minutes.
BUDGET, SCORES = 15_000_000, 1_000_000


class Case:
    """Everything follows from (seed, number) and the limits. `gaps`: some cases read q, k and v from
    the middle of larger tensors, so that rows are neither contiguous nor aligned."""

    def __init__(self, seed, number, budget=BUDGET, scores=SCORES, gaps=False):
        self.seed, self.number = seed, number
        self.limits = budget, scores
        # Choices of their own, so that the others stay what they were.
        self.gaps = gaps and np.random.default_rng([seed, number, 1]).random() < 0.4
        self.slices = []
        self.rng = np.random.default_rng([seed, number])
        self.inputs, self.arguments, self.names, self.text = [], [], 0, ""
        # What the oracle reads of a floating argument, by its number: changing it in place changes
        # what the oracle says.
        self.floats = {}
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

    def _shape(self, tensor):
        heads = self.key_heads if tensor in "kv" else self.query_heads
        length = self.keys if tensor in "kv" else self.queries
        channels = self.value_size if tensor in "vo" else self.head_size
        logical = dict(b=self.batch, h=heads, t=length, d=channels)
        return [logical[letter] for letter in self.dims[tensor]]

    def _make_tensors(self):
        self.tensors, self.values = {}, {}
        for tensor in "qkv":
            data = dtypes.encode(self.rng.standard_normal(self._shape(tensor)), self.dtype)
            self.tensors[tensor] = (self._add_slice(tensor, data) if self.gaps
                                    else self.add_input(data, self.dtype))
            stored = dtypes.decode(data, self.dtype)
            self.floats[len(self.inputs) - 1] = stored
            axes = [self.dims[tensor].index(letter) for letter in "bhtd"]
            self.values[tensor] = stored.transpose(axes)

    def _add_slice(self, tensor, data):
        """An argument with one element more at the start of each dimension, and its slice."""
        room = np.ones([extent + 1 for extent in data.shape], data.dtype)
        room[1:, 1:, 1:, 1:] = data
        name, type_ = self.add_input(room, self.dtype)
        one, sizes, static = self.fresh("one"), [], []
        self.slices.append("%s = arith.constant 1 : index" % one)
        for axis, extent in enumerate(type_[7:-1].split("x")[:-1]):
            if extent != "?":
                sizes.append(str(int(extent) - 1))
                static.append(sizes[-1])
                continue
            at, size, less = self.fresh("axis"), self.fresh("size"), self.fresh("less")
            self.slices += ["%s = arith.constant %d : index" % (at, axis),
                            "%s = tensor.dim %s, %s : %s" % (size, name, at, type_),
                            "%s = arith.subi %s, %s : index" % (less, size, one)]
            sizes.append(less)
            static.append("?")
        result, slice_type = "%" + tensor, "tensor<%s>" % "x".join(static + [self.dtype])
        self.slices.append("%s = tensor.extract_slice %s[1, 1, 1, 1] [%s] [1, 1, 1, 1] : %s to %s" % (
            result, name, ", ".join(sizes), type_, slice_type))
        return result, slice_type

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
        """None, or (tables' names, their type, layout, channel offset, arrays)."""
        if self.rng.random() > (0.4 if tensor in "qk" else 0.1):
            return None
        length = self.keys if tensor in "kv" else self.queries
        channels = self.value_size if tensor in "vo" else self.head_size
        pairs = channels // 2 if self.rng.random() < 0.5 else int(
            self.rng.integers(1, channels // 2 + 1))
        offset = int(self.rng.integers(0, channels - 2 * pairs + 1))
        layout = str(self.rng.choice(["half", "interleaved"]))
        shape = [length, pairs] if self.rng.random() < 0.6 else [self.batch, length, pairs]
        angles = self.rng.uniform(-30, 30, shape).astype(np.float32)
        tables = [angles] if self.rng.random() < 0.5 else [np.cos(angles), np.sin(angles)]
        type_, names, arrays = self._type(shape, "f32"), [], []
        for table in tables:
            names.append(self.add_input(table, "f32", type_)[0])
            arrays.append(table.astype(np.float64))
            self.floats[len(self.inputs) - 1] = arrays[-1]
        return names, type_, layout, offset, arrays

    def _choose_modifiers(self):
        pool = modifiers.ON_ANY + ([] if self.position_type == "f32" else modifiers.ON_INDEX)
        count = int(self.rng.choice([0, 1, 1, 2, 2, 3, 4]))
        self.modifiers = [self.rng.choice(pool)(self) for _ in range(count)]

    # Inputs ----------------------------------------------------------------

    def fresh(self, stem):
        self.names += 1
        return "%%%s_%d" % (stem, self.names)

    def _type(self, shape, element, fixed=0):
        """A tensor type; each extent but the first `fixed` may be dynamic."""
        extents = ["?" if i >= fixed and self.rng.random() < self.dynamic else str(e)
                   for i, e in enumerate(shape)]
        return "tensor<%s>" % "x".join(extents + [element])

    def add_input(self, array, element, type_=None):
        """Adds a function argument; returns its name and type."""
        array = np.asarray(array)
        scalar = element == "index" and array.ndim == 0
        type_ = type_ or (element if scalar else self._type(array.shape, element))
        name = "%%a%d" % len(self.arguments)
        self.arguments.append("%s: %s" % (name, type_))
        self.inputs.append(array)
        return name, type_

    def float_input(self, shape, values, fixed=0):
        """A table of a random float type: name, type and float64 values."""
        dtype = str(self.rng.choice(["f32", "f32", "f16", "bf16"]))
        data = dtypes.encode(np.reshape(values, shape), dtype)
        name, type_ = self.add_input(data, dtype, self._type(data.shape, dtype, fixed))
        self.floats[len(self.inputs) - 1] = dtypes.decode(data, dtype)
        return name, type_, self.floats[len(self.inputs) - 1]

    # Module ----------------------------------------------------------------

    def _init(self, name, letters_of, element):
        """tensor.empty with extents from q, k and v; its lines and type."""
        shape = [extent for extent, _ in letters_of]
        type_ = self._type(shape, element)
        lines, sizes = [], []
        for text, (_, (tensor, letter)) in zip(type_[7:-1].split("x"), letters_of):
            if text != "?":
                continue
            source, source_type = self.tensors[tensor]
            dim, size = self.fresh("c"), self.fresh("size")
            lines += ["%s = arith.constant %d : index" % (dim, self.dims[tensor].index(letter)),
                      "%s = tensor.dim %s, %s : %s" % (size, source, dim, source_type)]
            sizes.append(size)
        lines.append("%s = tensor.empty(%s) : %s" % (name, ", ".join(sizes), type_))
        return lines, type_

    def _score_region(self):
        if not self.modifiers:
            return []
        def axis(side):
            return "" if self.axes[side] is None else "axis %d " % self.axes[side]
        lines = ["score(%score, %b, %h, %m, %n) {",
                 "  %%i = posenc.q_pos %s: %s" % (axis("q"), self.position_type),
                 "  %%j = posenc.k_pos %s: %s" % (axis("k"), self.position_type)]
        score = "%score"
        for index, (body, _) in enumerate(self.modifiers):
            result = "%%r%d" % index
            kept = {"%b", "%h", "%m", "%n", "%i", "%j"}

            def rename(match, index=index, result=result, score=score):
                name = match.group(0)
                if name in kept or re.fullmatch(r"%a\d+|%\w+_\d+", name):
                    return name
                return {"%S": score, "%R": result}.get(name, "%s_%d_" % (name, index))
            lines += ["  " + re.sub(r"%\w+", rename, line) for line in body]
            score = result
        return lines + ["  posenc.yield %s : f32" % score, "}"]

    def _row_regions(self):
        lines = []
        for tensor in "qkvo":
            if self.rows[tensor] is None:
                continue
            names, type_, layout, offset, _ = self.rows[tensor]
            where = " channel_offset %d" % offset if offset else ""
            lines += ["%s_rows(%%row, %%b, %%h, %%t) {" % tensor,
                      "  %%y = posenc.rotate %%row at(%%b, %%t) by(%s) %s%s : !posenc.row, %s" % (
                          ", ".join(names), layout, where, ", ".join([type_] * len(names))),
                      "  posenc.yield %y : !posenc.row", "}"]
        return lines

    def _clauses(self):
        text = "dims(%s)" % ", ".join("%s = %s" % (t, self.dims[t]) for t in "qkvo")
        if all(order == "bhtd" for order in self.dims.values()):
            text = ""
        if self.positions["positions"]:
            sides, types = zip(*self.positions["positions"])
            text += " positions(%s : %s)" % (", ".join(sides), ", ".join(types))
        if self.positions["offsets"]:
            text += " offsets(%s)" % ", ".join(self.positions["offsets"])
        return text

    def module(self):
        """The text; made once, as its types are random."""
        if not self.text:
            self.text = self._module()
        return self.text

    def _module(self):
        extent_of = {"b": "q", "h": "q", "t": "q", "d": "v"}
        output = [(extent, (extent_of[letter], letter))
                  for extent, letter in zip(self._shape("o"), self.dims["o"])]
        lines, type_ = self._init("%init", output, self.dtype)
        lines = self.slices + lines
        outs, types, results = ["%init"], [type_], "%o"
        if self.has_lse:
            row = [(self.batch, ("q", "b")), (self.query_heads, ("q", "h")),
                   (self.queries, ("q", "t"))]
            more, lse_type = self._init("%lse", row, "f32")
            lines += more
            outs, types, results = outs + ["%lse"], types + [lse_type], "%o:2"
        ins = [self.tensors[t] for t in "qkv"]
        lines += ["%s = posenc.attention scale(%.9e) ins(%s : %s) outs(%s : %s) %s" % (
            results, self.scale, ", ".join(n for n, _ in ins), ", ".join(t for _, t in ins),
            ", ".join(outs), ", ".join(types), self._clauses())]
        lines += ["  " + line for line in self._row_regions() + self._score_region()]
        values = "%o#0, %o#1" if self.has_lse else "%o"
        lines.append("return %s : %s" % (values, ", ".join(types)))
        return "func.func @main(%s) -> (%s) {\n%s\n}\n" % (
            ", ".join(self.arguments), ", ".join(types), "\n".join("  " + l for l in lines))

    # Oracle ----------------------------------------------------------------

    def _rotated(self, tensor, value):
        if self.rows[tensor] is None:
            return value
        _, _, layout, offset, arrays = self.rows[tensor]
        return oracle.rotate(value, arrays, layout, offset)

    def forward(self):
        """(o in its storage order, lse, the scores on their way, probabilities, v')."""
        q, k, v = (self._rotated(t, self.values[t]) for t in "qkv")
        k, v = (np.repeat(x, self.group, axis=1) for x in (k, v))
        raw = self.scale * np.einsum("bhmd,bhnd->bhmn", q, k, optimize=True)
        i = self.position_values["q"].astype(np.float64 if self.position_type == "f32" else int)
        j = self.position_values["k"].astype(i.dtype)
        scores = oracle.Scores(raw, i[:, None, :, None], j[:, None, None, :])
        for _, apply in self.modifiers:
            apply(scores)
            scores.note()
        probabilities, lse = oracle.softmax(scores.value)
        o = self._rotated("o", np.einsum("bhmn,bhnd->bhmd", probabilities, v, optimize=True))
        stored = o.transpose(["bhtd".index(letter) for letter in self.dims["o"]])
        return stored, lse, scores, probabilities, v

    def expect(self):
        """(o in its storage order, lse, max |s|, max |v'|, whether the output is rotated)."""
        o, lse, scores, _, v = self.forward()
        return o, lse, scores.magnitude, float(np.abs(v).max()), self.rows["o"] is not None

    def __str__(self):
        return "case %d of seed %d: %s B%d Hq%d Hkv%d Tq%d Tk%d D%d Dv%d" % (
            self.number, self.seed, self.dtype, self.batch, self.query_heads, self.key_heads,
            self.queries, self.keys, self.head_size, self.value_size)
