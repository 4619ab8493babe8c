"""Approximations, conversions, integer instructions."""

import numpy as np

from cuda_suite.program import LANES, Program

SMALLEST = 2.0**-126


def flushed(x):
    return np.where(np.abs(x) < SMALLEST, np.copysign(0, x), x).astype(np.float32)


def column(values, dtype=np.float32):
    return np.asarray(values, dtype).reshape(LANES, 1)


def spread(seed, low, high, special=()):
    values = np.random.default_rng(seed).uniform(low, high, LANES)
    values[:len(special)] = special
    return column(values)


def approximation(name, op, values, function, rtol, atol=0.0, ftz=True):
    """`op` is an intrinsic (llvm.…) or an op of the dialect."""
    with np.errstate(all="ignore"):
        x = (flushed(values) if ftz else values).astype(np.float64)
        exact = function(x).astype(np.float32)
    expected = flushed(exact) if ftz else exact

    def build(k, _):
        x = k.load(0, k.lane, 0)
        call = (f'llvm.call_intrinsic "{op}"({x}) : (f32) -> f32' if op.startswith("llvm.") else f"{op} {x} : f32")
        k.store(k.value(call), 1, k.lane, 0)

    return Program(name, [values], [expected], build, rtol=rtol, atol=atol)


def approximations():
    infinity = np.inf
    # Relative errors that the PTX ISA allows, rounded up.
    yield approximation("ex2_approx_ftz", "llvm.nvvm.ex2.approx.ftz.f32",
                        spread(1, -40, 40, (0, -infinity, infinity, 128, -150, -130, 1)), np.exp2, 2.0**-21)
    yield approximation("ex2_approx", "llvm.nvvm.ex2.approx.f32", spread(2, -40, 40, (-126, 127)), np.exp2, 2.0**-21,
                        ftz=False)
    positive = spread(3, 0.01, 100, (1, 2, 0, infinity))
    yield approximation("lg2_approx_ftz", "llvm.nvvm.lg2.approx.ftz.f", positive, np.log2, 2.0**-21, 2.0**-21)
    yield approximation("sqrt_approx_ftz", "llvm.nvvm.sqrt.approx.ftz.f", positive, np.sqrt, 2.0**-21)
    yield approximation("rsqrt_approx_ftz", "llvm.nvvm.rsqrt.approx.ftz.f", positive, lambda x: 1 / np.sqrt(x),
                        2.0**-21)
    either = spread(4, -50, 50, (0, -0.0, infinity, -infinity, 2.0**-130, 2.0**127))
    yield approximation("rcp_approx_ftz", "nvvm.rcp.approx.ftz.f", either, lambda x: 1 / x, 2.0**-22)
    angles = spread(5, -3, 3, (0,))
    yield approximation("sin_approx_ftz", "llvm.nvvm.sin.approx.ftz.f", angles, np.sin, 0, 2.0**-20)
    yield approximation("cos_approx_ftz", "llvm.nvvm.cos.approx.ftz.f", angles, np.cos, 0, 2.0**-20)
    yield approximation("sqrt_rn", "llvm.nvvm.sqrt.rn.f", positive, np.sqrt, 0, ftz=False)
    yield approximation("rcp_rn", "llvm.nvvm.rcp.rn.f", either, lambda x: 1 / x, 0, ftz=False)


def ex2_of_halves():
    """2^x of whole x is exact, whatever the approximation."""
    values = (np.arange(2 * LANES).reshape(LANES, 2) % 25 - 12).astype(np.float16)

    def build(k, _):
        pair = k.cast(k.load(0, k.lane, 0), "i32", "vector<2xf16>")
        r = k.value(f'llvm.call_intrinsic "llvm.nvvm.ex2.approx.v2f16"({pair}) : (vector<2xf16>) -> vector<2xf16>')
        k.store(k.cast(r, "vector<2xf16>", "i32"), 1, k.lane, 0)

    return Program("ex2_approx_f16x2", [values.view(np.int32)],
                   [np.exp2(values.astype(np.float32)).astype(np.float16).view(np.int32)], build)


def extremum(name, op, function, nan):
    x, y = spread(6, -5, 5, (np.nan, 1, np.nan, -0.0)), spread(7, -5, 5, (2, np.nan, np.nan, 0.0))
    either = np.isnan(x) | np.isnan(y)
    ignoring = np.where(np.isnan(x), y, np.where(np.isnan(y), x, function(x, y)))
    expected = np.where(either, np.nan, ignoring) if nan else ignoring
    expected[3] = 0.0 if "max" in op else -0.0
    # NaN never meets an expectation: the kernel gives 7 for it.
    expected = np.where(np.isnan(expected), 7, expected).astype(np.float32)

    def build(k, _):
        a, b = k.load(0, k.lane, 0), k.load(1, k.lane, 0)
        r = k.value(f'llvm.call_intrinsic "{op}"({a}, {b}) : (f32, f32) -> f32')
        bad = k.value(f"arith.cmpf uno, {r}, {r} : f32")
        seven = k.constant("7.0", "f32")
        k.store(k.value(f"arith.select {bad}, {seven}, {r} : f32"), 2, k.lane, 0)

    return Program(name, [x, y], [expected], build)


def nearest_even(values, drop):
    """Bits of f32 with `drop` low bits rounded away."""
    bits = values.astype(np.float32).view(np.uint32).astype(np.uint64)
    half = np.uint64((1 << (drop - 1)) - 1)
    return (((bits + half + ((bits >> np.uint64(drop)) & np.uint64(1))) >> np.uint64(drop)) << np.uint64(drop)).astype(
        np.uint32)


def tf32():
    values = spread(8, -1000, 1000, (1 + 2.0**-11, 1 + 3 * 2.0**-11, 0, -0.0))
    bits = values.view(np.uint32)
    away = ((bits.astype(np.uint64) + 0x1000) & 0xFFFFE000).astype(np.uint32)
    expected = np.concatenate([away, nearest_even(values, 13), bits & np.uint32(0xFFFFE000)], axis=1)

    def build(rounding, column):
        def emit(k, _):
            for r, c in zip(rounding, column):
                x = k.load(0, k.lane, 0)
                mask = k.constant(-8192)
                bits = k.value(f"nvvm.convert.float.to.tf32 {x} {{rnd = #nvvm.fp_rnd_mode<{r}>}}")
                k.store(k.value(f"arith.andi {bits}, {mask} : i32"), 1, k.lane, c)
        return emit

    yield Program("cvt_tf32_rna", [values], [away.view(np.int32)], build(["rna"], [0]))
    yield Program("cvt_tf32", [values], [expected.view(np.int32)], build(["rna", "rn", "rz"], [0, 1, 2]), since=90)


def halves(kind):
    values = np.random.default_rng(9).uniform(-300, 300, (LANES, 2)).astype(np.float32)
    if kind == "f16":
        words = values.astype(np.float16).view(np.uint16)
    else:
        words = (nearest_even(values, 16) >> 16).astype(np.uint16)
    # The first operand becomes the upper half.
    expected = words[:, 1:].astype(np.uint32) | words[:, :1].astype(np.uint32) << 16

    def build(k, _):
        pair = f"vector<2x{kind}>"
        r = k.value(f'llvm.call_intrinsic "llvm.nvvm.ff2{kind}x2.rn"({k.load(0, k.lane, 0)}, {k.load(0, k.lane, 1)}) : '
                    f"(f32, f32) -> {pair}")
        k.store(k.cast(r, pair, "i32"), 1, k.lane, 0)

    return Program(f"cvt_rn_{kind}x2", [values], [expected.view(np.int32)], build)


def f8(kind, mantissa, bias, largest):
    """The nearest of all 127 numbers that the format has; ties do not occur."""
    codes = np.arange(128)
    field, fraction = codes >> mantissa, codes & (1 << mantissa) - 1
    numbers = np.where(field > 0, (fraction + (1 << mantissa)) * 2.0**(field - bias - mantissa),
                       fraction * 2.0**(1 - bias - mantissa))
    codes, numbers = codes[numbers <= largest], numbers[numbers <= largest]
    values = np.random.default_rng(10).uniform(-1, 1, (LANES, 2)) * np.geomspace(2.0**-8, 2 * largest, LANES)[:, None]
    values = values.astype(np.float32)
    place = np.abs(np.abs(values)[..., None] - numbers).argmin(axis=2)
    words = codes[place] | np.where(values < 0, 128, 0)
    expected = (words[:, 1:] | words[:, :1] << 8).astype(np.int32)

    def build(k, _):
        r = k.value(f"nvvm.convert.f32x2.to.f8x2 {k.load(0, k.lane, 0)}, {k.load(0, k.lane, 1)} "
                    "{rnd = #nvvm.fp_rnd_mode<rn>, sat = #nvvm.sat_mode<satfinite>} : " f"i16 ({kind})")
        k.store(k.value(f"arith.extui {r} : i16 to i32"), 1, k.lane, 0)

    return Program(f"cvt_rn_satfinite_{kind.lower()}", [values], [expected], build, since=90)


def dot(bytes_of_a, signed_a, signed_b, upper=False):
    rng = np.random.default_rng(11)
    a, b, c = (rng.integers(-2**31, 2**31 - 1, (LANES, 1)).astype(np.int32) for _ in range(3))
    width = 4 // bytes_of_a
    kinds = {(1, True): np.int8, (1, False): np.uint8, (2, True): np.int16, (2, False): np.uint16}
    x = a.view(kinds[bytes_of_a, signed_a]).astype(np.int64)
    y = b.view(kinds[1, signed_b]).astype(np.int64)
    y = y if width == 4 else y[:, 2:] if upper else y[:, :2]
    total = (c + (x * y).sum(axis=1, keepdims=True)).astype(np.uint64).astype(np.uint32).view(np.int32)

    def build(k, _):
        vector_a = "vector<4xi8>" if bytes_of_a == 1 else "vector<2xi16>"
        va = k.cast(k.load(0, k.lane, 0), "i32", vector_a)
        vb = k.cast(k.load(1, k.lane, 0), "i32", "vector<4xi8>")
        names = ["signed" if s else "unsigned" for s in (signed_a, signed_b)]
        more = "" if bytes_of_a == 1 else f" {{b_hi = {str(upper).lower()}}}"
        r = k.value(f"nvvm.dot.accumulate.{width}way {va} <{names[0]}>, {vb} <{names[1]}>, {k.load(2, k.lane, 0)}"
                    f"{more} : {vector_a}, vector<4xi8>")
        k.store(r, 3, k.lane, 0)

    name = f"dp{width}a_{'su'[not signed_a]}_{'su'[not signed_b]}{'_hi' if upper else ''}"
    return Program(name, [a, b, c], [total], build)


def permute():
    """The table of the op's description: bytes by mode and selector, the last one first."""
    tables = {"f4e": [(3, 2, 1, 0), (4, 3, 2, 1), (5, 4, 3, 2), (6, 5, 4, 3)],
              "b4e": [(5, 6, 7, 0), (6, 7, 0, 1), (7, 0, 1, 2), (0, 1, 2, 3)],
              "rc8": [(n,) * 4 for n in range(4)],
              "ecl": [(3, 2, 1, 0), (3, 2, 1, 1), (3, 2, 2, 2), (3, 3, 3, 3)],
              "ecr": [(0, 0, 0, 0), (1, 1, 1, 0), (2, 2, 1, 0), (3, 2, 1, 0)],
              "rc16": [(1, 0, 1, 0), (3, 2, 3, 2), (1, 0, 1, 0), (3, 2, 3, 2)]}
    rng = np.random.default_rng(12)
    pool = rng.integers(0, 256, (LANES, 8)).astype(np.uint8)
    selectors = rng.integers(0, 2**16, (LANES, 1)).astype(np.int32)
    columns = []
    for lane in range(LANES):
        selector = int(selectors[lane, 0])
        picked = [pool[lane, selector >> 4 * i & 7] for i in range(4)]
        picked = [(255 if b & 128 else 0) if selector >> 4 * i & 8 else int(b) for i, b in enumerate(picked)]
        row = [picked] + [[int(pool[lane, i]) for i in reversed(tables[m][selector & 3])] for m in tables]
        columns.append([np.uint32(b[0] | b[1] << 8 | b[2] << 16 | b[3] << 24) for b in row])

    def build(k, _):
        low, high, s = k.load(0, k.lane, 0), k.load(0, k.lane, 1), k.load(1, k.lane, 0)
        for i, mode in enumerate(["default", *tables]):
            two = mode in ("default", "f4e", "b4e")
            r = k.value(f"nvvm.prmt #nvvm.permute_mode<{mode}> {s}, {low}{', ' + high if two else ''} : i32")
            k.store(r, 2, k.lane, i)

    return Program("prmt", [pool.view(np.int32), selectors], [np.array(columns, np.uint32).view(np.int32)], build)


def programs():
    yield from approximations()
    yield ex2_of_halves()
    yield extremum("fmax", "llvm.nvvm.fmax.f", np.maximum, False)
    yield extremum("fmax_nan", "llvm.nvvm.fmax.nan.f", np.maximum, True)
    yield extremum("fmin_ftz", "llvm.nvvm.fmin.ftz.f", np.minimum, False)
    yield from tf32()
    yield halves("f16")
    yield halves("bf16")
    yield f8("f8E4M3FN", 3, 7, 448.0)
    yield f8("f8E5M2", 2, 15, 57344.0)
    yield from (dot(1, sa, sb) for sa in (True, False) for sb in (True, False))
    yield dot(2, True, False)
    yield dot(2, True, True, upper=True)
    yield permute()
