"""Programs whose gradients PyTorch's autograd computes, too: test/Oracles/backward.py has the same forward in PyTorch and records
test/Inputs/backward.npz; test/Integration/Backward/autograd.py compares posenc's backward with the recording.

A program's function is @main; its arguments are named as the arrays, and `d_NAME` is the gradient of NAME. It returns o (`out`) and
its lse, which has no gradient of its own.
"""

import pathlib
import re
import subprocess

import numpy as np

from . import runner

RECORDING = pathlib.Path(__file__).resolve().parents[2] / "Inputs" / "backward.npz"
ARGUMENT = re.compile(r"%(\w+): ([^,)\s]+)")

_ATTENTION = """
func.func @main(%%q: tensor<2x4x10x8xf32>, %%k: tensor<2x%(kv)dx%(keys)dx8xf32>, %%v: tensor<2x%(kv)dx%(keys)dx8xf32>%(arguments)s)
    -> (tensor<2x4x10x8xf32>, tensor<2x4x10xf32>) {
  %(before)s
  %%init = tensor.empty() : tensor<2x4x10x8xf32>
  %%lse = tensor.empty() : tensor<2x4x10xf32>
  %%o:2 = posenc.attention scale(%(scale)s)
      ins(%(queries)s, %%k, %%v : tensor<2x4x10x8xf32>, tensor<2x%(kv)dx%(keys)dx8xf32>, tensor<2x%(kv)dx%(keys)dx8xf32>)
      outs(%%init, %%lse : tensor<2x4x10x8xf32>, tensor<2x4x10xf32>) %(clauses)s
      %(rows)s score(%%s, %%b, %%h, %%m, %%n) {
    %%i = posenc.q_pos : index
    %%j = posenc.k_pos : index
    %(score)s
    posenc.yield %%r : f32
  }
  return %%o#0, %%o#1 : tensor<2x4x10x8xf32>, tensor<2x4x10xf32>
}
"""
_CAUSAL = "%r = posenc.mask %s1 at(%i, %j) <causal>"
_NONE = "%zero = arith.constant 0.0 : f32\n    %r = arith.addf %s1, %zero : f32"


def _program(arguments="", score="%r = posenc.mask %s at(%i, %j) <causal>", before="", clauses="", rows="", kv=4, keys=10, scale="0.25",
             queries="%q"):
    return _ATTENTION % dict(arguments="".join(", " + a for a in arguments.split("; ") if a), score=score, before=before,
                             clauses=clauses, rows=rows, kv=kv, keys=keys, scale=scale, queries=queries)


def _bias(line, last=_CAUSAL):
    return line + "\n    " + last


PROGRAMS = {
    # Rotation of q and k by learned angles; two query heads to a key head.
    "rope": _program("%angles: tensor<10x4xf32>", kv=2, rows="".join(
        "%s_rows(%%row, %%b, %%h, %%t) {\n    %%y = posenc.rotate %%row at(%%b, %%t) by(%%angles) half : !posenc.row, tensor<10x4xf32>\n"
        "    posenc.yield %%y : !posenc.row\n  }\n  " % t for t in "qk")),
    # The same on tensors, interleaved, by learned frequencies.
    "rope_frequencies": _program(
        "%w: tensor<4xf32>", queries="%y", before="%p = posenc.positions : tensor<10xi64>\n"
        "  %angles = posenc.angles %p by(%w) : tensor<10xi64>, tensor<4xf32> -> tensor<10x4xf32>\n"
        "  %y = posenc.rotate %q by(%angles) interleaved : tensor<2x4x10x8xf32>, tensor<10x4xf32>"),
    "t5": _program("%table: tensor<8x4xf32>", _bias(
        "%s1 = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 8, max_distance = 9, bidirectional = true>"
        " : tensor<8x4xf32>", _NONE), scale="1.0", keys=14),
    "alibi": _program("%slopes: tensor<4xf32>", _bias(
        "%s1 = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<4xf32>, index")),
    "kerple_log": _program("%ap: tensor<2x4xf32>", _bias(
        "%s1 = posenc.bias_fn %s, %ap[%h] at(%i, %j) log absolute : tensor<2x4xf32>, index")),
    "kerple_power": _program("%ap: tensor<2x4xf32>", _bias(
        "%s1 = posenc.bias_fn %s, %ap[%h] at(%i, %j) power absolute : tensor<2x4xf32>, index")),
    "softcap_sinks_window": _program("%sinks: tensor<4xf32>",
        "%s1 = posenc.softcap %s cap(1.5)\n    %r = posenc.mask %s1 at(%i, %j) <window, left = 3, right = 0>",
        clauses="sinks(%sinks : tensor<4xf32>)"),
    # AlphaFold's pair bias: one for the whole batch.
    "pair_bias": _program("%bias: tensor<4x10x10xf32>", _bias(
        "%e = tensor.extract %bias[%h, %m, %n] : tensor<4x10x10xf32>\n    %s1 = arith.addf %s, %e : f32", _NONE)),
    # FoX: sums of the logarithms of gates.
    "forgetting": _program("%gates: tensor<2x4x10xf32>",
        "%ci = tensor.extract %c[%b, %h, %m] : tensor<2x4x10xf32>\n    %cj = tensor.extract %c[%b, %h, %n] : tensor<2x4x10xf32>\n"
        "    %d = arith.subf %ci, %cj : f32\n    %s1 = arith.addf %s, %d : f32\n    " + _CAUSAL,
        before="%c = posenc.decay_gate %gates logsigmoid : tensor<2x4x10xf32> -> tensor<2x4x10xf32>"),
    # Learned absolute positions, added to the queries.
    "learned": _program("%table: tensor<12x8xf32>; %positions: tensor<10xi64>", queries="%x", before=
        "%e = posenc.lookup %table[%positions] clamp : tensor<12x8xf32>, tensor<10xi64> -> tensor<10x8xf32>\n"
        "  %t = tensor.empty() : tensor<2x4x10x8xf32>\n"
        "  %all = linalg.broadcast ins(%e : tensor<10x8xf32>) outs(%t : tensor<2x4x10x8xf32>) dimensions = [0, 1]\n"
        "  %x = arith.addf %q, %all : tensor<2x4x10x8xf32>"),
    # A sinusoid with a learned scale, added to the queries.
    "sinusoid": _program("%g: f32", queries="%x", before=
        "%p = posenc.positions : tensor<10xi64>\n  %w = posenc.inv_freq <default, dim = 8> : tensor<4xf32>\n"
        "  %a = posenc.angles %p by(%w) : tensor<10xi64>, tensor<4xf32> -> tensor<10x4xf32>\n"
        "  %e = posenc.sincos %a concat scale(%g) : tensor<10x4xf32> -> tensor<10x8xf32>\n"
        "  %t = tensor.empty() : tensor<2x4x10x8xf32>\n"
        "  %all = linalg.broadcast ins(%e : tensor<10x8xf32>) outs(%t : tensor<2x4x10x8xf32>) dimensions = [0, 1]\n"
        "  %x = arith.addf %q, %all : tensor<2x4x10x8xf32>"),
}


def arguments(name):
    """(name, type) of each."""
    return ARGUMENT.findall(PROGRAMS[name].split("->")[0])


def differentiable(name):
    return [argument for argument, type_ in arguments(name) if type_.endswith("f32") or type_.endswith("f32>")]


def load():
    """By program its arrays by name."""
    found = {}
    with np.load(RECORDING) as file:
        for key in file.files:
            program, _, array = key.partition("/")
            found.setdefault(program, {})[array] = file[key]
    return found


def save(recordings):
    arrays = {"%s/%s" % (program, key): value for program, named in recordings.items() for key, value in named.items()}
    np.savez_compressed(RECORDING, **arrays)


def check(name, arrays, target, folder):
    """Raises where posenc's gradients differ from the arrays'; prints how far off they are."""
    path = pathlib.Path(folder, name + ".mlir")
    path.write_text(PROGRAMS[name], encoding="utf-8")
    module = subprocess.run(["posenc-opt", str(path), "--posenc-generate-backward=functions=main"], capture_output=True, text=True,
                            check=True).stdout
    inputs = [arrays[argument] for argument, _ in arguments(name)] + [arrays[key] for key in ("out", "lse", "d_out")]
    wanted = differentiable(name)
    results = runner.run(module, inputs, len(wanted), target, folder, entry="main_backward")
    for argument, got in zip(wanted, results):
        want = arrays["d_" + argument]
        largest = max(float(np.abs(want).max()), 1e-3)
        # Sums of up to a thousand products near 1, in f32 against float64.
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=2e-5 * largest, err_msg="%s: d_%s on %s" % (name, argument, target))
        print("%s: d_%s on %s: off by %.2g of %.3g" % (name, argument, target, np.abs(got - want).max(), largest))
