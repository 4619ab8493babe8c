# REQUIRES: oracles
# RUN: %python %s
"""Content times relative position: Shaw, Transformer-XL, DeBERTa, Inkling, SAM, as transformers computes them."""
import torch

from posenc_testing.recording import Tap, case, causal, heads, main


def projected(tap, count, q, k, v, out):
    return dict(q=heads(tap[q], count), k=heads(tap[k], count), v=heads(tap[v], count), out=heads(tap[out], count))


LINEAR = ("linear_q", "linear_k", "linear_v")


@case("models.wav2vec2_bert.Wav2Vec2BertSelfAttention, relative_key")
def wav2vec2_bert_relative_key(rng):
    from transformers.models.wav2vec2_bert import Wav2Vec2BertConfig, modeling_wav2vec2_bert
    config = Wav2Vec2BertConfig(hidden_size=16, num_attention_heads=2, position_embeddings_type="relative_key",
                                left_max_position_embeddings=9, right_max_position_embeddings=4, attention_dropout=0.0,
                                attn_implementation="eager")
    module = rng.fill(modeling_wav2vec2_bert.Wav2Vec2BertSelfAttention(config))
    tap = Tap(module, LINEAR, ["linear_out"])
    module(rng.normal(1, 19, 16))
    return dict(projected(tap, 2, *LINEAR, "linear_out"), table=module.distance_embedding.weight)


@case("models.speecht5.SpeechT5Attention and SpeechT5RelativePositionalEncoding")
def speecht5(rng):
    from transformers.models.speecht5 import modeling_speecht5
    encoding = rng.fill(modeling_speecht5.SpeechT5RelativePositionalEncoding(8, max_length=6), scale=1.0)
    module = rng.fill(modeling_speecht5.SpeechT5Attention(16, 2))
    names = ("q_proj", "k_proj", "v_proj")
    tap, x = Tap(module, names, ["out_proj"]), rng.normal(1, 15, 16)
    module(x, position_bias=encoding(x))
    return dict(projected(tap, 2, *names, "out_proj"), table=encoding.pe_k.weight)


@case("models.granite_speech.GraniteSpeechConformerAttention")
def granite_speech(rng):
    from transformers.models.granite_speech import GraniteSpeechEncoderConfig, modeling_granite_speech
    config = GraniteSpeechEncoderConfig(hidden_dim=16, dim_head=8, num_heads=2, context_size=13, max_pos_emb=20, dropout=0.0)
    module = rng.fill(modeling_granite_speech.GraniteSpeechConformerAttention(config))
    tap, t = Tap(module, ("to_q", "to_kv"), ["to_out"]), torch.arange(13)
    # As GraniteSpeechCTCEncoder prepares them.
    distances = torch.clamp(t[:, None] - t[None, :], -13, 13) + 20
    module(rng.normal(1, 13, 16), distances)
    k, v = tap["to_kv"].chunk(2, -1)
    return dict(q=heads(tap["to_q"], 2), k=heads(k, 2), v=heads(v, 2), table=module.rel_pos_emb.weight,
                out=heads(tap["to_out"], 2))


@case("models.vits.VitsAttention, keys and values; no row beyond the window")
def vits(rng):
    from transformers.models.vits import VitsConfig, modeling_vits
    config = VitsConfig(hidden_size=16, num_attention_heads=2, window_size=4, attention_dropout=0.0)
    module = rng.fill(modeling_vits.VitsAttention(config))
    names = ("q_proj", "k_proj", "v_proj")
    tap = Tap(module, names, ["out_proj"])
    module(rng.normal(1, 15, 16))
    return dict(projected(tap, 2, *names, "out_proj"), table=module.emb_rel_k[0], values=module.emb_rel_v[0])


def xlnet_core(rng, queries, memory, segments=False):
    from transformers.models.xlnet import XLNetConfig, modeling_xlnet
    config = XLNetConfig(d_model=16, n_head=2, n_layer=1, d_inner=16, dropout=0.0)
    model = modeling_xlnet.XLNetModel(config).eval()
    module, keys = rng.fill(modeling_xlnet.XLNetRelativeAttention(config)), queries + memory
    # The model's own positions: klen … −qlen + 1.
    positions = model.relative_positional_encoding(queries, keys, bsz=1)
    r = torch.einsum("ibh,hnd->ibnd", positions, module.r)
    q, k, v = rng.normal(queries, 1, 2, 8), rng.normal(keys, 1, 2, 8), rng.normal(keys, 1, 2, 8)
    ids = torch.sort(rng.integers(0, 2, keys))[0]
    differ = (ids[memory:, None] != ids[None, :]).long()
    onehot = torch.nn.functional.one_hot(differ, 2).float()[:, :, None] if segments else None
    out = module.rel_attn_core(q, k, v, r, seg_mat=onehot)
    arrays = dict(q=q, k=k, v=v, out=out)
    arrays = {name: a.permute(1, 2, 0, 3) for name, a in arrays.items()}
    # Rows in order of the distance i − j: row distance + queries − 1, where the library has klen first.
    table = r[:, 0].flip(0)
    arrays.update(table=table, u=module.r_w_bias, w=module.r_r_bias)
    if segments:
        arrays.update(ids=ids, segment_bias=module.r_s_bias, segment_table=module.seg_embed)
    return arrays


@case("models.xlnet.XLNetRelativeAttention.rel_attn_core, no memory")
def xlnet(rng):
    return xlnet_core(rng, 13, 0)


@case("models.xlnet.XLNetRelativeAttention.rel_attn_core, memory and segments")
def xlnet_memory(rng):
    return xlnet_core(rng, 9, 6, segments=True)


@case("models.xlnet.XLNetModel.relative_positional_encoding")
def xlnet_sinusoids(rng):
    from transformers.models.xlnet import XLNetConfig, modeling_xlnet
    model = modeling_xlnet.XLNetModel(XLNetConfig(d_model=16, n_head=2, n_layer=1, d_inner=16))
    return dict(positions=torch.arange(15, -9, -1), out=model.relative_positional_encoding(9, 15, bsz=1)[:, 0])


def conformer(rng, attention, encoding, config, length=13):
    module = rng.fill(attention(config))
    tap, x = Tap(module, ("linear_q", "linear_k", "linear_v", "linear_pos"), ["linear_out"]), rng.normal(1, length, 16)
    positions = encoding(config)(x)
    module(x, relative_position_embeddings=positions)
    # The library's rows run from distance T − 1 down to −(T − 1).
    table = tap["linear_pos"][0].reshape(-1, 2, 8).flip(0)
    return dict(projected(tap, 2, *LINEAR, "linear_out"), table=table, u=module.pos_bias_u, w=module.pos_bias_v)


@case("models.wav2vec2_conformer.Wav2Vec2ConformerSelfAttention, relative")
def wav2vec2_conformer(rng):
    from transformers.models.wav2vec2_conformer import Wav2Vec2ConformerConfig, modeling_wav2vec2_conformer as m
    config = Wav2Vec2ConformerConfig(hidden_size=16, num_attention_heads=2, position_embeddings_type="relative",
                                     attention_dropout=0.0, max_source_positions=40, attn_implementation="eager")
    return conformer(rng, m.Wav2Vec2ConformerSelfAttention, m.Wav2Vec2ConformerRelPositionalEmbedding, config)


@case("models.wav2vec2_conformer.Wav2Vec2ConformerRelPositionalEmbedding")
def wav2vec2_conformer_sinusoids(rng):
    from transformers.models.wav2vec2_conformer import Wav2Vec2ConformerConfig, modeling_wav2vec2_conformer as m
    config = Wav2Vec2ConformerConfig(hidden_size=16, max_source_positions=40)
    out = m.Wav2Vec2ConformerRelPositionalEmbedding(config)(torch.zeros(1, 11, 16))
    return dict(positions=torch.arange(10, -11, -1), out=out[0])


def deberta_v2_case(rng, length, buckets, reach, types=("c2p", "p2c"), share=True):
    from transformers.models.deberta_v2 import DebertaV2Config, modeling_deberta_v2
    config = DebertaV2Config(hidden_size=16, num_attention_heads=2, relative_attention=True, pos_att_type=list(types),
                             share_att_key=share, position_buckets=buckets, max_relative_positions=reach,
                             attention_probs_dropout_prob=0.0, hidden_dropout_prob=0.0)
    module = rng.fill(modeling_deberta_v2.DisentangledSelfAttention(config))
    names = ("query_proj", "key_proj", "value_proj")
    x, embeddings = rng.normal(1, length, 16), rng.normal(2 * module.pos_ebd_size, 16)
    out, _ = module(x, torch.ones(1, 1, length, length), rel_embeddings=embeddings)
    projections = {name[0]: heads(module.get_submodule(name)(x), 2) for name in names}
    key, query = ("key_proj", "query_proj") if share else ("pos_key_proj", "pos_query_proj")
    arrays = dict(projections, out=heads(out, 2))
    if "c2p" in types:
        arrays["keys"] = module.get_submodule(key)(embeddings).reshape(-1, 2, 8)
    if "p2c" in types:
        arrays["queries"] = module.get_submodule(query)(embeddings).reshape(-1, 2, 8)
    return arrays


@case("models.deberta_v2.DisentangledSelfAttention, 8 buckets up to 16, c2p and p2c")
def deberta_v2(rng):
    return deberta_v2_case(rng, 24, 8, 16)


@case("models.deberta_v2.DisentangledSelfAttention, c2p alone, own projections, no buckets")
def deberta_v2_c2p(rng):
    return deberta_v2_case(rng, 14, -1, 14, ("c2p",), share=False)


@case("models.deberta_v2.make_log_bucket_position and the clamp of disentangled_attention_bias")
def deberta_v2_buckets(rng):
    from transformers.models.deberta_v2.modeling_deberta_v2 import make_log_bucket_position
    distance = torch.cat([torch.arange(-600, 601), torch.tensor([-2**20, -70000, 70000, 2**20])])
    rows = torch.clamp(make_log_bucket_position(distance, 256, 512).long() + 256, 0, 511)
    small = torch.clamp(make_log_bucket_position(distance, 32, 128).long() + 32, 0, 63)
    return dict(distance=distance, rows=rows, small=small)


@case("models.deberta.DisentangledSelfAttention, c2p and p2c")
def deberta(rng):
    from transformers.models.deberta import DebertaConfig, modeling_deberta
    config = DebertaConfig(hidden_size=16, num_attention_heads=2, relative_attention=True, pos_att_type=["c2p", "p2c"],
                           max_relative_positions=10, attention_probs_dropout_prob=0.0, hidden_dropout_prob=0.0)
    module, length = rng.fill(modeling_deberta.DisentangledSelfAttention(config)), 14
    x, embeddings = rng.normal(1, length, 16), rng.normal(20, 16)
    relative = modeling_deberta.build_relative_position(x, x)
    out, _ = module(x, torch.ones(1, 1, length, length), relative_pos=relative, rel_embeddings=embeddings)
    q, k, v = module.transpose_for_scores(module.in_proj(x)).chunk(3, -1)
    split = module.transpose_for_scores
    return dict(q=q + split(module.q_bias[None, None]), k=k, v=v + split(module.v_bias[None, None]), out=heads(out, 2),
                keys=module.pos_proj(embeddings).reshape(-1, 2, 8), queries=module.pos_q_proj(embeddings).reshape(-1, 2, 8))


def inkling_case(rng, sliding, length=17):
    from transformers.models.inkling import modeling_inkling
    module = rng.fill(modeling_inkling.InklingRelativeLogits(4, 6))
    t = torch.arange(length)
    x, q = rng.normal(1, length, 4, 4), rng.normal(1, 4, length, 8)
    k, v = rng.normal(1, 2, length, 8), rng.normal(1, 2, length, 8)
    bias, tau = module(x, t, t), None
    scaled = q
    if not sliding:
        # InklingAttention.forward of a global layer: log_scaling_alpha 0.1, log_scaling_n_floor 4.
        tau = 1.0 + 0.1 * torch.log(((t + 1).float() / 4).clamp(min=1.0)).view(1, 1, -1, 1)
        scaled, bias = q * tau, bias * tau
    owner = torch.nn.Module().eval()
    owner.num_key_value_groups = 2
    mask = causal(length, length)
    if sliding:
        mask = mask.masked_fill(t[None, :] <= t[:, None] - 6, float("-inf"))
    out, _ = modeling_inkling.eager_attention_forward(owner, scaled, k, v, mask[None, None], scaling=1 / 8,
                                                      position_bias=bias)
    return dict(q=q, k=k, v=v, x=x.transpose(1, 2), table=module.proj.T, out=out.transpose(1, 2))


@case("models.inkling.InklingRelativeLogits and eager_attention_forward, a sliding layer")
def inkling_sliding(rng):
    return inkling_case(rng, sliding=True)


@case("models.inkling.InklingRelativeLogits and eager_attention_forward, a global layer with temperature")
def inkling_global(rng):
    return inkling_case(rng, sliding=False)


@case("models.sam.SamVisionAttention, 4 x 4 tokens")
def sam(rng):
    from transformers.models.sam import SamVisionConfig, modeling_sam
    config = SamVisionConfig(hidden_size=16, num_attention_heads=2, image_size=64, patch_size=16)
    module = rng.fill(modeling_sam.SamVisionAttention(config, window_size=0))
    tap = Tap(module, ["qkv"], ["proj"])
    module(rng.normal(1, 4, 4, 16))
    q, k, v = tap["qkv"].reshape(1, 16, 3, 2, 8).permute(2, 0, 3, 1, 4)
    return dict(q=q, k=k, v=v, rows=module.rel_pos_h, columns=module.rel_pos_w,
                out=heads(tap["proj"].reshape(1, 16, 16), 2))


main("transformers")
