"""posenc-plot: draws what the encodings of a module do, from their IR.

    posenc-plot FILE.mlir -o OUT.png [--entry=NAME] [--size=N] [--in=F.npy …] [--seed=N] [--raise=on|off]

Each attention and score_map of the function gives a panel per head: a score
region is drawn as what it makes of scores of 0 (the bias; hidden keys are
grey), a row region as the cosine by which it turns each channel of each row (the
rotation field). The numbers come from the reference lowering of the IR itself
(`--posenc-expose-encodings`), so a picture cannot disagree with the encoding.

Arguments of the function that no `--in` gives are drawn at random from the
seed, dynamic extents are N (64).
"""
import argparse
import re
import sys

import numpy as np

from . import tools

_TYPES = {"f16": np.float16, "f32": np.float32, "f64": np.float64, "i1": np.bool_, "i8": np.int8,
          "i16": np.int16, "i32": np.int32, "i64": np.int64, "index": np.int64}


# A score map of more has more elements than a picture has dots.
MAX_SIZE = 4096


class Panel:
    """A tensor and what it shows: "attention 0 score", "attention 0 q_rows", "score_map 0"."""

    def __init__(self, shows, values):
        self.shows = shows
        self.values = values

    @property
    def is_score(self):
        return not self.shows.endswith("_rows")


def _split(text):
    """Splits at the commas outside brackets."""
    parts, depth, start = [], 0, 0
    for at, c in enumerate(text):
        depth += c in "<([{"
        depth -= c in ">)]}" and text[at - 1:at + 1] != "->"
        if c == "," and not depth:
            parts.append(text[start:at])
            start = at + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def _signature(text, entry):
    """Types of the arguments of the function and what its results show."""
    found = re.search(r"func\.func @%s\((.*?)\) -> (.*) {$" % re.escape(entry), text, re.MULTILINE)
    if not found:
        raise ValueError(f"expected attention or score_map at the top level of @{entry[:-len('_encodings')]}")
    types = [re.sub(r"\s*\{.*", "", argument.split(":", 1)[1]).strip() for argument in _split(found[1])]
    return types, re.findall(r'posenc\.shows = "([^"]*)"', found[2])


def _random(type_, size, rng):
    """An argument of the type `type_`; dynamic extents are `size`."""
    shaped = re.fullmatch(r"tensor<((?:[\d?]+x)*)(\w+)>", type_)
    element = shaped[2] if shaped else type_
    if not shaped and element not in _TYPES and element != "bf16":
        raise ValueError(f"expected arguments that are tensors or numbers but got {type_}")
    shape = [size if n == "?" else int(n) for n in shaped[1].split("x")[:-1]] if shaped else []
    if element == "bf16":
        return (rng.standard_normal(shape).astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    dtype = _TYPES[element]
    if np.issubdtype(dtype, np.floating):
        return rng.standard_normal(shape).astype(dtype)
    if dtype == np.bool_:
        return np.ones(shape, dtype)
    # Positions, lengths, indices: what a sequence of the drawn size would have.
    if shape:
        return np.broadcast_to(np.arange(shape[-1]), shape).astype(dtype)
    return np.asarray(0, dtype)


def _entry(text, entry):
    names = re.findall(r"func\.func @([\w$.]+)_encodings\(", text)
    if entry:
        return entry + "_encodings"
    if len(names) != 1:
        raise ValueError("expected one function with attention or score_map on tensors but got "
                         + (", ".join("@" + n for n in names) or "none") + (" (--entry)" if names else ""))
    return names[0] + "_encodings"


def expose(module, *, entry=None, inputs=(), size=64, seed=0, raising=True):
    """The panels of a function: what its encodings are, computed by the reference.

    inputs: its first arguments; the others are random. size: of dynamic extents.
    """
    passes = ["--posenc-raise"] if raising else []
    text = tools.opt(module, *passes, "--posenc-fuse", "--posenc-expose-encodings", "--canonicalize", "--cse")
    name = _entry(text, entry)
    types, shows = _signature(text, name)
    if len(inputs) > len(types):
        raise ValueError(f"expected at most {len(types)} inputs but got {len(inputs)}")
    rng = np.random.default_rng(seed)
    arguments = [*inputs, *(_random(type_, size, rng) for type_ in types[len(inputs):])]
    values = tools.run(text, arguments, results=len(shows), target="reference", entry=name, raising=False)
    panels = [Panel(*pair) for pair in zip(shows, values)]
    for panel in panels:
        if not np.size(panel.values):
            raise ValueError(f"expected something to draw but {panel.shows} has the shape {list(np.shape(panel.values))}")
    return panels


def _images(panel, heads):
    """(title, matrix) of each head of the first batch."""
    values = np.asarray(panel.values, np.float64)
    while values.ndim < 4:
        values = values[None]
    shared = values.shape[1] > 1 and all(np.array_equal(values[0, 0], other, equal_nan=True) for other in values[0])
    count = 1 if shared else min(values.shape[1], heads)
    title = (lambda h: "all heads") if shared or values.shape[1] == 1 else (lambda h: f"head {h}")
    return [(f"{panel.shows}, {title(h)}", values[0, h]) for h in range(count)]


def _draw(axes, panel, title, values):
    finite = values[np.isfinite(values)]
    reach = float(np.abs(finite).max(initial=0)) or 1.0
    symmetric = panel.is_score and finite.size and finite.min() < 0 < finite.max()
    low = -reach if symmetric or not panel.is_score else float(finite.min(initial=0))
    high = reach if symmetric or not panel.is_score else float(finite.max(initial=0))
    image = axes.imshow(np.ma.masked_invalid(values), cmap="RdBu_r" if low < 0 < high else "viridis",
                        vmin=low, vmax=high if high > low else low + 1.0, interpolation="nearest", aspect="auto")
    axes.set_facecolor("0.75")
    axes.set_title(title, fontsize=8)
    axes.set_ylabel("query m" if panel.is_score else "row t", fontsize=7)
    axes.set_xlabel("key n" if panel.is_score else "channel d", fontsize=7)
    axes.tick_params(labelsize=6)
    return image


def draw(panels, path, *, heads=4, title=None, metadata=None):
    """Writes the panels as a PNG, one row per panel, at most `heads` heads each, with `metadata` in it."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [(panel, _images(panel, heads)) for panel in panels]
    columns = max(len(images) for _, images in rows)
    figure, grid = pyplot.subplots(len(rows), columns, figsize=(2.6 * columns + 0.6, 2.4 * len(rows) + 0.3),
                                   squeeze=False, layout="constrained")
    for axes, (panel, images) in zip(grid, rows):
        for at in axes[len(images):]:
            at.axis("off")
        for at, (name, values) in zip(axes, images):
            figure.colorbar(_draw(at, panel, name, values), ax=at, shrink=0.85).ax.tick_params(labelsize=6)
    if title:
        figure.suptitle(title, fontsize=9)
    figure.savefig(path, dpi=90, metadata={"Software": None, **(metadata or {})})
    pyplot.close(figure)


def _arguments(argv):
    parser = argparse.ArgumentParser(prog="posenc-plot", description="Draws the encodings of a module as PNG.")
    parser.add_argument("file", metavar="FILE.mlir")
    parser.add_argument("-o", dest="output", metavar="OUT.png", required=True)
    parser.add_argument("--entry", metavar="NAME", help="default: the only function with an encoding")
    parser.add_argument("--in", dest="inputs", metavar="F.npy", action="append", default=[],
                        help="an argument, in order; the others are random")
    parser.add_argument("--size", type=int, default=64, metavar="N", help="of dynamic extents (64)")
    parser.add_argument("--heads", type=int, default=4, metavar="N", help="to draw at most (4)")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--title")
    parser.add_argument("--raise", dest="raising", choices=["on", "off"], default="on")
    options = parser.parse_args(argv)
    if not 1 <= options.size <= MAX_SIZE or options.heads < 1:
        parser.error(f"expected --size from 1 to {MAX_SIZE} and --heads of at least 1")
    return options


def main(argv=None):
    """Exit code: 0 drawn, 1 bad input, 2 wrong command line."""
    options = _arguments(argv)
    try:
        panels = expose(options.file, entry=options.entry, inputs=[np.load(f) for f in options.inputs],
                        size=options.size, seed=options.seed, raising=options.raising == "on")
        draw(panels, options.output, heads=options.heads, title=options.title)
    except ImportError as error:
        print(f"posenc-plot: expected matplotlib: {error}", file=sys.stderr)
        return 1
    except (tools.Error, ValueError, OSError) as error:
        print(f"posenc-plot: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
