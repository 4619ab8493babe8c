"""For the tests of the trap list: small modules, and an assertion that fails for the wrong reading too."""

import shutil
import tempfile
import unittest

import numpy as np

from . import runner

TARGETS = ("reference", "cpu")


def run(module, inputs, results=1, targets=TARGETS, entry="main"):
    """(target, its results) for each target."""
    for target in targets:
        folder = tempfile.mkdtemp(prefix="posenc-trap-")
        yield target, runner.run(module, inputs, results, target, folder, entry)
        shutil.rmtree(folder)


def tensor(array, element="f32"):
    return "tensor<%s>" % "x".join([*map(str, np.shape(array)), element])


def arguments(inputs):
    """`inputs` maps names to arrays, f32 or int64."""
    return ", ".join("%%%s: %s" % (name, tensor(a, "i64" if a.dtype == np.int64 else "f32"))
                     for name, a in inputs.items())


REGION = """score(%%s, %%b, %%h, %%m, %%n) {
    %%i = posenc.q_pos : index
    %%j = posenc.k_pos : index
    %s
    posenc.yield %%r : f32
  }"""


def score_map(body, shape, inputs=None, offset=0):
    """The tensor [B, H, M, N] of a region that turns %s into %r: its module and inputs."""
    inputs = inputs or {}
    type_ = "tensor<%dx%dx%dx%dxf32>" % shape
    return """func.func @main(%s) -> %s {
  %%off = arith.constant %d : index
  %%init = tensor.empty() : %s
  %%o = posenc.score_map outs(%%init : %s) offsets(q = %%off) %s
  return %%o : %s
}""" % (arguments(inputs), type_, offset, type_, type_, REGION % body, type_), list(inputs.values())


def attention(body, q, k, v, inputs=None, offset=0, scale=1.0, clauses="", regions="", prologue=""):
    """Attention with such a region, or without if it is empty: its module and inputs."""
    inputs = dict(q=q, k=k, v=v, **(inputs or {}))
    inputs = {name: np.asarray(a, a.dtype if a.dtype == np.int64 else np.float32) for name, a in inputs.items()}
    out = tensor(np.empty(q.shape[:3] + v.shape[3:]))
    return """func.func @main(%s) -> %s {
  %s
  %%off = arith.constant %d : index
  %%init = tensor.empty() : %s
  %%o = posenc.attention scale(%.9e) ins(%%q, %%k, %%v : %s, %s, %s) outs(%%init : %s) offsets(q = %%off) %s
  %s %s
  return %%o : %s
}""" % (arguments(inputs), out, prologue, offset, out, scale, tensor(q), tensor(k), tensor(v), out, clauses, regions,
        REGION % body if body else "", out), list(inputs.values())


def softmax(s):
    e = np.exp(s - s.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def attend(q, k, v, bias=0.0, scale=1.0):
    """In float64, for equal heads."""
    q, k, v = (np.asarray(x, np.float64) for x in (q, k, v))
    return softmax(scale * np.einsum("bhmd,bhnd->bhmn", q, k) + bias) @ v


def distances(queries, keys, offset=0):
    """i - j as [queries, keys]."""
    return np.arange(queries)[:, None] + offset - np.arange(keys)


class Trap(unittest.TestCase):
    def setUp(self):
        self.rng = np.random.default_rng(20261124)

    def random(self, *shape):
        return self.rng.standard_normal(shape).astype(np.float32)

    def qkv(self, heads=2, queries=9, keys=9, size=8, batch=1):
        return (self.random(batch, heads, queries, size), self.random(batch, heads, keys, size),
                self.random(batch, heads, keys, size))

    def check(self, case, right, *wrong, tolerance=2e-5, targets=TARGETS):
        """Every target gives `right`, and no reading in `wrong` would be taken for it."""
        right = np.asarray(right, np.float64)
        for target, (got, *_) in run(*case, targets=targets):
            want = np.broadcast_to(right, got.shape)
            finite = np.isfinite(want)
            np.testing.assert_array_equal(np.isfinite(got), finite, err_msg=target)
            np.testing.assert_allclose(got[finite], want[finite], rtol=tolerance, atol=tolerance, err_msg=target)
            for number, reading in enumerate(wrong):
                self.assert_differs(got, reading, 100 * tolerance, "%s: wrong reading %d" % (target, number))

    def assert_differs(self, got, reading, least, what="the wrong reading"):
        got, reading = np.broadcast_arrays(np.asarray(got, np.float64), np.asarray(reading, np.float64))
        with np.errstate(invalid="ignore"):
            difference = np.where(got == reading, 0.0, np.abs(got - reading))
        self.assertGreater(np.nan_to_num(difference, nan=np.inf).max(), least, what + " gives the same numbers")
