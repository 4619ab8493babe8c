# REQUIRES: oracles
# RUN: %python %s
"""attn-gym: modifiers of scores and masks, through PyTorch's flex_attention in eager mode."""
import torch
from torch.nn.attention.flex_attention import create_mask, flex_attention

from attn_gym.masks import (causal_mask, generate_dilated_sliding_window, generate_doc_mask_mod, generate_natten,
                            generate_prefix_lm_mask, generate_sliding_window)
from attn_gym.mods import generate_alibi_bias, generate_tanh_softcap
from attn_gym.mods import graphormer
from attn_gym.mods.sandwich import generate_sandwich_bias

from posenc_testing.recording import case, main


def qkv(rng, length=16, count=2, batch=1):
    return tuple(rng.normal(batch, count, length, 8) for _ in "qkv")


def modified(rng, modify, mask=None, **shape):
    """Attention with a modified score, and a mask where there is one."""
    q, k, v = qkv(rng, **shape)
    visible = (lambda b, h, i, j: i >= i) if mask is None else mask

    def modify_and_mask(score, b, h, i, j):
        return torch.where(visible(b, h, i, j), modify(score, b, h, i, j), -float("inf"))

    return dict(q=q, k=k, v=v, out=flex_attention(q, k, v, score_mod=modify_and_mask))


def unchanged(score, b, h, i, j):
    return score


@case("mods.generate_alibi_bias, 3 heads: 2^(-8 (h + 1) / H), signed")
def alibi(rng):
    return modified(rng, generate_alibi_bias(3), causal_mask, count=3)


@case("mods.sandwich.generate_sandwich_bias, 16 channels")
def sandwich(rng):
    return modified(rng, generate_sandwich_bias(2, 16, d_bar=16), causal_mask)


@case("mods.generate_tanh_softcap")
def softcap(rng):
    return modified(rng, generate_tanh_softcap(2, approx=False), causal_mask)


@case("mods.graphormer: shortest_path_distances, generate_graphormer_spatial_bias and …edge_bias")
def graphormer_bias(rng):
    adjacency = rng.integers(0, 4, 1, 9, 9) == 0
    adjacency = (adjacency | adjacency.transpose(1, 2)) & ~torch.eye(9, dtype=torch.bool)
    edges, spatial, edge = rng.integers(0, 3, 1, 9, 9), rng.normal(2, 6), rng.normal(2, 3, 3)
    distances = graphormer.shortest_path_distances(adjacency, 4)
    types, lengths = graphormer.shortest_path_edge_types(adjacency, edges, 3)
    add_spatial = graphormer.generate_graphormer_spatial_bias(spatial, distances)
    add_edges = graphormer.generate_graphormer_edge_bias(edge, types, lengths)
    arrays = modified(rng, lambda s, *at: add_edges(add_spatial(s, *at), *at), length=9)
    return dict(arrays, distances=distances, types=types, lengths=lengths, spatial=spatial, edge=edge)


@case("masks.generate_sliding_window, 5 keys back")
def sliding_window(rng):
    return modified(rng, unchanged, generate_sliding_window(5))


@case("masks.generate_dilated_sliding_window, 6 keys back, every second")
def dilated_window(rng):
    return modified(rng, unchanged, generate_dilated_sliding_window(6, 2))


@case("masks.generate_prefix_lm_mask, a prefix of 5")
def prefix(rng):
    return modified(rng, unchanged, generate_prefix_lm_mask(5))


@case("masks.generate_doc_mask_mod over a causal mask, documents of 5, 3 and 8 tokens")
def documents(rng):
    offsets = torch.tensor([0, 5, 8, 16], dtype=torch.int32)
    return dict(modified(rng, unchanged, generate_doc_mask_mod(causal_mask, offsets)),
                ids=torch.tensor([0] * 5 + [1] * 3 + [2] * 8))


@case("masks.generate_natten, 4 x 4 tokens, 3 x 3 neighbours")
def natten(rng):
    mask = create_mask(generate_natten(4, 4, 3, 3), 1, 1, 16, 16, device="cpu")
    return dict(modified(rng, unchanged, generate_natten(4, 4, 3, 3)), mask=mask[0, 0].long())


main("attn-gym", "gym")
