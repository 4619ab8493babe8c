"""Attention layers of x-transformers, in its own stacks."""
from exporting import ALIBI, CAUSAL, HIDDEN, TABLE, Take, case, fill

LIBRARY = "x-transformers 2.31.10 "


def stack(name, **kwargs):
    import x_transformers
    layers = getattr(x_transformers, name)(dim=HIDDEN, depth=1, heads=4, attn_dim_head=8, ff_mult=1, **kwargs)
    return Take(layers, lambda x: {"x": x})


@case(LIBRARY + "Decoder, alibi_pos_bias", "ALiBi by distance, causal", ALIBI, CAUSAL)
def x_alibi():
    return stack("Decoder", alibi_pos_bias=True)


@case(LIBRARY + "Encoder, rel_pos_bias", "T5 buckets, scaled like the scores", TABLE)
def x_t5():
    return fill(stack("Encoder", rel_pos_bias=True), "relative_attention_bias")


@case(LIBRARY + "Decoder, dynamic_pos_bias", "a network of the distance, read as a table, causal",
      TABLE, CAUSAL)
def x_dynamic():
    return stack("Decoder", dynamic_pos_bias=True)


@case(LIBRARY + "Decoder, rotary_pos_emb, attn_softclamp_logits", "partial RoPE interleaved, softcap, causal",
      "pointwise", CAUSAL, rotates=True)
def x_rotary_softcap():
    return stack("Decoder", rotary_pos_emb=True, attn_softclamp_logits=True)


@case(LIBRARY + "Decoder, attn_data_dependent_alibi", "sums of log-gates over prefixes (FoX), causal",
      "rank 1|key-only", CAUSAL)
def x_forgetting():
    return stack("Decoder", attn_data_dependent_alibi=True)


@case(LIBRARY + "Encoder, attn_num_mem_kv 3", "learned keys and values in front of the others")
def x_memory():
    return stack("Encoder", attn_num_mem_kv=3)
