# REQUIRES: oracles
# RUN: %python %s %inputs %models
"""The layers that the model cases record, run live in PyTorch: against the recordings, and against posenc."""
import pathlib
import sys

import numpy as np
import torch

import posenc

INPUTS, MODELS = map(pathlib.Path, sys.argv[1:])
sys.path.insert(0, str(INPUTS / "models"))
import export_lib  # noqa: E402
import generate  # noqa: E402

RAISED = ("t5_encoder", "t5_encoder_sdpa", "t5_decoder")


def live(name):
    """Input and output arrays of a case, for both lengths, as PyTorch computes them now."""
    pairs = []

    def capture(folder, module, inputs, *, long_inputs=None, **about):
        module = module.eval()
        for arguments in filter(None, (inputs, long_inputs)):
            with torch.no_grad():
                pairs.append((arguments[0].numpy(), module(*arguments).numpy()))

    export_lib.export_torch = capture
    torch.manual_seed(0)
    generate.CASES[name]("")
    return pairs


def main():
    for name in RAISED:
        for (x, y), suffix in zip(live(name), ("", "_long")):
            folder = MODELS / name
            np.testing.assert_array_equal(x, np.load(folder / f"in0{suffix}.npy"), f"{name}: another random input")
            np.testing.assert_allclose(y, np.load(folder / f"out0{suffix}.npy"), rtol=1e-5, atol=1e-6)
            for form in ("linalg_dyn",) if suffix else ("linalg", "linalg_dyn", "tosa", "shlo_linalg"):
                report = posenc.compare(folder / f"{form}.mlir", [x], [y], rtol=1e-4, atol=1e-5)
                assert report.holds, f"{name} {form}{suffix}: {report}"
                print(f"{name} {form}{suffix}: max_abs {report.max_abs:.3g}")


main()
