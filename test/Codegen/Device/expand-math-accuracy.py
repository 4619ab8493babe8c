# RUN: %python %s
# The polynomials of posenc-expand-math, run on the CPU, against NumPy in
# extended precision (erf and erfc: Python's, in f64). BOUNDS is the table of
# docs/Numerics-GPU.md: units in the last place, f32 and f64. POSENC_CASES sets
# the samples per function, POSENC_SEED the seed.
import math
import os
import subprocess
import tempfile

import numpy as np

SEED = int(os.environ.get("POSENC_SEED", "1"))
CASES = int(os.environ.get("POSENC_CASES", "20000"))
LONG = np.longdouble
rng = np.random.default_rng(SEED)


def wide(low, high):
    """Both signs, every magnitude between the two alike."""
    magnitude = 10 ** rng.uniform(np.log10(low), np.log10(high), CASES)
    return magnitude * rng.choice([-1, 1], CASES)


def positive(low, high):
    return np.abs(wide(low, high))


def flat(low, high):
    return rng.uniform(low, high, CASES)


def mixed(*parts):
    return np.concatenate(parts)[rng.permutation(CASES * len(parts))[:CASES]]


def around_one():
    return mixed(positive(1e-37, 1e37), flat(0.5, 2), 1 + wide(1e-7, 0.1))


def angles(kind):
    half_turns = np.arange(1, CASES + 1) * (np.pi / 2)
    return mixed(flat(-7, 7), wide(1e-10, 3e38 if kind == "f32" else 2.0**39), half_turns)


erf, erfc = (np.vectorize(f, otypes=[np.float64]) for f in (math.erf, math.erfc))

# name: (bounds f32, f64; reference; samples as a function of the type's name)
BOUNDS = {
    "exp": (1.1, 1.2, np.exp, lambda t: flat(-86, 88) if t == "f32" else flat(-707, 709)),
    "exp2": (1, 1, np.exp2, lambda t: flat(-125, 127) if t == "f32" else flat(-1021, 1023)),
    "expm1": (2, 2.5, np.expm1, lambda t: mixed(flat(-20, 80), flat(-1, 1), wide(1e-20, 1))),
    "log": (1, 1, np.log, lambda t: around_one()),
    "log2": (1, 1, np.log2, lambda t: around_one()),
    "log10": (1, 1, np.log10, lambda t: around_one()),
    "log1p": (2, 2, np.log1p, lambda t: mixed(positive(1e-20, 1e37), flat(-0.999, 1))),
    "sinh": (3, 3, np.sinh, lambda t: wide(1e-10, 88)),
    "cosh": (3, 3, np.cosh, lambda t: wide(1e-10, 88)),
    "tanh": (2.5, 3, np.tanh, lambda t: mixed(flat(-3, 3), wide(1e-10, 100))),
    "asinh": (2.5, 2.5, np.arcsinh, lambda t: wide(1e-10, 1e37)),
    "acosh": (3, 3, np.arccosh, lambda t: mixed(1 + positive(1e-6, 1), positive(1, 1e37))),
    "atanh": (3, 3, np.arctanh, lambda t: mixed(flat(-0.999, 0.999), wide(1e-10, 0.9))),
    "sin": (3, 2, np.sin, angles),
    "cos": (3, 2, np.cos, angles),
    "tan": (5, 4, np.tan, angles),
    "atan": (2.5, 2.5, np.arctan, lambda t: mixed(flat(-5, 5), wide(1e-10, 1e30))),
    "asin": (3.5, 3.5, np.arcsin, lambda t: mixed(flat(-1, 1), wide(1e-10, 1))),
    "acos": (3.5, 3.5, np.arccos, lambda t: mixed(flat(-1, 1), wide(1e-10, 1))),
    "erf": (2, 2, erf, lambda t: mixed(flat(-6, 6), wide(1e-10, 1))),
    "erfc": (5, 5, erfc, lambda t: flat(-6, 9) if t == "f32" else flat(-6, 25)),
    "cbrt": (1, 1, np.cbrt, lambda t: wide(1e-37, 1e37)),
    "sqrt": (0.5, 0.5, np.sqrt, lambda t: positive(1e-37, 1e37)),
    "rsqrt": (2, 2, lambda x: 1 / np.sqrt(x), lambda t: positive(1e-37, 1e37)),
    "powf": (1.5, 1.5, np.power, lambda t: mixed(positive(1e-5, 1e5), 1 + wide(1e-6, 0.1))),
    "atan2": (3, 3, np.arctan2, lambda t: wide(1e-5, 1e5)),
    "remf": (0, 0, np.fmod, lambda t: wide(1e-30, 1e30)),
}
BINARY = {"powf": lambda: flat(-7, 7), "atan2": lambda: wide(1e-5, 1e5),
          "remf": lambda: wide(1e-30, 1e30)}
SPECIAL = [0.0, -0.0, 1, -1, math.inf, -math.inf, math.nan, 2, -2, 0.5, -0.5, 3, -3, 2.5, 1e30]


def function(kind, inputs):
    """One function: input per operand, result per op."""
    names, tensor = list(BOUNDS), "tensor<?x" + kind + ">"
    args = ", ".join(f"%{name}{i}: {tensor}" for name in names for i in range(len(inputs[name])))
    lines = [f"func.func @main({args}) -> ({', '.join([tensor] * len(names))}) {{",
             "%c0 = arith.constant 0 : index", f"%n = tensor.dim %exp0, %c0 : {tensor}",
             f"%e = tensor.empty(%n) : {tensor}"]
    for name in names:
        count = len(inputs[name])
        maps = ", ".join(["affine_map<(d0) -> (d0)>"] * (count + 1))
        ins = ", ".join(f"%{name}{i}" for i in range(count))
        block = ", ".join(f"%{c}: {kind}" for c in "ab"[:count]) + f", %o: {kind}"
        dialect = "arith" if name == "remf" else "math"
        lines.append(f"""%{name} = linalg.generic {{indexing_maps = [{maps}], iterator_types = ["parallel"]}}
          ins({ins} : {', '.join([tensor] * count)}) outs(%e : {tensor}) {{
        ^bb0({block}):
          %r = {dialect}.{name} {', '.join('%' + c for c in 'ab'[:count])} : {kind}
          linalg.yield %r : {kind}
        }} -> {tensor}""")
    results = ", ".join("%" + name for name in names)
    lines.append(f"return {results} : {', '.join([tensor] * len(names))}\n}}")
    return "\n".join(lines)


def evaluate(kind, inputs, folder):
    source, expanded = os.path.join(folder, "in.mlir"), os.path.join(folder, "out.mlir")
    with open(source, "w") as file:
        file.write(function(kind, inputs))
    subprocess.run(["posenc-opt", source, "--posenc-expand-math", "-o", expanded], check=True)
    command = ["posenc-run", expanded, "--target=cpu", "--raise=off"]
    for name, arrays in inputs.items():
        for i, array in enumerate(arrays):
            path = os.path.join(folder, f"{name}{i}.npy")
            np.save(path, array)
            command += ["--in", path]
    for name in BOUNDS:
        command += ["--out", os.path.join(folder, name + ".npy")]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return {name: np.load(os.path.join(folder, name + ".npy")) for name in BOUNDS}


def ulps(result, expected, dtype):
    rounded = expected.astype(dtype)
    unit = np.spacing(np.maximum(np.abs(rounded), np.finfo(dtype).tiny)).astype(LONG)
    error = np.abs(result.astype(LONG) - expected) / unit
    error[np.isnan(rounded) & np.isnan(result)] = 0
    error[np.isnan(rounded) != np.isnan(result)] = np.inf
    error[np.isinf(rounded)] = np.where(rounded == result, 0, np.inf)[np.isinf(rounded)]
    return error


def check(kind, dtype, folder):
    inputs = {name: [samples(kind).astype(dtype)] for name, (_, _, _, samples) in BOUNDS.items()}
    for name, samples in BINARY.items():
        inputs[name].append(samples().astype(dtype))
    # Specials last; with each other for two operands.
    grid = np.array(np.meshgrid(SPECIAL, SPECIAL)).reshape(2, -1).astype(dtype)
    for name, arrays in inputs.items():
        inputs[name] = [np.concatenate([a, s]) for a, s in zip(arrays, grid)]
    results, good = evaluate(kind, inputs, folder), True
    for name, (bound32, bound64, reference, _) in BOUNDS.items():
        bound = bound32 if kind == "f32" else bound64
        with np.errstate(all="ignore"):
            expected = reference(*(a.astype(LONG) for a in inputs[name])).astype(LONG)
            error = ulps(results[name], expected, dtype)
        if name in ("sin", "cos", "tan") and kind == "f64":
            # Past 2^40 the f64 reduction gives NaN, as documented.
            error[np.abs(inputs[name][0]) >= 2.0**40] = 0
        worst = int(np.argmax(error))
        line = f"{kind} {name}: {float(error[worst]):.3g} ulp, bound {bound}"
        if error[worst] > bound:
            line += f", at {[float(a[worst]) for a in inputs[name]]}: FAILED"
            good = False
        print(line)
    return good


def main():
    with tempfile.TemporaryDirectory() as folder:
        outcomes = [check(kind, dtype, folder) for kind, dtype in (("f32", np.float32), ("f64", np.float64))]
    if not all(outcomes):
        raise SystemExit("an expansion misses its bound")


main()
