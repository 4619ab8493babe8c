#!/usr/bin/env python3
"""Prints `N passed, N failed` for the JSON that lit wrote; exit code 1 if anything failed.

    count_results.py RESULTS.json
"""
import collections
import json
import sys

PASSED = {"PASS", "FLAKYPASS", "XFAIL"}
# Not run on this machine: an optional tool or device is absent, or --all was not given.
NEUTRAL = {"UNSUPPORTED", "EXCLUDED", "SKIPPED"}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        with open(sys.argv[1]) as f:
            codes = collections.Counter(test["code"] for test in json.load(f)["tests"])
    except (OSError, ValueError, KeyError) as e:
        print(f"error: lit left no results: {e}", file=sys.stderr)
        codes = collections.Counter()
    passed = sum(codes[c] for c in PASSED)
    failed = sum(n for c, n in codes.items() if c not in PASSED | NEUTRAL)
    # A run without a single result has tested nothing.
    if passed == 0 and failed == 0:
        failed = 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
