"""Runs one function of a module on a target: the only place that knows the tool."""

import os
import subprocess

import numpy as np


class RunFailed(Exception):
    pass


def run(module, inputs, num_results, target, folder, entry="main", flags=()):
    """Results of `entry` as arrays. The files stay in `folder`, for a replay by hand."""
    path = os.path.join(folder, "case.mlir")
    with open(path, "w") as file:
        file.write(module)
    command = ["posenc-run", path, "--target=" + target, "--entry=" + entry, *flags]
    for index, array in enumerate(inputs):
        name = os.path.join(folder, "in%d.npy" % index)
        np.save(name, array)
        command.append("--in=" + name)
    stem = os.path.join(folder, target.replace(":", "-"))
    outputs = ["%s-%d.npy" % (stem, i) for i in range(num_results)]
    command += ["--out=" + name for name in outputs]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode != 0 or done.stderr:
        raise RunFailed("%s\nexit code %d\n%s" % (" ".join(command), done.returncode, done.stderr))
    return [np.load(name) for name in outputs]
