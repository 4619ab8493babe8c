"""Attention layers as linalg text, piece by piece, to be spelt wrongly on purpose.

A `Layer` is a function of q, k, v and further tensors. Shapes are words whose letters are
dimensions: "bhtd" is [batch, head, query, channel]; t and s (keys) may be dynamic.
"""

EXTENTS = {"b": 2, "h": 4, "t": 6, "s": 8, "d": 8, "e": 8, "g": 2, "r": 15, "o": 1}
# What every layer may take; the test makes one array for each.
ARGUMENTS = {
    "q": "bhtd", "k": "bhsd", "v": "bhse", "k2": "bhsd", "kg": "bgsd", "vg": "bgse", "bias": "hts",
    "table": "rh", "row": "bht", "key": "bhs", "gate": "h", "ids": "bs:i64", "low": "bht", "wide": "d",
}
PROLOGUE = """  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %half = arith.constant 0.5 : f32
  %two = arith.constant 2.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %lowest = arith.constant -3.40282347E+38 : f32
  %false = arith.constant false
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
"""


class Layer:
    def __init__(self, name, dynamic=False, element="f32"):
        self.name, self.dynamic, self.element = name, dynamic, element
        self.lines, self.used, self.count = [], [], 0
        if dynamic:
            self.lines = ["%T = tensor.dim %q, %c2 : " + self.type("bhtd"),
                          "%S = tensor.dim %k, %c2 : " + self.type("bhsd")]
            self.used = ["q", "k"]

    # Pieces ---------------------------------------------------------------

    def type(self, shape):
        shape, _, element = shape.partition(":")
        dims = ["?" if self.dynamic and c in "ts" else str(EXTENTS[c]) for c in shape]
        return "tensor<%s>" % "x".join([*dims, element or self.element])

    def extent(self, letter):
        """An index value; a static length is a constant like any other."""
        if self.dynamic and letter in "ts":
            return "%" + letter.upper()
        return self.emit("arith.constant %d : index" % EXTENTS[letter])

    def use(self, name):
        if name not in self.used:
            self.used.append(name)
        return "%" + name

    def emit(self, text):
        self.count += 1
        name = "%x" + str(self.count)
        self.lines.append("%s = %s" % (name, text))
        return name

    def empty(self, shape):
        sizes = ["%" + c.upper() for c in shape.partition(":")[0] if self.dynamic and c in "ts"]
        return self.emit("tensor.empty(%s) : %s" % (", ".join(sizes), self.type(shape)))

    def fill(self, shape, value):
        empty, type_ = self.empty(shape), self.type(shape)
        return self.emit("linalg.fill ins(%s : %s) outs(%s : %s) -> %s" % (
            value, self.element, empty, type_, type_))

    def contract(self, a, b, out, init="%zero"):
        """a and b are (value, letters); sums over the letters that `out` lacks."""
        start = self.fill(out, init) if init.startswith(("%zero", "%one")) else init
        letters = out + "".join(c for c in a[1] if c not in out)
        maps = ", ".join("affine_map<(%s) -> (%s)>" % (", ".join(letters), ", ".join(x))
                         for x in (a[1], b[1], out))
        return self.emit("linalg.contract indexing_maps = [%s] ins(%s, %s : %s, %s) outs(%s : %s) -> %s" % (
            maps, a[0], b[0], self.type(a[1]), self.type(b[1]), start, self.type(out), self.type(out)))

    def pointwise(self, out, inputs, body):
        """`body` computes %y from %in0, … and the indices %ib, %ih, %it, …; inputs are (value, letters)."""
        maps = ", ".join("affine_map<(%s) -> (%s)>" % (", ".join(out), ", ".join(x))
                         for x in [letters for _, letters in inputs] + [out])
        kinds = ", ".join(['"parallel"'] * len(out))
        ins = ", ".join(value for value, _ in inputs)
        types = ", ".join(self.type(letters) for _, letters in inputs)
        arguments = ["%%in%d: %s" % (i, self.element) for i in range(len(inputs))]
        lines = ["  %%i%s = linalg.index %d : index" % (c, i) for i, c in enumerate(out)]
        lines += ["  " + line.strip() for line in body.strip().splitlines()]
        type_ = self.type(out)
        head = "linalg.generic {indexing_maps = [%s], iterator_types = [%s]}" % (maps, kinds)
        if inputs:
            head += " ins(%s : %s)" % (ins, types)
        return self.emit("%s outs(%s : %s) {\n  ^bb0(%s):\n  %s\n    linalg.yield %%y : %s\n  } -> %s" % (
            head, self.empty(out), type_, ", ".join(arguments + ["%out: " + self.element]),
            "\n  ".join(lines), self.element, type_))

    def reduce(self, value, shape, letter, op, init):
        kept = shape.replace(letter, "")
        return self.emit("linalg.reduce { %s } ins(%s : %s) outs(%s : %s) dimensions = [%d]" % (
            op, value, self.type(shape), self.fill(kept, init), self.type(kept), shape.index(letter)))

    # The usual layer --------------------------------------------------------

    def scores(self, scale=0.25):
        s = self.contract((self.use("q"), "bhtd"), (self.use("k"), "bhsd"), "bhts")
        return self.change(s, "%%c = arith.constant %.9e : f32\n%%y = arith.mulf %%in0, %%c : f32" % scale)

    def change(self, s, body, *inputs):
        """The scores as a function of themselves (%in0) and more."""
        return self.pointwise("bhts", [(s, "bhts"), *inputs], body)

    def add(self, s, name):
        return self.change(s, "%y = arith.addf %in0, %in1 : f32", (self.use(name), ARGUMENTS[name]))

    def exponential(self, s, axis="s"):
        top = self.reduce(s, "bhts", axis, "arith.maximumf", "%ninf")
        return self.change(s, "%d = arith.subf %in0, %in1 : f32\n%y = math.exp %d : f32",
                           (top, "bhts".replace(axis, "")))

    def divide(self, e, sums, letters="bht"):
        return self.change(e, "%y = arith.divf %in0, %in1 : f32", (sums, letters))

    def softmax(self, s, axis="s"):
        e = self.exponential(s, axis)
        return self.divide(e, self.reduce(e, "bhts", axis, "arith.addf", "%zero"),
                           "bhts".replace(axis, ""))

    def values(self, p):
        return self.contract((p, "bhts"), (self.use("v"), "bhse"), "bhte")

    def text(self, *results):
        """The function, which returns (value, letters)."""
        arguments = ", ".join("%%%s: %s" % (n, self.type(ARGUMENTS[n])) for n in self.used)
        types = ", ".join(self.type(shape) for _, shape in results)
        return "func.func private @%s(%s) -> (%s) {\n%s  %s\n  return %s : %s\n}\n" % (
            self.name, arguments, types, PROLOGUE, "\n  ".join(self.lines),
            ", ".join(value for value, _ in results), types)
