"""Formats of matrix elements: bits of numbers that are small integers."""

from dataclasses import dataclass

import numpy as np


def small_float(values, exponent_bits, mantissa_bits, bias):
    """Bits of small integers in a float of 8 bits."""
    values = np.asarray(values, np.float64)
    magnitude = np.abs(values)
    exponent = np.floor(np.log2(np.where(magnitude > 0, magnitude, 1)))
    fraction = (magnitude / 2**exponent - 1) * 2**mantissa_bits
    bits = np.where(magnitude > 0, (exponent + bias) * 2**mantissa_bits + fraction, 0).astype(np.uint64)
    return bits | (values < 0).astype(np.uint64) << np.uint64(exponent_bits + mantissa_bits)


@dataclass
class Format:
    name: str
    bits: int
    encode: object  # integers to bits in the low end of uint64

    def pack(self, values):
        """Elements [lanes, n] to words [lanes, n · bits / 32]."""
        per = 32 // self.bits if self.bits < 32 else 1
        if self.bits == 64:
            return np.asarray(values, np.float64).view(np.int32)
        bits = self.encode(np.asarray(values)).reshape(len(values), -1, per)
        shifts = np.arange(per, dtype=np.uint64) * np.uint64(self.bits)
        return (bits << shifts).sum(axis=2).astype(np.uint32).view(np.int32)


def low_bits(bits):
    return lambda v: v.astype(np.int64).astype(np.uint64) & np.uint64(2**bits - 1)


F64 = Format("f64", 64, None)
F32 = Format("f32", 32, lambda v: v.astype(np.float32).view(np.uint32).astype(np.uint64))
F16 = Format("f16", 16, lambda v: v.astype(np.float16).view(np.uint16).astype(np.uint64))
BF16 = Format("bf16", 16, lambda v: v.astype(np.float32).view(np.uint32).astype(np.uint64) >> np.uint64(16))
I8, I4, I32 = Format("i8", 8, low_bits(8)), Format("i4", 4, low_bits(4)), Format("i32", 32, low_bits(32))
#: of the Open Compute Project (gfx950, gfx12), and the ones of gfx942
FP8, BF8 = (Format(n, 8, lambda v, e=e, m=m, b=b: small_float(v, e, m, b))
            for n, e, m, b in (("fp8", 4, 3, 7), ("bf8", 5, 2, 15)))
FP8_FNUZ, BF8_FNUZ = (Format(n, 8, lambda v, e=e, m=m, b=b: small_float(v, e, m, b))
                      for n, e, m, b in (("fp8", 4, 3, 8), ("bf8", 5, 2, 16)))
