"""Copies from global memory to LDS, waits, and transposing reads."""

import numpy as np

from amd_suite.program import Program

#: s_waitcnt of gfx9 with vmcnt(n) alone
def vmcnt(count):
    return 0xF70 | (count & 15) | (count >> 4) << 14


def copy(size, chips, op="rocdl.global.load.lds", offset=0):
    """Lane L copies from `size` · (63 − L); each lane then reads its own piece."""
    piece = max(size, 4)
    memory = np.random.default_rng(size).integers(0, 256, 64 * size + offset, dtype=np.uint8)
    pieces = memory[offset:].reshape(64, size)[::-1]
    padded = np.zeros((64, piece), np.uint8)
    padded[:, :size] = pieces
    memory = np.concatenate([memory, np.zeros(-len(memory) % 4, np.uint8)])

    def build(k, program):
        lds = k.shared(program.memory)
        other = k.value(f"arith.subi {k.constant(63)}, {k.lane32} : i32")
        source = k.at(k.global_pointer(0), k.mul(other, k.constant(size)), 1)
        target = k.at(lds, -offset) if offset else lds
        kind = " : <1>" if op == "rocdl.load.to.lds" else ""
        k.emit(f"{op} {source}, {target}, {size}, {offset}, 0{kind}")
        k.emit(f"rocdl.s.waitcnt {vmcnt(0)}")
        k.emit("gpu.barrier")
        for i in range(piece // 4):
            address = k.at(lds, k.add(k.mul(k.lane32, k.constant(piece)), k.constant(4 * i)))
            k.store(k.value(f"llvm.load {address} : !llvm.ptr<3> -> i32"), 1, k.lane, i)
    name = f"copy_{op.split('.')[1]}_{size}_{offset}"
    return Program(name, [memory.view(np.int32)], [padded.view(np.int32)], build, threads=64, chips=chips,
                   shared_bytes=64 * piece, mnemonics={"": "global_load_lds_"})


def double_buffered(chips):
    """Two copies in flight; the first is read while the second may still run."""
    memory = np.random.default_rng(9).integers(-2**31, 2**31, (2, 64)).astype(np.int32)

    def build(k, program):
        lds = k.shared(program.memory)
        for i in range(2):
            source = k.at(k.global_pointer(0), k.add(k.mul(k.lane32, k.constant(4)), k.constant(256 * i)), 1)
            k.emit(f"rocdl.global.load.lds {source}, {k.at(lds, 256 * i)}, 4, 0, 0")
        for i in range(2):
            k.emit(f"rocdl.s.waitcnt {vmcnt(1 - i)}")
            k.emit("gpu.barrier")
            reversed_ = k.value(f"arith.subi {k.constant(63)}, {k.lane32} : i32")
            address = k.at(lds, k.add(k.mul(reversed_, k.constant(4)), k.constant(256 * i)))
            k.store(k.value(f"llvm.load {address} : !llvm.ptr<3> -> i32"), 1, i, k.lane)
    return Program("double_buffered", [memory], [memory[:, ::-1]], build, threads=64, chips=chips, shared_bytes=512,
                   mnemonics={"": "global_load_lds_dword"})


def through_buffer(chips):
    """Lanes beyond the resource copy zeros."""
    memory = np.random.default_rng(4).integers(-2**31, 2**31, 64).astype(np.int32)

    def build(k, program):
        lds = k.shared(program.memory)
        resource = k.value(f"rocdl.make.buffer.rsrc {k.global_pointer(0)}, {k.constant(0, 'i16')}, "
                           f"{k.constant(200, 'i64')}, {k.constant(0x27000)} : !llvm.ptr<1> to <8>")
        zero, offset = k.constant(0), k.mul(k.lane32, k.constant(4))
        k.emit(f"rocdl.raw.ptr.buffer.load.lds {resource}, {lds}, {k.constant(4)}, {offset}, {zero}, {zero}, {zero}")
        k.emit(f"rocdl.s.waitcnt {vmcnt(0)}")
        k.emit("gpu.barrier")
        k.store(k.value(f"llvm.load {k.at(lds, offset)} : !llvm.ptr<3> -> i32"), 1, k.lane)
    expected = np.where(np.arange(64) < 50, memory, 0).astype(np.int32)
    return Program("copy_through_buffer", [memory], [expected], build, threads=64, chips=chips, shared_bytes=256,
                   mnemonics={"": "buffer_load_dword"})


def transposed():
    """Four rows of sixteen f16 for every sixteen lanes; each lane gets a column."""
    memory = np.random.default_rng(5).integers(0, 2**15, (4, 4, 16)).astype(np.int16)

    def build(k, program):
        kind = "vector<4xf16>"
        address = k.at(k.shared(program.memory), k.mul(k.lane32, k.constant(8)))
        for i, word in enumerate(k.registers(0)):
            k.emit(f"llvm.store {word}, {k.at(address, 4 * i)} : i32, !llvm.ptr<3>")
        k.emit("gpu.barrier")
        k.store_row(k.value(f"rocdl.ds.read.tr16.b64 {address} : !llvm.ptr<3> -> {kind}"), kind, 1)
    expected = np.ascontiguousarray(memory.transpose(0, 2, 1)).reshape(64, 4)
    return Program("transposed", [memory.reshape(64, 4).view(np.int32)], [expected.view(np.int32)], build, threads=64,
                   chips=("gfx950",), shared_bytes=512, mnemonics={"": "ds_read_b64_tr_b16"})


def programs(wave):
    if wave == 32:
        return []
    both, new = ("gfx942", "gfx950"), ("gfx950",)
    found = [copy(size, both) for size in (1, 2, 4)] + [copy(4, both, offset=16)]
    found += [copy(4, both, "rocdl.load.to.lds"), copy(16, new), double_buffered(both), transposed()]
    return found + [through_buffer(("gfx90a",) + both)]
