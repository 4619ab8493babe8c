#!/usr/bin/env python3
"""Exports layers that raising was not written for:  export.py FOLDER [NAME ...]

Requirements: requirements.txt. A case looks like those of test/Inputs/models; `export_lib.py` there says what it holds.
"""
import os
import pathlib
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import exporting  # noqa: E402
import torch  # noqa: E402


def main():
    import layers_keras  # noqa: F401
    import layers_timm  # noqa: F401
    import layers_transformers  # noqa: F401
    import layers_xtransformers  # noqa: F401
    folder, *names = sys.argv[1:]
    failed = 0
    for name in names or list(exporting.CASES):
        torch.manual_seed(0)
        try:
            exporting.CASES[name](os.path.join(folder, name))
        except Exception:
            failed += 1
            print(f"{name}: not exported", file=sys.stderr)
            traceback.print_exc(limit=-4)
        sys.stdout.flush()
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
