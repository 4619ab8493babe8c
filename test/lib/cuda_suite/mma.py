"""mma.sync: D = A·B + C with fragments packed from element coordinates."""

from dataclasses import dataclass

import numpy as np

from cuda_suite.program import LANES, Program

N = 8


@dataclass
class Format:
    name: str
    bits: int
    low: int  # range of integers for exact sums
    high: int

    @property
    def is_float(self):
        return self.bits >= 16

    def encode(self, values):
        """Bits of each element, in the low end of a word."""
        values = np.asarray(values)
        if self.name == "f16":
            return values.astype(np.float16).view(np.uint16).astype(np.uint32)
        if self.name == "bf16":
            return values.astype(np.float32).view(np.uint32) >> 16
        if self.name == "tf32":
            return values.astype(np.float32).view(np.uint32)
        return values.astype(np.int64).astype(np.uint32) & np.uint32(2**self.bits - 1)

    def decode(self, bits):
        """What the instruction takes the bits for."""
        if self.name == "f16":
            return bits.astype(np.uint16).view(np.float16).astype(np.float64)
        if self.name == "bf16":
            return (bits << 16).astype(np.uint32).view(np.float32).astype(np.float64)
        if self.name == "tf32":
            return (bits & np.uint32(0xFFFFE000)).view(np.float32).astype(np.float64)
        values = bits.astype(np.int64)
        if self.name[0] == "s":
            values -= (values >> (self.bits - 1)) << self.bits
        return values


F16, BF16, TF32 = Format("f16", 16, -30, 30), Format("bf16", 16, -30, 30), Format("tf32", 32, -500, 500)
S8, U8 = Format("s8", 8, -128, 127), Format("u8", 8, 0, 255)
S4, U4, B1 = Format("s4", 4, -8, 7), Format("u4", 4, 0, 15), Format("b1", 1, 0, 1)


def pack_a(bits, m, k, form):
    """PTX ISA's figures of A: a quad of lanes holds a row, 32 bits of each lane at a time."""
    per = 32 // form.bits
    registers = np.zeros((LANES, m * k * form.bits // 32 // LANES), np.uint32)
    for row in range(m):
        for column in range(k):
            lane = row % 8 * 4 + column % (4 * per) // per
            register = row // 8 + column // (4 * per) * (m // 8)
            registers[lane, register] |= bits[row, column] << np.uint32(form.bits * (column % per))
    return registers.view(np.int32)


def pack_b(bits, k, form):
    per = 32 // form.bits
    registers = np.zeros((LANES, k * N * form.bits // 32 // LANES), np.uint32)
    for row in range(k):
        for column in range(N):
            lane = column * 4 + row % (4 * per) // per
            registers[lane, row // (4 * per)] |= bits[row, column] << np.uint32(form.bits * (row % per))
    return registers.view(np.int32)


def pack_c(values, m):
    """Lane (row % 8)·4 + column / 2 holds the columns in pairs, then rows 8 and up."""
    fragments = np.zeros((LANES, m * N // LANES), values.dtype)
    for row in range(m):
        for column in range(N):
            fragments[row % 8 * 4 + column // 2, row // 8 * 2 + column % 2] = values[row, column]
    if values.dtype == np.float16:
        return fragments.view(np.int32)
    return fragments


def attributes(m, k, form, more):
    kind = f"#nvvm.mma_type<{form.name}>"
    return (f"{{shape = #nvvm.shape<m = {m}, n = {N}, k = {k}>, layoutA = #nvvm.mma_layout<row>, "
            f"layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = {kind}, multiplicandBPtxType = {kind}{more}}}")


def build(m, k, form, half, more):
    def emit(kernel, _):
        pair = "vector<2xf16>"
        factor = pair if form.name == "f16" else "i32"

        def operands(argument, kind):
            values = kernel.registers(argument)
            return [kernel.cast(v, "i32", pair) for v in values] if kind == pair else values

        total = pair if half else "f32" if form.is_float else "i32"
        a, b, c = operands(0, factor), operands(1, factor), operands(2, total)
        struct = f"!llvm.struct<({', '.join([total] * len(c))})>"
        result = kernel.value(f"nvvm.mma.sync A[{', '.join(a)}] B[{', '.join(b)}] C[{', '.join(c)}] "
                              f"{attributes(m, k, form, more)} : ({factor}, {factor}, {total}) -> {struct}")
        for i in range(len(c)):
            value = kernel.field(result, struct, i)
            kernel.store(kernel.cast(value, pair, "i32") if half else value, 3, kernel.lane, i)

    return emit


def product(m, k, form, half=False, exact=True, more="", combine=None, suffix=""):
    rng = np.random.default_rng(m + k + form.bits)
    if exact:
        low, high = (-4, 4) if half else (form.low, form.high)
        a, b, c = (rng.integers(low, high, size, endpoint=True) for size in ((m, k), (k, N), (m, N)))
    else:
        a, b, c = (rng.standard_normal(size) for size in ((m, k), (k, N), (m, N)))
    bits_a, bits_b = form.encode(a), form.encode(b)
    a, b = form.decode(bits_a), form.decode(bits_b)
    total = np.float16 if half else np.float32 if form.is_float else np.int32
    c = c.astype(total)
    if combine:
        sums = c + combine(a[:, None, :], b.T[None, :, :]).sum(axis=2)
    else:
        sums = c.astype(np.float64 if form.is_float else np.int64) + a @ b
    if not form.is_float:
        sums = np.clip(sums, -2**31, 2**31 - 1)
    # Hardware truncates sums of products aligned to the largest: a few units of f32's
    # last place of the sum of magnitudes, and the last rounding of an f16 result.
    size = float((abs(a) @ abs(b) + abs(c)).max()) if not exact else 0
    name = f"mma_m{m}n8k{k}_{form.name}{'_f16' if half else ''}{suffix}{'' if exact else '_random'}"
    result = pack_c(sums.astype(total), m)
    if half and not exact:
        raise ValueError("packed halves are compared bit by bit")
    return Program(name, [pack_a(bits_a, m, k, form), pack_b(bits_b, k, form), pack_c(c, m)], [result],
                   build(m, k, form, half, more), atol=size * 2**-20)


def clamped():
    """C near the ends of i32, so that satfinite shows."""
    m, k, form = 16, 32, S8
    a, b = np.full((m, k), 100), np.full((k, N), 100)
    b[:, ::2] = -100
    c = np.where(np.arange(N) % 2, 2**31 - 1000, -2**31 + 1000) * np.ones((m, 1), np.int64)
    sums = np.clip(c + a @ b, -2**31, 2**31 - 1)
    more = ", intOverflowBehavior = #nvvm.mma_int_overflow<satfinite>"
    return Program("mma_m16n8k32_s8_satfinite",
                   [pack_a(form.encode(a), m, k, form), pack_b(form.encode(b), k, form),
                    pack_c(c.astype(np.int32), m)],
                   [pack_c(sums.astype(np.int32), m)], build(m, k, form, False, more))


def programs():
    for form, depths in ((F16, (8, 16)), (BF16, (8, 16)), (TF32, (4, 8))):
        for k in depths:
            yield product(16, k, form)
            yield product(16, k, form, exact=False)
    for k in (8, 16):
        yield product(16, k, F16, half=True)
    wrap = ", intOverflowBehavior = #nvvm.mma_int_overflow<wrapped>"
    for form in (S8, U8):
        for m, k in ((8, 16), (16, 16), (16, 32)):
            yield product(m, k, form, more=wrap)
    for form in (S4, U4):
        for m, k in ((8, 32), (16, 32), (16, 64)):
            yield product(m, k, form, more=wrap)
    yield clamped()
    for name, combine in (("xor_popc", lambda a, b: a ^ b), ("and_popc", lambda a, b: a & b)):
        for m, k in ((8, 128), (16, 128), (16, 256)):
            yield product(m, k, B1, more=wrap + f", b1Op = #nvvm.mma_b1op<{name}>", combine=combine,
                          suffix="_" + name)
