"""wmma: D = A·B + C of 16 × 16 results, packed from the elements' coordinates."""

from dataclasses import dataclass

import numpy as np

from amd_suite import formats as f
from amd_suite.program import Program

LANES = 32
GFX11, GFX12 = "gfx1100", "gfx1201"


@dataclass
class Form:
    op: str  # after rocdl.wmma.
    chip: str
    depth: int
    a: f.Format
    b: f.Format
    operand: str
    result: f.Format
    sums: str
    opsel: bool = False

    @property
    def old(self):
        return self.chip == GFX11

    @property
    def half(self):
        return self.result.bits == 16


def forms():
    found = []
    for chip in (GFX11, GFX12):
        n = 16 if chip == GFX11 else 8
        found.append(Form("f32.16x16x16.f16", chip, 16, f.F16, f.F16, f"vector<{n}xf16>", f.F32, "vector<8xf32>"))
        found.append(Form("f32.16x16x16.bf16", chip, 16, f.BF16, f.BF16, f"vector<{n}xi16>", f.F32, "vector<8xf32>"))
        for opsel in (False, True) if chip == GFX11 else (False,):
            found.append(Form("f16.16x16x16.f16", chip, 16, f.F16, f.F16, f"vector<{n}xf16>", f.F16,
                              f"vector<{n}xf16>", opsel))
            found.append(Form("bf16.16x16x16.bf16", chip, 16, f.BF16, f.BF16, f"vector<{n}xi16>", f.BF16,
                              f"vector<{n}xi16>", opsel))
        found.append(Form("i32.16x16x16.iu8", chip, 16, f.I8, f.I8, f"vector<{n // 4}xi32>", f.I32, "vector<8xi32>"))
        found.append(Form("i32.16x16x16.iu4", chip, 16, f.I4, f.I4, "vector<2xi32>" if chip == GFX11 else "i32",
                          f.I32, "vector<8xi32>"))
    found.append(Form("i32.16x16x32.iu4", GFX12, 32, f.I4, f.I4, "vector<2xi32>", f.I32, "vector<8xi32>"))
    found += [Form(f"f32.16x16x16.{a.name}_{b.name}", GFX12, 16, a, b, "vector<2xi32>", f.F32, "vector<8xf32>")
              for a in (f.FP8, f.BF8) for b in (f.FP8, f.BF8)]
    return found


def spread_factor(form, values):
    """Rows of A or columns of B [16, depth] to lanes."""
    if form.old:  # Both halves of the wave hold all.
        return np.concatenate([values, values])
    lanes = np.zeros((LANES, form.depth // 2), np.int64)
    i, k = np.meshgrid(np.arange(16), np.arange(form.depth), indexing="ij")
    if form.a.bits == 16:
        lanes[16 * (k // 4 % 2) + i, 4 * (k // 8) + k % 4] = values
    else:
        lanes[16 * (k // (form.depth // 2)) + i, k % (form.depth // 2)] = values
    return lanes


def spread_sums(form, values):
    i, j = np.meshgrid(np.arange(16), np.arange(16), indexing="ij")
    lanes = np.zeros((LANES, 8), np.int64)
    if form.old:
        lanes[16 * (i % 2) + j, i // 2] = values
    else:
        lanes[16 * (i // 8) + j, i % 8] = values
    return lanes


def attributes(form):
    if form.result.name == "i32":
        return " {signA = true, signB = true, clamp = false}"
    return " {opsel = true}" if form.opsel else ""


def program(form):
    random = np.random.default_rng(form.depth + form.a.bits)
    a, b = random.integers(-4, 5, (16, form.depth)), random.integers(-4, 5, (16, form.depth))
    c = random.integers(-9, 10, (16, 16))
    c, d = spread_sums(form, c), spread_sums(form, a @ b.T + c)
    spaced = form.half and form.old  # Each number has a word, of which one half counts.
    if spaced:
        words = [form.result.encode(x).astype(np.int32) for x in (c, d)]
        sums = (words[0] << (16 if form.opsel else 0)).astype(np.int32), words[1]
    else:
        sums = form.result.pack(c), form.result.pack(d)

    def build(k, _):
        values = [k.row(0, form.operand), k.row(1, form.operand), k.row(2, form.sums)]
        value = k.value(f"rocdl.wmma.{form.op} {', '.join(values)}{attributes(form)} : "
                        f"({form.operand}, {form.operand}, {form.sums}) -> {form.sums}")
        if not spaced:
            return k.store_row(value, form.sums, 3)
        kind = form.sums[len("vector<16x"):-1]
        for i in range(8):
            half = k.value(f"vector.extract {value}[{2 * i + form.opsel}] : {kind} from {form.sums}")
            bits = half if kind == "i16" else k.cast(half, kind, "i16")
            k.store(k.value(f"arith.extui {bits} : i16 to i32"), 3, k.lane, i)
        return None
    name = f"wmma_{form.op}_{form.chip}_{int(form.opsel)}".replace(".", "_")
    inputs = [form.a.pack(spread_factor(form, a)), form.b.pack(spread_factor(form, b)), sums[0]]
    return Program(name, inputs, [sums[1]], build, chips=(form.chip,),
                   mnemonics={"": "v_wmma_" + form.op.replace(".", "_")})


def wrapped(chip):
    """amdgpu.wmma, which takes bf16 as such."""
    result = program(next(x for x in forms() if x.op == "f32.16x16x16.bf16" and x.chip == chip))
    kind = f"vector<{16 if chip == GFX11 else 8}xbf16>"

    def build(k, _):
        a, b, c = k.row(0, kind), k.row(1, kind), k.row(2, "vector<8xf32>")
        value = k.value(f"amdgpu.wmma 16x16x16 {a} * {b} + {c} : {kind}, {kind}, vector<8xf32>")
        k.store_row(value, "vector<8xf32>", 3)
    result.name, result.build = "wrapped_wmma", build
    return result


def programs(_):
    return [program(x) for x in forms()] + [wrapped(GFX11), wrapped(GFX12)]
