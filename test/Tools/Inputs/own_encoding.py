"""The example own-encoding on every target against NumPy, and its size. Arguments: the example, a folder with its build."""
import pathlib
import subprocess
import sys

import numpy as np

BATCH, HEADS, KEY_HEADS, CHANNELS, WIDTH = 2, 4, 2, 16, 8
TARGETS = ["reference", "cpu", "emulate:sm_90a", "emulate:gfx942"]


def code_lines(path):
    """Lines but blank ones and comments."""
    lines = (line.strip() for line in path.read_text().splitlines())
    return sum(1 for line in lines if line and not line.startswith("//"))


def attention(q, k, v, strength):
    """The formula in double precision."""
    q, k, v, strength = (a.astype(np.float64) for a in (q, k, v, strength))
    k, v = (np.repeat(a, HEADS // KEY_HEADS, axis=1) for a in (k, v))
    distance = np.arange(q.shape[2])[:, None] - np.arange(k.shape[2])
    scores = 0.25 * q @ k.swapaxes(2, 3) - strength[:, None, None] * np.maximum(abs(distance) - WIDTH, 0)
    scores = np.where(distance >= 0, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True) @ v


def main(example, folder):
    lines = sum(code_lines(example / name) for name in ("SoftWindow.td", "SoftWindow.cpp"))
    assert lines <= 40, f"the encoding takes {lines} lines"
    rng = np.random.default_rng(7)
    for tokens in (1, 37):
        shapes = [(BATCH, heads, tokens, CHANNELS) for heads in (HEADS, KEY_HEADS, KEY_HEADS)]
        inputs = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
        inputs.append(rng.uniform(0.05, 1, HEADS).astype(np.float32))
        for at, array in enumerate(inputs):
            np.save(folder / f"{at}.npy", array)
        np.save(folder / "expected.npy", attention(*inputs).astype(np.float32))
        for target in TARGETS:
            subprocess.run([folder / "build/soft-run", example / "soft-window.mlir", f"--target={target}",
                            *(f"--in={folder / str(at)}.npy" for at in range(4)),
                            f"--expect={folder / 'expected.npy'}", "--rtol=2e-5", "--atol=2e-6"], check=True)


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
