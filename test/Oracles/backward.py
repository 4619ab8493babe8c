# REQUIRES: oracles
# RUN: %python %s
"""The forwards of posenc_testing.autograd in PyTorch, whose autograd gives the gradients, in float64.

`backward.py --record` writes test/Inputs/backward.npz; without it the recording is compared, and posenc with what PyTorch says now.
"""

import sys
import tempfile
import zlib

import numpy as np
import torch
import torch.nn.functional as F

from posenc_testing import autograd

FORWARD = {}


def forward(function):
    FORWARD[function.__name__] = function
    return function


def distance(q, k):
    """i - j."""
    return torch.arange(q.shape[2])[:, None] - torch.arange(k.shape[2])


def attend(q, k, v, scale=0.25, bias=0.0, causal=True):
    """(out, lse) of softmax(scale q kᵀ + bias) v; `bias` may be a function of the scores."""
    k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], dim=1) for x in (k, v))
    scores = scale * q @ k.transpose(-1, -2)
    scores = bias(scores) if callable(bias) else scores + bias
    if causal:
        scores = scores.masked_fill(distance(q, k) < 0, float("-inf"))
    return scores.softmax(-1) @ v, scores.logsumexp(-1)


def rotate_half(x, angles):
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], dim=-1)


@forward
def rope(q, k, v, angles):
    return attend(rotate_half(q, angles), rotate_half(k, angles), v)


@forward
def rope_frequencies(q, k, v, w):
    turns = torch.polar(torch.ones(10, 4, dtype=q.dtype), torch.arange(10)[:, None] * w)
    pairs = torch.view_as_complex(q.reshape(*q.shape[:-1], 4, 2)) * turns
    return attend(torch.view_as_real(pairs).flatten(-2), k, v)


@forward
def t5(q, k, v, table):
    from transformers.models.t5.modeling_t5 import T5Attention
    rows = T5Attention._relative_position_bucket(-distance(q, k), True, 8, 9)
    return attend(q, k, v, 1.0, F.embedding(rows, table).permute(2, 0, 1), causal=False)


@forward
def alibi(q, k, v, slopes):
    return attend(q, k, v, bias=-slopes[:, None, None] * distance(q, k))


@forward
def kerple_log(q, k, v, ap):
    a, c = ap[:, :, None, None]
    return attend(q, k, v, bias=a * torch.log1p(c * distance(q, k).abs()))


@forward
def kerple_power(q, k, v, ap):
    a, p = ap[:, :, None, None]
    return attend(q, k, v, bias=a * distance(q, k).abs().to(q.dtype) ** p)


@forward
def softcap_sinks_window(q, k, v, sinks):
    d = distance(q, k)
    scores = 1.5 * torch.tanh(0.25 * q @ k.transpose(-1, -2) / 1.5)
    scores = scores.masked_fill((d < 0) | (d > 3), float("-inf"))
    column = sinks[None, :, None, None].expand(*scores.shape[:3], 1)
    scores = torch.cat([scores, column], dim=-1)
    return scores.softmax(-1)[..., :-1] @ v, scores.logsumexp(-1)


@forward
def pair_bias(q, k, v, bias):
    return attend(q, k, v, bias=bias, causal=False)


@forward
def forgetting(q, k, v, gates):
    c = F.logsigmoid(gates).cumsum(-1)
    return attend(q, k, v, bias=c[..., :, None] - c[..., None, :])


@forward
def learned(q, k, v, table, positions):
    return attend(q + F.embedding(positions, table), k, v)


@forward
def sinusoid(q, k, v, g):
    w = torch.tensor([10000.0 ** (-2 * n / 8) for n in range(4)], dtype=torch.float64)
    angles = torch.arange(10)[:, None] * w
    return attend(q + g * torch.cat([angles.sin(), angles.cos()], dim=-1), k, v)


def draw(name):
    """Inputs that every machine draws alike."""
    rng, arrays = np.random.default_rng(zlib.crc32(name.encode())), {}
    for argument, type_ in autograd.arguments(name):
        shape = [int(n) for n in type_[7:-1].split("x")[:-1]] if type_.startswith("tensor") else []
        if type_.endswith("i64>"):
            arrays[argument] = rng.integers(0, 12, shape)
        elif argument == "ap":
            arrays[argument] = np.stack([-rng.uniform(0.1, 1, shape[1]), rng.uniform(0.3, 1.5, shape[1])]).astype(np.float32)
        else:
            arrays[argument] = rng.standard_normal(shape).astype(np.float32)
    arrays["d_out"] = rng.standard_normal(arrays["q"].shape).astype(np.float32)
    return arrays


def differentiate(name):
    arrays = draw(name)
    inputs = {argument: torch.from_numpy(np.asarray(arrays[argument])) for argument, _ in autograd.arguments(name)}
    inputs = {key: x.double().requires_grad_() if x.is_floating_point() else x for key, x in inputs.items()}
    out, lse = FORWARD[name](**inputs)
    out.backward(torch.from_numpy(arrays["d_out"]).double())
    results = dict(out=out, lse=lse, **{"d_" + key: x.grad for key, x in inputs.items() if x.is_floating_point()})
    return dict(arrays, **{key: x.detach().float().numpy() for key, x in results.items()})


def main():
    torch.set_num_threads(1)
    recordings = {name: differentiate(name) for name in autograd.PROGRAMS}
    if "--record" in sys.argv[1:]:
        autograd.save(dict(recordings, about={"torch": np.array(torch.__version__)}))
        return
    recorded = autograd.load()
    for name, arrays in recordings.items():
        assert arrays.keys() == recorded[name].keys(), "%s: other arrays than recorded" % name
        for key, value in arrays.items():
            np.testing.assert_allclose(value, recorded[name][key], rtol=1e-6, atol=1e-7, err_msg="%s: %s" % (name, key))
        with tempfile.TemporaryDirectory() as folder:
            autograd.check(name, arrays, "reference", folder)


if __name__ == "__main__":
    main()
