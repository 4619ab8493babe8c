"""Packs the suite for a machine that has NVIDIA's driver and nothing else: one package
with all programs, posenc-run-package, the runtime, inputs and expectations, run.sh.

  PYTHONPATH=test/lib python3 -m cuda_suite.pack --chip=sm_90a --build=build FOLDER

There: sh FOLDER/run.sh; then copy FOLDER/results.json to
test/Integration/CUDA/Results/DATE-CHIP.json and commit it."""

import argparse
import glob
import os
import shutil
import subprocess
import sys

import numpy as np

from cuda_suite import module, programs

RUN = r"""#!/bin/sh
# Runs every program of the package and writes results.json.
#   run.sh [TARGET]      default: cuda
cd "$(dirname "$0")" || exit 1
target=${1:-cuda}
export LD_LIBRARY_PATH="$PWD/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
tab=$(printf '\t')
quote() { sed 's/\\/\\\\/g; s/"/\\"/g' "$1" | tr '\n\t' '  '; }
printf '{"date": "%s", "chip": "@CHIP@", "target": "%s", "programs": {\n' "$(date -u +%F)" "$target" > results.json
passed=0 failed=0 separator=
while IFS="$tab" read -r name rtol atol inputs results; do
  set -- --entry="$name" --rtol="$rtol" --atol="$atol"
  i=0; while [ $i -lt "$inputs" ]; do set -- "$@" --in="data/$name.in$i.npy"; i=$((i + 1)); done
  i=0; while [ $i -lt "$results" ]; do set -- "$@" --expect="data/$name.expect$i.npy"; i=$((i + 1)); done
  bin/posenc-run-package suite.posenc --target="$target" --json "$@" > output.txt 2> error.txt < /dev/null
  code=$?
  if [ $code = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $name ($code)"; cat error.txt; fi
  printf '%s"%s": {"exit": %s, "error": "%s", "result": ' "$separator" "$name" $code "$(quote error.txt)" >> results.json
  if [ -s output.txt ]; then cat output.txt; else echo '{}'; fi >> results.json
  printf '}' >> results.json
  separator=",
"
done < cases
printf '\n}}\n' >> results.json
rm -f output.txt error.txt
echo "$passed passed, $failed failed"
[ $failed = 0 ]
"""


def write_data(chosen, folder):
    os.makedirs(os.path.join(folder, "data"), exist_ok=True)
    with open(os.path.join(folder, "cases"), "w") as cases:
        for p in chosen:
            for kind, arrays in (("in", p.inputs), ("expect", p.expected)):
                for i, array in enumerate(arrays):
                    np.save(os.path.join(folder, "data", f"{p.name}.{kind}{i}.npy"), array)
            print(p.name, repr(p.rtol), repr(p.atol), len(p.inputs), len(p.expected), sep="\t", file=cases)


def copy_tools(build, emulated, folder):
    # The runtime under the name that the runner asks for, with its version.
    runtimes = glob.glob(os.path.join(build, "lib/libposenc_runtime.so.*"))
    if emulated:
        runtimes.append(os.path.join(build, "lib/libposenc_emulator.so"))
    for sources, target in (([os.path.join(build, "bin/posenc-run-package")], "bin"), (runtimes, "lib")):
        os.makedirs(os.path.join(folder, target), exist_ok=True)
        for source in sources:
            shutil.copy(source, os.path.join(folder, target))


def without_ptxas(environment):
    """posenc-compile makes PTX where it finds no ptxas."""
    folders = [f for f in environment["PATH"].split(os.pathsep) if not os.path.exists(os.path.join(f, "ptxas"))]
    return {**environment, "PATH": os.pathsep.join(folders)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chip", default="sm_90a")
    parser.add_argument("--build", default="build", help="posenc's build folder")
    parser.add_argument("--ptx", action="store_true",
                        help="PTX rather than a cubin, for a driver that is older than ptxas")
    parser.add_argument("--emulator", action="store_true", help="so that run.sh emulate:CHIP runs too")
    parser.add_argument("folder")
    options = parser.parse_args()
    chosen = programs(options.chip)
    os.makedirs(options.folder, exist_ok=True)
    source = os.path.join(options.folder, "suite.mlir")
    with open(source, "w") as file:
        file.write(module(chosen))
    targets = ["cuda:" + options.chip] + ["emulate:" + options.chip] * options.emulator
    subprocess.run([os.path.join(options.build, "bin/posenc-compile"), source, "--target=" + ",".join(targets),
                    "-o", os.path.join(options.folder, "suite.posenc")], check=True,
                   env=without_ptxas(os.environ) if options.ptx else None)
    write_data(chosen, options.folder)
    copy_tools(options.build, options.emulator, options.folder)
    with open(os.path.join(options.folder, "run.sh"), "w") as file:
        file.write(RUN.replace("@CHIP@", options.chip))
    print(f"{options.folder}: {len(chosen)} programs for {options.chip}")


if __name__ == "__main__":
    sys.exit(main())
