"""Programs of one NVIDIA instruction each, with inputs and what hardware gives.

A kernel loads each lane's registers from memory, executes the instruction and stores
what it gives. Which register holds what is computed in NumPy from the coordinates of
matrix elements, and the results from the instruction's definition: nothing here looks
at the emulator's models."""

from cuda_suite import arithmetic, barriers, copies, matrices, mma, warp
from cuda_suite.program import Program, module

__all__ = ["Program", "module", "programs"]


def programs(chip):
    """The programs of all instruction forms that `chip` (sm_80, sm_90a …) has."""
    version = int("".join(c for c in chip[3:] if c.isdigit()))
    families = (warp, matrices, mma, copies, barriers, arithmetic)
    return [p for family in families for p in family.programs() if p.since <= version]
