# RUN: %python %s %plugin
"""Names every pass of posenc-opt to a stock mlir-opt that has the plugin."""

import re
import subprocess
import sys

plugin = sys.argv[1]
listing = subprocess.run(["posenc-opt", "--help-list-hidden"], capture_output=True, text=True, check=True)
flags = set(re.findall(r"^ +--([a-z0-9-]*posenc[a-z0-9-]*)", listing.stdout, re.M)) - {"posenc-quiet"}
assert "posenc-cpu-pipeline" in flags and "posenc-expand-buckets" in flags, flags


def load(pipeline):
    return subprocess.run(
        ["mlir-opt", "--load-dialect-plugin=" + plugin, "--load-pass-plugin=" + plugin,
         "--pass-pipeline=builtin.module(%s)" % pipeline], input="", capture_output=True, text=True)


# An empty module is nothing to this one, and it says so itself.
REFUSES = {"posenc-reencode": "expected learned-to to be"}

for name in sorted(flags):
    # The op that a pass runs on is not in the listing.
    attempts = [load(form % name) for form in ("%s", "func.func(%s)", "gpu.module(%s)")]
    known = any(attempt.returncode == 0 for attempt in attempts) or (
        name in REFUSES and REFUSES[name] in attempts[0].stderr)
    assert known, name + ": " + attempts[0].stderr
print(len(flags), "passes and pipelines")
