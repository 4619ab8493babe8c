"""mbarrier: arrivals, phases, bytes, copies; fences."""

import numpy as np

from cuda_suite.program import LANES, Program

OBJECT = 4 * LANES  # the barrier lies after the lanes' words
LANE = np.arange(LANES)


def values(seed):
    return np.random.default_rng(seed).integers(-2**31, 2**31 - 1, (LANES, 1)).astype(np.int32)


def word(k, program, lane):
    return k.at(k.shared(program.memory), k.mul(lane, k.constant(4)))


def barrier(k, program):
    return k.at(k.shared(program.memory), OBJECT)


def init(k, program, count):
    """By one lane, and seen by all."""
    first = k.value(f"arith.cmpi eq, {k.lane32}, {k.constant(0)} : i32")
    expected, address = k.constant(count), barrier(k, program)
    k.emit(f"scf.if {first} {{")
    k.emit(f"  nvvm.mbarrier.init {address}, {expected} : !llvm.ptr<3>, i32")
    k.emit("}")
    k.emit("gpu.barrier")


def put(k, program, value):
    k.emit(f"llvm.store {value}, {word(k, program, k.lane32)} : i32, !llvm.ptr<3>")


def get(k, program, distance):
    other = k.value(f"arith.xori {k.lane32}, {k.constant(distance)} : i32")
    return k.value(f"llvm.load {word(k, program, other)} : !llvm.ptr<3> -> i32")


def wait_parity(k, program, parity):
    k.emit(f"nvvm.mbarrier.try_wait.parity {barrier(k, program)}, {k.constant(parity)}, {k.constant(1000)} : "
           "!llvm.ptr<3>, i32, i32")


def wait_token(k, program, token):
    """test.wait until it holds."""
    address = barrier(k, program)
    k.emit("scf.while : () -> () {")
    k.emit(f"  %done = nvvm.mbarrier.test.wait {address}, {token} : !llvm.ptr<3>, i64 -> i1")
    k.emit("  %flag = arith.constant true")
    k.emit("  %more = arith.xori %done, %flag : i1")
    k.emit("  scf.condition(%more)")
    k.emit("} do { scf.yield }")


def arrive(k, program):
    return k.value(f"nvvm.mbarrier.arrive {barrier(k, program)} : !llvm.ptr<3> -> i64")


def exchange(name, since, body, seed, inputs=None):
    """What lane l gets is what lane l ^ 13 put."""
    value = values(seed) if inputs is None else inputs
    return Program(name, [value], [value[LANE ^ 13]], body, since=since, shared_bytes=OBJECT + 16)


def by_token():
    def build(k, program):
        init(k, program, LANES)
        put(k, program, k.load(0, k.lane, 0))
        wait_token(k, program, arrive(k, program))
        k.store(get(k, program, 13), 1, k.lane, 0)

    return exchange("mbarrier_arrive_test_wait", 80, build, 1)


def by_parity():
    """Three phases, so that the parity comes back."""
    def build(k, program):
        init(k, program, LANES)
        x = k.load(0, k.lane, 0)
        for phase, distance in enumerate((1, 4, 8)):
            put(k, program, x)
            arrive(k, program)
            wait_parity(k, program, phase % 2)
            x = get(k, program, distance)
            k.emit("gpu.barrier")
        k.store(x, 1, k.lane, 0)

    return exchange("mbarrier_try_wait_parity", 90, build, 2)


def expecting_bytes():
    """Lane l expects 8 bytes and then lacks them until it completes them."""
    def build(k, program):
        init(k, program, LANES)
        put(k, program, k.load(0, k.lane, 0))
        address, eight = barrier(k, program), k.constant(8)
        k.emit(f"nvvm.mbarrier.arrive.expect_tx {address}, {eight} : !llvm.ptr<3>, i32")
        k.emit(f"nvvm.mbarrier.complete_tx {address}, {eight} : !llvm.ptr<3>, i32")
        wait_parity(k, program, 0)
        k.store(get(k, program, 13), 1, k.lane, 0)

    return exchange("mbarrier_expect_tx", 90, build, 3)


def without_completing():
    """Half a warp arrives twice, without ending the phase; the others once."""
    def build(k, program):
        init(k, program, 48)
        put(k, program, k.load(0, k.lane, 0))
        lower = k.value(f"arith.cmpi ult, {k.lane32}, {k.constant(16)} : i32")
        address, one = barrier(k, program), k.constant(1)
        k.emit(f"scf.if {lower} {{")
        k.emit(f"  %open = nvvm.mbarrier.arrive.nocomplete {address}, {one} : !llvm.ptr<3>, i32 -> i64")
        k.emit("}")
        k.emit("gpu.barrier")
        wait_token(k, program, arrive(k, program))
        k.store(get(k, program, 13), 1, k.lane, 0)

    return exchange("mbarrier_arrive_nocomplete", 80, build, 4)


def after_copies(noinc):
    """Copies that the barrier waits for."""
    def build(k, program):
        init(k, program, LANES * (2 if noinc else 1))
        source = k.at(k.global_pointer(0), k.mul(k.lane32, k.constant(4)), space=1)
        k.emit(f"nvvm.cp.async.shared.global {word(k, program, k.lane32)}, {source}, 4, cache = ca : "
               "!llvm.ptr<3>, !llvm.ptr<1>")
        attribute = " {noinc = true}" if noinc else ""
        k.emit(f"nvvm.cp.async.mbarrier.arrive {barrier(k, program)}{attribute} : !llvm.ptr<3>")
        wait_token(k, program, arrive(k, program))
        k.store(get(k, program, 13), 1, k.lane, 0)

    return exchange(f"mbarrier_cp_async{'_noinc' if noinc else ''}", 80, build, 5 + noinc)


def again():
    """Invalidated, and initialised once more with another count."""
    def build(k, program):
        init(k, program, LANES)
        wait_token(k, program, arrive(k, program))
        k.emit("gpu.barrier")
        first = k.value(f"arith.cmpi eq, {k.lane32}, {k.constant(0)} : i32")
        address = barrier(k, program)
        k.emit(f"scf.if {first} {{")
        k.emit(f"  nvvm.mbarrier.inval {address} : !llvm.ptr<3>")
        k.emit("}")
        k.emit("gpu.barrier")
        init(k, program, LANES)
        put(k, program, k.load(0, k.lane, 0))
        wait_token(k, program, arrive(k, program))
        k.store(get(k, program, 13), 1, k.lane, 0)

    return exchange("mbarrier_inval", 80, build, 8)


def fences():
    """They change nothing that one thread sees."""
    def build(k, _):
        k.store(k.load(0, k.lane, 0), 1, k.lane, 0)
        for scope in ("cta", "gpu", "sys"):
            k.emit(f"nvvm.memory.barrier <{scope}>")
        k.store(k.load(1, k.lane, 0), 1, k.lane, 0)

    value = values(9)
    return Program("memory_barrier", [value], [value], build)


def programs():
    yield by_token()
    yield by_parity()
    yield expecting_bytes()
    yield without_completing()
    yield after_copies(False)
    yield after_copies(True)
    yield again()
    yield fences()
