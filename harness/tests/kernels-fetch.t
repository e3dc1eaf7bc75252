#!/bin/sh
# Kernels really fetched into a fresh cache: kernels-fetch.t BUILD_DIR. Prints TAP. Needs a network;
# which kernels: $OOMLAB_TEST_FETCH (blank-separated, default debian:6.1).
set -u
build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
OOMLAB_CACHE=$dir/cache
export OOMLAB_CACHE
bad=0
. harness/tests/tap.sh

ok() { # TEXT: the command before decides
  rc=$?
  if [ $rc -eq 0 ]; then pass "$1"; else bad=1; fail "$1" "$(cat "$dir/out")"; fi
}
finish() { plan; exit "$bad"; }
# Names, sizes and times of all that apt and dpkg keep on this machine.
system_state() { find /etc/apt /var/lib/apt /var/cache/apt /var/lib/dpkg /boot -printf '%p %s %T@\n' 2>/dev/null | sort; }

# shellcheck disable=SC2086 # words
set -- ${OOMLAB_TEST_FETCH:-debian:6.1}
system_state >"$dir/before"
"$build/oomlab" kernels get "$1" >"$dir/out" 2>&1
rc=$?
if [ $rc -ne 0 ] && grep -qE 'no apt-get|no apt source|no package lists' "$dir/out"; then
  skip "$1" "$(tail -n 1 "$dir/out")"
  finish
fi
for kernel; do
  "$build/oomlab" kernels get "$kernel" >"$dir/out" 2>&1
  ok "$kernel: fetched"
  "$build/oomlab" kernels --json >"$dir/out"
  grep -q "\"spec\":\"$kernel\",\"release\":\"[0-9]" "$dir/out" ; ok "$kernel: listed with its release"
  env PATH=/nonexistent "$build/oomlab" kernels get "$kernel" >"$dir/out" 2>&1
  # Which flavour is wanted depends on QEMU, which cannot be asked here.
  case $kernel in debian:6.12*) true ;; *) [ -s "$(tail -n 1 "$dir/out")" ] ;; esac
  ok "$kernel: found again without any program"
done
system_state >"$dir/after"
diff "$dir/before" "$dir/after" >"$dir/out" ; ok "nothing of this machine's package state changed"
[ ! -e "$dir/cache/.part" ] && [ -z "$(find "$dir/cache" -name '*.deb')" ] ; ok "no half of a kernel and no package is left"
"$build/oomlab" kernels get debian:4.4 >"$dir/out" 2>&1
[ $? -eq 2 ] && [ "$(grep -c 'oomlab: debian:4.4: ' "$dir/out")" = 1 ] ; ok "a series no suite has: one line, exit 2"
image=$dir/cache/debian-${1#debian:}-cloud-amd64/vmlinuz
cp "$image" "$dir/bzImage" && "$build/oomlab" kernels get "$dir/bzImage" >"$dir/out" 2>&1
[ -s "$(tail -n 1 "$dir/out")" ] ; ok "the same image by its path"
head -c 3000000 "$image" >"$dir/short"
"$build/oomlab" kernels get "$dir/short" >"$dir/out" 2>&1
grep -q 'booted as it is' "$dir/out" ; ok "an image cut short is not unpacked"
finish
