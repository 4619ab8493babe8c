"""Several encodings in one attention, held to the composition of their oracles.

The order is the same in all of them, and is the order of the op: what is added to embeddings; transforms of the rows of q and k;
the scaled product; the terms of the score, piece by piece as they are named here; softcap; masks; sinks; the terms of the values.
So a piece's own masks are put behind the terms of all pieces.
"""

import importlib
import pkgutil
import re

from .. import encodings as package
from ..catalogue import Encoding, Shapes
from . import parts


SOFTCAP = parts.softcap(30.0)
MASK = re.compile("mask|visible|hidden")


def pieces():
    """The entries of all other files, by name."""
    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "hybrids":
            entries = importlib.import_module(package.__name__ + "." + module.name).ENCODINGS
            found.update({entry.name: entry for entry in entries})
    return found


def joined(shapes):
    """What all of them can take."""
    common = lambda field: tuple(n for n in getattr(shapes[0], field)
                                 if all(n in getattr(s, field) for s in shapes))
    return Shapes(grid=max(s.grid for s in shapes), extra=max(s.extra for s in shapes),
                  same_values=any(s.same_values for s in shapes), gaps=any(s.gaps for s in shapes), head_sizes=common("head_sizes"),
                  heads=common("heads"), no={key: why for s in shapes for key, why in s.no.items()})


def hybrid(name, of, *behind, scale=None):
    """Of these entries, by name, with modifiers `behind` their terms (and in front of the masks)."""
    entries = [PIECES[piece] for piece in of]
    modifiers = [m for entry in entries for m in entry.modifiers]
    masks = [m for m in (*modifiers, *behind) if getattr(m, "is_mask", False)]
    terms = [m for m in (*modifiers, *behind) if m not in masks]
    # Masks have moved behind the terms of the others.
    structure = [text for entry in entries for text in entry.structure if not MASK.search(text)]
    structure += ["posenc.softcap"] if SOFTCAP in behind else []
    rows = {}
    for entry in entries:
        for tensor, transforms in entry.rows.items():
            rows[tensor] = (*rows.get(tensor, ()), *transforms)
    return Encoding("hybrid-" + name, "hybrid", (*terms, *dict.fromkeys(masks)), rows,
                    tuple(o for e in entries for o in e.options), tuple(s for e in entries for s in e.setup),
                    joined([e.shapes for e in entries]), scale, tuple(structure))


PIECES = pieces()
COMBINATIONS = [
    ("rope-t5-window-softcap-sinks", ("rope", "t5", "sinks"), (SOFTCAP, parts.window(19))),
    ("transformer-xl-alibi", ("transformer-xl", "alibi"), ()),
    ("swin-mask", ("swin",), (parts.block_sparse(4, 3),)),
    ("inkling-sinks-window", ("inkling", "sinks"), (parts.window(23),)),
    ("deberta-padding", ("deberta-v2", "key-padding"), ()),
    ("tupe-t5-softcap", ("tupe",), (SOFTCAP, parts.key_padding)),
    ("fox-rope", ("fox", "rope"), ()),
    ("cope-window", ("cope-contextual",), (parts.window(17),)),
    ("dape-alibi-sinks", ("dape", "sinks"), ()),
    ("shaw-keys-values-padding", ("shaw-values", "key-padding"), ()),
    ("xpos-clip", ("xpos", "clip-table"), ()),
    ("mrope-softcap-documents", ("rope-mrope", "documents"), (SOFTCAP,)),
    ("sinusoidal-kerple-softcap", ("sinusoidal", "kerple-log"), (SOFTCAP,)),
    ("rope-fire-chunked", ("rope-partial", "fire", "chunked"), ()),
    ("temperature-alibi-documents", ("temperature-llama4", "alibi", "documents"), ()),
    ("learned-t5-pair-bias", ("learned-absolute", "t5-causal", "pair-bias"), ()),
]
ENCODINGS = [hybrid(name, of, *behind) for name, of, behind in COMBINATIONS]
