"""Programs of one AMD instruction each, with inputs and what hardware gives.

As in cuda_suite, whose kernels it builds on: which lane holds what is computed in NumPy
from coordinates, and results from the instruction's definition. Memory holds registers
as words, so that results must agree bit for bit."""

from amd_suite import arithmetic, buffers, copies, lanes, mfma, wmma
from amd_suite.program import Program, combined

__all__ = ["Program", "combined", "FAMILIES", "programs"]

FAMILIES = {"mfma": mfma, "wmma": wmma, "lanes": lanes, "buffers": buffers, "copies": copies,
            "arithmetic": arithmetic}


def programs(family, chip):
    """The programs of a family whose instruction `chip` has."""
    return [p for p in FAMILIES[family].programs(wave(chip)) if chip in p.chips]


def wave(chip):
    return 64 if chip.startswith("gfx9") else 32
