"""Calls posenc-opt, posenc-run and posenc-compile."""
import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import numpy as np


class Error(RuntimeError):
    """A tool refused. `message` is what it said, `exit_code` how it ended."""

    def __init__(self, tool, exit_code, message):
        super().__init__(message or f"{tool} ended with exit code {exit_code}")
        self.tool = tool
        self.exit_code = exit_code
        self.message = message


@dataclasses.dataclass(frozen=True)
class Comparison:
    """How far results are from what was expected, over all results."""

    holds: bool
    max_abs: float
    max_rel: float
    worst_index: tuple
    worst_result: int


def find_tool(name):
    """The path of a tool: POSENC_BIN, then PATH, then this checkout's build folder."""
    folder = os.environ.get("POSENC_BIN")
    if folder:
        path = pathlib.Path(folder, name)
        if not path.is_file():
            raise FileNotFoundError(f"expected {name} in POSENC_BIN={folder}")
        return str(path)
    built = pathlib.Path(__file__).resolve().parents[2] / "build" / "bin" / name
    found = shutil.which(name) or (str(built) if built.is_file() else None)
    if not found:
        raise FileNotFoundError(f"expected {name} in PATH or in the folder that POSENC_BIN names")
    return found


def _call(tool, arguments, accept=(0,)):
    process = subprocess.run([find_tool(tool), *map(os.fspath, arguments)], capture_output=True, text=True)
    if process.returncode not in accept:
        raise Error(tool, process.returncode, process.stderr.strip())
    return process


@contextlib.contextmanager
def _module(module, folder):
    """A path as it is; text as a file. A one-line string without a newline is a path."""
    if isinstance(module, os.PathLike) or "\n" not in module and "{" not in module:
        yield os.fspath(module)
        return
    path = os.path.join(folder, "module.mlir")
    with open(path, "w", encoding="utf-8") as f:
        f.write(module)
    yield path


@contextlib.contextmanager
def _workspace(module):
    with tempfile.TemporaryDirectory(prefix="posenc-") as folder, _module(module, folder) as path:
        yield folder, path


def _save(folder, prefix, arrays):
    paths = []
    for i, array in enumerate(arrays):
        paths.append(os.path.join(folder, f"{prefix}{i}.npy"))
        np.save(paths[-1], np.asarray(array, order="C"))
    return paths


def opt(module, *flags):
    """Runs posenc-opt with `flags` (passes, in order) and returns the resulting text."""
    with _workspace(module) as (_, path):
        return _call("posenc-opt", [path, *flags]).stdout


def _run_flags(target, entry, raising):
    flags = [f"--target={target}", f"--raise={'on' if raising else 'off'}"]
    return flags + ([f"--entry={entry}"] if entry else [])


def run(module, inputs, *, results=1, target="cpu", entry=None, raising=True):
    """Runs a function of `module` on arrays and returns the list of its `results` results.

    target: reference, or cpu[:CHIP]. entry: default the only public function.
    raising: whether to raise and fuse first. A bf16 array is one of uint16 (the
    raw words), or of ml_dtypes.bfloat16; a bf16 result comes as uint16.
    """
    with _workspace(module) as (folder, path):
        outputs = [os.path.join(folder, f"out{i}.npy") for i in range(results)]
        flags = _run_flags(target, entry, raising)
        flags += [f"--in={f}" for f in _save(folder, "in", inputs)]
        _call("posenc-run", [path, *flags, *(f"--out={f}" for f in outputs)])
        return [np.load(f) for f in outputs]


def compare(module, inputs, expected, *, rtol=None, atol=None, target="cpu", entry=None, raising=True):
    """Runs and compares with `expected`, one array per result; returns a Comparison.

    rtol, atol: posenc-run's defaults, which fit the type, unless given. A NaN in a result fails any expectation; equal infinities are equal.
    """
    with _workspace(module) as (folder, path):
        flags = _run_flags(target, entry, raising) + ["--json"]
        flags += [f"--{name}={value}" for name, value in (("rtol", rtol), ("atol", atol)) if value is not None]
        flags += [f"--in={f}" for f in _save(folder, "in", inputs)]
        flags += [f"--expect={f}" for f in _save(folder, "expect", expected)]
        process = _call("posenc-run", [path, *flags], accept=(0, 3))
        report = json.loads(process.stdout)
        return Comparison(process.returncode == 0, float(report["max_abs"]), float(report["max_rel"]),
                          tuple(report["worst_index"] or ()), report["worst_result"])


def compile(module, *, emit, target):
    """Compiles kernels: the bytes of the file (text for ptx, asm and llvm), and what OUT.json says about it."""
    with _workspace(module) as (folder, path):
        output = pathlib.Path(folder, f"kernel.{emit}")
        _call("posenc-compile", [path, f"--emit={emit}", f"--target={target}", "-o", output])
        about = json.loads(output.with_name(output.name + ".json").read_text(encoding="utf-8"))
        is_text = emit in ("ptx", "asm", "llvm")
        return (output.read_text(encoding="utf-8") if is_text else output.read_bytes()), about
