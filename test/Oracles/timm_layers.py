# REQUIRES: oracles
# RUN: %python %s
"""timm: sinusoids and rotations of two axes, tables of relative positions."""
import torch

from posenc_testing.recording import bare, case, main

# The packages' own __init__ import a data pipeline and torchvision.
bare("timm")
bare("timm.layers")

from timm.layers import pos_embed_rel as rel, pos_embed_sincos as sincos  # noqa: E402


@case("layers.build_sincos2d_pos_embed, 3 x 5")
def sincos2d(rng):
    return dict(out=sincos.build_sincos2d_pos_embed([3, 5], 16))


@case("layers.build_sincos2d_pos_embed, 3 x 5, interleave_sin_cos")
def sincos2d_interleaved(rng):
    return dict(out=sincos.build_sincos2d_pos_embed([3, 5], 16, interleave_sin_cos=True))


@case("layers.build_rotary_pos_embed, language frequencies, and apply_rot_embed, 3 x 5")
def rotary_axial(rng):
    q = rng.normal(1, 2, 15, 16)
    sin, cos = sincos.build_rotary_pos_embed([3, 5], dim=16, in_pixels=False, temperature=100.0)
    return dict(q=q, out=sincos.apply_rot_embed(q, sin, cos))


@case("layers.build_rotary_pos_embed, pixel frequencies up to 32, and apply_rot_embed, 3 x 5")
def rotary_pixel(rng):
    q = rng.normal(1, 2, 15, 16)
    sin, cos = sincos.build_rotary_pos_embed([3, 5], dim=16, max_res=32)
    y, x = torch.meshgrid(torch.linspace(-1, 1, 3), torch.linspace(-1, 1, 5), indexing="ij")
    return dict(q=q, positions=torch.stack([y.flatten(), x.flatten()]),
                frequencies=sincos.pixel_freq_bands(4, 32.0, linear_bands=False).repeat(2), out=sincos.apply_rot_embed(q, sin, cos))


@case("layers.RotaryEmbeddingDinoV3 and apply_rot_embed_cat, 3 x 5")
def dinov3(rng):
    q = rng.normal(1, 2, 15, 16)
    module = sincos.RotaryEmbeddingDinoV3(16, temperature=100.0, feat_shape=[3, 5], rotate_half=True).eval()
    return dict(q=q, out=sincos.apply_rot_embed_cat(q, module.get_embed([3, 5]), half=True))


@case("layers.RotaryEmbeddingMRope and apply_rot_embed_cat, 3 x 5, sections 2, 3, 3")
def mrope(rng):
    q = rng.normal(1, 2, 15, 16)
    return dict(q=q, out=sincos.apply_rot_embed_cat(q, sincos.RotaryEmbeddingMRope(16, (2, 3, 3)).get_embed([3, 5]), half=True))


@case("layers.init_random_2d_freqs, get_mixed_grid, get_mixed_freqs and apply_rot_embed_cat: frequencies per head, 3 x 5")
def rotary_mixed(rng):
    q = rng.normal(1, 2, 15, 16)
    torch.manual_seed(0)
    frequencies = sincos.init_random_2d_freqs(16, 1, 2)[:, 0]
    x, y = sincos.get_mixed_grid([3, 5], "xy")
    embedding = sincos.get_mixed_freqs(frequencies, x, y)
    return dict(q=q, frequencies=frequencies, x=x, y=y, out=sincos.apply_rot_embed_cat(q, embedding[None]))


def with_scores(rng, module, tokens, **arrays):
    s = rng.normal(1, 2, tokens, tokens)
    return dict(arrays, scores=s, out=module(s))


@case("layers.RelPosBias, 3 x 4")
def rel_pos_bias(rng):
    module = rng.fill(rel.RelPosBias((3, 4), 2))
    return with_scores(rng, module, 12, table=module.relative_position_bias_table)


@case("layers.RelPosBias, 3 x 4 and a class token")
def rel_pos_bias_class(rng):
    module = rng.fill(rel.RelPosBias((3, 4), 2, prefix_tokens=1))
    return with_scores(rng, module, 13, table=module.relative_position_bias_table)


@case("layers.RelPosBiasTf, 3 x 4: MaxViT, key minus query")
def rel_pos_bias_tf(rng):
    module = rng.fill(rel.RelPosBiasTf((3, 4), 2))
    return with_scores(rng, module, 12, table=module.relative_position_bias_table)


@case("layers.RelPosMlp, swin mode, 3 x 4")
def rel_pos_mlp(rng):
    module = rng.fill(rel.RelPosMlp((3, 4), 2, hidden_dim=8, mode="swin"))
    first, last = module.mlp.fc1, module.mlp.fc2
    return with_scores(rng, module, 12, coordinates=module.rel_coords_log.reshape(-1, 2), w1=first.weight.T, b1=first.bias,
                       w2=last.weight.T)


@case("layers.RelPosMlp, cr mode, 3 x 4")
def rel_pos_mlp_cr(rng):
    module = rng.fill(rel.RelPosMlp((3, 4), 2, hidden_dim=8, mode="cr"))
    first, last = module.mlp.fc1, module.mlp.fc2
    return with_scores(rng, module, 12, coordinates=module.rel_coords_log.reshape(-1, 2), w1=first.weight.T, b1=first.bias,
                       w2=last.weight.T, b2=last.bias)


main("timm")
