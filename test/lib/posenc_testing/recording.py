"""Records what a library computes, and compares it live with the recording and with posenc.

A generator of test/Oracles defines cases and calls `main`; it needs PyTorch and the library.

    @case("models.t5.T5Attention")          # what is asked; the fixture is named LIBRARY_t5 after the function
    def t5(rng): return dict(q=…, k=…, v=…, out=…)

`GENERATOR.py --record [NAME …]` writes the fixtures.
"""

import importlib.metadata
import importlib.util
import os
import pathlib
import sys
import types
import zlib

import numpy as np
import torch

from . import against_oracle, fixtures

IR = pathlib.Path(__file__).resolve().parents[2] / "Integration" / "Oracles"
CASES = {}

# No model here looks at pictures. A torchvision built for another PyTorch fails on import, which
# libraries do not expect; that there is none, they do.
sys.modules["torchvision"] = None


def bare(package):
    """Makes modules of a package importable without running its __init__, which may want what a CPU lacks."""
    path = importlib.util.find_spec(package).submodule_search_locations
    module = types.ModuleType(package)
    module.__path__ = list(path)
    sys.modules[package] = module


class Random:
    """Seeded by the case's name; NumPy's generator, so that every machine draws the same bits."""

    def __init__(self, name):
        self.numpy = np.random.default_rng(zlib.crc32(name.encode()))

    def normal(self, *shape, scale=1.0):
        return torch.from_numpy((self.numpy.standard_normal(shape) * scale).astype(np.float32))

    def integers(self, low, high, *shape):
        return torch.from_numpy(self.numpy.integers(low, high, shape))

    def fill(self, module, scale=None):
        """Random parameters of the size that keeps activations near 1."""
        with torch.no_grad():
            for parameter in module.parameters():
                width = parameter.shape[-1] if parameter.dim() > 1 else 4
                parameter.copy_(self.normal(*parameter.shape, scale=scale or width ** -0.5))
        return module.eval()


def case(function):
    """Registers a case; `function` is what is called in the library."""
    def register(make):
        CASES[make.__name__] = function, make
        return make
    return register


def heads(x, count):
    """[B, T, H·d] as [B, H, T, d]."""
    return x.reshape(*x.shape[:2], count, -1).transpose(1, 2)


class Tap:
    """What goes into and comes out of submodules during a call."""

    def __init__(self, module, outputs=(), inputs=()):
        self.values = {}
        for path in outputs:
            module.get_submodule(path).register_forward_hook(
                lambda _, __, value, path=path: self.values.__setitem__(path, value))
        for path in inputs:
            module.get_submodule(path).register_forward_pre_hook(
                lambda _, arguments, path=path: self.values.__setitem__(path, arguments[0]))

    def __getitem__(self, path):
        return self.values[path]


def causal(queries, keys, hidden=float("-inf")):
    """An additive mask [queries, keys], the last query level with the last key."""
    i, j = torch.arange(queries)[:, None] + keys - queries, torch.arange(keys)
    return torch.zeros(queries, keys).masked_fill(j > i, hidden)


def to_numpy(value):
    value = value.detach() if isinstance(value, torch.Tensor) else torch.as_tensor(value)
    return np.ascontiguousarray(value.to(torch.float32 if value.is_floating_point() else torch.int64).numpy())


def compute(name, library):
    function, make = CASES[name]
    with torch.no_grad():
        arrays = {key: to_numpy(value) for key, value in make(Random(name)).items()}
    generator = pathlib.Path(sys.argv[0]).name
    return arrays, dict(library=library, version=importlib.metadata.version(library), torch=torch.__version__,
                        function=function, generator="test/Oracles/" + generator)


def matching(fixture):
    """The files of IR that are tested against it."""
    encodings = map(against_oracle.Encoding, sorted(IR.glob("*.mlir")))
    return [encoding for encoding in encodings if fixture in encoding.fixtures]


def compare(fixture, arrays, about):
    recorded, recorded_about = fixtures.load(fixture)
    assert about["version"] == recorded_about["version"], "%s: recorded with version %s" % (
        fixture, recorded_about["version"])
    assert arrays.keys() == recorded.keys(), "%s: other arrays than recorded" % fixture
    for key, value in arrays.items():
        against_oracle.compare(value, recorded[key], 1e-5, "%s: %s against its recording" % (fixture, key))
    if os.environ.get("POSENC_BIN"):
        for encoding in matching(fixture):
            encoding.check(fixture, arrays)


def main(library, prefix=None):
    """`library` is its name on PyPI, `prefix` what fixtures are named after."""
    torch.set_num_threads(1)
    prefix = prefix or library.replace("-", "_")
    record = "--record" in sys.argv[1:]
    chosen = [a for a in sys.argv[1:] if not a.startswith("--")] or list(CASES)
    for name in chosen:
        arrays, about = compute(name, library)
        fixture = "%s_%s" % (prefix, name)
        if record:
            fixtures.save(fixture, arrays, about)
            print(fixture, {key: value.shape for key, value in arrays.items()})
        else:
            compare(fixture, arrays, about)
