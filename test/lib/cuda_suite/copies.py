"""cp.async: sizes, zero fill, groups."""

import numpy as np

from cuda_suite.program import LANES, Program, zeros

WORDS = 4  # of a lane's part


def data(seed, rows=LANES):
    return np.random.default_rng(seed).integers(-2**31, 2**31 - 1, (rows, WORDS)).astype(np.int32)


def copy(k, program, argument, row, target, size, cache, read=None):
    """`size` bytes of a row of an argument to `target` bytes after the lane's part."""
    source = k.at(k.global_pointer(argument), k.mul(row, k.constant(4 * WORDS)), space=1)
    to = k.at(k.at(k.shared(program.memory), k.mul(k.lane32, k.constant(4 * WORDS))), target)
    more, kinds = (f", {read}", ", i32") if read else ("", "")
    k.emit(f"nvvm.cp.async.shared.global {to}, {source}, {size}, cache = {cache}{more} : "
           f"!llvm.ptr<3>, !llvm.ptr<1>{kinds}")


def fill(k, program, value):
    mine = k.at(k.shared(program.memory), k.mul(k.lane32, k.constant(4 * WORDS)))
    for i in range(WORDS):
        k.emit(f"llvm.store {k.constant(value)}, {k.at(mine, 4 * i)} : i32, !llvm.ptr<3>")


def store_other(k, program, result, distance):
    """The part of another lane, after a barrier."""
    k.emit("gpu.barrier")
    other = k.value(f"arith.xori {k.lane32}, {k.constant(distance)} : i32")
    part = k.at(k.shared(program.memory), k.mul(other, k.constant(4 * WORDS)))
    for i in range(WORDS):
        k.store(k.value(f"llvm.load {k.at(part, 4 * i)} : !llvm.ptr<3> -> i32"), result, k.lane, i)


def one(size, cache):
    values = data(size)
    expected = np.full_like(values, 0x77)
    expected[:, :size // 4] = values[np.arange(LANES) ^ 3, :size // 4]

    def build(k, program):
        fill(k, program, 0x77)
        copy(k, program, 0, k.lane32, 0, size, cache)
        k.emit("nvvm.cp.async.commit.group")
        k.emit("nvvm.cp.async.wait.group 0")
        store_other(k, program, 1, 3)

    return Program(f"cp_async_{cache}_{size}", [values], [expected], build, shared_bytes=4 * WORDS * LANES)


def zero_fill(size, cache):
    """Lane l copies l % (size + 1) bytes; the rest becomes zero."""
    values = data(20 + size)
    amounts = (np.arange(LANES) % (size + 1)).astype(np.int32).reshape(LANES, 1)
    expected = np.full_like(values, 0x77)
    parts = expected.view(np.uint8).reshape(LANES, 4 * WORDS)
    for lane in range(LANES):
        parts[lane, :size] = 0
        parts[lane, :amounts[lane, 0]] = values[lane].view(np.uint8)[:amounts[lane, 0]]
    expected = expected[np.arange(LANES) ^ 7]

    def build(k, program):
        fill(k, program, 0x77)
        copy(k, program, 0, k.lane32, 0, size, cache, read=k.load(1, k.lane, 0))
        k.emit("nvvm.cp.async.commit.group")
        k.emit("nvvm.cp.async.wait.group 0")
        store_other(k, program, 2, 7)

    return Program(f"cp_async_{cache}_{size}_zero_fill", [values, amounts], [expected], build,
                   shared_bytes=4 * WORDS * LANES)


def groups():
    """Two groups; the first is read while the second is under way."""
    values = data(31, 2 * LANES)
    expected = np.stack([values[:LANES, 0], values[LANES:, 0]], axis=1)

    def build(k, program):
        second = k.add(k.lane32, k.constant(LANES))
        copy(k, program, 0, k.lane32, 0, 4, "ca")
        k.emit("nvvm.cp.async.commit.group")
        copy(k, program, 0, second, 8, 4, "ca")
        k.emit("nvvm.cp.async.commit.group")
        mine = k.at(k.shared(program.memory), k.mul(k.lane32, k.constant(4 * WORDS)))
        for column, pending, offset in ((0, 1, 0), (1, 0, 8)):
            k.emit(f"nvvm.cp.async.wait.group {pending}")
            k.store(k.value(f"llvm.load {k.at(mine, offset)} : !llvm.ptr<3> -> i32"), 1, k.lane, column)

    return Program("cp_async_groups", [values], [expected], build, shared_bytes=4 * WORDS * LANES)


def empty_wait():
    """Waiting without copies is nothing."""
    def build(k, _):
        k.emit("nvvm.cp.async.commit.group")
        k.emit("nvvm.cp.async.wait.group 0")
        k.store(k.load(0, k.lane, 0), 1, k.lane, 0)

    values = data(2)[:, :1]
    return Program("cp_async_empty", [values], [values + zeros(LANES, 1)], build)


def programs():
    for size, cache in ((4, "ca"), (8, "ca"), (16, "ca"), (16, "cg")):
        yield one(size, cache)
        yield zero_fill(size, cache)
    yield groups()
    yield empty_wait()
