#!/usr/bin/env bash
# Sets up, builds and runs the tests; the last line is `N passed, N failed`.
#
#   scripts/test.sh [--all] [--oracles] [--filter REGEX]
#
#   --all      the full matrices instead of the seeded sample of every suite,
#              compile-time limits, and a build without precompiled headers
#   --oracles  also install PyTorch and the libraries of docs/Oracles.md, and compare live
#   --filter   only tests whose name matches
#
# POSENC_SEED picks another sample. Exit code 1 if anything failed.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

SETUP=()
LIT=(-sv)
while (($#)); do
  case $1 in
  --all) LIT+=(-Dall=1) ;;
  --oracles) SETUP+=(--oracles); LIT+=(-Doracles=1) ;;
  --filter) LIT+=(--filter "${2:?expected a regular expression after --filter}"); shift ;;
  -h | --help) show_help "$0"; exit 0 ;;
  *) die "unknown argument '$1' (try --help)" ;;
  esac
  shift
done

# What cannot be set up or built is one failure: the last line is always there.
trap 'echo "0 passed, 1 failed"' EXIT
"$ROOT/scripts/setup.sh" "${SETUP[@]}"
"$ROOT/scripts/build.sh"

RESULTS=$BUILD/test/results.json
rm -f "$RESULTS"
"$LLVM/bin/lit" "${LIT[@]}" --output "$RESULTS" "$BUILD/test" || true
trap - EXIT
"$VENV/bin/python" "$ROOT/scripts/count_results.py" "$RESULTS"
