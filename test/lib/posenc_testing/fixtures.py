"""What a third-party library computed for small inputs: test/Inputs/encodings/*.npz.

A fixture holds named arrays and, as `about`, who made it: library, version, function, generator.
"""

import json
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Inputs" / "encodings"


def names():
    return sorted(path.stem for path in FOLDER.glob("*.npz"))


def load(name):
    """(arrays by name, about)."""
    with np.load(FOLDER / (name + ".npz")) as file:
        arrays = {key: file[key] for key in file.files}
    return arrays, json.loads(str(arrays.pop("about")))


def save(name, arrays, about):
    FOLDER.mkdir(exist_ok=True)
    np.savez_compressed(FOLDER / (name + ".npz"), about=np.array(json.dumps(about)), **arrays)
