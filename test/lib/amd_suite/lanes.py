"""Exchange between lanes: dpp, swizzle, permute, readlane, ballot, mbcnt."""

import numpy as np

from amd_suite.program import ALL, CDNA, RDNA, Program

OLD = -77  # what a lane keeps when nothing reaches it


def values(wave, seed):
    return np.random.default_rng(seed).integers(-2**31, 2**31, (wave, 1)).astype(np.int32)


def unary(name, wave, expected, op, chips=ALL, mnemonics=None, seed=1):
    """One i32 per lane to one i32; `op(kernel, value)` gives the result."""
    def build(k, _):
        k.store(op(k, k.load(0, k.lane, 0)), 1, k.lane, 0)
    x = values(wave, seed)
    result = np.asarray(expected(x[:, 0])).astype(np.int64).astype(np.uint32).view(np.int32).reshape(wave, 1)
    return Program(name, [x], [result], build, threads=wave, chips=chips, mnemonics=mnemonics or {})


def dpp(name, wave, control, source, chips=ALL, row_mask=15, bank_mask=15, bound=False):
    """`source` maps lanes to lanes, −1 for none."""
    lane = np.arange(wave)
    source = np.asarray(source(lane))
    enabled = (row_mask >> lane // 16 & 1) & (bank_mask >> lane // 4 % 4 & 1)

    def expected(x):
        taken = np.where(source >= 0, x[source], 0 if bound else OLD)
        return np.where(enabled, taken, OLD)

    def op(k, x):
        return k.value(f"rocdl.update.dpp {k.constant(OLD)}, {x} with {control}, {row_mask}, {bank_mask}, "
                       f"{str(bound).lower()} : i32")
    suffix = f"_{row_mask}_{bank_mask}" + ("_bound" if bound else "")
    return unary(f"dpp_{name}{suffix}_{wave}", wave, expected, op, chips, {"": name.split("__")[0]})


def dpps(wave):
    inside = lambda place, lane: np.where((place >= 0) & (place < 16), lane // 16 * 16 + place, -1)
    last = wave - 1
    cases = [("quad_perm", 3 | 1 << 2 | 2 << 6, lambda l: l // 4 * 4 + np.array([3, 1, 0, 2])[l % 4], ALL)]
    for by in (1, 4, 15):
        cases += [(f"row_shl__{by}", 0x100 + by, lambda l, by=by: inside(l % 16 + by, l), ALL),
                  (f"row_shr__{by}", 0x110 + by, lambda l, by=by: inside(l % 16 - by, l), ALL),
                  (f"row_ror__{by}", 0x120 + by, lambda l, by=by: inside((l % 16 - by) % 16, l), ALL)]
    cases += [("row_mirror", 0x140, lambda l: l // 16 * 16 + 15 - l % 16, ALL),
              ("row_half_mirror", 0x141, lambda l: l // 8 * 8 + 7 - l % 8, ALL),
              ("row_newbcast", 0x153, lambda l: l // 16 * 16 + 3, CDNA),
              ("row_share", 0x153, lambda l: l // 16 * 16 + 3, RDNA),
              ("row_xmask", 0x165, lambda l: l ^ 5, RDNA),
              ("row_bcast", 0x142, lambda l: np.where(l < 16, -1, l // 16 * 16 - 1), CDNA),
              ("row_bcast__31", 0x143, lambda l: np.where(l < 32, -1, 31), CDNA),
              ("wave_shl", 0x130, lambda l: np.where(l == last, -1, l + 1), CDNA),
              ("wave_rol", 0x134, lambda l: (l + 1) % wave, CDNA),
              ("wave_shr", 0x138, lambda l: l - 1, CDNA),
              ("wave_ror", 0x13C, lambda l: (l - 1) % wave, CDNA)]
    found = [dpp(name, wave, control, source, chips, bound=bound)
             for name, control, source, chips in cases for bound in (False, True)]
    shift = next(c for c in cases if c[0] == "row_shr__4")
    return found + [dpp(shift[0], wave, *shift[1:], row_mask=2),
                    dpp(shift[0], wave, *shift[1:], bank_mask=10, bound=True)]


def swizzle(name, wave, offset, source):
    lane = np.arange(wave)
    from_ = lane // 32 * 32 + np.asarray(source(lane % 32))

    def op(k, x):
        return k.value(f"rocdl.ds_swizzle {x}, {k.constant(offset)} : (i32, i32) -> i32")
    return unary(f"swizzle_{name}_{wave}", wave, lambda x: x[from_], op, mnemonics={"": "ds_swizzle_b32"})


def reverse(bits):
    return sum((bits >> i & 1) << (4 - i) for i in range(5))


def swizzles(wave):
    found = [swizzle("quad", wave, 0x8000 | 0b01110010, lambda l: l // 4 * 4 + np.array([2, 0, 3, 1])[l % 4]),
             swizzle("group", wave, 3 << 5 | 0x18, lambda l: l // 8 * 8 + 3),
             swizzle("rotate_left", wave, 0xC000 | 5 << 5, lambda l: (l + 5) % 32),
             swizzle("rotate_right", wave, 0xC400 | 5 << 5, lambda l: (l - 5) % 32),
             swizzle("fft", wave, 0xE000, reverse)]
    return found + [swizzle(f"xor_{m}", wave, m << 10 | 0x1F, lambda l, m=m: l ^ m) for m in (1, 2, 4, 8, 16, 31)]


def permutes(wave):
    lane = np.arange(wave)
    order = (lane * 5 + 3) % wave

    def bpermute(k, x):
        index = k.mul(k.lane32, k.constant(20))
        index = k.add(index, k.constant(12))
        return k.value(f"rocdl.ds_bpermute {index}, {x} : (i32, i32) -> i32")

    def permute(k, x):
        index = k.add(k.mul(k.lane32, k.constant(20)), k.constant(12))
        return k.value(f'llvm.call_intrinsic "llvm.amdgcn.ds.permute"({index}, {x}) : (i32, i32) -> i32')
    inverse = np.empty(wave, int)
    inverse[order] = lane
    return [unary(f"bpermute_{wave}", wave, lambda x: x[order], bpermute, mnemonics={"": "ds_bpermute_b32"}),
            unary(f"permute_{wave}", wave, lambda x: x[inverse], permute, mnemonics={"": "ds_permute_b32"})]


def reads(wave):
    first = lambda k, x: k.value(f"rocdl.readfirstlane {x} : i32")
    third = lambda k, x: k.value(f"rocdl.readlane {x}, {k.constant(3)} : (i32, i32) -> i32")
    return [unary(f"readfirstlane_{wave}", wave, lambda x: np.full(wave, x[0]), first,
                  mnemonics={"": "v_readfirstlane_b32"}),
            unary(f"readlane_{wave}", wave, lambda x: np.full(wave, x[3]), third, mnemonics={"": "v_readlane_b32"})]


def row_permutes(wave):
    lane = np.arange(wave)
    place = np.where(lane % 16 < 8, lane % 16, 23 - lane % 16)  # 0 … 7, 15 … 8
    low, high = 0x76543210, 0x89ABCDEF - 2**32

    def crossed(k, x):
        return k.value(f"rocdl.permlanex16 {k.constant(OLD)}, {x}, {k.constant(low)}, {k.constant(high)}, false, true "
                       ": i32, i32")

    def own(k, x):
        return k.value(f'llvm.call_intrinsic "llvm.amdgcn.permlane16"({k.constant(OLD)}, {x}, {k.constant(low)}, '
                       f'{k.constant(high)}, {k.flag(False)}, {k.flag(True)}) '
                       ": (i32, i32, i32, i32, i1, i1) -> i32")
    row = lane // 16 * 16
    return [unary(f"permlanex16_{wave}", wave, lambda x: x[(row ^ 16) + place], crossed, RDNA,
                  {"": "v_permlanex16_b32"}),
            unary(f"permlane16_{wave}", wave, lambda x: x[row + place], own, RDNA, {"": "v_permlane16_b32"})]


def swaps():
    found = []
    for width in (16, 32):
        lane = np.arange(64)
        odd = (lane // width % 2).astype(bool)
        x, y = values(64, 5), values(64, 6)
        first = np.where(odd, y[lane - width * odd, 0], x[:, 0])
        second = np.where(odd, y[:, 0], x[(lane + width) % 64, 0])

        def build(k, _, width=width):
            kind = "!llvm.struct<(i32, i32)>"
            pair = k.value(f"rocdl.permlane{width}.swap {k.load(0, k.lane, 0)}, {k.load(1, k.lane, 0)}, false, false "
                           f": (i32, i32) -> {kind}")
            for i in range(2):
                k.store(k.field(pair, kind, i), 2 + i, k.lane, 0)
        found.append(Program(f"swap_{width}", [x, y], [first[:, None], second[:, None]], build, threads=64,
                             chips=("gfx950",), mnemonics={"": f"v_permlane{width}_swap_b32"}))
    return found


def votes(wave):
    def ballot(k, x):
        negative = k.value(f"arith.cmpi slt, {x}, {k.constant(0)} : i32")
        kind = f"i{wave}"
        bits = k.value(f"rocdl.ballot {negative} : {kind}")
        if wave == 32:
            return bits
        half = k.value(f"arith.shrui {k.value(f'arith.extui {k.lane32} : i32 to i64')}, {k.constant(5, 'i64')} : i64")
        shift = k.value(f"arith.muli {half}, {k.constant(32, 'i64')} : i64")
        return k.value(f"arith.trunci {k.value(f'arith.shrui {bits}, {shift} : i64')} : i64 to i32")

    def expected(x):
        bits = sum(1 << i for i in range(wave) if x[i] < 0)
        return [bits >> (i // 32 * 32) & 0xFFFFFFFF for i in range(wave)]

    def lane_number(k, x):
        low = k.value(f"rocdl.mbcnt.lo {k.constant(-1)}, {x} : (i32, i32) -> i32")
        return k.value(f"rocdl.mbcnt.hi {k.constant(-1)}, {low} : (i32, i32) -> i32")
    return [unary(f"ballot_{wave}", wave, expected, ballot, mnemonics={"": "v_cmp_"}),
            unary(f"mbcnt_{wave}", wave, lambda x: x.astype(np.int64) + np.arange(wave), lane_number,
                  mnemonics={"": "v_mbcnt_lo_u32_b32"})]


def wrapped(wave):
    """Ops of the amdgpu dialect."""
    lane = np.arange(wave)

    def shifted(k, x):
        return k.value(f"amdgpu.dpp {k.constant(OLD)} {x} row_shr(1 : i32) {{row_mask = 15 : i32, "
                       "bank_mask = 15 : i32, bound_ctrl = false} : i32")

    def exchanged(k, x):
        return k.value(f"amdgpu.swizzle_bitmode {x} 31 0 8 : i32")

    def swapped(k, x):
        return k.value(f"amdgpu.permlane_swap {x} 32 : i32")
    found = [unary(f"wrapped_dpp_{wave}", wave, lambda x: np.where(lane % 16, np.roll(x, 1), OLD), shifted),
             unary(f"wrapped_swizzle_{wave}", wave, lambda x: x[lane ^ 8], exchanged)]
    if wave == 64:
        found.append(unary("wrapped_swap", wave, lambda x: x[lane ^ 32], swapped, ("gfx950",)))
    return found


def programs(wave):
    return (dpps(wave) + swizzles(wave) + permutes(wave) + reads(wave) + row_permutes(wave)
            + (swaps() if wave == 64 else []) + votes(wave) + wrapped(wave))
