# REQUIRES: oracles
# RUN: %python %s
"""flash-linear-attention's plain PyTorch references. The package itself imports Triton; these files do not."""
import importlib.util

import torch

from posenc_testing.recording import case, main


def naive(operation):
    """fla/ops/OPERATION/naive.py alone."""
    folder = importlib.util.find_spec("fla").submodule_search_locations[0]
    spec = importlib.util.spec_from_file_location("naive_" + operation, "%s/ops/%s/naive.py" % (folder, operation))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def qkv(rng, length=13, count=4, kv=2):
    return rng.normal(1, length, count, 8), rng.normal(1, length, kv, 8), rng.normal(1, length, kv, 8)


def bhtd(**arrays):
    return {name: array.transpose(1, 2) for name, array in arrays.items()}


@case("ops.forgetting_attn.naive_forgetting_attn, grouped heads")
def forgetting(rng):
    q, k, v = qkv(rng)
    gates = torch.nn.functional.logsigmoid(rng.normal(1, 13, 4) + 2)
    return bhtd(q=q, k=k, v=v, gates=gates, out=naive("forgetting_attn").naive_forgetting_attn(q, k, v, gates))


@case("ops.forgetting_attn.naive_forgetting_attn, a window of 5")
def forgetting_window(rng):
    q, k, v = qkv(rng)
    gates = torch.nn.functional.logsigmoid(rng.normal(1, 13, 4) + 2)
    return bhtd(q=q, k=k, v=v, gates=gates, out=naive("forgetting_attn").naive_forgetting_attn(q, k, v, gates, window_size=5))


@case("ops.path_attn.naive_path_attn with beta 0, which leaves PaTH's gate alone, grouped heads")
def path_gate(rng):
    q, k, v = qkv(rng)
    gates, beta = torch.nn.functional.logsigmoid(rng.normal(1, 13, 4) + 2), torch.zeros(1, 13, 2)
    out = naive("path_attn").naive_path_attn(q, k, v, rng.normal(1, 13, 2, 8), beta, gates, 8 ** -0.5)
    return bhtd(q=q, k=k, v=v, gates=gates, out=out)


@case("ops.retention.naive_retention: RetNet, no softmax")
def retention(rng):
    q, k, v = (rng.normal(1, 3, 13, 8) for _ in "qkv")
    return dict(q=q, k=k, v=v, out=naive("retention").naive_retention(q, k, v))


main("fla-core", "fla")
