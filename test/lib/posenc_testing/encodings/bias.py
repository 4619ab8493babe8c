"""Encodings by a bias of the distance, and masks (encodings.md 5, 6, 10, 12, 18, 19, 23)."""

import numpy as np

from ..catalogue import Encoding, Shapes
from . import parts
from .parts import bias_fn, bias_table, causal, t5, window

UNPADDED = {"gaps": "its positions are counted from the mask of the keys, one after the other",
            "future": "the queries are the last of the tokens that the mask counts"}
DOCUMENTS = {"future": "the queries are the last of the tokens that have ids"}
PAIRS = {"future": "of its two halves of heads, one would see nothing"}


def kerple(case):
    return -case.rng.uniform(0.1, 2, case.query_heads), case.rng.uniform(0.01, 1, case.query_heads)


def alibi(factor=1.0, maximum=8.0):
    return lambda case: [factor * parts.slopes(case.query_heads, maximum)]


def gym_slopes(case):
    h = np.arange(case.query_heads)
    return [2.0 ** (-8.0 * (h + 1) / case.query_heads)]


def falcon_slopes(case):
    """Rounded to bf16, and inside the multiplication by 1/√d."""
    words = parts.slopes(case.query_heads).astype(np.float32).view(np.uint32)
    rounded = ((words + 0x7FFF + ((words >> 16) & 1)) >> 16 << 16).astype(np.uint32).view(np.float32)
    return [rounded * np.float32(case.head_size**-0.5)]


def alibi_ops(case):
    """Press's slopes by posenc.alibi_slopes instead of an argument."""
    heads, name = case.query_heads, case.fresh("slopes")
    type_ = "tensor<%dxf32>" % heads
    case.prologue.append("%s = posenc.alibi_slopes press : %s" % (name, type_))
    line = "%%R = posenc.bias_fn %%S, %s[%%h] at(%%i, %%j) linear k_minus_q : %s, index" % (name, type_)
    slopes = parts.slopes(heads)
    return [line], lambda s: s.bias_fn("linear", [slopes], "k_minus_q")


def key_only(case):
    """Bloom: slope · (cumsum(mask) - 1) · mask of the key alone, the first keys of each row being padding."""
    pad = case.rng.integers(0, max(case.keys // 3, 1), case.batch)
    mask = (np.arange(case.keys) >= pad[:, None]).astype(np.int64)
    positions = (np.cumsum(mask, -1) - 1) * mask
    name, type_ = case.add_input(mask, "i64")
    made = case.fresh("p")
    slopes, slopes_type, heads = case.exact_input(parts.slopes(case.query_heads))
    case.prologue.append("%s = posenc.mask_positions %s padding 0 : %s -> %s" % (made, name, type_, type_))
    lines = ["%%p = tensor.extract %s[%%b, %%n] : %s" % (made, type_), "%pf = arith.sitofp %p : i64 to f32",
             "%%sl = tensor.extract %s[%%h] : %s" % (slopes, slopes_type), "%bias = arith.mulf %sl, %pf : f32",
             "%%real = tensor.extract %s[%%b, %%n] : %s" % (name, type_), "%zero = arith.constant 0 : i64",
             "%visible = arith.cmpi ne, %real, %zero : i64", "%biased = arith.addf %S, %bias : f32",
             "%inf = arith.constant 0xFF800000 : f32", "%R = arith.select %visible, %biased, %inf : f32"]

    def apply(s):
        s.add(heads[None, :, None, None].astype(np.float64) * positions[:, None, None, :])
        s.note()
        s.select(mask[:, None, None, :] != 0)
    return lines, apply


def one_sided(case):
    """Half the heads see only the past, half only the future; the slopes are those of H/2 heads (Press)."""
    half = case.query_heads // 2
    slopes = np.tile(parts.slopes(half), 2).astype(np.float32)
    name, type_, slopes = case.exact_input(-slopes)
    lines = ["%%biased = posenc.bias_fn %%S, %s[%%h] at(%%i, %%j) linear absolute : %s, index" % (name, type_),
             "%%half = arith.constant %d : index" % half, "%first = arith.cmpi ult, %h, %half : index",
             "%past = arith.cmpi sle, %j, %i : index", "%future = arith.cmpi sge, %j, %i : index",
             "%visible = arith.select %first, %past, %future : i1",
             "%inf = arith.constant 0xFF800000 : f32", "%R = arith.select %visible, %biased, %inf : f32"]

    def apply(s):
        s.bias_fn("linear", [slopes], "absolute")
        s.note()
        first = np.arange(case.query_heads)[None, :, None, None] < half
        s.select(np.where(first, s.j <= s.i, s.j >= s.i))
    return lines, apply


def sandwich(case):
    heads = case.query_heads
    return [heads / (8.0 * (np.arange(heads) + 1))]


def retnet(case):
    """RetNet's decay under a softmax: slope -ln gamma."""
    return [-np.log(1 - 2.0 ** (-5 - np.arange(case.query_heads)))]


def retnet_factor(case):
    """The decay itself, a factor of the score: gamma^D = exp(ln(gamma) D)."""
    return [np.ones(case.query_heads), np.log(1 - 2.0 ** (-5 - np.arange(case.query_heads)))]


CLIP = dict(kind="clip", sign="k_minus_q", left=8, right=5)
PHI4 = dict(kind="clip", sign="k_minus_q", left=20, right=19)
TABLE = "add, function of i - j, per head"
ENCODINGS = [
    Encoding("nope", "18", (causal,), structure=("mask, function of i - j",)),
    Encoding("t5", "5", (t5(32, 128, True),), scale=1.0, structure=(TABLE,)),
    Encoding("t5-causal", "5", (t5(32, 128, False), causal), scale=1.0, structure=(TABLE, "mask, function of i - j")),
    Encoding("t5-umt5", "5", (t5(64, 256, True),), scale=1.0, structure=(TABLE,)),
    Encoding("t5-wavlm-table", "5", (t5(320, 800, True),), structure=(TABLE,)),
    Encoding("clip-table", "5", (bias_table(CLIP, 14),), structure=(TABLE,)),
    Encoding("clip-phi4-audio", "5", (bias_table(PHI4, 40),), structure=(TABLE,)),
    Encoding("alibi", "6", (alibi_ops, causal), structure=("add, affine in i - j", "mask, function of i - j")),
    Encoding("alibi-symmetric", "6", (bias_fn("linear", "absolute", alibi(-1.0)),), structure=("add, affine in |i - j|",)),
    Encoding("alibi-nonsymmetric", "6", (one_sided,), shapes=Shapes(heads=(2, 4), no=PAIRS),
             structure=("add, affine in |i - j|", "mask, function of i - j, per head")),
    Encoding("alibi-mpt", "6", (bias_fn("linear", "k_minus_q", alibi(1.0, 4.0)), causal), structure=("add, affine in i - j",)),
    Encoding("alibi-gym", "6", (bias_fn("linear", "k_minus_q", gym_slopes), causal), structure=("add, affine in i - j",)),
    Encoding("alibi-falcon", "6", (bias_fn("linear", "k_minus_q", falcon_slopes), causal), structure=("add, affine in i - j",)),
    Encoding("alibi-bloom", "6", (key_only, causal), shapes=Shapes(no=UNPADDED), structure=("reads",)),
    Encoding("kerple-log", "10", (bias_fn("log", "absolute", kerple), causal), structure=(TABLE,)),
    Encoding("sandwich", "12", (bias_fn("cosine_sum", "absolute", sandwich, terms=64), causal), structure=(TABLE,)),
    Encoding("retnet-bias", "19", (bias_fn("linear", "k_minus_q", retnet), causal), structure=("add, affine in i - j",)),
    Encoding("retnet-decay", "19", (bias_fn("exponential", "q_minus_k", retnet_factor, multiply=True), causal),
             structure=("multiply",)),
    Encoding("sliding-window", "23", (window(15),), structure=("[0, 15] varies, [16, inf) masked",)),
    Encoding("local-window", "23", (window(9, 6),), structure=("[-6, 9] varies, [10, inf) masked",)),
    Encoding("softcap", "23", (parts.softcap(50.0), causal), structure=("posenc.softcap",)),
    Encoding("gemma2", "23", (parts.softcap(50.0), window(11)), structure=("[0, 11] varies", "posenc.softcap")),
    Encoding("chunked", "18", (parts.chunked(16), causal), structure=("mask", "mask, function of i - j")),
    Encoding("prefix", "23", (parts.prefix(7),), structure=("mask",)),
    Encoding("documents", "23", (parts.documents, causal), shapes=Shapes(no=DOCUMENTS), structure=("mask", "mask")),
    Encoding("key-padding", "23", (parts.key_padding,), structure=("mask",)),
    Encoding("block-sparse", "23", (parts.block_sparse(8, 3), causal), structure=("mask", "mask")),
]
