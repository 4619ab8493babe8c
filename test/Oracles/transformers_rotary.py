# REQUIRES: oracles
# RUN: %python %s
"""Rotations as transformers applies them: layouts, partial heads, scalings, several axes of positions."""
import importlib

import torch

from posenc_testing.recording import case, causal, main


def modeling(model):
    return importlib.import_module("transformers.models.%s.modeling_%s" % (model, model))


def rotary(rng, model, embedding, config_class=None, width=16, length=19, offset=5, axes=0, functions=(), **settings):
    """q rotated by a model's own embedding module and function."""
    from transformers import LlamaConfig
    module = modeling(model)
    settings.setdefault("rope_parameters", {"rope_type": "default", "rope_theta": 10000.0})
    settings.setdefault("max_position_embeddings", 64)
    config = (config_class or LlamaConfig)(hidden_size=2 * width, num_attention_heads=2, head_dim=width, **settings)
    q = rng.normal(1, 2, length, width)
    positions = torch.arange(length)[None] + offset if not axes else rng.integers(0, 40, axes, 1, length)
    cos, sin = getattr(module, embedding)(config)(q, positions)
    apply = getattr(module, (functions or ("apply_rotary_pos_emb",))[0])
    return dict(q=q, positions=positions, out=apply(q, q, cos, sin)[0])


@case("models.llama: LlamaRotaryEmbedding and apply_rotary_pos_emb")
def llama(rng):
    return rotary(rng, "llama", "LlamaRotaryEmbedding")


@case("models.llama: LlamaRotaryEmbedding and apply_rotary_pos_emb, rope_type llama3")
def llama3(rng):
    return rotary(rng, "llama", "LlamaRotaryEmbedding", offset=1000, rope_parameters=dict(
        rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=128), max_position_embeddings=1024)


@case("models.llama: LlamaRotaryEmbedding and apply_rotary_pos_emb, rope_type yarn")
def yarn(rng):
    return rotary(rng, "llama", "LlamaRotaryEmbedding", offset=300, rope_parameters=dict(
        rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=128), max_position_embeddings=512)


@case("models.phi3: Phi3RotaryEmbedding and apply_rotary_pos_emb, rope_type longrope beyond the original length")
def longrope(rng):
    from transformers import Phi3Config
    factors = [1.0 + 0.5 * k for k in range(8)]
    parameters = dict(rope_type="longrope", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=64,
                      short_factor=[1.0] * 8, long_factor=factors)
    # The configuration's own original length, 4096 unless given, replaces the one in the parameters.
    return rotary(rng, "phi3", "Phi3RotaryEmbedding", Phi3Config, offset=100, pad_token_id=0, rope_parameters=parameters,
                  original_max_position_embeddings=64, max_position_embeddings=256)


@case("models.gpt_neox: GPTNeoXRotaryEmbedding and apply_rotary_pos_emb, a quarter of the channels")
def gpt_neox(rng):
    from transformers import GPTNeoXConfig
    return rotary(rng, "gpt_neox", "GPTNeoXRotaryEmbedding", GPTNeoXConfig, rope_parameters=dict(
        rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.25))


@case("models.gptj: create_sinusoidal_positions and apply_rotary_pos_emb, interleaved, leading channels")
def gptj(rng):
    module = modeling("gptj")
    q, positions = rng.normal(1, 2, 19, 16), torch.arange(19)[None] + 5
    sin, cos = module.create_sinusoidal_positions(64, 8)[positions[0]].chunk(2, -1)
    rotated = module.apply_rotary_pos_emb(q[..., :8].transpose(1, 2), sin[None], cos[None]).transpose(1, 2)
    return dict(q=q, positions=positions, out=torch.cat([rotated, q[..., 8:]], -1))


@case("models.cohere: CohereRotaryEmbedding and apply_rotary_pos_emb, interleaved")
def cohere(rng):
    from transformers import CohereConfig
    return rotary(rng, "cohere", "CohereRotaryEmbedding", CohereConfig)


@case("models.glm: GlmRotaryEmbedding and apply_rotary_pos_emb, interleaved, half of the channels")
def glm(rng):
    from transformers import GlmConfig
    return rotary(rng, "glm", "GlmRotaryEmbedding", GlmConfig, rope_parameters=dict(
        rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.5))


@case("models.roformer: RoFormerSinusoidalPositionalEmbedding and apply_rotary_position_embeddings")
def roformer(rng):
    module = modeling("roformer")
    embedding = module.RoFormerSinusoidalPositionalEmbedding(64, 16)
    embedding.weight.copy_(embedding.create_weight())
    q = rng.normal(1, 2, 19, 16)
    sinusoids = embedding(torch.Size([1, 19]), 5)[None, None]
    out, _ = module.RoFormerSelfAttention.apply_rotary_position_embeddings(sinusoids, q, q)
    return dict(q=q, positions=torch.arange(19)[None] + 5, out=out)


@case("models.deepseek_v3: DeepseekV3RotaryEmbedding and apply_rotary_pos_emb_interleave, written as halves")
def deepseek_v3(rng):
    return rotary(rng, "deepseek_v3", "DeepseekV3RotaryEmbedding", functions=("apply_rotary_pos_emb_interleave",))


@case("models.llama4: Llama4TextRotaryEmbedding and apply_rotary_emb, complex")
def llama4(rng):
    from transformers import Llama4TextConfig
    module = modeling("llama4")
    config = Llama4TextConfig(hidden_size=32, num_attention_heads=2, head_dim=16, max_position_embeddings=64,
                              rope_parameters={"rope_type": "default", "rope_theta": 10000.0})
    q, positions = rng.normal(1, 2, 19, 16), torch.arange(19)[None] + 5
    x = q.transpose(1, 2)
    out, _ = module.apply_rotary_emb(x, x, module.Llama4TextRotaryEmbedding(config)(x, positions))
    return dict(q=q, positions=positions, out=out.transpose(1, 2))


@case("models.gemma4: Gemma4TextRotaryEmbedding and apply_rotary_pos_emb, rope_type proportional")
def gemma4_proportional(rng):
    from transformers.models.gemma4 import Gemma4TextConfig
    module, width = modeling("gemma4"), 16
    parameters = {"full_attention": dict(rope_type="proportional", rope_theta=10000.0, partial_rotary_factor=0.25)}
    config = Gemma4TextConfig(hidden_size=32, num_attention_heads=2, head_dim=width, global_head_dim=width,
                              num_hidden_layers=1, layer_types=["full_attention"], rope_parameters=parameters)
    q, positions = rng.normal(1, 2, 19, width), torch.arange(19)[None] + 5
    cos, sin = module.Gemma4TextRotaryEmbedding(config)(q, positions, "full_attention")
    return dict(q=q, positions=positions, out=module.apply_rotary_pos_emb(q, cos, sin))


@case("models.deepseek_v4: DeepseekV4RotaryEmbedding, apply_rotary_pos_emb on q, kv and the output, and "
      "eager_attention_forward with sinks")
def deepseek_v4(rng):
    from transformers.models.deepseek_v4 import DeepseekV4Config
    module, length = modeling("deepseek_v4"), 13
    parameters = {"main": dict(rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.5)}
    config = DeepseekV4Config(hidden_size=32, num_attention_heads=2, head_dim=16, rope_parameters=parameters)
    config.rope_parameters = parameters
    positions = torch.arange(length)[None] + 3
    q, kv = rng.normal(1, 2, length, 16), rng.normal(1, 1, length, 16)
    cos, sin = module.DeepseekV4RotaryEmbedding(config)(q, positions, "main")
    rotate = module.apply_rotary_pos_emb
    owner = torch.nn.Module().eval()
    owner.num_key_value_groups, owner.sinks = 2, rng.normal(2)
    keys = rotate(kv, cos, sin)
    out, _ = module.eager_attention_forward(owner, rotate(q, cos, sin), keys, keys, causal(length, length)[None, None],
                                            scaling=0.25)
    # As DeepseekV4Attention.forward rotates its output back.
    return dict(q=q, kv=kv, positions=positions, sinks=owner.sinks, out=rotate(out.transpose(1, 2), cos, -sin))


def mrope(rng, model, embedding, sections, **settings):
    return rotary(rng, model, embedding, axes=3, rope_parameters=dict(
        rope_type="default", rope_theta=10000.0, mrope_section=sections, **settings))


@case("models.qwen2_vl: Qwen2VLRotaryEmbedding and apply_rotary_pos_emb, sections 2, 3, 3")
def qwen2_vl(rng):
    return mrope(rng, "qwen2_vl", "Qwen2VLRotaryEmbedding", [2, 3, 3])


@case("models.qwen3_vl: Qwen3VLTextRotaryEmbedding and apply_rotary_pos_emb, interleaved sections 4, 2, 2")
def qwen3_vl(rng):
    return mrope(rng, "qwen3_vl", "Qwen3VLTextRotaryEmbedding", [4, 2, 2])


@case("models.ernie4_5_vl_moe: Ernie4_5_VLMoeTextRotaryEmbedding and apply_rotary_pos_emb, sections 3, 3, 2")
def ernie4_5_vl(rng):
    return mrope(rng, "ernie4_5_vl_moe", "Ernie4_5_VLMoeTextRotaryEmbedding", [3, 3, 2])


@case("models.glm4v: Glm4vTextRotaryEmbedding and apply_rotary_pos_emb, half of the channels, sections 1, 2, 1")
def glm4v(rng):
    return mrope(rng, "glm4v", "Glm4vTextRotaryEmbedding", [1, 2, 1], partial_rotary_factor=0.5)


main("transformers")
