"""Runs the programs of the suite with posenc-run, one by one."""

import concurrent.futures
import json
import os
import subprocess

import numpy as np

from cuda_suite import module


def write(program, folder):
    """The program's module and arrays as files; the arguments that name them."""
    path = os.path.join(folder, program.name + ".mlir")
    with open(path, "w") as file:
        file.write(module([program]))
    arguments = ["--rtol=%r" % program.rtol, "--atol=%r" % program.atol]
    for flag, arrays in (("in", program.inputs), ("expect", program.expected)):
        for index, array in enumerate(arrays):
            name = os.path.join(folder, f"{program.name}.{flag}{index}.npy")
            np.save(name, array)
            arguments.append(f"--{flag}={name}")
    return [path, *arguments]


def run(program, target, folder, flags=()):
    """What posenc-run's --json says, with its exit code and what it complained of."""
    command = ["posenc-run", *write(program, folder), "--target=" + target, "--json", *flags]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    result = json.loads(done.stdout) if done.stdout.strip() else {}
    return {"exit": done.returncode, "error": done.stderr.strip(), **result}


def check(programs, target, folder, flags=(), workers=2):
    """Results by name; prints what failed. Any word on stderr is a failure."""
    os.makedirs(folder, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        results = dict(zip((p.name for p in programs),
                           pool.map(lambda p: run(p, target, folder, flags), programs)))
    failed = {name: r for name, r in results.items() if r["exit"] or r["error"]}
    for name, result in failed.items():
        print(f"{name}: exit code {result['exit']}, {json.dumps(result)}")
        print(f"  replay: posenc-run {os.path.join(folder, name)}.mlir --target={target} …")
    print(f"{target}: {len(results)} programs, {len(failed)} failed")
    return results, len(failed)
