"""Modules without attention, drawn from a seed: raising has no business with them.

Layer norms, plain softmax, losses by log-sum-exp, poolings with exponentials, chains of element-wise
code, reshapes and gathers, some with contractions behind them.
"""

import random

UNARY = ("math.exp", "math.tanh", "math.absf", "arith.negf", "math.exp2", "math.sqrt", "math.log")
BINARY = ("arith.addf", "arith.subf", "arith.mulf", "arith.divf", "arith.maximumf", "arith.minimumf")


class Module:
    """One function of random statements; every value is a tensor of a known shape."""

    def __init__(self, seed, number):
        self.random = random.Random(f"{seed}.{number}")
        self.lines, self.count, self.values = [], 0, []
        self.dynamic = self.random.random() < 0.3
        self.rank = self.random.choice((2, 3, 4))
        self.shape = tuple(self.random.choice((2, 3, 4, 6, 8)) for _ in range(self.rank))

    def type(self, shape):
        dims = ["?" if self.dynamic and i == 0 else str(n) for i, n in enumerate(shape)]
        return "tensor<%s>" % "x".join([*dims, "f32"])

    def emit(self, text, shape=None):
        self.count += 1
        name = "%%v%d" % self.count
        self.lines.append("%s = %s" % (name, text))
        if shape:
            self.values.append((name, shape))
        return name

    def empty(self, shape):
        return self.emit("tensor.empty(%s) : %s" % ("%extent" if self.dynamic else "", self.type(shape)))

    def fill(self, shape, constant):
        empty, type_ = self.empty(shape), self.type(shape)
        return self.emit("linalg.fill ins(%s : f32) outs(%s : %s) -> %s" % (constant, empty, type_, type_))

    def maps(self, *indices):
        dims = ", ".join("d%d" % i for i in range(self.rank))
        return ", ".join("affine_map<(%s) -> (%s)>" % (dims, ", ".join("d%d" % i for i in index))
                         for index in indices)

    def pointwise(self, inputs, body):
        """Inputs are (value, dims); the body makes %y of %a0, …"""
        every = range(self.rank)
        shapes = [tuple(self.shape[d] for d in dims) for _, dims in inputs]
        arguments = ", ".join("%%a%d: f32" % i for i in range(len(inputs)))
        return self.emit(
            "linalg.generic {indexing_maps = [%s], iterator_types = [%s]} ins(%s : %s) outs(%s : %s) {\n"
            "  ^bb0(%s, %%out: f32):\n    %s\n    linalg.yield %%y : f32\n  } -> %s" % (
                self.maps(*[dims for _, dims in inputs], every), ", ".join(['"parallel"'] * self.rank),
                ", ".join(v for v, _ in inputs), ", ".join(map(self.type, shapes)),
                self.empty(self.shape), self.type(self.shape), arguments, "\n    ".join(body),
                self.type(self.shape)), self.shape)

    def reduce(self, value, axis, op, start):
        kept = self.shape[:axis] + self.shape[axis + 1:]
        return self.emit("linalg.reduce { %s } ins(%s : %s) outs(%s : %s) dimensions = [%d]" % (
            op, value, self.type(self.shape), self.fill(kept, start), self.type(kept), axis))

    # Statements -----------------------------------------------------------

    def whole(self):
        return self.random.choice([v for v, shape in self.values if shape == self.shape])

    def every(self):
        return list(range(self.rank))

    def chain(self):
        body, last = [], "%a0"
        for i in range(self.random.randrange(1, 6)):
            if self.random.random() < 0.5:
                body.append("%%b%d = %s %s : f32" % (i, self.random.choice(UNARY), last))
            else:
                other = self.random.choice(["%a1", "%half", last])
                body.append("%%b%d = %s %s, %s : f32" % (i, self.random.choice(BINARY), last, other))
            last = "%%b%d" % i
        body[-1] = "%y" + body[-1][body[-1].index(" ="):]
        self.pointwise([(self.whole(), self.every()), (self.whole(), self.every())], body)

    def last_axis(self):
        return self.rank - 1 if self.dynamic else self.random.randrange(self.rank)

    def rest(self, axis):
        return [d for d in self.every() if d != axis]

    def softmax(self):
        value, axis = self.whole(), self.rank - 1
        if self.random.random() < 0.4:
            type_ = self.type(self.shape)
            return self.emit("linalg.softmax dimension(%d) ins(%s : %s) outs(%s : %s) -> %s" % (
                axis, value, type_, self.empty(self.shape), type_, type_), self.shape)
        top = self.reduce(value, axis, "arith.maximumf", "%ninf")
        e = self.pointwise([(value, self.every()), (top, self.rest(axis))],
                           ["%d = arith.subf %a0, %a1 : f32", "%y = math.exp %d : f32"])
        total = self.reduce(e, axis, "arith.addf", "%zero")
        return self.pointwise([(e, self.every()), (total, self.rest(axis))], ["%y = arith.divf %a0, %a1 : f32"])

    def log_sum_exp(self):
        value, axis = self.whole(), self.rank - 1
        e = self.pointwise([(value, self.every())], ["%y = math.exp %a0 : f32"])
        total = self.reduce(e, axis, "arith.addf", "%zero")
        self.pointwise([(value, self.every()), (total, self.rest(axis))],
                       ["%l = math.log %a1 : f32", "%y = arith.subf %a0, %l : f32"])

    def layer_norm(self):
        value, axis = self.whole(), self.rank - 1
        mean = self.reduce(value, axis, "arith.addf", "%zero")
        centred = self.pointwise([(value, self.every()), (mean, self.rest(axis))],
                                 ["%m = arith.mulf %a1, %half : f32", "%y = arith.subf %a0, %m : f32"])
        square = self.pointwise([(centred, self.every())], ["%y = arith.mulf %a0, %a0 : f32"])
        var = self.reduce(square, axis, "arith.addf", "%zero")
        self.pointwise([(centred, self.every()), (var, self.rest(axis))],
                       ["%e = arith.addf %a1, %half : f32", "%r = math.rsqrt %e : f32",
                        "%y = arith.mulf %a0, %r : f32"])

    def contraction(self):
        """A linear layer over the last axis, of whatever there is."""
        last = self.shape[-1]
        weight = self.emit("arith.constant dense<0.5> : tensor<%dx%dxf32>" % (last, last))
        dims = ["d%d" % i for i in self.every()]
        space = ", ".join([*dims, "k"])
        maps = ", ".join("affine_map<(%s) -> (%s)>" % (space, ", ".join(x)) for x in (
            dims[:-1] + ["k"], ["k", dims[-1]], dims))
        type_ = self.type(self.shape)
        self.emit("linalg.contract indexing_maps = [%s] ins(%s, %s : %s, tensor<%dx%dxf32>) outs(%s : %s) -> %s" % (
            maps, self.whole(), weight, type_, last, last, self.fill(self.shape, "%zero"), type_, type_), self.shape)

    def text(self):
        type_ = self.type(self.shape)
        self.values.append(("%x", self.shape))
        statements = [self.chain, self.chain, self.log_sum_exp, self.layer_norm, self.softmax, self.contraction]
        for _ in range(self.random.randrange(3, 9)):
            self.random.choice(statements)()
        names = [v for v, shape in self.values if shape == self.shape][-3:]
        head = "func.func @main(%%x: %s) -> (%s) {\n" % (type_, ", ".join([type_] * len(names)))
        constants = ["%zero = arith.constant 0.0 : f32", "%half = arith.constant 0.5 : f32",
                     "%ninf = arith.constant 0xFF800000 : f32", "%c0 = arith.constant 0 : index"]
        if self.dynamic:
            constants.append("%%extent = tensor.dim %%x, %%c0 : %s" % type_)
        return head + "".join("  %s\n" % line for line in constants + self.lines) + "  return %s : %s\n}\n" % (
            ", ".join(names), ", ".join([type_] * len(names)))
