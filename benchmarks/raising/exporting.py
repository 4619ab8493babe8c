"""What the layer files share: a case is a module, its inputs at two lengths, and what raising has to find in it.

`case` registers a function that returns a module (or, for JAX, a traceable function of arrays). Weights are random
with a fixed seed, configurations are tiny (hidden 32, 4 heads of 8), and the code of the layers is the library's own.
"""
import os
import pathlib
import sys

# Before any library reads it.
os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch  # noqa: E402
from torch.export import Dim  # noqa: E402

MODELS = pathlib.Path(__file__).resolve().parents[2] / "test" / "Inputs" / "models"
sys.path.insert(0, str(MODELS))
import export_lib  # noqa: E402

HIDDEN = 32
CASES = {}
_program = export_lib._program


def _importable(module, inputs, dynamic):
    """The exported program in operations that torch-mlir's importer knows; what they compute is the same."""
    program = _program(module, inputs, dynamic)
    graph = program.graph
    for node in list(graph.nodes):
        if node.target is torch.ops.aten.cat.default:       # parameters as they are in a list
            for part in node.args[0]:
                if part.op == "placeholder":
                    with graph.inserting_before(node):
                        view = graph.call_function(torch.ops.aten.view.default, (part, list(part.meta["val"].shape)))
                    view.meta = dict(part.meta)
                    node.replace_input_with(part, view)
        if node.target in (torch.ops.aten.all.dims, torch.ops.aten.any.dims):
            one = getattr(torch.ops.aten, str(node.target).split(".")[1]).dim
            dims = node.args[1]
            if dims is not None and len(dims) == 1:
                node.target, node.args = one, (node.args[0], dims[0], *node.args[2:])
    return program


export_lib._program = _importable
SEQ = {"x": {1: Dim("seq", min=2, max=4096)}}


def states(n):
    return (torch.randn(2, n, HIDDEN),)


def ids(n):
    # Neither 0 nor 1: libraries pad with these.
    return (torch.randint(2, 64, (2, n)),)


# What --posenc-print-structure says: no score above the diagonal is computed; nor outside a window of n keys.
CAUSAL = r"\(-inf, -1\] masked"
ALIBI = "affine in|key-only"
TABLE = "function of i - j"
TABLE_2D = "table over"
PRODUCT = "product"


def window(n):
    return rf"\[{n}, inf\) masked"


def case(source, exercises, *structures, name=None, args=(), attentions=1, rotates=False, inputs=states, n=40, long=100,
         dynamic=SEQ):
    """structures: what --posenc-print-structure has to say of every attention of the case, as regular expressions.
    rotates: q and k are rotated by position, which the attention has to do to its own rows."""
    def register(f):
        def make(folder):
            module = f(*args)
            export_lib.export_torch(folder, module, inputs(n), dynamic=dynamic,
                                    long_inputs=inputs(long) if dynamic else None, source=source,
                                    exercises=exercises, attentions=attentions, structures=structures,
                                    rotates=rotates)
        CASES[name or f.__name__] = make
        return f
    return register


class Take(torch.nn.Module):
    """A layer or model that takes a tensor and gives one back. prepare(x): its arguments, the states included."""

    def __init__(self, layer, prepare=lambda x: {"inputs_embeds": x, "use_cache": False}):
        super().__init__()
        self.layer, self.prepare = layer, prepare

    def forward(self, x):
        r = self.layer(**self.prepare(x))
        return r if torch.is_tensor(r) else r[0]


def fill(module, *names, std=1.0):
    """Random values for parameters that the library leaves at zero or tiny until a model is loaded."""
    for name, p in module.named_parameters():
        if any(n in name for n in names):
            torch.nn.init.normal_(p, std=std)
    return module

