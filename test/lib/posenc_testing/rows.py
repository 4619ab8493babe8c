"""Transforms of rows in NumPy float64, from the documentation of the dialect; they share nothing with the compiler.

Arrays are [B, H, T, D], tables broadcast to [B, H, T, P].
"""

import numpy as np


def pairs_of(layout, pairs, blocks=1):
    """The first and the second channel of each pair, from 0 on."""
    p = np.arange(pairs)
    if layout == "half":
        return p, p + pairs
    if layout == "interleaved":
        return 2 * p, 2 * p + 1
    width = pairs // blocks
    first = 2 * width * (p // width) + p % width
    return first, first + width


def rotate(x, cos, sin, layout, out=None, first=0, blocks=1, inverse=False, magnitude=1.0):
    pairs = cos.shape[-1]
    a, b = (first + c for c in pairs_of(layout, pairs, blocks))
    to_a, to_b = (first + c for c in pairs_of(out or layout, pairs, blocks))
    sin = -sin if inverse else sin
    y = x.copy()
    y[..., to_a] = magnitude * (x[..., a] * cos - x[..., b] * sin)
    y[..., to_b] = magnitude * (x[..., b] * cos + x[..., a] * sin)
    return y


def rotate_channels(x, cos, sin, layout, first=0):
    """By tables of one element per channel (V-JEPA2)."""
    a, b = pairs_of(layout, cos.shape[-1] // 2)
    y = x.copy()
    y[..., first + a] = x[..., first + a] * cos[..., a] - x[..., first + b] * sin[..., a]
    y[..., first + b] = x[..., first + b] * cos[..., b] + x[..., first + a] * sin[..., b]
    return y


def polar(x, phi, layout, delta=0.0):
    pairs = phi.shape[-1]
    mu = np.logaddexp(0.0, x[..., :pairs])
    turned = phi + np.clip(delta, -2 * np.pi, 0.0)
    parts = [mu * np.cos(turned), mu * np.sin(turned)]
    if layout == "concat":
        return np.concatenate([*parts, x[..., pairs:]], -1)
    mixed = np.stack(np.broadcast_arrays(*parts), -1)
    return np.concatenate([mixed.reshape(*mixed.shape[:-2], 2 * pairs), x[..., pairs:]], -1)


def temperature(kind, i, length, alpha=0.1):
    if kind == "llama4":
        return 1 + alpha * np.log(1 + np.floor((i + 1) / length))
    if kind == "ministral":
        return 1 + alpha * np.log(1 + np.floor(i / length))
    if kind == "inkling":
        return 1 + alpha * np.log(np.maximum((i + 1) / length, 1))
    return np.maximum(1.0, np.log(i + 1.0) / np.log(length))


def xpos_magnitude(p, pairs, center=0, gamma=0.4, base=512.0, inverse=False):
    r = 2.0 * pairs
    zeta = (2.0 * np.arange(pairs) + gamma * r) / ((1 + gamma) * r)
    exponent = (np.asarray(p, np.float64) - center)[..., None] / base
    return zeta ** (-exponent if inverse else exponent)
