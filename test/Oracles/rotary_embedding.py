# REQUIRES: oracles
# RUN: %python %s
"""rotary-embedding-torch: rotation, xPos, axial frequencies, interpolation. Positions stay in f32: the library makes them
in the type of its input."""
import torch

from rotary_embedding_torch import RotaryEmbedding, apply_rotary_emb

from posenc_testing.recording import case, main


@case("RotaryEmbedding.rotate_queries_or_keys, offset 7, half of the channels")
def rotate(rng):
    q = rng.normal(1, 2, 19, 16)
    return dict(q=q, out=RotaryEmbedding(8).rotate_queries_or_keys(q, offset=7))


@case("RotaryEmbedding.rotate_queries_or_keys, interpolate_factor 4")
def interpolated(rng):
    q = rng.normal(1, 2, 19, 16)
    return dict(q=q, out=RotaryEmbedding(16, interpolate_factor=4.0).rotate_queries_or_keys(q))


@case("RotaryEmbedding.rotate_queries_with_cached_keys")
def cached_keys(rng):
    q, k = rng.normal(1, 2, 4, 16), rng.normal(1, 2, 19, 16)
    out, keys = RotaryEmbedding(16).rotate_queries_with_cached_keys(q, k)
    return dict(q=q, k=k, out=out, keys=keys)


@case("RotaryEmbedding.rotate_queries_and_keys with use_xpos")
def xpos(rng):
    q, k = rng.normal(1, 2, 15, 8), rng.normal(1, 2, 15, 8)
    out, keys = RotaryEmbedding(8, use_xpos=True, xpos_scale_base=16).rotate_queries_and_keys(q, k)
    return dict(q=q, k=k, out=out, keys=keys)


@case("RotaryEmbedding.get_axial_freqs, pixel frequencies up to 32, and apply_rotary_emb, 3 x 5")
def axial_pixel(rng):
    q = rng.normal(1, 2, 3, 5, 16)
    module = RotaryEmbedding(8, freqs_for="pixel", max_freq=32)
    freqs = module.get_axial_freqs(3, 5)
    y, x = torch.meshgrid(torch.linspace(-1, 1, 3), torch.linspace(-1, 1, 5), indexing="ij")
    return dict(q=q.reshape(1, 2, 15, 16), positions=torch.stack([y.flatten(), x.flatten()]),
                frequencies=module.freqs.repeat(2), out=apply_rotary_emb(freqs, q).reshape(1, 2, 15, 16))


@case("RotaryEmbedding with learned_freq: forward and backward")
def learned(rng):
    x, dy = rng.normal(1, 2, 19, 16), rng.normal(1, 2, 19, 16)
    module = RotaryEmbedding(16, learned_freq=True)
    with torch.enable_grad():
        module.freqs.data.copy_(rng.normal(8).abs())
        x.requires_grad_()
        out = module.rotate_queries_or_keys(x)
        out.backward(dy)
    return dict(q=x, frequencies=module.freqs, dy=dy, out=out, dx=x.grad, dfrequencies=module.freqs.grad)


main("rotary-embedding-torch", "rotary")
