"""Layers of transformers, most of them as one-layer models that take embeddings."""
import torch

from exporting import ALIBI, CAUSAL, HIDDEN, PRODUCT, SEQ, TABLE, TABLE_2D, Take, case, fill, ids, window

LIBRARY = "transformers 5.23.0 "
TINY = dict(hidden_size=HIDDEN, num_hidden_layers=1, num_attention_heads=4, intermediate_size=16, vocab_size=64,
            attn_implementation="eager", initializer_range=0.2)
GQA = dict(num_key_value_heads=2, head_dim=8, max_position_embeddings=1024)


def model(name, **kwargs):
    import transformers
    config = getattr(transformers, name + "Config")(**{**TINY, **kwargs})
    return getattr(transformers, name + "Model")(config)


# ---- rotations of the rows

@case(LIBRARY + "MistralModel, 1 layer, eager", "RoPE, grouped heads, sliding window 16", CAUSAL, window(16),
      rotates=True)
def mistral():
    return Take(model("Mistral", **GQA, sliding_window=16))


@case(LIBRARY + "Qwen2Model, 1 layer, SDPA", "RoPE, biases of q, k and v, causal", CAUSAL, rotates=True)
def qwen2_sdpa():
    return Take(model("Qwen2", num_key_value_heads=2, attn_implementation="sdpa"))


@case(LIBRARY + "Qwen3Model, 1 layer, eager", "norms of q and k before RoPE, causal", CAUSAL, rotates=True)
def qwen3():
    return Take(model("Qwen3", **GQA))


@case(LIBRARY + "PhiModel, 1 layer, eager", "RoPE on half of the channels, causal", CAUSAL, rotates=True)
def phi():
    return Take(model("Phi"))


@case(LIBRARY + "GPTNeoXModel, 1 layer, eager", "RoPE on a quarter of the channels, merged and interleaved projection",
      CAUSAL, rotates=True)
def gpt_neox():
    return Take(model("GPTNeoX"))


@case(LIBRARY + "CohereModel, 1 layer, eager", "RoPE interleaved, causal", CAUSAL, rotates=True)
def cohere():
    return Take(model("Cohere", num_key_value_heads=2, pad_token_id=0))


@case(LIBRARY + "Gemma3TextModel, 1 layer, eager", "norms of q and k, RoPE, sliding window 8", CAUSAL,
      window(8), rotates=True)
def gemma3():
    return Take(model("Gemma3Text", **GQA, sliding_window=8, layer_types=["sliding_attention"],
                      query_pre_attn_scalar=8))


@case(LIBRARY + "FalconModel, 1 layer, eager", "RoPE, one key head, merged projection", CAUSAL,
      name="falcon_rope", args=(False,), rotates=True)
@case(LIBRARY + "FalconModel, 1 layer, eager, alibi", "ALiBi added to the mask, then scaled, one key head",
      CAUSAL, ALIBI, name="falcon_alibi", args=(True,))
def falcon(alibi):
    return Take(model("Falcon", alibi=alibi, ffn_hidden_size=16, bias=True))


@case(LIBRARY + "EsmModel, 1 layer, eager", "RoPE, bidirectional, q scaled before it is rotated", rotates=True,
      inputs=ids)
def esm():
    m = model("Esm", position_embedding_type="rotary", pad_token_id=1, mask_token_id=0, token_dropout=False)
    return Take(m, lambda x: {"input_ids": x})


# ---- ALiBi and learned positions

@case(LIBRARY + "MptModel, 1 layer", "ALiBi by a sliced tensor of all lengths, a mask that fills", CAUSAL, ALIBI,
      inputs=ids, dynamic={"x": {1: torch.export.Dim("seq", min=2, max=128)}})
def mpt():
    from transformers import MptConfig, MptModel
    c = MptConfig(d_model=HIDDEN, n_heads=4, n_layers=1, expansion_ratio=1, max_seq_len=128, vocab_size=64)
    return Take(MptModel(c), lambda x: {"input_ids": x, "use_cache": False})


@case(LIBRARY + "OPTModel, 1 layer, eager", "learned positions from a running sum of the mask, with offset 2", CAUSAL)
def opt():
    return Take(model("OPT", ffn_dim=16, word_embed_proj_dim=HIDDEN, max_position_embeddings=128))


@case(LIBRARY + "RobertaModel, 1 layer, eager", "learned positions from a running sum of non-padding tokens",
      inputs=ids, dynamic={"x": {1: torch.export.Dim("seq", min=2, max=128)}})
def roberta():
    return Take(model("Roberta", max_position_embeddings=130, pad_token_id=1), lambda x: {"input_ids": x})


@case(LIBRARY + "BartAttention, eager, key_value_states", "attention to a memory of another length", name="bart_cross",
      inputs=lambda n: (torch.randn(2, n, HIDDEN), torch.randn(2, n + 16, HIDDEN)), dynamic={
          "x": {1: torch.export.Dim("seq", min=2, max=1024)}, "memory": {1: torch.export.Dim("mem", min=2, max=1024)}})
class BartCross(torch.nn.Module):
    def __init__(self):
        super().__init__()
        from transformers import BartConfig
        from transformers.models.bart.modeling_bart import BartAttention
        c = BartConfig(d_model=HIDDEN, attn_implementation="eager")
        self.layer = BartAttention(HIDDEN, 4, is_decoder=True, config=c)

    def forward(self, x, memory):
        return self.layer(x, key_value_states=memory)[0]


# ---- tables of distances

@case(LIBRARY + "UMT5Attention (decoder), eager", "T5 buckets, unidirectional, and a causal mask",
      TABLE, CAUSAL)
def umt5():
    from transformers import UMT5Config
    from transformers.masking_utils import create_causal_mask
    from transformers.models.umt5.modeling_umt5 import UMT5Attention
    c = UMT5Config(d_model=HIDDEN, d_kv=8, num_heads=4, dropout_rate=0.0, is_decoder=True,
                   attn_implementation="eager")
    layer = UMT5Attention(c, has_relative_attention_bias=True, layer_idx=0, is_causal=True)
    return Take(layer, lambda x: {"hidden_states": x, "attention_mask": create_causal_mask(
        config=c, inputs_embeds=x, attention_mask=None, past_key_values=None)})


@case(LIBRARY + "MPNetEncoder, 1 layer, eager", "T5 buckets of the other sign, added after the scale",
      TABLE)
def mpnet():
    from transformers import MPNetConfig
    from transformers.models.mpnet.modeling_mpnet import MPNetEncoder
    encoder = fill(MPNetEncoder(MPNetConfig(**TINY)), "relative_attention_bias")
    return Take(encoder, lambda x: {"hidden_states": x, "attention_mask": torch.zeros(1, 1, 1, 1)})


@case(LIBRARY + "WavLMAttention, eager", "a bucketed bias times a gate of each query",
      "query factor .* times function of i - j")
def wavlm():
    from transformers.models.wavlm.modeling_wavlm import WavLMAttention
    layer = fill(WavLMAttention(HIDDEN, 4, num_buckets=32, max_distance=80), "rel_attn_embed", "gru_rel_pos_const")
    return Take(layer, lambda x: {"hidden_states": x})


def boxes(n):
    return torch.randn(2, n, HIDDEN), torch.randint(0, 1000, (2, n, 4))


@case(LIBRARY + "LayoutLMv3Encoder, 1 layer", "bucketed biases of 1-D positions and of boxes that are an input",
      TABLE, "function of the query and the key", name="layoutlmv3", inputs=boxes,
      dynamic={"x": SEQ["x"], "bbox": SEQ["x"]})
class LayoutLMv3(torch.nn.Module):
    def __init__(self):
        super().__init__()
        from transformers import LayoutLMv3Config
        from transformers.models.layoutlmv3.modeling_layoutlmv3 import LayoutLMv3Encoder
        c = LayoutLMv3Config(**TINY, rel_pos_bins=16, rel_2d_pos_bins=16, max_rel_2d_pos=256)
        self.encoder = fill(LayoutLMv3Encoder(c), "rel_pos")

    def forward(self, x, bbox):
        positions = torch.arange(x.shape[1], device=x.device).unsqueeze(0)
        mask = torch.zeros(1, 1, 1, 1)
        return self.encoder(x, bbox=bbox, attention_mask=mask, position_ids=positions)[0]


# ---- products of content and position

@case(LIBRARY + "DebertaEncoder, 1 layer (v1)", "c2p + p2c, merged projection, clamped distances",
      PRODUCT, name="deberta_v1")
class DebertaV1(torch.nn.Module):
    def __init__(self):
        super().__init__()
        from transformers import DebertaConfig
        from transformers.models.deberta.modeling_deberta import DebertaEncoder
        self.encoder = DebertaEncoder(DebertaConfig(
            **TINY, relative_attention=True, max_relative_positions=16, pos_att_type=["c2p", "p2c"],
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0))
        fill(self.encoder, "rel_embeddings", "q_bias", "v_bias")

    def forward(self, x):
        return self.encoder(x, torch.ones(x.shape[:2], device=x.device), output_hidden_states=False)[0]


@case(LIBRARY + "Wav2Vec2ConformerEncoder, 1 layer, relative", "Transformer-XL products, shifted", PRODUCT)
def wav2vec2_conformer():
    from transformers import Wav2Vec2ConformerConfig
    from transformers.models.wav2vec2_conformer import modeling_wav2vec2_conformer as library
    c = Wav2Vec2ConformerConfig(**TINY, position_embeddings_type="relative", max_source_positions=256)
    layer = fill(library.Wav2Vec2ConformerSelfAttention(c), "pos_bias")
    positions = library.Wav2Vec2ConformerRelPositionalEmbedding(c)
    return Take(layer, lambda x: {"hidden_states": x, "relative_position_embeddings": positions(x)})


@case(LIBRARY + "ParakeetEncoderAttention, eager", "Transformer-XL products, passed as the attention mask", PRODUCT)
def parakeet():
    from transformers import ParakeetEncoderConfig
    from transformers.models.parakeet import modeling_parakeet as library
    c = ParakeetEncoderConfig(hidden_size=HIDDEN, num_attention_heads=4, attn_implementation="eager")
    layer = fill(library.ParakeetEncoderAttention(c, 0), "bias_u", "bias_v")
    positions = library.ParakeetEncoderRelPositionalEncoding(c)
    return Take(layer, lambda x: {"hidden_states": x, "position_embeddings": positions(x)})


@case(LIBRARY + "GraniteSpeechConformerAttention", "Shaw keys by einsum, blocks of 20", PRODUCT, dynamic=None)
def granite_speech():
    from transformers.models.granite_speech import modeling_granite_speech as library
    from transformers.models.granite_speech.configuration_granite_speech import GraniteSpeechEncoderConfig
    c = GraniteSpeechEncoderConfig(hidden_dim=HIDDEN, dim_head=8, num_heads=4, context_size=20, max_pos_emb=24)
    seq = torch.arange(20)
    distances = torch.clamp(seq.view(-1, 1) - seq.view(1, -1), -20, 20) + 24
    return Take(library.GraniteSpeechConformerAttention(c),
                lambda x: {"hidden_states": x, "attention_dists": distances.to(x.device)})


@case(LIBRARY + "SpeechT5Attention", "Shaw keys, clamped at 16, multiplied per query", PRODUCT)
def speecht5():
    from transformers import SpeechT5Config
    from transformers.models.speecht5 import modeling_speecht5 as library
    layer = library.SpeechT5Attention(HIDDEN, 4)
    positions = fill(library.SpeechT5RelativePositionalEncoding(8, 16), "pe_k")
    layer.positions = positions
    return Take(layer, lambda x: {"hidden_states": x, "position_bias": positions(x)})


# ---- images

@case(LIBRARY + "SamVisionAttention", "decomposed products with tables of rows and of columns, 6 x 6", PRODUCT,
      inputs=lambda n: (torch.randn(2, 6, 6, HIDDEN),), dynamic=None)
def sam():
    from transformers import SamVisionConfig
    from transformers.models.sam.modeling_sam import SamVisionAttention
    c = SamVisionConfig(hidden_size=HIDDEN, num_attention_heads=4)
    return Take(fill(SamVisionAttention(c, 6), "rel_pos"), lambda x: {"hidden_states": x})


@case(LIBRARY + "Swinv2SelfAttention", "cosine scores, a table computed by a network of log distances, 4 x 4",
      TABLE_2D, n=16, dynamic=None)
def swinv2():
    from transformers import Swinv2Config
    from transformers.models.swinv2.modeling_swinv2 import Swinv2SelfAttention
    c = Swinv2Config(embed_dim=HIDDEN, window_size=4)
    return Take(Swinv2SelfAttention(c, HIDDEN, 4, 4), lambda x: {"hidden_states": x})


@case(LIBRARY + "DINOv3ViTAttention, eager", "axial RoPE on patches, not on the 5 tokens before them", rotates=True,
      n=5 + 30, dynamic=None)
def dinov3():
    from transformers import DINOv3ViTConfig
    from transformers.models.dinov3_vit import modeling_dinov3_vit as library
    c = DINOv3ViTConfig(hidden_size=HIDDEN, num_attention_heads=4, patch_size=4, image_size=24,
                        attn_implementation="eager")
    rope = library.DINOv3ViTRopePositionEmbedding(c)
    return Take(library.DINOv3ViTAttention(c), lambda x: {
        "hidden_states": x, "position_embeddings": rope(torch.zeros(1, 3, 20, 24))})
