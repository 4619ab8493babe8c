# REQUIRES: oracles
# RUN: %python %s
"""Biases of the distance, soft caps, sinks and temperatures, as the attention modules of transformers compute them."""
import torch

from posenc_testing.recording import Tap, case, causal, heads, main

LOWEST = torch.finfo(torch.float32).min


def projected(tap, count, q="q", k="k", v="v", out="o", kv=None):
    """Queries, keys, values and the result before the output projection."""
    kv = kv or count
    return dict(q=heads(tap[q], count), k=heads(tap[k], kv), v=heads(tap[v], kv), out=heads(tap[out], count))


def t5_like(rng, decoder, length=12, config_class=None, attention=None, buckets=32, distance=128):
    from transformers.models.t5 import T5Config, modeling_t5
    config = (config_class or T5Config)(d_model=16, d_kv=8, num_heads=2, is_decoder=decoder, dropout_rate=0.0,
                                        relative_attention_num_buckets=buckets, attn_implementation="eager",
                                        relative_attention_max_distance=distance)
    module = (attention or modeling_t5.T5Attention)(config, has_relative_attention_bias=True, layer_idx=0)
    rng.fill(module)
    tap = Tap(module, "qkv", "o")
    x, mask = rng.normal(1, length, 16), causal(length, length)[None, None] if decoder else torch.zeros(1, 1, 1, length)
    module(x, mask=mask) if attention is None else module(x, attention_mask=mask)
    return dict(projected(tap, 2), table=module.relative_attention_bias.weight)


@case("models.t5.T5Attention, encoder")
def t5_encoder(rng):
    return t5_like(rng, decoder=False, length=40)


@case("models.t5.T5Attention, decoder")
def t5_decoder(rng):
    return t5_like(rng, decoder=True, length=40)


@case("models.t5.T5Attention, encoder, 16 buckets up to 32")
def t5_small(rng):
    return t5_like(rng, decoder=False, length=24, buckets=16, distance=32)


@case("models.t5.T5Attention._relative_position_bucket")
def t5_buckets(rng):
    from transformers.models.t5.modeling_t5 import T5Attention
    distance = torch.cat([torch.arange(-300, 301), torch.tensor([-2**20, -70000, 70000, 2**20])])
    bucket = T5Attention._relative_position_bucket
    return dict(distance=distance, bidirectional=bucket(distance, True, 32, 128), causal=bucket(distance, False, 32, 128),
                umt5=bucket(distance, True, 64, 256))


@case("models.umt5.UMT5Attention, decoder")
def umt5_decoder(rng):
    from transformers.models.umt5 import UMT5Config, modeling_umt5
    return t5_like(rng, True, 14, UMT5Config, modeling_umt5.UMT5Attention)


@case("models.mpnet.MPNetSelfAttention and MPNetEncoder.compute_position_bias")
def mpnet(rng):
    from transformers.models.mpnet import MPNetConfig, modeling_mpnet
    config = MPNetConfig(hidden_size=16, num_attention_heads=2, num_hidden_layers=1, intermediate_size=16)
    encoder = rng.fill(modeling_mpnet.MPNetEncoder(config))
    module = encoder.layer[0].attention.attn
    tap, x = Tap(module, "qkv", "o"), rng.normal(1, 40, 16)
    module(x, position_bias=encoder.compute_position_bias(x))
    return dict(projected(tap, 2), table=encoder.relative_attention_bias.weight)


@case("models.layoutlmv3.LayoutLMv3SelfAttention and LayoutLMv3Encoder._cal_1d_pos_emb, _cal_2d_pos_emb")
def layoutlmv3(rng):
    from transformers.models.layoutlmv3 import LayoutLMv3Config, modeling_layoutlmv3
    config = LayoutLMv3Config(hidden_size=16, num_attention_heads=2, num_hidden_layers=1, intermediate_size=16)
    encoder = rng.fill(modeling_layoutlmv3.LayoutLMv3Encoder(config))
    module = encoder.layer[0].attention.self
    tap, x = Tap(module, ("query", "key", "value")), rng.normal(1, 15, 16)
    positions, boxes = torch.arange(15)[None], rng.integers(0, 1000, 1, 15, 4)
    out = module(x, rel_pos=encoder._cal_1d_pos_emb(positions), rel_2d_pos=encoder._cal_2d_pos_emb(boxes))[0]
    return dict({name[0]: heads(tap[name], 2) for name in ("query", "key", "value")}, out=heads(out, 2),
                x=boxes[..., 0], y=boxes[..., 3], table=encoder.rel_pos_bias.weight.T,
                table_x=encoder.rel_pos_x_bias.weight.T, table_y=encoder.rel_pos_y_bias.weight.T)


@case("models.wavlm.WavLMAttention")
def wavlm(rng):
    from transformers.models.wavlm.modeling_wavlm import WavLMAttention
    module = rng.fill(WavLMAttention(16, 2, num_buckets=32, max_distance=80))
    x = rng.normal(1, 20, 16)
    # F.multi_head_attention_forward multiplies by the weights itself: no hook sees q, k, v or what is projected.
    module.out_proj.weight.copy_(torch.eye(16))
    module.out_proj.bias.zero_()
    out, _, _ = module(x)
    projections = {name[0]: heads(module.get_submodule(name)(x), 2) for name in ("q_proj", "k_proj", "v_proj")}
    a, b = torch.sigmoid(module.gru_rel_pos_linear(heads(x, 2)).view(1, 2, 20, 2, 4).sum(-1)).unbind(-1)
    gate = a * (b * module.gru_rel_pos_const[..., 0] - 1) + 2
    return dict(projections, gate=gate, table=module.rel_attn_embed.weight, out=heads(out, 2))


@case("models.cpmant.CpmAntSegmentPositionEmbedding")
def cpmant(rng):
    from transformers.models.cpmant import CpmAntConfig, modeling_cpmant
    config = CpmAntConfig(num_attention_heads=2, segment_types=3, position_bias_num_buckets=32, position_bias_max_distance=64)
    module = rng.fill(modeling_cpmant.CpmAntSegmentPositionEmbedding(config))
    segments = torch.sort(rng.integers(0, 3, 1, 20))[0]
    positions = torch.arange(20)[None]
    return dict(segments=segments, table=module.relative_attention_bias,
                out=module(positions, positions, segments, segments))



@case("models.bloom.BloomAttention and build_alibi_tensor, left padding")
def bloom(rng):
    from transformers.models.bloom import BloomConfig, modeling_bloom
    config = BloomConfig(hidden_size=24, n_head=3, n_layer=1, attention_dropout=0.0, hidden_dropout=0.0)
    module = rng.fill(modeling_bloom.BloomAttention(config, layer_idx=0))
    tap, x, count, length = Tap(module, ["query_key_value"], ["dense"]), rng.normal(2, 14, 24), 3, 14
    present = torch.ones(2, length, dtype=torch.int64)
    present[1, :4] = 0
    alibi = modeling_bloom.build_alibi_tensor(present, count, torch.float32)
    mask = causal(length, length)[None, None].repeat(2, 1, 1, 1)
    # A padded query sees itself, so that no row is empty.
    mask[1, 0, :, :4] = torch.where(torch.eye(length)[:, :4] > 0, 0.0, float("-inf"))
    module(x, torch.zeros_like(x), alibi, mask)
    q, k, v = module._reshape(tap["query_key_value"])
    return dict(q=q, k=k, v=v, present=present, slopes=modeling_bloom._get_alibi_slopes(count, x.device).flatten(),
                out=heads(tap["dense"], count))


@case("models.mpt.MptAttention and build_mpt_alibi_tensor, with a cache")
def mpt(rng):
    from transformers import DynamicCache
    from transformers.models.mpt import MptConfig, modeling_mpt
    config = MptConfig(d_model=24, n_heads=3, n_layers=1)
    module = rng.fill(modeling_mpt.MptAttention(config, layer_idx=0))
    tap, length, new = Tap(module, ["Wqkv"], ["out_proj"]), 15, 4
    x, cache = rng.normal(1, length, 24), DynamicCache()
    alibi = modeling_mpt.build_mpt_alibi_tensor(3, length)
    module(x[:, :length - new], alibi, cache, attention_mask=(causal(length - new, length - new) < 0)[None, None])
    module(x[:, length - new:], alibi, cache, attention_mask=(causal(new, length) < 0)[None, None])
    q, _, _ = (heads(part, 3) for part in tap["Wqkv"].chunk(3, 2))
    keys = cache.layers[0]
    return dict(q=q, k=keys.keys, v=keys.values, slopes=(alibi[:, 0, -1] - alibi[:, 0, -2]),
                out=heads(tap["out_proj"], 3))


@case("models.mpt.build_mpt_alibi_tensor and models.bloom._get_alibi_slopes, for 1 to 33 and 112 heads")
def alibi_slopes(rng):
    from transformers.models.bloom.modeling_bloom import _get_alibi_slopes
    from transformers.models.mpt.modeling_mpt import build_mpt_alibi_tensor
    counts = [*range(1, 34), 112]
    mpt_slopes = [(t[:, 0, -1] - t[:, 0, -2]) for t in (build_mpt_alibi_tensor(n, 2) for n in counts)]
    return dict(counts=torch.tensor(counts), mpt=torch.cat(mpt_slopes),
                bloom=torch.cat([_get_alibi_slopes(n, torch.device("cpu")).flatten() for n in counts]))


@case("models.falcon.FalconAttention and build_alibi_tensor")
def falcon(rng):
    from transformers.models.falcon import FalconConfig, modeling_falcon
    config = FalconConfig(hidden_size=24, num_attention_heads=3, alibi=True, multi_query=False, bias=False,
                          new_decoder_architecture=False, attn_implementation="eager")
    module = rng.fill(modeling_falcon.FalconAttention(config, layer_idx=0))
    tap, x = Tap(module, ["query_key_value"], ["dense"]), rng.normal(1, 14, 24)
    alibi = modeling_falcon.build_alibi_tensor(torch.ones(1, 14, dtype=torch.int64), 3, torch.float32)
    module(x, alibi, causal(14, 14, LOWEST)[None, None])
    q, k, v = (part.transpose(1, 2) for part in module._split_heads(tap["query_key_value"]))
    return dict(q=q, k=k, v=v, slopes=alibi[:, 0, 1] - alibi[:, 0, 0], out=heads(tap["dense"], 3))


def eager(rng, modeling, queries=9, keys=17, count=4, kv=2, width=8, mask=None, owner=None, **arguments):
    q, k, v = (rng.normal(1, n, t, width) for n, t in ((count, queries), (kv, keys), (kv, keys)))
    owner = owner or torch.nn.Module().eval()
    owner.num_key_value_groups = count // kv
    mask = causal(queries, keys) if mask is None else mask
    out, _ = modeling.eager_attention_forward(owner, q, k, v, mask[None, None], scaling=width ** -0.5, **arguments)
    return dict(q=q, k=k, v=v, out=out.transpose(1, 2))


@case("models.gemma2.eager_attention_forward, softcap and window")
def gemma2_softcap(rng):
    from transformers.models.gemma2 import modeling_gemma2
    i, j = torch.arange(9)[:, None] + 8, torch.arange(17)
    mask = torch.zeros(9, 17).masked_fill((j > i) | (j <= i - 6), float("-inf"))
    return eager(rng, modeling_gemma2, mask=mask, softcap=1.5)


@case("models.gpt_oss.eager_attention_forward, sinks and window")
def gpt_oss_sinks(rng):
    from transformers.models.gpt_oss import modeling_gpt_oss
    owner = torch.nn.Module().eval()
    owner.sinks = rng.normal(4)
    i, j = torch.arange(9)[:, None] + 8, torch.arange(17)
    mask = torch.zeros(9, 17).masked_fill((j > i) | (j <= i - 6), float("-inf"))
    return dict(eager(rng, modeling_gpt_oss, mask=mask, owner=owner), sinks=owner.sinks)


@case("models.llama4.Llama4TextAttention, a layer without rotation: temperature")
def llama4_temperature(rng):
    from transformers.models.llama4 import Llama4TextConfig, modeling_llama4
    config = Llama4TextConfig(hidden_size=16, num_attention_heads=2, num_key_value_heads=2, head_dim=8,
                              num_hidden_layers=4, no_rope_layers=[1, 1, 1, 0], floor_scale=4, attn_scale=0.5,
                              attn_temperature_tuning=True, use_qk_norm=False, attn_implementation="eager")
    module = rng.fill(modeling_llama4.Llama4TextAttention(config, layer_idx=3))
    tap, x = Tap(module, ("q_proj", "k_proj", "v_proj"), ["o_proj"]), rng.normal(1, 21, 16)
    module(x, None, causal(21, 21)[None, None])
    return projected(tap, 2, "q_proj", "k_proj", "v_proj", "o_proj")


@case("models.ministral3.get_llama_4_attn_scale")
def ministral3_temperature(rng):
    from transformers.models.ministral3.modeling_ministral3 import get_llama_4_attn_scale
    q, positions = rng.normal(1, 2, 21, 8), torch.arange(21)[None] + 3
    return dict(q=q, positions=positions, out=q * get_llama_4_attn_scale(positions, 0.1, 4))


main("transformers")
