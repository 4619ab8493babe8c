# REQUIRES: cuda
# RUN: %python %s %t
"""The programs of emulated.py on the GPU of this machine: the same inputs, the same
expectations. Needs NVIDIA's driver and posenc, no CUDA toolkit. By hand:

  PYTHONPATH=test/lib PATH=build/bin:$PATH python3 test/Integration/CUDA/device.py FOLDER [RESULTS.json]

writes what came out for a commit to test/Integration/CUDA/Results. On a machine that has
the driver alone: test/lib/cuda_suite/pack.py."""

import datetime
import json
import subprocess
import sys

from cuda_suite import programs
from cuda_suite.check import check


def chip_of_device():
    """sm_90a, from the driver's own tool."""
    capability = subprocess.run(["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"],
                                capture_output=True, text=True, check=True).stdout.split()[0]
    version = capability.replace(".", "")
    return "sm_" + version + ("a" if int(version) >= 90 else "")


def main(folder, output=None):
    chip = chip_of_device()
    results, failed = check(programs(chip), "cuda", folder)
    if output:
        report = {"date": datetime.date.today().isoformat(), "chip": chip,
                  "device": next(iter(results.values())).get("device"), "programs": results}
        with open(output, "w") as file:
            json.dump(report, file, indent=1)
    return failed > 0


sys.exit(main(*sys.argv[1:]))
