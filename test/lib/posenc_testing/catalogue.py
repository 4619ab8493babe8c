"""The catalogue of encodings: every one of them, by name, on every target and in every form.

Adding one
----------
A file `encodings/FAMILY.py` has a list `ENCODINGS` of `Encoding`s; it is found by itself. An encoding is

* `name`: unique, lower case with hyphens; also the name of its page in docs/encodings;
* `section`: where encodings.md describes it ("6", "8/yarn"); "hybrid" for combinations;
* `modifiers`: functions `(case) -> (lines, apply)` as in modifiers.py, in the order of the score region. `lines`
  turn %S into %R and may use %b, %h, %m, %n, %i, %j; `apply(s)` does the same to an oracle.Scores, where `s.value`
  is [B,H,M,N], `s.i` and `s.j` are positions that broadcast to it and `s.q`, `s.k`, `s.v` are the stored
  tensors [B,H,T,D] (key heads repeated);
* `rows`: functions `(case, tensor) -> (lines, apply)` for each letter of "qkvo", in order. `lines` turn the row %X
  into %Y and may use %b, %h, %t; `apply(x)` does the same to an array [B,H,T,D] of that tensor's own heads;
* `options`: functions `(case) -> (clause, apply)`: a clause of posenc.attention, and what it does to the Scores
  (`s.sinks`, `s.value_terms`, `s.value_size`);
* `setup`: functions `(case) -> None` that run first: they draw what several of the others share into `case.state`, or
  append lines of the function to `case.prologue` (tables of angles, embeddings that are added to q, k and v);
* `shapes`: what it cannot take, each with the reason (`Shapes`);
* `scale`: None for 1/√d, or a number (T5: 1);
* `structure`: texts that --posenc-print-structure must print for it, in this order.

Everything random comes from `case.rng`. What a case has: `batch`, `query_heads`, `key_heads`, `group`, `queries`,
`keys`, `head_size`, `value_size`, `dtype`, `position_values` ("q", "k": [B or 1, T]), `position_type`, `reach`
(|i − j| ≤ reach), `grid` (the extents of the grid, if the encoding asks for one), `form`. To declare arguments:
`case.float_input(shape, values, fixed)` → (name, type, float64 values) of a random float type, or
`case.add_input(array, element)` → (name, type) of exactly that type. Names that are unique in the function:
`case.fresh("stem")`; all other names of a region's lines are renamed, so that modifiers never collide. q, k and v may
be captured: `case.capture("q")` → lines that bind what is needed, and "NAME[%b, …]", its row in the region.

Forms
-----
`square`: Tq = Tk, positions are indices. `longer`: Tq ≠ Tk, mostly a memory before the queries, the query offset is
Tk − Tq. `tail`: both lengths odd and longer than a tile, positions are integer tensors [B,T] with gaps where the
encoding allows it. `decode`: one query, the last. Keys form a grid where `shapes.grid` asks for one; the queries are then its last
tokens. Each form comes static and dynamic, and in f32 and bf16.

Running
-------
test/Integration/Encodings/matrix.py draws a form of each encoding, and runs it on the reference, the CPU and one of two emulated
GPUs (`TARGETS`). POSENC_ALL=1 runs every form on all of them. POSENC_ENCODINGS="name/form/static/f32" (a shell pattern, matched against
that text or the name alone) with POSENC_SEED runs these; that is what a failing case prints.
"""

import dataclasses
import importlib
import pkgutil
import zlib

import numpy as np

from .attention_case import AttentionCase

FORMS = ("square", "longer", "tail", "decode")
STORAGE = ("static", "dynamic")
DTYPES = ("f32", "bf16")
TARGETS = ("reference", "cpu", "emulate:sm_90a", "emulate:gfx942")


@dataclasses.dataclass(frozen=True)
class Shapes:
    """What an encoding can take.

    `no` maps what it cannot to the reason: a form, "dynamic", "bf16", "groups" (several query heads to a
    key head), "gaps" (positions that are not one index after the other), "future" (longer queries than keys, and other
    rows without a visible key).
    """
    grid: int = 0            # The keys are a grid of that many axes …
    extra: int = 0           # … after that many tokens that are in no grid (CLS).
    same_values: bool = False   # The value size is the head size.
    gaps: bool = False       # Positions have gaps in every form (randomised positions).
    head_sizes: tuple = (8, 16, 24, 32, 40, 64)
    heads: tuple = (1, 2, 3, 4)     # Key heads.
    no: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Encoding:
    name: str
    section: str
    modifiers: tuple = ()
    rows: dict = dataclasses.field(default_factory=dict)
    options: tuple = ()
    setup: tuple = ()
    shapes: Shapes = Shapes()
    scale: float = None
    structure: tuple = ()

    def variants(self):
        """All (form, storage, dtype) that it can take."""
        no = self.shapes.no
        return [(form, storage, dtype) for form in FORMS for storage in STORAGE for dtype in DTYPES
                if form not in no and storage not in no and dtype not in no]


class EncodingCase(AttentionCase):
    """One encoding in one form. Everything follows from the arguments."""

    def __init__(self, encoding, form, storage, dtype, seed):
        super().__init__()
        self.encoding, self.form, self.storage, self.dtype, self.seed = encoding, form, storage, dtype, seed
        self.rng = np.random.default_rng([seed, zlib.crc32(self.label().encode())])
        self.dynamic = 1.0 if storage == "dynamic" else 0.0
        self.state, self.grid = {}, None
        self._choose_shapes()
        self.dims = dict.fromkeys("qkvo", "bhtd")
        self._make_tensors()
        self._choose_positions()
        for prepare in encoding.setup:
            prepare(self)
        self.rows = {t: [make(self, t) for make in encoding.rows.get(t, ())] for t in "qkvo"}
        self.options = [make(self) for make in encoding.options]
        self.modifiers = [make(self) for make in encoding.modifiers]
        self.has_lse = bool(self.rng.random() < 0.5)
        self.scale = float(np.float32(encoding.scale or self.head_size**-0.5))

    def label(self):
        return "/".join((self.encoding.name, self.form, self.storage, self.dtype))

    def __str__(self):
        return "%s of seed %d: B%d Hq%d Hkv%d Tq%d Tk%d D%d Dv%d" % (
            self.label(), self.seed, self.batch, self.query_heads, self.key_heads, self.queries,
            self.keys, self.head_size, self.value_size)

    # Choices ---------------------------------------------------------------

    def _choose_shapes(self):
        rng, shapes = self.rng, self.encoding.shapes
        self.head_size = int(rng.choice(shapes.head_sizes))
        self.value_size = (self.head_size if shapes.same_values or rng.random() < 0.6
                           else int(rng.choice([8, 16, 24, 32])))
        self._choose_lengths()
        while True:
            self.batch = int(rng.integers(1, 3))
            self.key_heads = int(rng.choice(shapes.heads))
            self.group = 1 if "groups" in shapes.no else int(rng.choice([1, 1, 2, 4]))
            self.query_heads = self.key_heads * self.group
            # The emulator executes every instruction: so many scores take a second.
            if self.batch * self.query_heads * self.queries * self.keys <= 16384:
                return
            if self.batch * min(shapes.heads) == min(shapes.heads) and self.group == 1:
                return

    def _choose_lengths(self):
        rng, shapes = self.rng, self.encoding.shapes
        low, high = {"square": (9, 40), "longer": (20, 70), "tail": (65, 90), "decode": (9, 150)}[self.form]
        self.keys = int(rng.integers(low, high + 1))
        if shapes.grid:
            side = (self.keys - shapes.extra) ** (1.0 / shapes.grid)
            self.grid = tuple(max(2, int(round(side)) + int(d)) for d in rng.permutation([0, 1, -1])[:shapes.grid])
            self.keys = int(np.prod(self.grid)) + shapes.extra
        elif self.form == "tail":
            self.keys |= 1
        if self.form == "square":
            self.queries = self.keys
        elif self.form == "decode":
            self.queries = 1
        elif self.form == "tail":
            self.queries = int(rng.choice([n for n in (33, 35, 37, 47, 51) if n < self.keys] or [self.keys - 1]))
        else:
            future = not (shapes.grid or "future" in shapes.no) and rng.random() < 0.25
            self.queries = self.keys + int(rng.integers(1, 9)) if future else int(rng.integers(2, self.keys))

    def _choose_positions(self):
        self.positions = {"positions": [], "offsets": []}
        self.position_type, self.axes = "index", dict(q=None, k=None)
        self.position_values = dict(q=np.arange(self.queries)[None], k=np.arange(self.keys)[None])
        offset, shapes = self.keys - self.queries, self.encoding.shapes
        may_have_gaps = not shapes.grid and "gaps" not in shapes.no
        if shapes.gaps or (self.form == "tail" and may_have_gaps):
            self._choose_gaps(offset)
            return
        if not offset:
            return
        name, _ = self.add_input(np.array(offset, np.int64), "index")
        self.positions["offsets"].append("q = " + name)
        self.position_values["q"] = self.position_values["q"] + offset

    def _choose_gaps(self, offset):
        """Positions of the keys with gaps; the queries have those of the last keys."""
        steps = self.rng.choice([1, 1, 1, 2, 5], (self.batch, self.keys))
        keys = np.cumsum(steps, axis=-1) - 1
        for side, values in (("q", keys[:, offset:]), ("k", keys)):
            element = str(self.rng.choice(["i32", "i64"]))
            name, type_ = self.add_input(values.astype(element.replace("i", "int")), element)
            self.positions["positions"].append(("%s = %s" % (side, name), type_))
            self.position_values[side] = values

    # For the entries -------------------------------------------------------

    @property
    def reach(self):
        """No |i - j| is larger."""
        i, j = self.position_values["q"], self.position_values["k"]
        return int(max(i.max() - j.min(), j.max() - i.min()))

    def capture(self, tensor):
        """Lines of the region, and the row of q, k or v in it: "NAME[%b, …]", and the type."""
        name, type_ = self.tensors[tensor]
        if tensor == "q":
            return [], "%s[%%b, %%h, %%m]" % name, type_
        if self.group == 1:
            return [], "%s[%%b, %%h, %%n]" % name, type_
        group, head = self.fresh("group"), self.fresh("hk")
        lines = ["%s = arith.constant %d : index" % (group, self.group),
                 "%s = arith.divui %%h, %s : index" % (head, group)]
        return lines, "%s[%%b, %s, %%n]" % (name, head), type_


def encodings():
    """All entries of all files, by section and name."""
    from . import encodings as package
    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        for entry in importlib.import_module(package.__name__ + "." + module.name).ENCODINGS:
            if entry.name in found:
                raise ValueError("two encodings are called %s" % entry.name)
            found[entry.name] = entry
    return list(found.values())
