"""Attentions that choose among several rotated copies of q and k by the distance (encodings.md 8, 18): the first product is that
of the op, the others are low ranks of the head size, computed onto 0.
"""

import numpy as np

from .. import frequencies, rows
from ..catalogue import Encoding, Shapes
from . import parts
from .rows import frequency, plain, rotary


def copy_of(case, tensor, remap):
    """q or k rotated at other positions, as an f32 tensor before attention: its name, type, and what it does to [B,H,T,D]."""
    name, type_ = case.tensors[tensor]
    wide = type_.replace("bf16", "f32")
    if wide != type_:
        plain_name, name = name, case.fresh("wide")
        case.prologue.append("%s = arith.extf %s : %s to %s" % (name, plain_name, type_, wide))
    positions = remap(case.position_values[tensor])
    p = np.ascontiguousarray(positions[0] if len(positions) == 1 else positions).astype(np.int64)
    at, at_type = case.add_input(p, "i64")
    w, w_type, values, _ = frequency(case, frequencies.Freq("default", case.head_size, {}))
    angles, made = case.fresh("phi"), case.fresh("copy")
    table = "%sx%dxf32>" % (at_type[:-5], case.head_size // 2)
    case.prologue += [
        "%s = posenc.angles %s by(%s) : %s, %s -> %s" % (angles, at, w, at_type, w_type, table),
        "%s = posenc.rotate %s by(%s) half : %s, %s" % (made, name, angles, wide, table)]
    phi = positions[:, None, :, None] * values
    return made, wide, lambda x: rows.rotate(x, np.cos(phi), np.sin(phi), "half")


def products(*regions):
    """`regions(case)` are (remap of q, remap of k, chosen(i, j) in NumPy, lines that make the i1 %CHOSEN). A later one wins."""
    def prepare(case):
        case.state["copies"] = [(copy_of(case, "q", q), copy_of(case, "k", k), chosen, lines)
                                for q, k, chosen, lines in (region(case) for region in regions)]

    def select(case):
        lines = ["%%w = arith.constant %.9e : f32" % np.float32(case.head_size**-0.5), "%none = arith.constant 0.0 : f32",
                 "%d = arith.subi %i, %j : index", "%%group = arith.constant %d : index" % case.group,
                 "%hk = arith.divui %h, %group : index"]
        value = "%S"
        for n, (q, k, _, chosen) in enumerate(case.state["copies"]):
            result = "%R" if n + 1 == len(regions) else "%%v%d" % n
            lines.append("%%far%d = posenc.bias_lowrank %%none, %s[%%b, %%h, %%m], %s[%%b, %%hk, %%n] weight(%%w) : %s, %s"
                         % (n, q[0], k[0], q[1], k[1]))
            lines += [line.replace("%CHOSEN", "%%chosen%d" % n) for line in chosen]
            lines.append("%s = arith.select %%chosen%d, %%far%d, %s : f32" % (result, n, n, value))
            value = result

        def apply(s):
            for q, k, chosen, _ in case.state["copies"]:
                # s.k has the keys of all query heads.
                far = np.einsum("bhmd,bhnd->bhmn", q[2](s.q), k[2](s.k)) * float(np.float32(case.head_size**-0.5))
                s.value = np.where(chosen(s.i, s.j), far, s.value)
                s.note()
        return lines, apply
    return prepare, select


def entry(name, section, *regions, shapes=Shapes()):
    prepare, select = products(*regions)
    base = rotary(plain())
    return Encoding(name, section, (select, parts.causal), base["rows"], setup=(*base["setup"], prepare), shapes=shapes,
                    structure=("general, function of the score and i - j and the query and the key, per head, per batch",))


def rerope(window):
    """Nothing is further away than the window: queries at the window, keys at 0."""
    lines = ["%%limit = arith.constant %d : index" % window, "%CHOSEN = arith.cmpi sge, %d, %limit : index"]
    return lambda case: (lambda p: 0 * p + window, lambda p: 0 * p, lambda i, j: i - j >= window, lines)


def self_extend(window, group):
    """Beyond the window positions count in groups, shifted so that both meet there (LongLM)."""
    lines = ["%%limit = arith.constant %d : index" % window, "%CHOSEN = arith.cmpi sge, %d, %limit : index"]
    shift = window - window // group
    return lambda case: (lambda p: p // group + shift, lambda p: p // group,
                         lambda i, j: i - j >= window, lines)


def lampe(head, rest, mapped):
    """LaMPE: near keys as they are, others at floor-linear positions, the last queries and the first keys at shifted ones."""
    def maps(case):
        last = case.keys - 1
        phi = lambda p: p * mapped // last
        return phi, head - (phi(head) + 1), last

    def middle(case):
        phi, bias, _ = maps(case)
        lines = ["%%head = arith.constant %d : index" % head, "%CHOSEN = arith.cmpi sgt, %d, %head : index"]
        return (lambda p: phi(p) + bias, phi, lambda i, j: i - j > head, lines)

    def tail(case):
        phi, bias, last = maps(case)
        shift = (last - rest) - phi(last - rest) - bias
        lines = ["%%last = arith.constant %d : index" % (last + 1 - rest), "%%first = arith.constant %d : index" % rest,
                 "%%near = arith.constant %d : index" % head,
                 "%late = arith.cmpi sge, %i, %last : index", "%early = arith.cmpi slt, %j, %first : index",
                 "%far = arith.cmpi sgt, %d, %near : index", "%both = arith.andi %late, %early : i1",
                 "%CHOSEN = arith.andi %both, %far : i1"]
        return (lambda p: p - shift, lambda p: p, lambda i, j: (i > last - rest) & (j < rest) & (i - j > head), lines)
    return middle, tail


INDICES = Shapes(no={"gaps": "positions are mapped by the length", "future": "no position is beyond the length"})
ENCODINGS = [
    entry("rope-rerope", "8", rerope(8)),
    entry("rope-self-extend", "8", self_extend(8, 4)),
    entry("rope-lampe", "18", *lampe(5, 3, 12), shapes=INDICES),
]
