#!/usr/bin/env bash
# Formats the C++ sources with clang-format.
#
#   scripts/format.sh [--check] [FILE...]
#
#   --check   change nothing; exit code 1 if a file is not formatted
#
# Without files: all that git tracks. Installs clang-format if it is missing.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

MODE=(-i)
FILES=()
while (($#)); do
  case $1 in
  --check) MODE=(--dry-run --Werror) ;;
  -h | --help) show_help "$0"; exit 0 ;;
  -*) die "unknown argument '$1' (try --help)" ;;
  *) FILES+=("$1") ;;
  esac
  shift
done

command -v "clang-format-$LLVM_VERSION" >/dev/null || "$ROOT/scripts/setup.sh" --format
if ((${#FILES[@]} == 0)); then
  cd "$ROOT"
  mapfile -d '' FILES < <(git ls-files -z -- '*.h' '*.cpp')
fi
"clang-format-$LLVM_VERSION" "${MODE[@]}" "${FILES[@]}"
