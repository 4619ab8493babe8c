"""Positions, angles and sinusoids in NumPy float64, and how a test runs one function on all targets."""

import shutil
import tempfile

import numpy as np

from . import runner

TARGETS = ("reference", "cpu", "emulate:sm_90a")


def run_all(module, inputs, num_results, targets=TARGETS):
    """(target, results) for each target."""
    for target in targets:
        folder = tempfile.mkdtemp(prefix="posenc-producer-")
        results = runner.run(module, inputs, num_results, target, folder)
        shutil.rmtree(folder)
        yield target, results


def mask_positions(mask, offset=0, padding=None):
    """As libraries write it: cumsum(mask) * mask - 1 + offset."""
    mask = (np.asarray(mask) != 0).astype(np.int64)
    positions = np.cumsum(mask, axis=-1) * mask - 1 + offset
    return positions if padding is None else np.where(mask == 1, positions, padding)


def grid_positions(sizes):
    """Row by row, the last axis fastest: [axes, tokens]."""
    return np.stack([axis.ravel() for axis in np.meshgrid(*map(np.arange, sizes), indexing="ij")])


def axis_map(kind, params):
    """The axis that each pair reads."""
    if kind == "list":
        return np.array(params)
    if kind == "sections":
        return np.repeat(np.arange(len(params)), params)
    axes = np.zeros(sum(params), np.int64)
    for axis, size in enumerate(params[1:], 1):
        axes[axis:len(params) * size:len(params)] = axis
    return axes


def angles(positions, w, axes=None, phase=0.0, dtype=np.float64):
    """p · w, in the given type; positions [axes, ..., T] with a map of axes."""
    positions, w = np.asarray(positions).astype(dtype), np.asarray(w, dtype)
    read = positions[..., None] if axes is None else np.moveaxis(positions[axes], 0, -1)
    return read * w + np.asarray(phase, dtype)


def sincos(phi, layout, channels=None, blocks=None, cos_first=False):
    """The encoding of angles [..., P], in `channels` channels."""
    parts = [np.sin(phi), np.cos(phi)][::-1 if cos_first else 1]
    pairs = phi.shape[-1]
    if layout == "interleaved":
        table = np.stack(parts, -1).reshape(*phi.shape[:-1], 2 * pairs)
    else:
        count = blocks or 1
        split = [np.split(part, count, -1) for part in parts]
        table = np.concatenate([part[b] for b in range(count) for part in split], -1)
    padding = (channels or 2 * pairs) - 2 * pairs
    return np.concatenate([table, np.zeros((*phi.shape[:-1], padding))], -1)
