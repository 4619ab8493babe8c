# REQUIRES: oracles
# RUN: %python %s
"""Encodings added to embeddings, learned and sinusoidal, as transformers computes them."""
import torch

from posenc_testing.recording import case, main


def padded(rng, pad=1):
    """Two sequences of tokens; one is padded on the left, the other on the right."""
    tokens = rng.integers(5, 30, 2, 9)
    tokens[0, :3] = pad
    tokens[1, 7:] = pad
    return tokens


@case("models.opt.OPTLearnedPositionalEmbedding, padding on both sides")
def opt(rng):
    from transformers.models.opt.modeling_opt import OPTLearnedPositionalEmbedding
    module, present = rng.fill(OPTLearnedPositionalEmbedding(16, 8)), (padded(rng) != 1).long()
    return dict(present=present, table=module.weight, out=module(present))


@case("models.bart.BartLearnedPositionalEmbedding, 3 past tokens")
def bart(rng):
    from transformers.models.bart.modeling_bart import BartLearnedPositionalEmbedding
    module = rng.fill(BartLearnedPositionalEmbedding(16, 8))
    return dict(table=module.weight, out=module(torch.zeros(1, 7), past_key_values_length=3)[0])


@case("models.roberta.RobertaEmbeddings, create_position_ids_from_input_ids")
def roberta(rng):
    from transformers.models.roberta import RobertaConfig, modeling_roberta
    config = RobertaConfig(vocab_size=30, hidden_size=8, num_attention_heads=1, max_position_embeddings=20, pad_token_id=1)
    module, tokens = rng.fill(modeling_roberta.RobertaEmbeddings(config)), padded(rng)
    positions = module.create_position_ids_from_input_ids(tokens, 1)
    return dict(present=(tokens != 1).long(), table=module.position_embeddings.weight,
                out=module.position_embeddings(positions))


@case("models.gpt2.GPT2Model, the sum of wte and wpe")
def gpt2(rng):
    from transformers import GPT2Config, GPT2Model
    config = GPT2Config(vocab_size=30, n_positions=16, n_embd=8, n_layer=0, n_head=1, embd_pdrop=0.0)
    model, tokens = rng.fill(GPT2Model(config)), rng.integers(0, 30, 2, 9)
    seen = []
    model.drop.register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0]))
    model(tokens)
    return dict(x=model.wte(tokens), table=model.wpe.weight, out=seen[0])


@case("models.m2m_100.M2M100SinusoidalPositionalEmbedding, padding on both sides")
def m2m_100(rng):
    from transformers.models.m2m_100.modeling_m2m_100 import M2M100SinusoidalPositionalEmbedding
    module, tokens = M2M100SinusoidalPositionalEmbedding(20, 16, padding_idx=1), padded(rng)
    return dict(present=(tokens != 1).long(), out=module(tokens))


@case("models.m2m_100.M2M100SinusoidalPositionalEmbedding.get_embedding, odd width")
def m2m_100_odd(rng):
    from transformers.models.m2m_100.modeling_m2m_100 import M2M100SinusoidalPositionalEmbedding
    return dict(out=M2M100SinusoidalPositionalEmbedding.get_embedding(20, 17))


@case("models.marian.MarianSinusoidalPositionalEmbedding.create_weight")
def marian(rng):
    from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding
    return dict(out=MarianSinusoidalPositionalEmbedding(40, 16).create_weight())


@case("models.whisper.sinusoids")
def whisper(rng):
    from transformers.models.whisper.modeling_whisper import sinusoids
    return dict(out=sinusoids(40, 16))


main("transformers")
