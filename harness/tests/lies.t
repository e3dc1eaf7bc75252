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
verdict() { sed -n "s/^\([A-Z]*\) [^ ]*\.v[12]\.$1\$/\1/p" "$2"; }
reason() { sed -n "/^[A-Z]* [^ ]*\.v[12]\.$1\$/{n;s/^ *[A-Z]* //p}" "$2"; }
judge() { # judge NAME OUTPUT
  wanted=$(sed -n "s/^$1 //p" "$lies/expected")
  seen="$(verdict "$1" "$2") $(reason "$1" "$2")"
  if [ "${wanted%% *}" = "${seen%% *}" ] && printf '%s\n' "${seen#* }" | grep -qE -- "${wanted#* }"; then
    pass "$1: $seen"
  else
    fail "$1" "wanted: $wanted" "saw: $seen" "$(grep -v '^#' "$2" | tail -5)"
  fi
}

# Those that need v1 in guests with v1, all others with v2.
v1=$("$build/oomlab" list --json "$lies" | sed -n '/"cgroup":\["v1"\]/s/.*"file":"\([^"]*\)".*/\1/p')
v2=$(find "$lies" -name '*.yaml' ! -name long-wait.yaml | sort | grep -vxF "${v1:-none}")
play() { # play CGROUP FILE...
  cg=$1
  shift
  "$build/oomlab" run -j2 --kernel "$kernel" --cgroup "$cg" --results "$tmp/$cg" "$@" >"$tmp/$cg.out" 2>&1
  check "lies on $cg: the run fails" 1 $?
  for file in "$@"; do
    judge "$(basename "$file" .yaml)" "$tmp/$cg.out"
  done
}
# shellcheck disable=SC2086
play v2 $v2
# shellcheck disable=SC2086
[ -z "$v1" ] || play v1 $v1

descendants() { # of PID
  for child in $(cat "/proc/$1"/task/*/children 2>/dev/null); do
    echo "$child"
    descendants "$child"
  done
}

# QEMU dies while a case is played: the second line of its evidence is the guest's.
"$build/oomlab" run --kernel "$kernel" --cgroup v2 --results "$tmp/b" "$lies/long-wait.yaml" >"$tmp/b.out" 2>&1 &
driver=$!
tries=0
until [ "$(find "$tmp/b" -name evidence.jsonl -exec cat {} + 2>/dev/null | wc -l)" -ge 2 ] || [ $tries -gt 900 ]; do
  kill -0 "$driver" 2>/dev/null || break
  tries=$((tries + 1))
  sleep 0.1
done
for child in $(descendants "$driver"); do
  grep -q ^qemu "/proc/$child/comm" && kill -KILL "$child"
done
wait "$driver"
check "long-wait: exit 3" 3 $?
judge long-wait "$tmp/b.out"
check "every line of expected has its case" \
  "$(for f in "$lies"/*.yaml; do basename "$f" .yaml; done)" \
  "$(sed '/^#/d;s/ .*//' "$lies/expected")"
plan
