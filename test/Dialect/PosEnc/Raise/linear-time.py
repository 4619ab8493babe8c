# RUN: %python %s %models/t5_encoder/linalg.mlir %t
# RUN: %python %s %models/t5_encoder/linalg_dyn.mlir %t

"""Raising costs the same per layer in a short and in a long module.

Stacks a layer N times, result into argument, and compares the time for 200
layers with that for 100 (processor time, the least of several runs: other work on the machine
only adds). The layers must all be raised.
"""

import re
import resource
import subprocess
import sys


def stack(text, layers):
    """The function of `text`, its body `layers` times."""
    head, rest = text.split("func.func @main(", 1)
    signature, rest = rest.split("{\n", 1)
    body, tail = rest.split("    return ", 1)
    result, tail = re.match(r"(%\w+) : [^\n]*(\n.*)", tail, re.S).groups()
    type_ = re.search(r"%arg0: (\S+)\)", signature).group(1)
    out = [head, "func.func @main(", signature, "{\n"]
    argument = "%arg0"
    for layer in range(layers):
        names = lambda m: argument if m.group(0) == "%arg0" else f"%l{layer}_{m.group(0)[1:]}"
        out.append(re.sub(r"%\w+", names, body))
        argument = f"%l{layer}_{result[1:]}"
    out.append(f"    return {argument} : {type_}{tail}")
    return "".join(out)


def seconds(path, layers):
    def used():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    start = used()
    done = subprocess.run(["posenc-opt", "--posenc-raise", path], check=True,
                          capture_output=True, text=True)
    elapsed = used() - start
    found = done.stdout.count("posenc.bias_table")
    assert found == layers, f"expected {layers} attentions but got {found}"
    return elapsed


def main():
    with open(sys.argv[1]) as file:
        text = file.read()
    paths = {}
    for layers in (100, 200):
        paths[layers] = f"{sys.argv[2]}.{layers}.mlir"
        with open(paths[layers], "w") as file:
            file.write(stack(text, layers))
    best = {layers: float("inf") for layers in paths}
    for _ in range(4):
        for layers, path in paths.items():
            best[layers] = min(best[layers], seconds(path, layers))
        if best[200] <= 2.5 * best[100]:
            break
    print(f"100 layers: {best[100]:.2f} s, 200 layers: {best[200]:.2f} s")
    assert best[200] <= 2.5 * best[100], "expected time to grow with the layers only"


main()
