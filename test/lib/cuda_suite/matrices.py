"""ldmatrix and stmatrix."""

import numpy as np

from cuda_suite.program import LANES, Program

ROWS, STRIDE = 32, 48  # rows of 16 bytes, 48 bytes apart


def order():
    """Row that lane l addresses: another order than memory's."""
    return (np.arange(LANES) * 5 + 3) % ROWS


def fragments(rows, count, transposed):
    """Registers of all lanes: lane 4·g + t holds elements 2t and 2t + 1 of row g."""
    registers = np.zeros((LANES, count), np.uint32)
    for matrix in range(count):
        values = rows[8 * matrix:8 * matrix + 8].astype(np.uint32)
        values = values.T if transposed else values
        for g in range(8):
            for t in range(4):
                registers[4 * g + t, matrix] = values[g, 2 * t] | values[g, 2 * t + 1] << 16
    return registers.view(np.int32)


def attributes(transposed):
    layout = "col" if transposed else "row"
    return (f"layout = #nvvm.mma_layout<{layout}>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, "
            "eltType = #nvvm.ld_st_matrix_elt_type<b16>")


def tile(seed):
    return np.random.default_rng(seed).integers(0, 2**16, (ROWS, 8)).astype(np.uint16)


def row_address(k, program, lane_rows):
    return k.at(k.shared(program.memory), k.mul(k.load(lane_rows, k.lane, 0), k.constant(STRIDE)))


def own_row(k, program):
    return k.at(k.shared(program.memory), k.mul(k.lane32, k.constant(STRIDE)))


def load(count, transposed):
    memory = tile(count)

    def build(k, program):
        mine = own_row(k, program)
        for i in range(4):
            k.emit(f"llvm.store {k.load(0, k.lane, i)}, {k.at(mine, 4 * i)} : i32, !llvm.ptr<3>")
        k.emit("gpu.barrier")
        kind = "i32" if count == 1 else f"!llvm.struct<({', '.join(['i32'] * count)})>"
        r = k.value(f"nvvm.ldmatrix {row_address(k, program, 1)} {{num = {count} : i32, {attributes(transposed)}}} : "
                    f"(!llvm.ptr<3>) -> {kind}")
        for i in range(count):
            k.store(r if count == 1 else k.field(r, kind, i), 2, k.lane, i)

    return Program(f"ldmatrix_x{count}{'_trans' if transposed else ''}",
                   [memory.view(np.int32), order().astype(np.int32).reshape(LANES, 1)],
                   [fragments(memory[order()], count, transposed)], build, shared_bytes=ROWS * STRIDE)


def store(count, transposed):
    rows = tile(10 + count)  # row r of matrix q is rows[8q + r]
    expected = np.full((ROWS, 8), 0x5555, np.uint16)
    expected[order()[:8 * count]] = rows[:8 * count]

    def build(k, program):
        mine = own_row(k, program)
        for i in range(4):
            k.emit(f"llvm.store {k.constant(0x55555555)}, {k.at(mine, 4 * i)} : i32, !llvm.ptr<3>")
        k.emit("gpu.barrier")
        registers = ", ".join(k.registers(0))
        k.emit(f"nvvm.stmatrix {row_address(k, program, 1)}, {registers} {{{attributes(transposed)}}} : "
               f"!llvm.ptr<3>, {', '.join(['i32'] * count)}")
        k.emit("gpu.barrier")
        for i in range(4):
            k.store(k.value(f"llvm.load {k.at(mine, 4 * i)} : !llvm.ptr<3> -> i32"), 2, k.lane, i)

    return Program(f"stmatrix_x{count}{'_trans' if transposed else ''}",
                   [fragments(rows, count, transposed), order().astype(np.int32).reshape(LANES, 1)],
                   [expected.view(np.int32)], build, since=90, shared_bytes=ROWS * STRIDE)


def programs():
    for make in (load, store):
        yield from (make(count, transposed) for count in (1, 2, 4) for transposed in (False, True))
