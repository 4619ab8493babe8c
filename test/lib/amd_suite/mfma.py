"""mfma: D = A·B + C for blocks of matrices, packed from the elements' coordinates."""

from dataclasses import dataclass

import numpy as np

from amd_suite import formats as f
from amd_suite.program import CDNA, Program, words_of

LANES = 64
OLD, CDNA3 = ("gfx90a",), ("gfx942", "gfx950")


@dataclass
class Form:
    op: str  # after rocdl.mfma.
    chips: tuple
    side: int
    depth: int
    blocks: int
    a: f.Format
    b: f.Format
    operand: str  # its type
    mnemonic: str = ""  # of CDNA3 and up, after v_mfma_


def forms():
    f16, bf16, i8, x8 = "vector<4xf16>", "vector<4xi16>", "i64", "vector<4xi32>"
    small = [Form(f"f32.{s}x{s}x1f32", CDNA, s, 1, b, f.F32, f.F32, "f32", f"f32_{s}x{s}x1_{b}b_f32")
             for s, b in ((32, 2), (16, 4), (4, 16))]
    small += [Form(f"f32.{s}x{s}x4f16", CDNA, s, 4, b, f.F16, f.F16, f16, f"f32_{s}x{s}x4_{b}b_f16")
              for s, b in ((32, 2), (16, 4), (4, 16))]
    small += [Form(f"f32.{s}x{s}x4bf16.1k", CDNA, s, 4, b, f.BF16, f.BF16, bf16, f"f32_{s}x{s}x4_{b}b_bf16")
              for s, b in ((32, 2), (16, 4), (4, 16))]
    small += [Form(f"f32.{s}x{s}x2bf16", OLD, s, 2, b, f.BF16, f.BF16, "vector<2xi16>")
              for s, b in ((32, 2), (16, 4), (4, 16))]
    small += [Form(f"i32.{s}x{s}x4i8", CDNA, s, 4, b, f.I8, f.I8, "i32", f"i32_{s}x{s}x4_{b}b_i8")
              for s, b in ((32, 2), (16, 4), (4, 16))]
    large = []
    for s, k in ((32, 2), (16, 4)):
        large.append(Form(f"f32.{s}x{s}x{k}f32", CDNA, s, k, 1, f.F32, f.F32, "f32", f"f32_{s}x{s}x{k}_f32"))
        large.append(Form(f"f32.{s}x{s}x{2 * k}.xf32", ("gfx942",), s, 2 * k, 1, f.F32, f.F32, "vector<2xf32>",
                          f"f32_{s}x{s}x{2 * k}_xf32"))
        large.append(Form(f"f32.{s}x{s}x{2 * k}bf16", OLD, s, 2 * k, 1, f.BF16, f.BF16, "vector<2xi16>"))
        large.append(Form(f"i32.{s}x{s}x{4 * k}i8", OLD, s, 4 * k, 1, f.I8, f.I8, "i32"))
        large.append(Form(f"f32.{s}x{s}x{4 * k}f16", CDNA, s, 4 * k, 1, f.F16, f.F16, f16, f"f32_{s}x{s}x{4 * k}_f16"))
        large.append(Form(f"f32.{s}x{s}x{4 * k}bf16.1k", CDNA, s, 4 * k, 1, f.BF16, f.BF16, bf16,
                          f"f32_{s}x{s}x{4 * k}_bf16"))
        large.append(Form(f"i32.{s}x{s}x{8 * k}.i8", CDNA3, s, 8 * k, 1, f.I8, f.I8, i8, f"i32_{s}x{s}x{8 * k}_i8"))
        for x in (f.F16, f.BF16):
            large.append(Form(f"f32.{s}x{s}x{8 * k}.{x.name}", ("gfx950",), s, 8 * k, 1, x, x, f"vector<8x{x.name}>",
                              f"f32_{s}x{s}x{8 * k}_{x.name}"))
        large.append(Form(f"i32.{s}x{s}x{16 * k}.i8", ("gfx950",), s, 16 * k, 1, f.I8, f.I8, x8,
                          f"i32_{s}x{s}x{16 * k}_i8"))
        for chip, fp8, bf8 in (("gfx942", f.FP8_FNUZ, f.BF8_FNUZ), ("gfx950", f.FP8, f.BF8)):
            large += [Form(f"f32.{s}x{s}x{8 * k}.{a.name}.{b.name}", (chip,), s, 8 * k, 1, a, b, i8,
                           f"f32_{s}x{s}x{8 * k}_{a.name}_{b.name}") for a in (fp8, bf8) for b in (fp8, bf8)]
    return small + large


def places_of_factors(form):
    """Lane and element of row (or column) i and k of a block: [block, i, k]."""
    per_lane = form.side * form.depth * form.blocks // LANES
    block, i, k = np.meshgrid(*map(np.arange, (form.blocks, form.side, form.depth)), indexing="ij")
    return form.side * np.where(form.blocks > 1, block, k // per_lane) + i, k % per_lane, per_lane


def places_of_results(form):
    """Lane and element of row i, column j of a block."""
    block, i, j = np.meshgrid(*map(np.arange, (form.blocks, form.side, form.side)), indexing="ij")
    if form.side == 32:
        lane, element = i // 4 % 2 * 32 + j, 16 * block + i // 8 * 4 + i % 4
    elif form.side == 16:
        lane, element = i // 4 * 16 + j, 4 * block + i % 4
    else:
        lane, element = 4 * block + j, i
    return lane, element, form.side * form.side * form.blocks // LANES


def spread(values, places):
    lane, element, per_lane = places
    lanes = np.zeros((LANES, per_lane), np.int64)
    lanes[lane, element] = values
    return lanes


def program(form, cbsz=0, abid=0, blgp=0):
    random = np.random.default_rng(form.side * form.depth)
    shape = form.blocks, form.side, form.depth
    a, b = random.integers(-4, 5, shape), random.integers(-4, 5, shape)
    c = random.integers(-9, 10, (form.blocks, form.side, form.side))
    source = (np.arange(form.blocks) >> cbsz << cbsz) + abid
    # A block of B is a group of lanes in the forms that have blgp.
    groups = {0: None, 1: [0, 1, 0, 1], 2: [2, 3, 2, 3], 3: [1, 2, 3, 0], 4: [0] * 4, 7: [3] * 4}[blgp]
    seen = b if groups is None else b[groups]
    d = np.einsum("nik,njk->nij", a[source], seen) + c
    sums = f.I32 if form.op.startswith("i32") else f.F32
    factors, results = places_of_factors(form), places_of_results(form)
    inputs = [form.a.pack(spread(a, factors)), form.b.pack(spread(b, factors)), sums.pack(spread(c, results))]
    accumulator = f"vector<{results[2]}x{sums.name}>"

    def build(k, _):
        values = [k.row(0, form.operand), k.row(1, form.operand), k.row(2, accumulator)]
        values += [k.constant(n) for n in (cbsz, abid, blgp)]
        value = k.value(f"rocdl.mfma.{form.op} {', '.join(values)} : ({form.operand}, {form.operand}, {accumulator}, "
                        f"i32, i32, i32) -> {accumulator}")
        k.store_row(value, accumulator, 3)
    name = "mfma_" + form.op.replace(".", "_") + (f"_{cbsz}_{abid}_{blgp}" if cbsz or blgp else "")
    old = "v_mfma_" + form.op.replace(".1k", "_1k").replace(".", "_")
    return Program(name, inputs, [sums.pack(spread(d, results))], build, threads=LANES, chips=form.chips,
                   mnemonics={"gfx90a": old, "": "v_mfma_" + form.mnemonic})


def double_precision(negate):
    random = np.random.default_rng(negate)
    # Numbers so short that products are exact: each addition rounds, as the fused ones do.
    a, b, c = (random.integers(-2**25, 2**25, shape) / 2.0**20 for shape in ((16, 4), (4, 16), (16, 16)))
    signs = [-1.0 if negate >> i & 1 else 1.0 for i in range(3)]
    d = signs[2] * c
    for k in range(4):
        d = np.multiply.outer(signs[0] * a[:, k], signs[1] * b[k]) + d
    lane = np.arange(LANES)
    rows = np.arange(4)[None, :] * 4 + lane[:, None] // 16
    pick = lambda m: m[rows, (lane % 16)[:, None]]
    inputs = [a[lane % 16, lane // 16][:, None], b[lane // 16, lane % 16][:, None], pick(c)]

    def build(k, _):
        values = [k.row(0, "f64"), k.row(1, "f64"), k.row(2, "vector<4xf64>")]
        values += [k.constant(n) for n in (0, 0, negate)]
        value = k.value(f"rocdl.mfma.f64.16x16x4f64 {', '.join(values)} : (f64, f64, vector<4xf64>, i32, i32, i32) "
                        "-> vector<4xf64>")
        k.store_row(value, "vector<4xf64>", 3)
    return Program(f"mfma_f64_{negate}", list(map(words_of, inputs)), [words_of(pick(d))], build, threads=LANES,
                   chips=CDNA3 if negate else CDNA,
                   mnemonics={"gfx90a": "v_mfma_f64_16x16x4f64", "": "v_mfma_f64_16x16x4_f64"})


def wrapped():
    """amdgpu.mfma of bf16, which upstream lowers to the .1k form."""
    form = next(x for x in forms() if x.op == "f32.32x32x8bf16.1k")
    result = program(form)

    def build(k, _):
        a, b, c = k.row(0, "vector<4xbf16>"), k.row(1, "vector<4xbf16>"), k.row(2, "vector<16xf32>")
        value = k.value(f"amdgpu.mfma 32x32x8 {a} * {b} + {c} blgp = none "
                        ": vector<4xbf16>, vector<4xbf16>, vector<16xf32>")
        k.store_row(value, "vector<16xf32>", 3)
    result.name, result.build = "wrapped_mfma", build
    return result


def programs(_):
    all_forms = forms()
    by_op = {x.op: x for x in all_forms}
    modified = [program(by_op["f32.4x4x4f16"], 2, 3, 0), program(by_op["f32.16x16x4f16"], 1, 1, 0)]
    modified += [program(by_op["f32.16x16x1f32"], 0, 0, blgp) for blgp in (1, 2, 3, 4, 7)]
    return [program(x) for x in all_forms] + modified + [double_precision(0), double_precision(5), wrapped()]
