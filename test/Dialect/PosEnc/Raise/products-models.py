# RUN: %python %s %models

"""The layers with content × relative terms, in every form: what their scores are raised to,
that nothing computed by query and key is left, and the recorded outputs at both lengths.
"""

import os
import sys

from posenc_testing import raising

# The rows of a shift are the module's length apart: named where that is a number.
CASES = {
    "shaw_attention": ["rel_dot<clip>"],
    "deberta_v2_attention": ["rel_dot<deberta> rel_dot<deberta>"],
    "xlnet_attention": ["rel_dot<clip>", "rel_dot"],
    "xlnet_memory": ["rel_dot<clip>", "rel_dot"],
    "inkling_attention": ["rel_dot<identity>"],
    "inkling_sliding": ["rel_dot<identity>"],
}

for case, structures in CASES.items():
    for form in raising.FORMS:
        result = raising.measure(os.path.join(sys.argv[1], case), form)
        want = structures[-1 if form == "linalg_dyn" else 0]
        assert len(result.raised) == 1 and want in result.raised[0], f"{case} {form}: {result.raised}"
        assert result.is_right(), f"{case} {form}: {result.missed} {result.verified} {result.errors}"
        print(case, form, result.raised[0], result.errors)
