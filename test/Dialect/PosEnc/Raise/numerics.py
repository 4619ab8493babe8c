# RUN: %python %s %posenc_src/test/Dialect/PosEnc/Raise %models %t

"""Raised and un-raised give one result.

Every function of the other tests here is run both ways on random arguments, and
the T5 layers (all models with POSENC_ALL set) are run raised against what
PyTorch recorded.
"""

import os
import re
import subprocess
import sys

import numpy as np

tests, models, scratch = sys.argv[1:4]
LENGTH = 21  # of dynamic dimensions


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}{done.stdout}"


def argument(rng, type_):
    *shape, element = type_.split("x")
    shape = [LENGTH if n == "?" else int(n) for n in shape]
    if element == "i1":
        mask = rng.random(shape) < 0.7
        mask[..., 0, :] = False  # a row with nothing to attend to
        return mask
    if element == "i64":
        return rng.integers(0, 3, shape)
    value = rng.standard_normal(shape).astype(np.float32)
    return (value.view(np.uint32) >> 16).astype("<u2") if element == "bf16" else value


def both_ways(name, text):
    rng = np.random.default_rng(len(text))
    path, result = f"{scratch}.mlir", f"{scratch}.npy"
    with open(path, "w") as file:
        file.write(text)
    ins = []
    signature = re.search(r"func\.func @\w+\((.*?)\) ->", text).group(1)
    for i, type_ in enumerate(re.findall(r"tensor<([^>]*)>", signature)):
        np.save(f"{scratch}.{i}.npy", argument(rng, type_))
        ins += ["--in", f"{scratch}.{i}.npy"]
    tolerance = ["--rtol=3e-2", "--atol=1e-2"] if "bf16" in signature else ["--rtol=1e-4", "--atol=1e-5"]
    run("posenc-run", "--raise=off", path, *ins, "--out", result)
    run("posenc-run", "--raise=on", path, *ins, "--expect", result, *tolerance)
    print(name, "agrees")


def recorded(case):
    folder = os.path.join(models, case)
    for form in ("linalg", "linalg_dyn", "tosa", "shlo_linalg"):
        path = os.path.join(folder, form + ".mlir")
        if not os.path.exists(path):
            continue
        for length in ("", "_long") if form == "linalg_dyn" else ("",):
            files = sorted(os.listdir(folder))
            ins = [os.path.join(folder, f) for f in files if re.fullmatch(rf"in\d+{length}\.npy", f)]
            outs = [os.path.join(folder, f) for f in files if re.fullmatch(rf"out\d+{length}\.npy", f)]
            command = ["posenc-run", "--raise=on", path]
            for f in ins:
                command += ["--in", f]
            for f in outs:
                command += ["--expect", f]
            run(*command, "--rtol=1e-4", "--atol=1e-5")
            print(case, form + length, "agrees")


for file in ("softmax.mlir", "buckets.mlir", "bucket-tables.mlir", "masks.mlir", "sinks.mlir",
             "rotations.mlir", "rotations-negative.mlir", "grids.mlir", "reductions.mlir", "lookups.mlir"):
    with open(os.path.join(tests, file)) as source:
        for part in source.read().split("// -----"):
            name = re.search(r"func\.func @(\w+)", part).group(1)
            if name not in ("softmax_op", "scattered"):  # linalg.softmax and tosa.scatter run raised only
                both_ways(name, part)
every = os.environ.get("POSENC_ALL")
for case in sorted(os.listdir(models)) if every else ("t5_encoder", "t5_encoder_sdpa", "t5_decoder"):
    recorded(case)
