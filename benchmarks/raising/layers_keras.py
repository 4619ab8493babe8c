"""Layers of keras-hub on PyTorch, where Keras writes its own attention."""
import torch

from exporting import ALIBI, CAUSAL, HIDDEN, case, ids, window

LIBRARY = "keras-hub 0.32.0 on torch, "
IDS = {"x": {1: torch.export.Dim("seq", min=2, max=128)}}


class Keras(torch.nn.Module):
    """A backbone by its tokens; no token is padding."""

    def __init__(self, backbone, segments=False):
        super().__init__()
        self.backbone, self.segments = backbone, segments

    def forward(self, x):
        inputs = {"token_ids": x, "padding_mask": torch.ones_like(x)}
        if self.segments:
            inputs["segment_ids"] = torch.zeros_like(x)
        r = self.backbone(inputs)
        return r["sequence_output"] if isinstance(r, dict) else r


def backbone(name, segments=False, **kwargs):
    import keras
    import keras_hub
    keras.utils.set_random_seed(0)
    model = getattr(keras_hub.models, name)(vocabulary_size=64, num_layers=1, dropout=0.0, **kwargs)
    return Keras(model, segments).eval()


@case(LIBRARY + "GPT2Backbone, 1 layer", "learned positions, causal", CAUSAL, inputs=ids, dynamic=IDS)
def keras_gpt2():
    return backbone("GPT2Backbone", num_heads=4, hidden_dim=HIDDEN, intermediate_dim=16, max_sequence_length=128)


@case(LIBRARY + "BertBackbone, 1 layer", "learned positions, bidirectional", inputs=ids, dynamic=IDS)
def keras_bert():
    return backbone("BertBackbone", True, num_heads=4, hidden_dim=HIDDEN, intermediate_dim=16, max_sequence_length=128)


@case(LIBRARY + "LlamaBackbone, 1 layer", "RoPE, grouped heads, causal", CAUSAL, rotates=True, inputs=ids, dynamic=IDS)
def keras_llama():
    return backbone("LlamaBackbone", num_query_heads=4, num_key_value_heads=2, hidden_dim=HIDDEN, intermediate_dim=16)


@case(LIBRARY + "BloomBackbone, 1 layer", "ALiBi, causal", CAUSAL, ALIBI, inputs=ids, dynamic=IDS)
def keras_bloom():
    return backbone("BloomBackbone", num_heads=4, hidden_dim=HIDDEN, intermediate_dim=16, max_sequence_length=128)


@case(LIBRARY + "GemmaBackbone, 1 layer", "RoPE, softcap 2, sliding window 8, causal", CAUSAL, window(8), "pointwise",
      rotates=True, inputs=ids, dynamic=IDS)
def keras_gemma():
    return backbone("GemmaBackbone", num_query_heads=4, num_key_value_heads=1, hidden_dim=HIDDEN, intermediate_dim=32,
                    head_dim=8, attention_logit_soft_cap=2.0, use_sliding_window_attention=True, sliding_window_size=8)
