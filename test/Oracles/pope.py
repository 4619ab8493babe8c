# REQUIRES: oracles
# RUN: %python %s
"""PoPE-pytorch: polar positions, over the whole head and a part of it."""
import torch

from PoPE_pytorch import PoPE

from posenc_testing.recording import case, main


def polar(rng, rotated, queries, keys):
    module = PoPE(rotated, heads=2)
    module.bias.copy_(rng.normal(2, rotated) * 2 - 3)
    q, k, v = rng.normal(1, 2, queries, 8), rng.normal(1, 2, keys, 8), rng.normal(1, 2, keys, 8)
    polar_q, polar_k = PoPE.apply_pope_to_qk(module(keys), q, k)
    i, j = torch.arange(queries)[:, None] + keys - queries, torch.arange(keys)
    out = torch.nn.functional.scaled_dot_product_attention(polar_q, polar_k, v, attn_mask=j <= i, scale=8 ** -0.5)
    return dict(q=q, k=k, v=v, phase=module.bias, polar_q=polar_q, polar_k=polar_k, out=out)


@case("PoPE.apply_pope_to_qk")
def whole(rng):
    return polar(rng, 8, 11, 11)


@case("PoPE.apply_pope_to_qk, half of the channels, queries at the end of the keys")
def partial(rng):
    return polar(rng, 4, 5, 13)


main("pope-pytorch", "pope")
