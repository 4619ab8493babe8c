"""Rotary encodings of one axis with plain frequencies, and positions that are drawn (encodings.md 8, 20)."""

from ..catalogue import Encoding, Shapes
from . import parts

EVEN_QUARTERS = (16, 24, 32, 40, 64)

RANDOM = {"future": "a query has the position of one of the keys"}

ENCODINGS = [
    Encoding("rope", "8", (parts.causal,), **parts.rotated()),
    Encoding("rope-interleaved", "8", (parts.causal,), **parts.rotated("interleaved")),
    Encoding("rope-partial", "8", (parts.causal,), shapes=Shapes(head_sizes=EVEN_QUARTERS),
             **parts.rotated(channels=lambda d: d // 4 * 2)),
    Encoding("randomised-positions", "20", (parts.t5(32, 128, False), parts.causal), shapes=Shapes(gaps=True, no=RANDOM),
             structure=("add, function of i - j", "mask, function of i - j"), **parts.rotated()),
    Encoding("rope-bidirectional", "8", (), **parts.rotated(base=100.0)),
]
