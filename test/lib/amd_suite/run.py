"""Runs a family's programs on the emulator, and checks that each chip's code has them.

    python -m amd_suite.run FAMILY [CHIP...]
"""

import os
import subprocess
import sys
import tempfile

import numpy as np

from amd_suite import combined, programs, wave
from amd_suite.program import ALL


def tool(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=900)


def emulate(chip, found, folder):
    """Complaints about what the emulator makes of the programs."""
    text, inputs, expected = combined(found)
    name = os.path.join(folder, "suite.mlir")
    with open(name, "w") as file:
        file.write(text)
    command = ["posenc-run", name, "--target=emulate:" + chip, "--raise=off", "--rtol=0", "--atol=0"]
    for flag, arrays in ("in", inputs), ("expect", expected):
        for i, array in enumerate(arrays):
            path = os.path.join(folder, f"{flag}{i}.npy")
            np.save(path, array)
            command.append(f"--{flag}={path}")
    result = tool(*command)
    if result.returncode == 0 and not result.stderr:
        return []
    names = [f"result {i} is {p.name}'s" for i, p in enumerate(p for p in found for _ in p.expected)]
    return [f"exit code {result.returncode}", result.stdout, result.stderr, *names]


def assemble(chip, found, folder):
    """Complaints about the chip's own code."""
    result = tool("posenc-opt", os.path.join(folder, "suite.mlir"),
                  f"--posenc-rocdl-pipeline=chip={chip} format=asm")
    if result.returncode:
        return [result.stderr]
    code = {}
    for part in result.stdout.split("\\0A"):
        words = part.split()
        if words and words[0].endswith("_kernel:"):
            current = code[words[0][:-len("_kernel:")].strip('"')] = []
        elif code:
            current.append(part)
    complaints = []
    for p in found:
        if p.name not in code:
            complaints.append(f"no code of {p.name}")
        elif p.mnemonic(chip) and not any(p.mnemonic(chip) in line for line in code[p.name]):
            complaints.append(f"expected {p.mnemonic(chip)} in the code of {p.name}")
    return complaints


def main(family, chips):
    failed = False
    for chip in chips or ALL:
        found = programs(family, chip)
        if not found:
            continue
        with tempfile.TemporaryDirectory(prefix="posenc-suite-") as folder:
            complaints = emulate(chip, found, folder) + assemble(chip, found, folder)
        print(f"{chip} (wave {wave(chip)}): {len(found)} programs, {len(complaints)} complaints")
        for complaint in complaints:
            failed = True
            print("  " + complaint)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
