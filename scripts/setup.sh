#!/usr/bin/env bash
# Installs what posenc needs and the machine lacks: compilers, LLVM/MLIR 22 and
# build tools through apt (as root or with sudo), Python packages with pip into
# a virtual environment of their own. A second call installs nothing.
#
#   scripts/setup.sh [--oracles] [--format]
#
#   --oracles  also PyTorch and the libraries of docs/Oracles.md, for scripts/test.sh --oracles
#   --format   also clang-format, for scripts/format.sh
#
# POSENC_VENV names the virtual environment (default: build/venv).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

PACKAGES=(ca-certificates ccache "clang-$LLVM_VERSION" cmake libboost-context-dev libgtest-dev
  "libmlir-$LLVM_VERSION-dev" "libomp-$LLVM_VERSION-dev" libxxhash-dev "lld-$LLVM_VERSION"
  "llvm-$LLVM_VERSION-dev" "llvm-$LLVM_VERSION-tools" "mlir-$LLVM_VERSION-tools"
  ninja-build nlohmann-json3-dev python3 python3-venv xz-utils)
REQUIREMENTS=(requirements.txt)

while (($#)); do
  case $1 in
  --oracles) REQUIREMENTS+=(requirements-oracles.txt) ;;
  --format) PACKAGES+=("clang-format-$LLVM_VERSION") ;;
  -h | --help) show_help "$0"; exit 0 ;;
  *) die "unknown argument '$1' (try --help)" ;;
  esac
  shift
done

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "expected root or sudo, to run: $*"
  fi
}

missing_packages() {
  local p
  for p in "${PACKAGES[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null) == ii* ]] || echo "$p"
  done
}

# No `grep -q` behind a pipe: it closes the pipe early, and pipefail calls that a failure.
has_candidate() { [[ $(apt-cache policy "$1" 2>/dev/null) =~ Candidate:\ [^\(] ]]; }

# Debian 12 carries LLVM 22 in its security suite, which a bare image may not
# list; other releases find it at apt.llvm.org.
add_llvm_source() {
  local codename list=/etc/apt/sources.list.d/posenc-llvm.list key=/usr/share/keyrings/posenc-llvm.asc
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  if [[ $codename == bookworm ]]; then
    echo "deb http://deb.debian.org/debian-security bookworm-security main" | as_root tee "$list" >/dev/null
  else
    as_root apt-get install -y --no-install-recommends ca-certificates curl
    curl -fsSL https://apt.llvm.org/llvm-snapshot.gpg.key | as_root tee "$key" >/dev/null
    echo "deb [signed-by=$key] https://apt.llvm.org/$codename/ llvm-toolchain-$codename-$LLVM_VERSION main" |
      as_root tee "$list" >/dev/null
  fi
  say "added $(cat "$list")"
  as_root apt-get update -q
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null ||
    die "expected Debian's apt-get; install the counterparts of: ${missing[*]}"
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -q
  has_candidate "libmlir-$LLVM_VERSION-dev" || add_llvm_source
  has_candidate "libmlir-$LLVM_VERSION-dev" ||
    die "no apt source has libmlir-$LLVM_VERSION-dev; add one (Debian 12: bookworm-security; else https://apt.llvm.org) and call again"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# PyTorch's own index has builds for the CPU alone, a tenth of the size of the
# default ones. Where it is out of reach the default ones do.
install_cpu_torch() {
  "$VENV/bin/python" -m pip install -q --disable-pip-version-check --no-deps --retries 0 --timeout 15 \
    --index-url https://download.pytorch.org/whl/cpu "$(grep '^torch==' "$ROOT/scripts/requirements-oracles.txt")" \
    2>/dev/null || say "no CPU build of PyTorch; taking the default one"
}

# Debian's own Python, whatever else is first in PATH: its version fits the pins.
install_python() {
  local want stamp=$VENV/.requirements
  want=$(cd "$ROOT/scripts" && cat "${REQUIREMENTS[@]}")
  # A wider set serves a narrower call too.
  if [[ -f $stamp && -x $VENV/bin/python && $(<"$stamp") == "$want"* ]]; then
    return 0
  fi
  say "installing Python packages into $VENV"
  [[ -x $VENV/bin/python ]] || /usr/bin/python3 -m venv "$VENV"
  ((${#REQUIREMENTS[@]} == 1)) || install_cpu_torch
  local r files=()
  for r in "${REQUIREMENTS[@]}"; do files+=(-r "$ROOT/scripts/$r"); done
  "$VENV/bin/python" -m pip install -q --disable-pip-version-check "${files[@]}"
  printf '%s\n' "$want" >"$stamp"
}

install_packages
install_python
