"""posenc from Python: transform, run and compile modules with NumPy arrays.

    import numpy as np, posenc

    text = posenc.opt("model.mlir", "--posenc-raise", "--posenc-fuse")
    (out,) = posenc.run(text, [np.load("in0.npy")], target="cpu")
    ptx, about = posenc.compile(text, emit="ptx", target="cuda:sm_90a")

The functions call posenc's tools, found in the folder that POSENC_BIN names, in
PATH, or in the build folder of the checkout that this file lies in. A module is
a path or the text itself. What a tool refuses is a `posenc.Error` with the
tool's own message.
"""
from .tools import Comparison, Error, compare, compile, find_tool, opt, run

__all__ = ["Comparison", "Error", "compare", "compile", "find_tool", "opt", "run"]
__version__ = "0.1.0"
