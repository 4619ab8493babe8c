#!/usr/bin/env bash
# Configures and builds posenc. A second call builds nothing.
#
#   scripts/build.sh [--no-pch] [--] [CMAKE_ARGUMENT...]
#
#   --no-pch   without precompiled headers, in build/no-pch: proves that every
#              file includes what it uses
#
# POSENC_BUILD names the build folder (default: build). CMake arguments that
# are given replace those of the last call.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

ARGS=()
while (($#)); do
  case $1 in
  --no-pch) BUILD=$BUILD/no-pch; ARGS+=(-DPOSENC_ENABLE_PCH=OFF -DPOSENC_INCLUDE_TESTS=OFF) ;;
  -h | --help) show_help "$0"; exit 0 ;;
  --) shift; ARGS+=("$@"); break ;;
  -D*) ARGS+=("$1") ;;
  *) die "unknown argument '$1' (try --help)" ;;
  esac
  shift
done

configure() {
  local args=(-G Ninja -S "$ROOT" -B "$BUILD"
    "-DCMAKE_C_COMPILER=clang-$LLVM_VERSION" "-DCMAKE_CXX_COMPILER=clang++-$LLVM_VERSION"
    "-DLLVM_USE_LINKER=lld-$LLVM_VERSION")
  if command -v ccache >/dev/null; then
    args+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  [[ -x $VENV/bin/python ]] && args+=("-DPython3_EXECUTABLE=$VENV/bin/python")
  args+=("${ARGS[@]}")
  local stamp=$BUILD/.configured
  if [[ -f $BUILD/build.ninja && -f $stamp && $(<"$stamp") == "${args[*]}" ]]; then
    return 0
  fi
  say "configuring $BUILD"
  cmake "${args[@]}"
  printf '%s\n' "${args[*]}" >"$stamp"
}

# A file that instantiates much of MLIR takes up to 1.5 GB.
jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/MemAvailable/ {print int($2 / 1500000) + 1}' /proc/meminfo)
  echo $((cores < memory ? cores : memory))
}

configure
ninja -C "$BUILD" -j "$(jobs)"
