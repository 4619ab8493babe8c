"""Layers of timm."""
import functools
import importlib

import torch

from exporting import HIDDEN, PRODUCT, TABLE_2D, Take, case, fill

LIBRARY = "timm 1.0.31 "


# What torchvision's Python code expects of its library, whose PyPI build is for another build of torch.
OPERATORS = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    OPERATORS.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


def grid(n):
    return (torch.randn(2, HIDDEN, n, n),)


@case(LIBRARY + "swin_transformer_v2.WindowAttention", "cosine scores, a table from a network of log distances, 4 x 4",
      TABLE_2D, n=16, dynamic=None)
def timm_swin_v2():
    library = importlib.import_module("timm.models.swin_transformer_v2")
    layer = library.WindowAttention(HIDDEN, (4, 4), 4)
    return Take(fill(layer, "logit_scale", "q_bias", "v_bias"), lambda x: {"x": x})


@case(LIBRARY + "levit.Attention", "a table of absolute differences of rows and columns, 4 x 5", TABLE_2D, n=20,
      dynamic=None)
def timm_levit():
    library = importlib.import_module("timm.models.levit")
    layer = library.Attention(HIDDEN, 8, 4, attn_ratio=2.0, resolution=(4, 5))
    # The library keeps the bias of an evaluated module in a cache that export cannot see.
    layer.get_attention_biases = lambda device: layer.attention_biases[:, layer.attention_bias_idxs]
    return Take(fill(layer, "attention_biases"), lambda x: {"x": x})


@case(LIBRARY + "vision_transformer_relpos.RelPosAttention, RelPosBias", "a 2-D table in SDPA's mask, 4 x 5", TABLE_2D,
      name="timm_relpos_bias", args=("bias",), n=20, dynamic=None)
@case(LIBRARY + "vision_transformer_relpos.RelPosAttention, RelPosMlp", "a network of log distances, q scaled, 4 x 5",
      TABLE_2D, name="timm_relpos_mlp", args=("mlp",), n=20, dynamic=None)
def timm_relpos(kind):
    library = importlib.import_module("timm.models.vision_transformer_relpos")
    rel = importlib.import_module("timm.layers.pos_embed_rel")
    position = functools.partial(rel.RelPosBias, window_size=(4, 5)) if kind == "bias" else functools.partial(
        rel.RelPosMlp, window_size=(4, 5), hidden_dim=16)
    layer = library.RelPosAttention(HIDDEN, 4, qkv_bias=True, rel_pos_cls=position)
    layer.fused_attn = kind == "bias"
    return Take(fill(layer, "relative_position_bias_table"), lambda x: {"x": x})


@case(LIBRARY + "eva.EvaAttention", "axial RoPE interleaved, one token before the patches without it", rotates=True,
      n=21, dynamic=None)
def timm_eva():
    library = importlib.import_module("timm.models.eva")
    positions = importlib.import_module("timm.layers.pos_embed_sincos")
    rope = positions.RotaryEmbeddingCat(8, in_pixels=False, feat_shape=(4, 5))
    layer = library.EvaAttention(HIDDEN, 4, scale_norm=False)
    layer.rope = rope
    return Take(fill(layer, "q_bias", "v_bias"), lambda x: {"x": x, "rope": rope.get_embed()})


@case(LIBRARY + "bottleneck_attn.BottleneckAttn", "products with tables of rows and columns, shifted by padding, 4 x 4",
      PRODUCT, inputs=grid, n=4, dynamic=None)
def timm_bottleneck():
    library = importlib.import_module("timm.layers.bottleneck_attn")
    return Take(library.BottleneckAttn(HIDDEN, feat_size=(4, 4), num_heads=4), lambda x: {"x": x})
