#!/usr/bin/env bash
# The main job on a real layer: T5's encoder self-attention, as four exporters
# write it, goes from model IR to one fused attention op and runs on this CPU.
#
#   scripts/demo.sh [CASE]
#
# Installs and builds what is missing first. CASE is a folder of build/models
# (default: t5_encoder). For every form of the case it prints what was raised,
# what was fused, and how far the result is from PyTorch's recorded output.
# Exit code 1 if a form is not raised, not fused, or off by more than
# rtol 1e-4 / atol 1e-5.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

CASE=t5_encoder
case ${1-} in
-h | --help) show_help "$0"; exit 0 ;;
-*) die "unknown argument '$1' (try --help)" ;;
?*) CASE=$1 ;;
esac

"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh"
[[ -d $BUILD/models/$CASE ]] || die "expected a folder of $BUILD/models but got '$CASE'"
exec "$VENV/bin/python" "$ROOT/scripts/demo.py" "$BUILD/bin" "$BUILD/models/$CASE"
