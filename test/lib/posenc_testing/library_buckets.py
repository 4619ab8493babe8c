"""The rows that libraries choose, step by step in their f32 arithmetic, and the exact ones.

A logarithm is rounded once from float64 here, so that every machine gets the same; PyTorch's and NumPy's own are within an ulp.
`*_library` restate published formulas (T5, DeBERTa, iRPE), `*_exact` decide by integers of any size.
"""

import math

import numpy as np

F32 = np.float32


def log32(x):
    return np.log(np.asarray(x, F32).astype(np.float64)).astype(F32)


def t5_library(relative, num_buckets, max_distance, bidirectional):
    """transformers' _relative_position_bucket, relative = j - i; the row after its own clamp."""
    base = 0
    if bidirectional:
        num_buckets //= 2
        base, a = (relative > 0) * num_buckets, np.abs(relative)
    else:
        a = np.maximum(-relative, 0)
    exact = num_buckets // 2
    steps = log32(np.maximum(a, 1).astype(F32) / F32(exact)) / F32(math.log(max_distance / exact))
    large = np.minimum(exact + (steps * F32(num_buckets - exact)).astype(np.int64), num_buckets - 1)
    return base + np.where(a < exact, a, large)


def deberta_library(relative, size, top):
    """transformers' make_log_bucket_position of i - j, and the clamp of the index."""
    middle, a = size // 2, np.abs(relative)
    a = np.where((relative < middle) & (relative > -middle), middle - 1, a)
    ratio = log32(a.astype(F32) / F32(middle)) / log32(F32((top - 1) / middle))
    steps = np.ceil(ratio * F32(middle - 1)) + F32(middle)
    delta = np.where(a <= middle, relative.astype(F32), steps * np.sign(relative).astype(F32)).astype(np.int64)
    return np.clip(delta + size, 0, 2 * size - 1)


def deberta_microsoft(relative, size, top):
    """Microsoft's code clamps the distance before the same formula."""
    return deberta_library(np.clip(relative, 1 - top, top - 1), size, top)


def irpe_library(x, alpha, beta, gamma):
    """piecewise_index of iRPE (microsoft/Cream) of a signed distance, plus int(beta)."""
    a = np.abs(x)
    ratio = log32(np.maximum(a, 1).astype(F32) / F32(alpha)) / F32(math.log(gamma / alpha))
    outer = np.round(F32(alpha) + ratio * F32(beta - alpha))
    outer = np.sign(x) * np.minimum(outer, F32(beta))
    return np.where(a <= alpha, x, outer.astype(np.int64)) + int(beta)


#
# Exact
#

def _search(guess, first, last, reached):
    """The smallest integer in [first, last] that is reached, `last` if none below it is."""
    a = min(max(int(guess) - 1, first), last)
    while a < last and not reached(a):
        a += 1
    while a > first and reached(a - 1):
        a -= 1
    return a


def _count(thresholds, a):
    return np.searchsorted(np.array(thresholds, np.int64), a, side="right")


def t5_exact(relative, num_buckets, max_distance, bidirectional):
    half = num_buckets // 2 if bidirectional else num_buckets
    exact, steps = half // 2, half - half // 2
    thresholds = [_search(exact * (max_distance / exact) ** (k / steps), exact, max_distance,
                          lambda a, k=k: a**steps * exact**k >= exact**steps * max_distance**k)
                  for k in range(1, steps)]
    base = (relative > 0) * half if bidirectional else 0
    a = np.abs(relative) if bidirectional else np.maximum(-relative, 0)
    return base + np.where(a < exact, a, exact + _count(thresholds, a))


def deberta_exact(relative, size, top, microsoft=False):
    middle, steps = size // 2, size // 2 - 1
    thresholds = [middle + 1]
    for k in range(1, middle):
        thresholds.append(_search(middle * ((top - 1) / middle) ** (k / steps), middle + 1, top,
                                  lambda a, k=k: a**steps * middle**k > middle**steps * (top - 1)**k))
    a = np.abs(relative)
    a = np.minimum(a, top - 1) if microsoft else a
    delta = np.where(a <= middle, a, middle + _count(thresholds, a))
    return size + np.where(relative < 0, -delta, np.minimum(delta, size - 1))


#
# What is compared
#

# (num_buckets, max_distance, bidirectional): T5, UMT5 and LayoutLMv3's coordinates, WavLM, long ones.
T5 = [(32, 128, True), (32, 128, False), (64, 256, True), (64, 128, True), (320, 800, True), (512, 2048, True),
      (32, 256, True), (16, 64, False), (64, 256, False), (128, 512, True), (256, 1024, True), (32, 4096, False)]
# (size, max): v2 and v3, then others; the last is the one that is not exact.
DEBERTA = [(256, 512), (128, 512), (32, 128), (64, 256), (256, 1024), (512, 2048), (16, 64), (8, 16), (1024, 4096)]
# (alpha, beta, gamma) of iRPE's rpe_config: ratio 1.9 and its multiples.
IRPE = [(1.9, 3.8, 15.2), (1.0, 2.0, 8.0), (2.0, 4.0, 16.0), (3.0, 6.0, 24.0), (9.5, 19.0, 76.0), (20.0, 40.0, 160.0)]
# Distances where the library's f32 logarithm gives another row than exact arithmetic: docs/Numerics.md#buckets.
DISAGREE = {("deberta", 1024, 4096): [-3396, 3396]}
