#!/bin/sh
# oomlab from a fresh checkout: installs what is missing, builds, runs.
#   ./run.sh            the smoke set, in a VM
#   ./run.sh test       every test
#   ./run.sh COMMAND…   build/oomlab COMMAND…
set -eu
cd "$(dirname "$0")"

packages="gcc make libc6-dev libyaml-dev libjansson-dev libnuma-dev libarchive-dev liblzma-dev
  libzstd-dev liblz4-dev libbz2-dev zlib1g-dev nettle-dev qemu-system-x86"
[ "${1:-}" != test ] ||
  packages="$packages libcmocka-dev clang-format universal-ctags perl procps rpm libxml2-utils
    python3-jsonschema python3-yaml yamllint mandoc numactl libdpkg-perl zstd systemd
    mmdebstrap"

missing=""
for p in $packages; do
  dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
if [ -n "$missing" ]; then
  command -v apt-get >/dev/null || { echo "run.sh: no apt-get here; install by hand:$missing" >&2; exit 2; }
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  echo "run.sh: installing$missing" >&2
  $sudo apt-get update -qq >&2
  # A browser for the test of the pages, where the distribution has one as a package.
  [ "${1:-}" != test ] || ! apt-cache show chromium >/dev/null 2>&1 || missing="$missing chromium"
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >&2
fi

make -s -j"$(nproc)" all >&2
case "${1:-}" in
"") exec build/oomlab run --tag smoke ;;
test) exec make -s test ;;
*) exec build/oomlab "$@" ;;
esac
