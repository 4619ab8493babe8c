# REQUIRES: oracles
# RUN: %python %s
"""x-transformers: its attention core with each of its position modules."""
import torch

from x_transformers import x_transformers as xt
from x_transformers.attend import Attend

from posenc_testing.recording import case, main


def qkv(rng, queries=13, keys=13, count=2, width=8):
    return rng.normal(1, count, queries, width), rng.normal(1, count, keys, width), rng.normal(1, count, keys, width)


def attend(q, k, v, bias=None, **settings):
    out, _ = Attend(heads=q.shape[1], **settings).eval()(q, k, v, attn_bias=bias)
    return dict(q=q, k=k, v=v, out=out)


@case("RelativePositionBias and Attend: T5's buckets, times √d, queries at the end of the keys")
def t5(rng):
    module = rng.fill(xt.RelativePositionBias(scale=8 ** 0.5, causal=True, heads=2))
    return dict(attend(*qkv(rng, 7, 19), module(7, 19), causal=True), table=module.relative_attention_bias.weight)


@case("AlibiPositionalBias and Attend: symmetric, 2 heads of 3 biased")
def alibi(rng):
    module = xt.AlibiPositionalBias(heads=2, total_heads=3)
    # Of |i − j|; the third head has none.
    slopes = -torch.cat([module.slopes.flatten(), torch.zeros(1)])
    return dict(attend(*qkv(rng, 11, 17, count=3), module(11, 17)), slopes=slopes)


@case("AlibiPositionalBias.forward_custom_pos and Attend: positions that are not counted")
def alibi_positions(rng):
    module = xt.AlibiPositionalBias(heads=2)
    positions = torch.cumsum(rng.integers(1, 5, 1, 13), -1)
    return dict(attend(*qkv(rng), module.forward_custom_pos(positions)), slopes=-module.slopes.flatten(), positions=positions)


@case("CoPE and Attend, max_pos 6")
def cope(rng):
    module = rng.fill(xt.CoPE(8, 2, max_pos=6), scale=1.0)
    return dict(attend(*qkv(rng), causal=True, cope=module), table=module.pos_emb)


@case("DynamicPositionBias and Attend: a network of the signed logarithm of the distance, SiLU")
def dynamic_bias(rng):
    module = rng.fill(xt.DynamicPositionBias(4, heads=2, depth=1, log_distance=True), scale=1.0)
    first, last = module.mlp[0][0], module.mlp[1]
    bias = module(7, 13)
    return dict(attend(*qkv(rng, 7, 13), bias), bias=bias, w1=first.weight.T, b1=first.bias, w2=last.weight.T, b2=last.bias)


@case("DataDependentAlibi and Attend: Forgetting Transformer")
def forgetting(rng):
    module, x = rng.fill(xt.DataDependentAlibi(16, 2)), rng.normal(1, 13, 16)
    return dict(attend(*qkv(rng), module(x), causal=True), gates=module.to_forget_gates(x))


@case("DataDependentAlibi and Attend, bidirectional")
def forgetting_bidirectional(rng):
    module, x = rng.fill(xt.DataDependentAlibi(16, 2, causal=False)), rng.normal(1, 13, 16)
    forward, backward = module.to_forget_gates(x).chunk(2, 1)
    return dict(attend(*qkv(rng), module(x)), forward=forward, backward=backward)


@case("PerRowDataDependentAlibi and Attend")
def forgetting_rows(rng):
    module, x = rng.fill(xt.PerRowDataDependentAlibi(16, 2, dim_head=4)), rng.normal(1, 13, 16)
    gq, gk = module.to_forget_gates(x)
    return dict(attend(*qkv(rng), module(x), causal=True), gate_q=gq, gate_k=gk)


@case("RelativeProjPositionalBias and Attend: Inkling's form")
def relative_projection(rng):
    module = rng.fill(xt.RelativeProjPositionalBias(16, 2, num_distance_basis=4, max_dist=6))
    x = rng.normal(1, 9, 16)
    return dict(attend(*qkv(rng, 9, 14), module(x, 14), causal=True), x=module.to_distance_weights(x),
                table=module.distance_bank.T)


@case("RotaryEmbedding and apply_rotary_pos_emb, interleaved, half of the channels")
def rotary(rng):
    q = rng.normal(1, 2, 19, 16)
    freqs, scale = xt.RotaryEmbedding(8).forward_from_seq_len(19)
    return dict(q=q, out=xt.apply_rotary_pos_emb(q, freqs, scale))


@case("RotaryEmbedding with use_xpos, apply_rotary_pos_emb and Attend")
def xpos(rng):
    freqs, scale = xt.RotaryEmbedding(8, use_xpos=True, scale_base=16).forward_from_seq_len(15)
    q, k, v = qkv(rng, 15, 15)
    rotated = xt.apply_rotary_pos_emb(q, freqs, scale), xt.apply_rotary_pos_emb(k, freqs, scale ** -1.0)
    return dict(q=q, k=k, v=v, out=attend(*rotated, v, causal=True)["out"])


@case("RotaryEmbedding with base_rescale_factor, NTK, and apply_rotary_pos_emb")
def rotary_ntk(rng):
    q = rng.normal(1, 2, 19, 16)
    freqs, scale = xt.RotaryEmbedding(16, base_rescale_factor=4.0).forward_from_seq_len(19)
    return dict(q=q, out=xt.apply_rotary_pos_emb(q, freqs, scale))


@case("PolarEmbedding, apply_polar_pos_emb and Attend")
def pope(rng):
    module = xt.PolarEmbedding(8, 2)
    module.learned_bias.copy_(-6.5 * torch.rand(2, 1, 8, generator=torch.Generator().manual_seed(0)))
    freqs, bias = module(torch.arange(15))
    q, k, v = qkv(rng, 15, 15)
    # As Attention.forward: the bias is a phase of the keys.
    polar = xt.apply_polar_pos_emb(q, freqs), xt.apply_polar_pos_emb(k, freqs + bias)
    out = Attend(heads=2, causal=True, scale=8 ** -0.5).eval()(*polar, v)[0]
    return dict(q=q, k=k, v=v, phase=module.learned_bias[:, 0], out=out)


@case("Attend with softclamp_logits: the cap stands after the bias")
def softclamp(rng):
    module = xt.AlibiPositionalBias(heads=2)
    return dict(attend(*qkv(rng, 11, 17), module(11, 17), causal=True, softclamp_logits=True, logit_softclamp_value=1.5),
                slopes=module.slopes.flatten())


@case("Attend with head_learned_sink and ALiBi")
def sinks(rng):
    module, core = xt.AlibiPositionalBias(heads=2), Attend(heads=2, causal=True, head_learned_sink=True).eval()
    q, k, v = qkv(rng)
    core.head_attn_sink.copy_(rng.normal(2))
    return dict(q=q, k=k, v=v, slopes=module.slopes.flatten(), sinks=core.head_attn_sink,
                out=core(q, k, v, attn_bias=module(13, 13))[0])


@case("Attend with pre_talking_heads")
def talking_heads(rng):
    core = rng.fill(Attend(heads=3, causal=True, pre_talking_heads=True), scale=0.5)
    q, k, v = qkv(rng, count=3)
    return dict(q=q, k=k, v=v, mix=core.pre_softmax_talking_heads.weight[:, :, 0, 0].T, out=core(q, k, v)[0])


@case("AbsolutePositionalEmbedding with seq_start_pos")
def absolute(rng):
    module, start = rng.fill(xt.AbsolutePositionalEmbedding(8, 16)), torch.tensor([0, 3])
    return dict(table=module.emb.weight, start=start, out=module(torch.zeros(2, 9, 8), seq_start_pos=start))


@case("ScaledSinusoidalEmbedding")
def sinusoidal(rng):
    module = xt.ScaledSinusoidalEmbedding(16)
    return dict(scale=module.scale[0], out=module(torch.zeros(1, 21, 16)))


main("x-transformers")
