"""Rotary encodings of one axis with plain frequencies (encodings.md 8)."""

from ..catalogue import Encoding, Shapes
from . import parts

EVEN_QUARTERS = (16, 24, 32, 40, 64)

ENCODINGS = [
    Encoding("rope", "8", (parts.causal,), **parts.rotated()),
    Encoding("rope-interleaved", "8", (parts.causal,), **parts.rotated("interleaved")),
    Encoding("rope-partial", "8", (parts.causal,), shapes=Shapes(head_sizes=EVEN_QUARTERS),
             **parts.rotated(channels=lambda d: d // 4 * 2)),
    Encoding("rope-bidirectional", "8", (), **parts.rotated(base=100.0)),
]
