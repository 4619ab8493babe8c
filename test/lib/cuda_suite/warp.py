"""Exchange between lanes: shuffles, votes, match, redux, elect, lane registers."""

import numpy as np

from cuda_suite.program import LANES, Program

ALL = -1
LANE = np.arange(LANES)


def column(values):
    return np.asarray(values).astype(np.int32).reshape(LANES, 1)


def random(seed, low=-2**31, high=2**31 - 1):
    return column(np.random.default_rng(seed).integers(low, high, LANES))


def shuffle_source(kind, by, width):
    """Lane and whether it is in bounds, as CUDA's manual describes __shfl_*_sync."""
    first = LANE // width * width
    last = first + width - 1
    if kind == "idx":
        return first + by % width, np.ones(LANES, bool)
    source = {"up": LANE - by, "down": LANE + by, "bfly": LANE ^ by}[kind]
    good = source >= first if kind == "up" else source <= last
    return np.where(good, source, LANE), good


def shuffle(kind, width):
    # A different offset in every segment of the warp.
    by = (LANE // width * 3 + 1) % width if kind in ("idx", "bfly") else (LANE // width + 1) % width
    value = random(width)
    source, good = shuffle_source(kind, by, width)
    mask_and_clamp = (LANES - width) << 8 | (0 if kind == "up" else 31)

    def build(k, _):
        struct = "!llvm.struct<(i32, i1)>"
        pair = k.value(f"nvvm.shfl.sync {kind} {k.constant(ALL)}, {k.load(0, k.lane, 0)}, {k.load(1, k.lane, 0)}, "
                       f"{k.constant(mask_and_clamp)} {{return_value_and_is_valid}} : i32 -> {struct}")
        k.store(k.field(pair, struct, 0), 2, k.lane, 0)
        flag = k.value(f"arith.extui {k.field(pair, struct, 1)} : i1 to i32")
        k.store(flag, 3, k.lane, 0)

    return Program(f"shfl_{kind}_{width}", [value, column(by)], [value[source], column(good)], build)


def shuffle_float():
    value = np.random.default_rng(5).standard_normal((LANES, 1)).astype(np.float32)

    def build(k, _):
        k.store(k.value(f"nvvm.shfl.sync bfly {k.constant(ALL)}, {k.load(0, k.lane, 0)}, {k.constant(16)}, "
                        f"{k.constant(31)} : f32 -> f32"), 1, k.lane, 0)

    return Program("shfl_f32", [value], [value[LANE ^ 16]], build)


def shuffle_half_warp():
    """Only the upper half takes part."""
    value = random(9)

    def build(k, _):
        upper = k.value(f"arith.cmpi uge, {k.lane32}, {k.constant(16)} : i32")
        x = k.load(0, k.lane, 0)
        members, by, clamp = k.constant(-65536), k.constant(1), k.constant(31)
        r = k.value(f"scf.if {upper} -> (i32) {{")
        k.emit(f"  %moved = nvvm.shfl.sync bfly {members}, {x}, {by}, {clamp} : i32 -> i32")
        k.emit("  scf.yield %moved : i32")
        k.emit(f"}} else {{ scf.yield {x} : i32 }}")
        k.store(r, 1, k.lane, 0)

    expected = np.where(LANE.reshape(-1, 1) >= 16, value[LANE ^ 1], value)
    return Program("shfl_half_warp", [value], [expected], build)


def vote(kind, name, predicates):
    def build(k, _):
        p = k.value(f"arith.cmpi ne, {k.load(0, k.lane, 0)}, {k.constant(0)} : i32")
        result = "i32" if kind == "ballot" else "i1"
        r = k.value(f"nvvm.vote.sync {kind} {k.constant(ALL)}, {p} -> {result}")
        r = r if kind == "ballot" else k.value(f"arith.extui {r} : i1 to i32")
        k.store(r, 1, k.lane, 0)

    ballot = sum(int(bool(p)) << i for i, p in enumerate(predicates))
    result = {"ballot": np.uint32(ballot).view(np.int32), "any": any(predicates), "all": all(predicates),
              "uni": len(set(map(bool, predicates))) == 1}[kind]
    return Program(f"vote_{kind}_{name}", [column(predicates)], [column(np.full(LANES, result))], build)


def match(kind, name, values, wide):
    values = np.asarray(values, np.int64 if wide else np.int32).reshape(LANES, 1)
    same = values == values.T
    masks = (same * (1 << LANE.astype(np.uint64))).sum(axis=1).astype(np.uint32)
    everything = bool(same.all())

    def build(k, _):
        t = "i64" if wide else "i32"
        x = k.load(0, k.lane, 0)
        if kind == "any":
            k.store(k.value(f"nvvm.match.sync any {k.constant(ALL)}, {x} : {t} -> i32"), 1, k.lane, 0)
            return
        struct = "!llvm.struct<(i32, i1)>"
        pair = k.value(f"nvvm.match.sync all {k.constant(ALL)}, {x} : {t} -> {struct}")
        k.store(k.field(pair, struct, 0), 1, k.lane, 0)
        flag = k.value(f"arith.extui {k.field(pair, struct, 1)} : i1 to i32")
        k.store(flag, 2, k.lane, 0)

    expected = [column(masks.view(np.int32))]
    if kind == "all":
        expected = [column(np.full(LANES, -1 if everything else 0)), column(np.full(LANES, everything))]
    return Program(f"match_{kind}_{name}", [values], expected, build)


def redux(kind):
    value = random(len(kind))
    bits = value.view(np.uint32)
    result = {"add": bits.sum(dtype=np.uint32), "and": np.bitwise_and.reduce(bits[:, 0]),
              "or": np.bitwise_or.reduce(bits[:, 0]), "xor": np.bitwise_xor.reduce(bits[:, 0]),
              "min": value.min(), "max": value.max(), "umin": bits.min(), "umax": bits.max()}[kind]

    def build(k, _):
        k.store(k.value(f"nvvm.redux.sync {kind} {k.load(0, k.lane, 0)}, {k.constant(ALL)} : i32 -> i32"),
                1, k.lane, 0)

    return Program(f"redux_{kind}", [value], [column(np.full(LANES, np.uint32(int(result) & 0xFFFFFFFF)).view(np.int32))],
                   build)


def elect():
    """Which lane is elected is up to the hardware: count the leaders."""
    def build(k, _):
        leader = k.value("nvvm.elect.sync -> i1")
        votes = k.value(f"nvvm.vote.sync ballot {k.constant(ALL)}, {leader} -> i32")
        k.store(k.value(f"math.ctpop {votes} : i32"), 1, k.lane, 0)

    return Program("elect", [column(LANE)], [column(np.ones(LANES))], build, since=90)


def warp_barrier():
    """Through shared memory: written by one lane, read by another."""
    value = random(11)

    def build(k, program):
        memory = k.shared(program.memory)
        k.emit(f"llvm.store {k.load(0, k.lane, 0)}, {k.at(memory, k.mul(k.lane32, k.constant(4)))} : i32, !llvm.ptr<3>")
        k.emit(f"nvvm.bar.warp.sync {k.constant(ALL)} : i32")
        other = k.value(f"arith.xori {k.lane32}, {k.constant(5)} : i32")
        r = k.value(f"llvm.load {k.at(memory, k.mul(other, k.constant(4)))} : !llvm.ptr<3> -> i32")
        k.store(r, 1, k.lane, 0)

    return Program("bar_warp_sync", [value], [value[LANE ^ 5]], build, shared_bytes=4 * LANES)


def lane_registers():
    names = ["laneid", "lanemask.eq", "lanemask.lt", "lanemask.le", "lanemask.gt", "lanemask.ge"]
    lane = LANE.astype(np.uint64)
    one, full = np.uint64(1), np.uint64(0xFFFFFFFF)
    below, own = (one << lane) - one, one << lane
    values = [lane, own, below, below | own, full ^ (below | own), full ^ below]

    def build(k, _):
        for i, name in enumerate(names):
            k.store(k.value(f"nvvm.read.ptx.sreg.{name} : i32"), 1, k.lane, i)

    expected = np.stack(values, axis=1).astype(np.uint32).view(np.int32)
    return Program("lane_registers", [column(LANE)], [expected], build)


def programs():
    yield from (shuffle(kind, width) for kind in ("idx", "up", "down", "bfly") for width in (32, 8))
    yield shuffle_float()
    yield shuffle_half_warp()
    cases = {"mixed": LANE % 3 == 0, "none": LANE < 0, "every": LANE >= 0}
    yield from (vote(kind, name, p) for kind in ("any", "all", "uni", "ballot") for name, p in cases.items())
    yield match("any", "i32", LANE % 5 - 2, False)
    yield match("any", "i64", (LANE % 3).astype(np.int64) << 40, True)
    yield match("all", "equal", np.full(LANES, 2**40 + 1), True)
    yield match("all", "different", np.where(LANE == 31, 1, 0), False)
    yield from (redux(kind) for kind in ("add", "and", "or", "xor", "min", "max", "umin", "umax"))
    yield elect()
    yield warp_barrier()
    yield lane_registers()
