# RUN: %python %s %t

"""Modules without attention come out as mlir-opt alone prints them, byte by byte."""

import os
import subprocess
import sys

from posenc_testing import other_modules

scratch = sys.argv[1]
SEED = int(os.environ.get("POSENC_SEED", "20261124"))
COUNT = 2000 if os.environ.get("POSENC_ALL") else 250


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr[:2000]}"
    return done


def main():
    modules = [other_modules.Module(SEED, number).text() for number in range(COUNT)]
    assert sum("math.exp" in text for text in modules) > COUNT // 2, "expected modules with exponentials"
    path = f"{scratch}.mlir"
    with open(path, "w") as file:
        file.write("\n// -----\n".join(modules))
    plain = run("mlir-opt", "--split-input-file", path).stdout.split("// -----")
    raised = run("posenc-opt", "--split-input-file", "--posenc-raise", "--posenc-quiet", path).stdout.split("// -----")
    assert len(plain) == len(raised) == COUNT, f"expected {COUNT} modules but got {len(plain)} and {len(raised)}"
    for number, (want, have) in enumerate(zip(plain, raised)):
        assert want == have, f"module {number} of seed {SEED} changed:\n{want}\n{have}"
    print(f"{COUNT} modules without attention are as they were")


main()
