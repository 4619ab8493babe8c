# REQUIRES: oracles
# RUN: %python %s
"""Encodings of pictures and films, as transformers computes them: axial rotations, tables over two axes."""
import types

import torch

from posenc_testing.recording import Tap, case, heads, main

AXIAL = {"rope_type": "axial", "rope_theta": 10000.0}
Q_K_V = ("q_proj", "k_proj", "v_proj")


def grid(height, width):
    """Rows, then columns, of tokens that stand row by row: [2, tokens]."""
    return torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")).flatten(1)


@case("models.qwen2_vl: Qwen2VLVisionRotaryEmbedding and apply_rotary_pos_emb_vision, 3 x 5 tokens")
def qwen2_vl_vision(rng):
    from transformers.models.qwen2_vl import modeling_qwen2_vl as m
    config = types.SimpleNamespace(rope_parameters=AXIAL, embed_dim=32, num_attention_heads=2, head_dim=16)
    q = rng.normal(15, 2, 16)
    cos, sin = m.Qwen2VLVisionRotaryEmbedding(config)(q, grid(3, 5).T)
    return dict(q=q.transpose(0, 1), out=m.apply_rotary_pos_emb_vision(q, q, cos, sin)[0].transpose(0, 1))


@case("models.pixtral: PixtralVisionRotaryEmbedding and apply_rotary_pos_emb, 3 x 5 tokens")
def pixtral(rng):
    from transformers.models.pixtral import PixtralVisionConfig, modeling_pixtral as m
    config = PixtralVisionConfig(hidden_size=32, num_attention_heads=2, head_dim=16, rope_parameters=AXIAL)
    q = rng.normal(1, 2, 15, 16)
    cos, sin = m.PixtralVisionRotaryEmbedding(config)(q, grid(3, 5).T)
    return dict(q=q, out=m.apply_rotary_pos_emb(q, q, cos[None], sin[None])[0])


@case("models.gemma4: Gemma4VisionRotaryEmbedding and apply_multidimensional_rope, 3 x 5 tokens, x before y")
def gemma4_vision(rng):
    from transformers.models.gemma4 import modeling_gemma4 as m
    config = types.SimpleNamespace(rope_parameters=AXIAL, hidden_size=32, num_attention_heads=2, head_dim=16)
    q, positions = rng.normal(1, 2, 15, 16), grid(3, 5).flip(0).T[None]
    cos, sin = m.Gemma4VisionRotaryEmbedding(config)(q, positions)
    out = m.apply_multidimensional_rope(q.transpose(1, 2), cos, sin, positions)
    return dict(q=q, out=out.transpose(1, 2))


@case("models.llama4: Llama4VisionRotaryEmbedding and vision_apply_rotary_emb, 3 x 3 tokens and a class token")
def llama4_vision(rng):
    from transformers.models.llama4 import Llama4VisionConfig, modeling_llama4 as m
    config = Llama4VisionConfig(hidden_size=32, num_attention_heads=2, image_size=12, patch_size=4,
                                rope_parameters={"rope_type": "default", "rope_theta": 10000.0})
    q = rng.normal(1, 10, 2, 16)
    out, _ = m.vision_apply_rotary_emb(q, q, m.Llama4VisionRotaryEmbedding(config)(q))
    return dict(q=q.transpose(1, 2), out=out.transpose(1, 2))


@case("models.dinov3_vit: DINOv3ViTRopePositionEmbedding and apply_rotary_pos_emb, 3 x 5 patches after 2 other tokens")
def dinov3(rng):
    from transformers.models.dinov3_vit import DINOv3ViTConfig, modeling_dinov3_vit as m
    config = DINOv3ViTConfig(hidden_size=32, num_attention_heads=2, image_size=16, patch_size=4, rope_theta=100.0)
    q = rng.normal(1, 2, 17, 16)
    cos, sin = m.DINOv3ViTRopePositionEmbedding(config).eval()(torch.zeros(1, 3, 12, 20))
    return dict(q=q, out=m.apply_rotary_pos_emb(q, q, cos, sin)[0])


@case("models.vjepa2.VJEPA2RopeAttention.apply_rotary_embeddings, 2 x 3 x 3 tokens")
def vjepa2(rng):
    from transformers.models.vjepa2 import VJEPA2Config, modeling_vjepa2 as m
    config = VJEPA2Config(crop_size=12, patch_size=4, frames_per_clip=4, tubelet_size=2)
    module, x = m.VJEPA2RopeAttention(config, hidden_size=40, num_attention_heads=2), rng.normal(1, 18, 40)
    q = heads(x, 2)
    return dict(q=q, out=module.apply_rotary_embeddings(q, module.get_position_ids(x)))


def swin_mask(size, window, shift):
    """Swin's own mask of a shifted layer, for one window size: [windows, tokens, tokens]."""
    from transformers.models.swin import SwinConfig, modeling_swin
    layer = modeling_swin.SwinLayer(SwinConfig(window_size=window, embed_dim=16, num_heads=[2]), 16, (size, size), 2,
                                    shift_size=shift)
    return layer.get_attn_mask(size, size, torch.float32, torch.device("cpu"))


def swin_case(rng, mask=None, windows=2):
    from transformers.models.swin import SwinConfig, modeling_swin
    config = SwinConfig(attn_implementation="eager", attention_probs_dropout_prob=0.0)
    module = rng.fill(modeling_swin.SwinAttention(config, 16, 2, 3))
    tap = Tap(module, Q_K_V, ["o_proj"])
    module(rng.normal(windows, 9, 16), attention_mask=mask)
    return dict(q=heads(tap["q_proj"], 2), k=heads(tap["k_proj"], 2), v=heads(tap["v_proj"], 2),
                table=module.relative_position_bias.relative_position_bias_table, out=heads(tap["o_proj"], 2))


@case("models.swin.SwinAttention, windows of 3 x 3")
def swin(rng):
    return swin_case(rng)


@case("models.swin.SwinAttention with SwinLayer.get_attn_mask, windows of 3 x 3 in 6 x 6, shifted by 1")
def swin_shifted(rng):
    mask = swin_mask(6, 3, 1)
    return dict(swin_case(rng, mask, mask.shape[0]), mask=mask)


def swinv2_case(rng, pretrained):
    from transformers.models.swinv2 import Swinv2Config, modeling_swinv2 as m
    module = rng.fill(m.Swinv2SelfAttention(Swinv2Config(), 16, 2, 3, pretrained))
    tap = Tap(module, ("query", "key", "value"))
    (out,) = module(rng.normal(2, 9, 16))
    first, _, last = module.continuous_position_bias_mlp
    return dict({name[0]: heads(tap[name], 2) for name in ("query", "key", "value")}, out=heads(out, 2),
                logit_scale=module.logit_scale[:, 0, 0], w1=first.weight.T, b1=first.bias, w2=last.weight.T,
                coordinates=module.relative_coords_table.reshape(-1, 2))


@case("models.swinv2.Swinv2SelfAttention, windows of 3 x 3")
def swinv2(rng):
    return swinv2_case(rng, [0, 0])


@case("models.swinv2.Swinv2SelfAttention, windows of 3 x 3, trained with 6 x 6")
def swinv2_pretrained(rng):
    return swinv2_case(rng, [6, 6])


@case("models.beit: BeitAttention and BeitRelativePositionBias, 3 x 3 patches and a class token")
def beit(rng):
    from transformers.models.beit import BeitConfig, modeling_beit as m
    config = BeitConfig(hidden_size=16, num_attention_heads=2, image_size=12, patch_size=4,
                        attention_probs_dropout_prob=0.0, attn_implementation="eager")
    module, bias = rng.fill(m.BeitAttention(config)), rng.fill(m.BeitRelativePositionBias(config))
    tap = Tap(module, Q_K_V, ["o_proj"])
    added = bias((3, 3))
    module(rng.normal(1, 10, 16), attention_mask=added.reshape(1, 2, 10, 10))
    return dict(q=heads(tap["q_proj"], 2), k=heads(tap["k_proj"], 2), v=heads(tap["v_proj"], 2),
                table=bias.relative_position_bias_table, out=heads(tap["o_proj"], 2))


def levit_core(module, q, k, v, scale):
    """LevitAttention.forward without its projections, which normalise over the batch."""
    bias = module.get_attention_biases(q.device)
    return ((q @ k.transpose(-2, -1)) * scale + bias).softmax(-1) @ v


@case("models.levit.LevitAttention.get_attention_biases, 4 x 4 tokens")
def levit(rng):
    from transformers.models.levit import modeling_levit as m
    module = m.LevitAttention(16, 8, 2, 1, 4)
    module.attention_biases.copy_(rng.normal(2, module.attention_biases.shape[1]))
    q, k, v = (rng.normal(1, 2, 16, 8) for _ in "qkv")
    return dict(q=q, k=k, v=v, table=module.attention_biases.T, out=levit_core(module, q, k, v, module.scale))


@case("models.levit.LevitAttentionSubsample.get_attention_biases, 4 x 4 keys, 2 x 2 queries")
def levit_subsample(rng):
    from transformers.models.levit import modeling_levit as m
    module = m.LevitAttentionSubsample(16, 16, 8, 2, 1, 2, 4, 2)
    module.attention_biases.copy_(rng.normal(2, module.attention_biases.shape[1]))
    q, k, v = rng.normal(1, 2, 4, 8), rng.normal(1, 2, 16, 8), rng.normal(1, 2, 16, 8)
    return dict(q=q, k=k, v=v, table=module.attention_biases.T, out=levit_core(module, q, k, v, module.scale))


main("transformers")
