"""Loads, stores and atomics through buffer resources."""

import numpy as np

from amd_suite.program import ALL, CDNA, Program

RECORDS = 200  # of the 256 bytes that a resource covers here


def resource(k, argument, records):
    flags = k.constant(0x27000)
    return k.value(f"rocdl.make.buffer.rsrc {k.global_pointer(argument)}, {k.constant(0, 'i16')}, "
                   f"{k.constant(records, 'i64')}, {flags} : !llvm.ptr<1> to <8>")


def zero(k):
    return k.constant(0)


def data(words=64):
    return np.random.default_rng(words).integers(-2**31, 2**31, words).astype(np.int32)


def load(wave, count, soffset=0):
    """Lane L loads `count` words from word L · count on, in the first RECORDS bytes."""
    memory = data(wave * count)
    records = RECORDS * count
    kind = f"vector<{count}xi32>" if count > 1 else "i32"
    index = np.arange(wave * count) + soffset // 4
    expected = np.where(index * 4 < records, memory[index % len(memory)], 0)
    # An offset and soffset that disagree about the range are no test of the numbers.
    records = records if not soffset else wave * count * 4
    if soffset:
        memory = data(wave * count + soffset // 4)
        records = len(memory) * 4
        expected = memory[index]

    def build(k, _):
        offset = k.mul(k.lane32, k.constant(4 * count))
        value = k.value(f"rocdl.raw.ptr.buffer.load {resource(k, 0, records)}, {offset}, {k.constant(soffset)}, "
                        f"{zero(k)} : {kind}")
        k.store_row(value, kind, 1)
    return Program(f"buffer_load_{count}_{soffset}_{wave}", [memory], [expected.reshape(wave, count)], build,
                   threads=wave, mnemonics={"gfx9": "buffer_load_dword", "": "buffer_load_b"})


def store(wave, count):
    """A lane stores beyond the range, which does nothing."""
    x = data(wave * count).reshape(wave, count)
    kind = f"vector<{count}xi32>" if count > 1 else "i32"
    records = RECORDS * count // 2
    kept = np.arange(wave * count) * 4 < records
    expected = np.where(kept, x.ravel(), 9).astype(np.int32)

    def build(k, _):
        for i in range(count):
            word = k.value(f"arith.addi {k.mul(k.lane32, k.constant(count))}, {k.constant(i)} : i32")
            k.store(k.constant(9), 1, k.value(f"arith.index_cast {word} : i32 to index"))
        offset = k.mul(k.lane32, k.constant(4 * count))
        k.emit(f"rocdl.raw.ptr.buffer.store {k.row(0, kind)}, {resource(k, 1, records)}, {offset}, {zero(k)}, "
               f"{zero(k)} : {kind}")
    return Program(f"buffer_store_{count}_{wave}", [x], [expected], build, threads=wave,
                   mnemonics={"gfx9": "buffer_store_dword", "": "buffer_store_b"})


def atomic(wave, op, kind, expected, start, chips=ALL):
    """All lanes on one word, which the first lane sets before."""
    x = np.random.default_rng(3).integers(-100, 100, wave)
    words = x.astype(np.float32).view(np.int32) if kind == "f32" else x.astype(np.int32)
    result = np.array([expected(x, start)])
    result = result.astype(np.float32).view(np.int32) if kind == "f32" else \
        result.astype(np.int64).astype(np.uint32).view(np.int32)
    first = int(np.float32(start).view(np.int32)) if kind == "f32" else start

    def build(k, _):
        start_word, origin = k.constant(first), k.constant(0, "index")
        k.emit(f"scf.if {k.value(f'arith.cmpi eq, {k.lane}, {origin} : index')} {{")
        k.store(start_word, 1, 0)
        k.emit("}")
        k.emit("gpu.barrier")
        value = k.load(0, k.lane)
        if kind == "f32":
            value = k.cast(value, "i32", "f32")
        k.emit(f"rocdl.raw.ptr.buffer.atomic.{op} {value}, {resource(k, 1, 4)}, {zero(k)}, {zero(k)}, {zero(k)} "
               f": {kind}")
    return Program(f"buffer_{op}_{wave}", [words], [result], build, threads=wave, chips=chips,
                   mnemonics={"": "buffer_atomic_"})


def swap(wave):
    """Each lane swaps its own word, if it is even."""
    memory = data(wave)

    def build(k, _):
        x = k.load(0, k.lane)
        k.store(x, 1, k.lane)
        compared = k.value(f"arith.andi {x}, {k.constant(-2)} : i32")
        offset = k.mul(k.lane32, k.constant(4))
        old = k.value(f"rocdl.raw.ptr.buffer.atomic.cmpswap {k.constant(5)}, {compared}, {resource(k, 1, 4 * wave)}, "
                      f"{offset}, {zero(k)}, {zero(k)} : i32")
        k.store(old, 2, k.lane)
    swapped = np.where(memory % 2, memory, 5).astype(np.int32)
    return Program(f"buffer_cmpswap_{wave}", [memory], [swapped, memory], build, threads=wave,
                   mnemonics={"": "buffer_atomic_cmpswap"})


def wrapped(wave):
    """amdgpu's ops, which make the resource from a memref's shape."""
    memory = data(wave - 7)
    expected = np.concatenate([memory, np.zeros(7, np.int32)])

    def build(k, _):
        kind = f"memref<{wave - 7}xi32>"
        value = k.value(f"amdgpu.raw_buffer_load {{boundsCheck = true}} %arg0[{k.lane32}] : {kind}, i32 -> i32")
        k.emit(f"amdgpu.raw_buffer_store {{boundsCheck = true}} {value} -> %arg1[{k.lane32}] : i32 -> "
               f"memref<{wave}xi32>, i32")
    return Program(f"wrapped_buffer_{wave}", [memory], [expected], build, threads=wave)


def programs(wave):
    found = [load(wave, n) for n in (1, 2, 4)] + [load(wave, 1, 64), load(wave, 4, 4)] + [store(wave, n) for n in (1, 2, 4)]
    found += [atomic(wave, "fadd", "f32", lambda x, s: x.sum() + s, 2, CDNA + ("gfx1100", "gfx1201")),
              atomic(wave, "smax", "i32", lambda x, s: max(x.max(), s), -1000),
              atomic(wave, "umin", "i32", lambda x, s: min(x.astype(np.uint32).min(), s), 5000)]
    return found + [swap(wave), wrapped(wave)]
