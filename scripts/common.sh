# Sourced by the other scripts: where things are, and how they talk.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
BUILD=${POSENC_BUILD:-$ROOT/build}
VENV=${POSENC_VENV:-$BUILD/venv}
LLVM_VERSION=22
LLVM=/usr/lib/llvm-$LLVM_VERSION

say() { printf '== %s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# The comment at the head of a script is its help.
show_help() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$1"; }

# ccache keeps hits across checkouts and across rebuilds of the precompiled header.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$ROOT}
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros,include_file_mtime,include_file_ctime}
