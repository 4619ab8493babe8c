# REQUIRES: oracles
# RUN: %python %s %inputs
"""transformers' inverse frequencies, live: against the recorded ones, and against posenc.inv_freq.

`frequencies.py INPUTS --record` writes the recording, test/Inputs/frequencies.json.
"""
import json
import pathlib
import sys

import numpy as np
import torch
import transformers
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from posenc_testing import frequencies

KINDS = {"dynamic_ntk": "dynamic"}
NAMES = {"base": "rope_theta", "original_length": "original_max_position_embeddings", "short": "short_factor",
         "long": "long_factor", "proportion": "partial_rotary_factor"}


def live(freq):
    """Inverse frequencies and magnitude of a case."""
    parameters = {"rope_type": KINDS.get(freq.kind, freq.kind), "rope_theta": 10000.0}
    parameters.update({NAMES.get(name, name): value for name, value in freq.fields.items() if name != "max_position"})
    config = LlamaConfig(hidden_size=freq.dim * 2, num_attention_heads=2,
                         max_position_embeddings=freq.get("max_position", 131072))
    config.rope_parameters = parameters
    if freq.kind == "default":
        values, m = LlamaRotaryEmbedding.compute_default_rope_parameters(config)
    else:
        values, m = ROPE_INIT_FUNCTIONS[parameters["rope_type"]](config, torch.device("cpu"), seq_len=freq.length)
    return [float(v) for v in values.float()], float(m)


def record():
    cases = {name: dict(zip(("inv_freq", "magnitude"), live(freq))) for name, freq in frequencies.LIBRARY.items()}
    return {"generator": "test/Oracles/frequencies.py", "torch": torch.__version__,
            "transformers": transformers.__version__, "cases": cases}


def main():
    path = pathlib.Path(sys.argv[1]) / "frequencies.json"
    now = record()
    if "--record" in sys.argv[2:]:
        path.write_text(json.dumps(now, indent=0) + "\n", encoding="utf-8")
        return
    recorded = json.loads(path.read_text(encoding="utf-8"))["cases"]
    import posenc
    for name, case in now["cases"].items():
        values = np.array(case["inv_freq"], np.float32)
        # Another processor's f32 power may differ by one ulp.
        np.testing.assert_allclose(values, np.array(recorded[name]["inv_freq"]), rtol=3e-7, err_msg=name)
        freq = frequencies.LIBRARY[name]
        length = "" if freq.length is None else " length(%n)"
        kind = f"tensor<{freq.dim // 2}xf32>"
        (got,) = posenc.run(f"""
func.func @main() -> {kind} {{
  %n = arith.constant {freq.length or 0} : index
  %w, %m = posenc.inv_freq {freq.attribute()}{length} : {kind}, f32
  return %w : {kind}
}}
""", [], target="reference")
        np.testing.assert_allclose(got, values, rtol=3e-7, err_msg=name)
        print(f"{name}: {int((got == values).sum())} of {len(values)} equal bits")


main()
