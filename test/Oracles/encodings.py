# REQUIRES: oracles
# RUN: %python %s
"""Encodings as PyTorch and transformers compute them, against the reference and the CPU kernel."""
import unittest

import numpy as np
import torch
import torch.nn.functional as F

import posenc

B, HQ, HKV, TQ, TK, D = 2, 4, 2, 37, 53, 32
TARGETS = ("reference", "cpu")


def tensor(*shape):
    return "tensor<" + "".join(f"{n}x" for n in shape) + "f32>"


def attention(region, captured="", offset=None, tq=TQ, tk=TK, hkv=HKV):
    """A module with one attention op; `captured` declares further arguments."""
    q, k = tensor(B, HQ, tq, D), tensor(B, hkv, tk, D)
    offsets = "" if offset is None else " offsets(q = %off)"
    constant = "" if offset is None else f"  %off = arith.constant {offset} : index\n"
    return f"""
func.func @main(%q: {q}, %k: {k}, %v: {k}, %init: {q}{captured}) -> {q} {{
{constant}  %o = posenc.attention scale({D ** -0.5!r}) ins(%q, %k, %v : {q}, {k}, {k}) outs(%init : {q}){offsets}
      score(%s, %b, %h, %m, %n) {{
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    {region}
    posenc.yield %r : f32
  }}
  return %o : {q}
}}
"""


def random(*shape):
    return torch.randn(*shape)


class Encodings(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.q, self.k, self.v = random(B, HQ, TQ, D), random(B, HKV, TK, D), random(B, HKV, TK, D)

    def check(self, module, arguments, expected):
        for target in TARGETS:
            (out,) = posenc.run(module, [np.asarray(a) for a in arguments], target=target)
            np.testing.assert_allclose(out, expected.numpy(), rtol=1e-5, atol=2e-6, err_msg=target)

    def arguments(self, *captured):
        return [self.q, self.k, self.v, torch.zeros_like(self.q), *captured]

    def test_causal_with_grouped_heads(self):
        i, j = torch.arange(TQ)[:, None] + TK - TQ, torch.arange(TK)
        expected = F.scaled_dot_product_attention(self.q, self.k, self.v, attn_mask=j <= i, enable_gqa=True)
        module = attention("%r = posenc.mask %s at(%i, %j) <causal>", offset=TK - TQ)
        self.check(module, self.arguments(), expected)

    def test_alibi(self):
        from transformers.models.bloom.modeling_bloom import build_alibi_tensor
        ones = torch.ones(B, TK)
        # slope · key position: differs from slope · (j − i) by a constant per row, which softmax ignores.
        bias = build_alibi_tensor(ones, HQ, torch.float32).reshape(B, HQ, 1, TK)
        slopes = bias[0, :, 0, 1] - bias[0, :, 0, 0]
        i, j = torch.arange(TQ)[:, None] + TK - TQ, torch.arange(TK)
        mask = bias.expand(B, HQ, TQ, TK).masked_fill(j > i, -torch.inf)
        expected = F.scaled_dot_product_attention(self.q, self.k, self.v, attn_mask=mask, enable_gqa=True)
        module = attention(f"""%x = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<{HQ}xf32>, index
    %r = posenc.mask %x at(%i, %j) <causal>""", f", %slopes: tensor<{HQ}xf32>", TK - TQ)
        self.check(module, self.arguments(slopes), expected)

    def test_softcap_and_window(self):
        from transformers import Gemma2Config
        from transformers.models.gemma2.modeling_gemma2 import eager_attention_forward
        config = Gemma2Config(hidden_size=HQ * D, num_attention_heads=HQ, num_key_value_heads=HKV, head_dim=D,
                              attn_implementation="eager")
        layer = torch.nn.Module().eval()
        layer.num_key_value_groups, layer.config = HQ // HKV, config
        i, j = torch.arange(TQ)[:, None] + TK - TQ, torch.arange(TK)
        mask = torch.zeros(TQ, TK).masked_fill((j > i) | (j <= i - 16), -torch.inf)[None, None]
        out, _ = eager_attention_forward(layer, self.q, self.k, self.v, mask, scaling=D ** -0.5, softcap=2.0)
        module = attention("""%x = posenc.softcap %s cap(2.0)
    %r = posenc.mask %x at(%i, %j) <window, left = 15, right = 0>""", offset=TK - TQ)
        self.check(module, self.arguments(), out.transpose(1, 2))

    def test_rope_half(self):
        from transformers.models.llama.modeling_llama import apply_rotary_pos_emb
        phi = torch.arange(TQ)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
        full = torch.cat([phi, phi], -1)[None]
        expected, _ = apply_rotary_pos_emb(self.q, self.q, full.cos(), full.sin())
        self.rotate("half", expected, phi)

    def test_rope_interleaved(self):
        from transformers.models.gptj.modeling_gptj import apply_rotary_pos_emb
        phi = torch.arange(TQ)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
        expected = apply_rotary_pos_emb(self.q.transpose(1, 2), phi.sin()[None], phi.cos()[None]).transpose(1, 2)
        self.rotate("interleaved", expected, phi)

    def rotate(self, layout, expected, phi):
        q, angles = tensor(B, HQ, TQ, D), tensor(TQ, D // 2)
        module = f"""
func.func @main(%x: {q}, %c: {angles}, %s: {angles}) -> {q} {{
  %y = posenc.rotate %x by(%c, %s) {layout} : {q}, {angles}, {angles}
  return %y : {q}
}}
"""
        self.check(module, [self.q, phi.cos(), phi.sin()], expected)


unittest.main()
