# RUN: %python %s %posenc_bin %t
"""The pack for a machine with only a driver: small, and its runner says for every program
what became of it. All pass on the emulator, and on a GPU where there is one."""

import json
import os
import shutil
import subprocess
import sys

from cuda_suite import programs

CHIP, LIMIT = "sm_80", 16 << 20


def size(folder):
    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(folder) for name in names)


def run(folder, target):
    """The runner's last line and what it wrote."""
    done = subprocess.run(["sh", os.path.join(folder, "run.sh"), target], capture_output=True, text=True)
    last = done.stdout.splitlines()[-1]
    print(f"{target}: {last}")
    with open(os.path.join(folder, "results.json")) as file:
        results = json.load(file)
    assert results["chip"] == CHIP and results["target"] == target
    return last, results["programs"]


def main(build, folder):
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "cuda_suite.pack", "--chip=" + CHIP, "--emulator", "--build=" + build,
                    folder], check=True)
    assert size(folder) < LIMIT, size(folder)
    assert any(".so." in name for name in os.listdir(os.path.join(folder, "lib")))
    names = [p.name for p in programs(CHIP)]
    last, results = run(folder, "emulate:" + CHIP)
    assert list(results) == names
    assert last == f"{len(names)} passed, 0 failed", [r for r in results.items() if r[1]["exit"]]
    last, results = run(folder, "cuda")
    if os.path.exists("/dev/nvidiactl"):
        assert last == f"{len(names)} passed, 0 failed", [r for r in results.items() if r[1]["exit"]]
        return
    assert last == f"0 passed, {len(names)} failed"
    for name, result in results.items():
        assert result["exit"] == 1 and "CUDA driver" in result["error"], (name, result)


main(*sys.argv[1:])
