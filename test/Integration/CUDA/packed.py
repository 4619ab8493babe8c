# RUN: %python %s %posenc_bin %t
"""The pack for a machine with only a driver: small, complete, and its runner says for
every program what became of it. Where there is a GPU of this kind, all must pass."""

import json
import os
import shutil
import subprocess
import sys

from cuda_suite import programs

CHIP, LIMIT = "sm_80", 16 << 20


def size(folder):
    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(folder) for name in names)


def main(build, folder):
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "cuda_suite.pack", "--chip=" + CHIP, "--build=" + build, folder], check=True)
    assert size(folder) < LIMIT, size(folder)
    assert any(".so." in name for name in os.listdir(os.path.join(folder, "lib")))
    done = subprocess.run(["sh", os.path.join(folder, "run.sh")], capture_output=True, text=True)
    last = done.stdout.splitlines()[-1]
    print(last)
    with open(os.path.join(folder, "results.json")) as file:
        results = json.load(file)
    names = [p.name for p in programs(CHIP)]
    assert list(results["programs"]) == names and results["chip"] == CHIP
    if os.path.exists("/dev/nvidiactl"):
        assert last == f"{len(names)} passed, 0 failed", done.stdout[-2000:]
        return
    assert last == f"0 passed, {len(names)} failed" and done.returncode == 1
    for name, result in results["programs"].items():
        assert result["exit"] == 1 and "CUDA driver" in result["error"], (name, result)


main(*sys.argv[1:])
