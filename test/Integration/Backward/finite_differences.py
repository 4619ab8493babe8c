# RUN: %python %s
"""The backward of every encoding of the catalogue against finite differences of its float64 oracle; the same bits twice,
on different numbers of threads.

A variant of every fourth by default, all with POSENC_ALL=1; POSENC_SEED and POSENC_ENCODINGS choose others, as in
Integration/Encodings/matrix.py.
"""

import functools
import os

from posenc_testing import catalogue, gradients, matrix


def make(name, variant, seed):
    entry = next(e for e in catalogue.encodings() if e.name == name)
    case = catalogue.EncodingCase(entry, *variant, seed)
    return catalogue.EncodingCase(entry, *variant[:2], "f32", seed) if case.rounded else case


if __name__ == "__main__":
    seed = int(os.environ.get("POSENC_SEED") or 20261124)
    chosen = matrix.chosen(catalogue.encodings(), seed)
    if not os.environ.get("POSENC_ALL") and not os.environ.get("POSENC_ENCODINGS"):
        chosen = chosen[seed % 4::4]
    jobs = []
    for name, variant in chosen:
        label = "/".join((name, *variant))
        jobs.append((label, functools.partial(make, name, variant, seed), seed, gradients.targets(label, seed)))
    gradients.report(jobs, "seed %d" % seed)
