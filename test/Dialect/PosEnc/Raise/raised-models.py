# RUN: %python %s %models

"""What the layers of libraries become, in every form that their exporters write.

Each is one attention per layer with the modifiers below and no scalar code beside
them, its rows rotated in front of it where they are, and nothing that two sequences
index is left outside. With POSENC_ALL every form is run against PyTorch's outputs, too;
else one per case.
"""

import os
import sys

from posenc_testing import raising

models = sys.argv[1]
every = os.environ.get("POSENC_ALL")

# case: what is in each attention, and how many posenc ops stand outside.
ANGLES = {"rotate": 2, "angles": 1, "positions": 1}
EXPECTED = {
    "beit_attention": (["bias_table<grid2d>"], {}),
    "bert_model": (["plain"] * 2, {"lookup": 1}),
    "gemma2_attention": (["softcap mask<window>"], ANGLES),
    "gpt2_model": (["mask<causal>"] * 2, {"lookup": 1}),
    "gpt_oss_attention": (["sinks mask<window>"], ANGLES),
    "gptj_attention": (["mask<causal>"], {"rotate": 2}),
    "llama_attention": (["mask<causal>"], ANGLES),
    "llama_attention_sdpa": (["mask<causal>"], ANGLES),
    "llama_yarn": (["mask<causal>"], ANGLES),
    "swin_attention": (["bias_table<grid2d>"], {}),
    "t5_decoder": (["bias_table<t5> mask<causal>"], {}),
    "t5_encoder": (["bias_table<t5>"], {}),
    "t5_encoder_sdpa": (["bias_table<t5>"], {}),
    "whole_t5_encoder": (["bias_table<t5>"] * 2, {}),
}

# Of unknown length the look-up in GPT-J's table of 128 rows stays for its check.
ALSO = {("gptj_attention", "linalg_dyn"): {"lookup": 1}}


def check(case, form, execute):
    result = raising.measure(os.path.join(models, case), form, execute)
    attentions, outside = EXPECTED[case]
    outside = {**outside, **ALSO.get((case, form), {})}
    print(*raising.cells(result), sep=" | ", flush=True)
    assert not result.missed, result.missed
    assert result.raised == attentions, f"expected {attentions} but got {result.raised}"
    assert result.outside == outside, f"expected {outside} but got {dict(result.outside)}"
    assert not result.verified, result.verified
    assert not execute or result.is_right(), result.errors


for index, case in enumerate(EXPECTED):
    forms = [form for form in raising.FORMS
             if os.path.exists(os.path.join(models, case, form + ".mlir"))]
    assert forms, f"expected {case} to have a form"
    for form in forms:
        check(case, form, bool(every) or form == forms[index % len(forms)])
