"""f32, f16 and bf16 arrays as .npy files carry them."""

import numpy as np

# Unit roundoff and half the smallest subnormal, the absolute error of underflow.
ROUNDOFF = {"f32": 2.0**-24, "f16": 2.0**-11, "bf16": 2.0**-8}
UNDERFLOW = {"f32": 2.0**-150, "f16": 2.0**-25, "bf16": 2.0**-134}


def encode(values, dtype):
    """The nearest array of this type; bf16 as 16-bit words."""
    values = np.asarray(values, np.float32)
    if dtype == "f32":
        return values
    if dtype == "f16":
        return values.astype(np.float16)
    words = values.view(np.uint32)
    return ((words + 0x7FFF + ((words >> 16) & 1)) >> 16).astype(np.uint16)


def decode(array, dtype):
    """float64 of what `encode` made."""
    if dtype == "bf16":
        # NumPy makes a number of a shifted array without dimensions.
        bits = np.asarray(array.astype(np.uint32) << 16)
        return bits.view(np.float32).astype(np.float64)
    return array.astype(np.float64)
