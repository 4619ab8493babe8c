"""Transforms of rows: rotations beyond the plain one, magnitudes, temperatures, the polar form
(encodings.md 8, 9, 16, 18, 19, 21)."""

import numpy as np

from .. import frequencies, producers, rows
from ..catalogue import Encoding, Shapes
from . import parts

PAIRS = (16, 32, 64)      # Head sizes whose quarter is even.
F32 = {"bf16": "what posenc.polar makes is rounded to the element type: compared in Producers/rows.py"}


def positions(case, side, axes=None):
    """Name, type and values of the positions of one side: [T] or [B,T], or [A,T] of `axes(case, side)`."""
    if axes:
        values = axes(case, side)
    else:
        values = case.position_values[side]
        values = values[0] if len(values) == 1 else values
    values = np.ascontiguousarray(values).astype(np.int64)
    # The number of axes is static.
    name, type_ = case.add_input(values, "i64", case._type(values.shape, "i64", 1 if axes else 0))
    return name, type_, values


def frequency(case, freq):
    """Name, type, values and magnitude's name of a Freq, or of an array."""
    w = case.fresh("w")
    if not isinstance(freq, frequencies.Freq):
        return (*case.exact_input(freq, "tensor<%sxf32>" % "x".join(map(str, np.shape(freq)))), None)
    type_, m = "tensor<%dxf32>" % (freq.dim // 2), case.fresh("m")
    case.prologue.append("%s, %s = posenc.inv_freq %s : %s, f32" % (w, m, freq.attribute(), type_))
    return w, type_, frequencies.exact(freq), m


def angles(case, side, w, axes=None, axis_map=None, per_head=False):
    """Name, type and, as a function, the values [B or 1, H or 1, T, P] of a side's angles."""
    name, type_, p = positions(case, side, axes)
    w_name, w_type, w_values, _ = w
    extents = type_[7:-1].split("x")[:-1][1 if axes else 0:]
    if per_head:
        extents.insert(len(extents) - 1, str(w_values.shape[0]))
    result, made = "tensor<%s>" % "x".join(extents + [str(w_values.shape[-1]), "f32"]), case.fresh("phi")
    clause = " axes <%s, [%s]>" % (axis_map[0], ", ".join(map(str, axis_map[1]))) if axes else ""
    case.prologue.append("%s = posenc.angles %s by(%s)%s%s : %s, %s -> %s" % (
        made, name, w_name, clause, " per_head" if per_head else "", type_, w_type, result))

    def values():
        if per_head:
            phi = p[..., None, :, None] * w_values[:, None, :]
            return phi if phi.ndim == 4 else phi[None]
        phi = producers.angles(p, w_values, producers.axis_map(*axis_map) if axes else None)
        return phi[:, None] if phi.ndim == 3 else phi[None, None]
    return made, result, values


def row(text, type_, rank_of, apply):
    """One transform of rows, its table read at (h, t) or (b, t)."""
    at = "%b, %h, %t" if rank_of == "h" else "%b, %t"
    return ["%%Y = posenc.%s : !posenc.row, %s" % (text.replace("AT", "at(%s)" % at), type_)], apply


def rotary(freq=None, layout="half", fields="", tensors="qk", axes=None, axis_map=None, per_head=False,
           scaled=False, **options):
    """Rotations of some tensors; `freq(case, channels)` gives a Freq or an array, `options` go to rows.rotate."""
    def prepare(case):
        for side in "qk":
            of = [t for t in tensors if ("q" if t in "qo" else "k") == side]
            if not of:
                continue
            channels = case.head_size if of[0] in "qk" else case.value_size
            heads = case.query_heads if side == "q" else case.key_heads
            given = freq(case, channels, heads) if per_head else freq(case, channels)
            w = frequency(case, given)
            found = (*angles(case, side, w, axes, axis_map, per_head), w[3],
                     frequencies.magnitude(given) if scaled else 1.0)
            case.state.update({"row_" + t: found for t in of})

    def turn(case, tensor):
        name, type_, phi, m, mu = case.state["row_" + tensor]
        more = dict(options, inverse=True) if tensor == "o" else options
        text = "rotate %%X AT by(%s) %s%s%s%s" % (name, layout, fields, " inverse" if tensor == "o" else "",
                                                 " magnitude(%s : f32)" % m if scaled else "")
        return row(text, type_, "h" if per_head else "b",
                   lambda x: rows.rotate(x, np.cos(phi()), np.sin(phi()), layout, magnitude=mu, **more))
    return dict(setup=(prepare,), rows={t: (turn,) for t in tensors})


def plain(kind="default", share=1, **fields):
    return lambda case, channels: frequencies.Freq(kind, channels // share // 2 * 2, fields)


def factors(case, channels):
    """LongRoPE's, for positions within the original length."""
    pairs = channels // 2
    return frequencies.Freq("longrope", channels, dict(
        factor=4.0, original_length=4096, short=[1.0 + 0.02 * k for k in range(pairs)],
        long=[1.0 + 0.5 * k for k in range(pairs)]))


def highest(case, channels):
    """HoPE: the pairs that turn once within 64 positions rotate, the others do not."""
    w = 10000.0 ** (-2.0 * np.arange(channels // 2) / channels)
    return np.where(w * 64 >= 2 * np.pi, w, 0.0)


def learned(case, channels, heads):
    """CARoPE, GRAPE-M: exp of a learned logarithm, per head."""
    return np.exp(-case.rng.uniform(0, 4, (heads, channels // 2)))


def cells(offset=0):
    """Rows and columns of the grid; the queries are its last cells."""
    def make(case, side):
        grid = producers.grid_positions(case.grid) + offset
        return grid if side == "k" else grid[:, case.keys - case.queries:]
    return make


def three(case, side):
    """Time, row and column of Qwen2-VL's tokens: text, an image of 3 columns, text."""
    t = np.arange(case.keys)
    image = (t >= 4) & (t < 4 + 9)
    p = np.stack([np.where(image, 4, t), np.where(image, 4 + (t - 4) // 3, t), np.where(image, 4 + (t - 4) % 3, t)])
    first = case.keys - case.queries
    if side == "k":
        return p
    return p[:, first:] if first >= 0 else np.pad(p, [(0, 0), (-first, 0)], mode="edge")


def grid_rotary(layout, fields="", base=100.0, offset=0, pairs=16, **options):
    def freq(case, channels):
        w = base ** (-2.0 * np.arange(channels // 4) / (channels // 2))
        return np.concatenate([w, w])
    return rotary(freq, layout, fields, axes=cells(offset), axis_map=("sections", [pairs // 2, pairs // 2]),
                  **options)


def vjepa2():
    """Tables that are tiled, partners that are interleaved: no rotation."""
    def prepare(case):
        for side in "qk":
            _, _, p = positions(case, side)
            w = 10000.0 ** (-2.0 * np.arange(case.head_size // 2) / case.head_size)
            phi = np.concatenate([p[..., None] * w] * 2, -1)
            made = [case.exact_input(np.cos(phi))]
            made.append(case.exact_input(np.sin(phi), made[0][1]))   # R2: of one type.
            case.state["row_" + side] = made

    def turn(case, tensor):
        made = case.state["row_" + tensor]
        cos, sin = ((t[:, None] if t.ndim == 3 else t) for _, _, t in made)
        text = "rotate %%X AT by(%s, %s) interleaved per_channel" % (made[0][0], made[1][0])
        return row(text, ", ".join(type_ for _, type_, _ in made), "b",
                   lambda x: rows.rotate_channels(x, cos, sin, "interleaved"))
    return dict(setup=(prepare,), rows=dict(q=(turn,), k=(turn,)))


def xpos():
    """Interleaved, with magnitudes around one centre for both sides."""
    base = rotary(plain(), "interleaved")

    def prepare(case):
        center = int(case.position_values["k"].max()) // 2
        c, _ = case.add_input(np.array(center, np.int64), "index")
        for side in "qk":
            name, type_, p = positions(case, side)
            pairs = case.head_size // 2
            result, made = "%s%dxf32>" % (type_[:-4], pairs), case.fresh("mu")
            case.prologue.append("%s = posenc.xpos_magnitude %s center(%s)%s : %s -> %s" % (
                made, name, c, " inverse" if side == "k" else "", type_, result))
            mu = rows.xpos_magnitude(p, pairs, center, inverse=side == "k")
            case.state["mu_" + side] = made, result, mu[:, None] if mu.ndim == 3 else mu

    def turn(case, tensor):
        name, type_, phi = case.state["row_" + tensor][:3]
        made, made_type, mu = case.state["mu_" + tensor]
        text = "rotate %%X AT by(%s) interleaved magnitude(%s : %s)" % (name, made, made_type)
        return row(text, type_, "b", lambda x: rows.rotate(x, np.cos(phi()), np.sin(phi()), "interleaved", magnitude=mu))
    return dict(setup=base["setup"] + (prepare,), rows=dict(q=(turn,), k=(turn,)))


def temperature(kind, length, alpha=None):
    """A factor of the query, by its position."""
    def prepare(case):
        name, type_, p = positions(case, "q")
        result, made = type_.replace("i64", "f32"), case.fresh("tau")
        case.prologue.append("%s = posenc.temperature %s %s%s length %r : %s -> %s" % (
            made, name, kind, " alpha %r" % alpha if alpha else "", length, type_, result))
        tau = rows.temperature(kind, p.astype(np.float64), length, float(np.float32(alpha or 0.1)))
        case.state["tau"] = made, result, tau[:, None, :, None] if tau.ndim == 2 else tau[:, None]

    def scale(case, tensor):
        name, type_, tau = case.state["tau"]
        return row("row_scale %%X AT by(%s)" % name, type_, "b", lambda x: x * tau)
    return dict(setup=(prepare,), rows=dict(q=(scale,)))


def wall():
    """Gates per channel: q times e^P_i, k times e^-P_j, both around the middle."""
    def prepare(case):
        steps = case.rng.uniform(0, 0.02, (case.keys, case.head_size))
        prefix = -np.cumsum(steps, 0)
        prefix -= prefix[case.keys // 2]
        index = np.clip(np.arange(case.queries) + case.keys - case.queries, 0, case.keys - 1)
        for side, table in (("q", np.exp(prefix[index])), ("k", np.exp(-prefix))):
            case.state["gate_" + side] = case.exact_input(table)

    def scale(case, tensor):
        name, type_, table = case.state["gate_" + tensor]
        return row("row_scale %%X AT by(%s) per_channel" % name, type_, "b", lambda x: x * table)
    return dict(setup=(prepare,), rows=dict(q=(scale,), k=(scale,)))


def pope(layout, share=1):
    """q and k become polar before attention: twice the channels (or, partial, so many more)."""
    def prepare(case):
        pairs = case.head_size // share
        w = frequency(case, 10000.0 ** (-np.arange(pairs) / pairs))
        d_name, d_type, delta = case.exact_input(case.rng.uniform(-7, 1, (case.key_heads, pairs)),
                                                 "tensor<%dx%dxf32>" % (case.key_heads, pairs))
        for tensor in "qk":
            name, type_, phi = angles(case, tensor, w)
            source, source_type = case.tensors[tensor]
            extents = source_type[7:-1].split("x")
            if extents[-2] != "?":
                extents[-2] = str(int(extents[-2]) + pairs)
            result, made = "tensor<%s>" % "x".join(extents), case.fresh("polar")
            phase = " phase(%s : %s)" % (d_name, d_type) if tensor == "k" else ""
            case.prologue.append("%s = posenc.polar %s by(%s)%s %s : %s, %s -> %s" % (
                made, source, name, phase, layout, source_type, type_, result))
            case.tensors[tensor] = made, result
            case.before.append((tensor, lambda x, phi=phi, key=tensor == "k": rows.polar(
                x, phi(), layout, delta[None, :, None, :] if key else 0.0)))
    return dict(setup=(prepare,))



def causal(name, section, **fields):
    """What happens to rows is no part of the score region: it holds the mask alone."""
    return Encoding(name, section, (parts.causal,), structure=("mask, function of i - j; (-inf, -1] hidden",), **fields)


FIRST = Shapes(no={"future": "positions count from 0"})
SIXTEEN = Shapes(head_sizes=(32,), grid=2)
ENCODINGS = [
    causal("rope-proportional", "8", **rotary(plain("proportional", proportion=0.5))),
    causal("rope-linear", "8", **rotary(plain("linear", factor=4.0))),
    causal("rope-ntk", "8", **rotary(plain("ntk", alpha=8.0))),
    causal("rope-yarn", "8", **rotary(
        plain("yarn", factor=16.0, original_length=64), scaled=True)),
    causal("rope-yarn-partial", "8", shapes=Shapes(head_sizes=PAIRS), **rotary(
        plain("yarn", share=2, factor=16.0, original_length=64), scaled=True)),
    causal("rope-longrope", "8", **rotary(factors, scaled=True)),
    causal("rope-llama3", "8", **rotary(plain(
        "llama3", base=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_length=64))),
    causal("hope-high-frequency", "8", **rotary(highest)),
    causal("rope-deepseek", "8", shapes=Shapes(head_sizes=(24, 40)), **rotary(
        lambda case, channels: frequencies.Freq("default", 16, {}), "interleaved", " out half channel_offset 8",
        out="half", first=8)),
    causal("rope-opposite", "8", **rotary(plain(), "half", " inverse", inverse=True)),
    causal("rope-value", "8", shapes=Shapes(same_values=True, head_sizes=(16, 32)),
             **rotary(plain(), "interleaved", tensors="qkvo")),
    causal("rope-per-head", "21", **rotary(learned, per_head=True)),
    Encoding("rope-axial", "16", shapes=SIXTEEN, **grid_rotary("interleaved")),
    Encoding("rope-axial-qwen", "16", shapes=SIXTEEN, **grid_rotary("half", base=10000.0)),
    Encoding("rope-block-half", "16", shapes=SIXTEEN, **grid_rotary("block_half", " = 2", blocks=2)),
    Encoding("rope-llama4-vision", "16", shapes=SIXTEEN, **grid_rotary("interleaved", base=10000.0, offset=1)),
    causal("rope-mrope", "16", shapes=Shapes(head_sizes=(32,), no={"gaps": "three positions"}), **rotary(
        plain(), "half", axes=three, axis_map=("sections", [4, 6, 6]))),
    causal("rope-mrope-interleaved", "16", shapes=Shapes(head_sizes=(32,), no={"gaps": "three positions"}),
             **rotary(plain(), "half", axes=three, axis_map=("interleaved", [6, 5, 5]))),
    causal("rope-ernie", "16", shapes=Shapes(head_sizes=(32,), no={"gaps": "three positions"}), **rotary(
        plain(), "interleaved", axes=three, axis_map=("list", [1, 2] * 6 + [0] * 4))),
    Encoding("rope-vjepa2", "16", **vjepa2()),
    causal("xpos", "9", **xpos()),
    causal("temperature-llama4", "18", shapes=FIRST, **temperature("llama4", 8.0)),
    causal("temperature-ministral", "18", shapes=FIRST, **temperature("ministral", 8.0, 0.25)),
    causal("temperature-inkling", "18", shapes=FIRST, **temperature("inkling", 16.0)),
    causal("log-n", "18", shapes=FIRST, **temperature("logn", 12.0)),
    causal("wall", "19", **wall()),
    causal("pope", "21", shapes=Shapes(head_sizes=(8, 16, 24), no=F32), **pope("interleaved")),
    causal("pope-partial", "21", shapes=Shapes(head_sizes=(16, 24), no=F32), **pope("concat", 2)),
]
