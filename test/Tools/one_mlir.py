# RUN: %python %s %posenc_bin
"""One MLIR in every process: the shared one, and no copy of it in a tool. None in what has no compiler."""

import glob
import os
import re
import subprocess
import sys

WITHOUT = "posenc-run-package", "posenc-runtime-tests", "posenc-emulator-tests", "posenc-instruction-tests"

build = sys.argv[1]
files = [name for name in glob.glob(build + "/bin/posenc-*") if os.access(name, os.X_OK)]
files += glob.glob(build + "/lib/posenc-plugin.so")
assert len(files) >= 5, files
for name in files:
    dynamic = subprocess.run(["llvm-readelf", "-d", name], capture_output=True, text=True, check=True)
    needed = re.findall(r"NEEDED.*\[(.*?)\]", dynamic.stdout)
    if os.path.basename(name) in WITHOUT:
        assert not [library for library in needed if re.search("LLVM|MLIR", library)], (name, needed)
        continue
    mlir = [library for library in needed if library.startswith("libMLIR")]
    assert len(mlir) == 1 and mlir[0].startswith("libMLIR.so"), (name, needed)
    # A copy of MLIR alone is more than 100 MB; posenc's own code was 5 MB on 2026-11-24.
    assert os.path.getsize(name) < 20_000_000, (name, os.path.getsize(name))
