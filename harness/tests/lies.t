#!/bin/sh
# The self-test: lying cases in a real guest. Each must get exactly the verdict and the reason in
# lies/expected; a suite that cannot fail proves nothing. OOMLAB_TEST_KERNEL names another kernel.
set -u
build=$1
. harness/tests/tap.sh
lies=harness/tests/lies
kernel=${OOMLAB_TEST_KERNEL:-debian:6.1}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

if ! "$build/oomlab" kernels get "$kernel" >"$tmp/kernel" 2>&1; then
  for file in "$lies"/*.yaml; do
    skip "$(basename "$file" .yaml)" "no kernel $kernel: $(tail -1 "$tmp/kernel")"
  done
  plan
  exit 0
fi

# The summary's "VERDICT KERNEL.CGROUP.NAME" and the reason in the line below.
verdict() { sed -n "s/^\([A-Z]*\) [^ ]*\.v2\.$1\$/\1/p" "$2"; }
reason() { sed -n "/^[A-Z]* [^ ]*\.v2\.$1\$/{n;s/^ *[A-Z]* //p}" "$2"; }
judge() { # judge NAME OUTPUT
  wanted=$(sed -n "s/^$1 //p" "$lies/expected")
  seen="$(verdict "$1" "$2") $(reason "$1" "$2")"
  if [ "${wanted%% *}" = "${seen%% *}" ] && printf '%s\n' "${seen#* }" | grep -qE -- "${wanted#* }"; then
    pass "$1: $seen"
  else
    fail "$1" "wanted: $wanted" "saw: $seen" "$(grep -v '^#' "$2" | tail -5)"
  fi
}

others=$(find "$lies" -name '*.yaml' ! -name long-wait.yaml | sort)
# shellcheck disable=SC2086
"$build/oomlab" run --kernel "$kernel" --cgroup v2 --results "$tmp/a" $others >"$tmp/a.out" 2>&1
check "lies: the run fails" 1 $?
for file in $others; do
  judge "$(basename "$file" .yaml)" "$tmp/a.out"
done

# QEMU dies while a case is played: its evidence file is made when the guest has said hello.
"$build/oomlab" run --kernel "$kernel" --cgroup v2 --results "$tmp/b" "$lies/long-wait.yaml" >"$tmp/b.out" 2>&1 &
driver=$!
tries=0
until [ -n "$(find "$tmp/b" -name evidence.jsonl 2>/dev/null)" ] || [ $tries -gt 900 ]; do
  kill -0 "$driver" 2>/dev/null || break
  tries=$((tries + 1))
  sleep 0.1
done
for child in $(cat "/proc/$driver/task/$driver/children" 2>/dev/null); do
  grep -q qemu "/proc/$child/cmdline" && kill -KILL "$child"
done
wait "$driver"
check "long-wait: exit 3" 3 $?
judge long-wait "$tmp/b.out"
check "every line of expected has its case" \
  "$(for f in "$lies"/*.yaml; do basename "$f" .yaml; done)" \
  "$(sed '/^#/d;s/ .*//' "$lies/expected")"
plan
