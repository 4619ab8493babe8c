"""An attention with given inputs: its module, and what the oracle says about it.

What draws the inputs and the encoding is a subclass: `cases.Case` at random, `catalogue.EncodingCase`
from a named encoding.
"""

import re

import numpy as np

from . import dtypes, oracle


class AttentionCase:
    """Fields that a subclass sets, in this order:

    * `rng`, `dynamic` (the probability that an extent is not static);
    * `batch`, `key_heads`, `group`, `query_heads`, `queries`, `keys`, `head_size`, `value_size`, `dtype`;
    * `dims`, the storage order of q, k, v and o; then `_make_tensors()` gives `tensors` (name and type)
      and `values` ([B,H,T,D] in float64) of q, k and v;
    * `positions` (the clauses), `position_type`, `position_values` ([B or 1, T]) and `axes` of each side;
    * `rows`: a list of (lines, apply) for each of q, k, v, o. `lines` turn the row %X into %Y and may use
      %b, %h, %t; `apply` does the same to an array [B,H,T,D];
    * `modifiers`: a list of (lines, apply), see modifiers.py;
    * `options`: a list of (clause, apply): the text after the operands of posenc.attention, and what it
      does to an oracle.Scores (`sinks`, `value_terms`);
    * `has_lse`, `scale`.

    `prologue` are lines of the function before the attention.
    """

    gaps = False

    def __init__(self):
        self.inputs, self.arguments, self.names, self.text = [], [], 0, ""
        self.slices, self.prologue, self.options = [], [], []
        # By the number of a floating argument what the oracle reads of it, in float64 if it can be: changing it
        # in place changes what the oracle says. gradients.py does.
        self.floats = {}
        # (tensor, function): what becomes of the values of q, k and v before attention. `rounded`: to bf16, which
        # no difference quotient survives.
        self.before, self.rounded = [], False

    # Tensors ---------------------------------------------------------------

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
            if not self.gaps:
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
        if element == "f32":
            # The oracle may well read this very array.
            self.floats[len(self.inputs) - 1] = array
        return name, type_

    def float_input(self, shape, values, fixed=0):
        """A table of a random float type: name, type and float64 values."""
        dtype = str(self.rng.choice(["f32", "f32", "f16", "bf16"]))
        data = dtypes.encode(np.reshape(values, shape), dtype)
        name, type_ = self.add_input(data, dtype, self._type(data.shape, dtype, fixed))
        self.floats[len(self.inputs) - 1] = dtypes.decode(data, dtype)
        return name, type_, self.floats[len(self.inputs) - 1]

    def exact_input(self, values, type_=None):
        """An f32 argument with these values: name, type and float64 values."""
        values = np.asarray(values, np.float32)
        name, type_ = self.add_input(values, "f32", type_)
        self.floats[len(self.inputs) - 1] = values.astype(np.float64)
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

    @staticmethod
    def _chain(value, bodies, kept, before, after):
        """Bodies one after the other, each turning `before` into `after`, with names of its own."""
        lines = []
        for index, body in enumerate(bodies):
            result = "%%r%d" % index

            def rename(match, index=index, result=result, value=value):
                name = match.group(0)
                if name in kept or re.fullmatch(r"%a\d+|%\w+_\d+", name):
                    return name
                return {before: value, after: result}.get(name, "%s_%d_" % (name, index))
            lines += ["  " + re.sub(r"%\w+", rename, line) for line in body]
            value = result
        return lines, value

    def _score_region(self):
        if not self.modifiers:
            return []
        def axis(side):
            return "" if self.axes[side] is None else "axis %d " % self.axes[side]
        lines = ["score(%score, %b, %h, %m, %n) {",
                 "  %%i = posenc.q_pos %s: %s" % (axis("q"), self.position_type),
                 "  %%j = posenc.k_pos %s: %s" % (axis("k"), self.position_type)]
        body, score = self._chain("%score", [m[0] for m in self.modifiers],
                                  {"%b", "%h", "%m", "%n", "%i", "%j"}, "%S", "%R")
        return lines + body + ["  posenc.yield %s : f32" % score, "}"]

    def _row_regions(self):
        lines = []
        for tensor in "qkvo":
            if not self.rows[tensor]:
                continue
            body, row = self._chain("%row", [t[0] for t in self.rows[tensor]],
                                    {"%b", "%h", "%t"}, "%X", "%Y")
            lines += ["%s_rows(%%row, %%b, %%h, %%t) {" % tensor, *body,
                      "  posenc.yield %s : !posenc.row" % row, "}"]
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
        return " ".join([text] + [clause for clause, _ in self.options])

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
        lines = self.slices + self.prologue + lines
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

    def _transformed(self, tensor, value):
        for _, apply in self.rows[tensor]:
            value = apply(value)
        return value

    def forward(self):
        """o in its storage order, lse, the Scores at their end, probabilities, max |v'|."""
        values = dict(self.values)
        for tensor, apply in self.before:
            values[tensor] = apply(values[tensor])
        raw = {t: np.repeat(values[t], self.group if t in "kv" else 1, axis=1) for t in "qkv"}
        q, k, v = (self._transformed(t, values[t]) for t in "qkv")
        k, v = (np.repeat(x, self.group, axis=1) for x in (k, v))
        product = self.scale * np.einsum("bhmd,bhnd->bhmn", q, k, optimize=True)
        i = self.position_values["q"].astype(np.float64 if self.position_type == "f32" else int)
        j = self.position_values["k"].astype(i.dtype)
        scores = oracle.Scores(product, i[:, None, :, None], j[:, None, None, :], raw)
        for _, apply in self.options + self.modifiers:
            apply(scores)
            scores.note()
        probabilities, lse = oracle.softmax(scores.value, scores.sinks)
        o = np.einsum("bhmn,bhnd->bhmd", probabilities, v, optimize=True)
        largest = float(np.abs(v).max())
        for term in scores.value_terms:
            o = o + term(probabilities)
        largest += scores.value_size
        o = self._transformed("o", o)
        stored = o.transpose(["bhtd".index(letter) for letter in self.dims["o"]])
        return stored, lse, scores, probabilities, largest

    def expect(self):
        """(o in its storage order, lse, max |s|, max |v'|, whether the output is rotated)."""
        o, lse, scores, _, largest = self.forward()
        return o, lse, scores.magnitude, largest, bool(self.rows["o"])
