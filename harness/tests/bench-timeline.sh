#!/bin/sh
# What the timeline costs: ten memcg cases in guests with and without it, in turn, by the guests' own
# clock from a case's first record to its last: bench-timeline.sh [BUILD_DIR [ROUNDS [KERNEL]]]
set -eu
build=${1:-build} rounds=${2:-5} kernel=${3:-debian:6.1}
OOMLAB_CACHE=${OOMLAB_CACHE:-$(cd "$build" && pwd)/kernels}
export OOMLAB_CACHE
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

skip() {
  echo "skip: bench-timeline: $*"
  exit 0
}
command -v "${OOMLAB_QEMU:-qemu-system-x86_64}" >/dev/null || skip "no QEMU"
"$build/oomlab" kernels get "$kernel" >"$tmp/out" 2>&1 || skip "$(tail -n 1 "$tmp/out")"

cases=$("$build/oomlab" run --dry-run --tag memcg cases/memcg cases/badness | awk -F'\t' 'NF == 3 && n++ < 10 { print $3 }')
play() { # NAME INTERVAL
  # shellcheck disable=SC2086 # a list of files
  "$build/oomlab" run --kernel "$kernel" --cgroup v2 -j1 --sample "$2" --results "$tmp/$1" $cases >"$tmp/out" 2>&1 ||
    { cat "$tmp/out"; exit 1; }
  grep -rho '"elapsed_us":[0-9]*' "$tmp/$1/latest/" --include=evidence.jsonl | awk -F: '{ s += $2 } END { print int(s / 1000) }' >>"$tmp/$1.ms"
  rm -rf "${tmp:?}/$1.last"
  mv "$tmp/$1" "$tmp/$1.last"
}
round=1
while [ $round -le "$rounds" ]; do
  if [ $((round % 2)) -eq 1 ]; then play with 50ms; play without 0; else play without 0; play with 50ms; fi
  round=$((round + 1))
done
paste "$tmp/with.ms" "$tmp/without.ms" | awk '
  function median(v, n, i, j, x) {
    for (i = 2; i <= n; i++) { x = v[i]; for (j = i - 1; j > 0 && v[j] > x; j--) v[j + 1] = v[j]; v[j + 1] = x }
    return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
  }
  { a[NR] = $1; b[NR] = $2; r[NR] = $1 / $2 }
  END { printf "with timeline    %d ms for ten cases (median of %d rounds)\nwithout          %d ms\nratio            %.3f (median of the rounds)\n", median(a, NR), NR, median(b, NR), median(r, NR) }'
# The kernel keeps a page for each file that is open and was read: 2 of the machine, 5 a cgroup, 2 a
# worker, 1 a node. Our own room is in the program's size.
count() { sed -n "s/.*\"$1\":\[\([^]]*\)\].*/\1/p" "$tmp/head" | awk -F, '{ print NF }'; }
for e in $(find "$tmp/with.last/" -name evidence.jsonl); do
  grep '"t":"timeline"' "$e" >"$tmp/head"
  echo "$((2 + 5 * $(count cgroups) + 2 * $(count workers) + $(count nodes)))" \
    "$(grep -c '"t":"sample"' "$e") $(grep '"t":"sample"' "$e" | wc -c)"
done | awk '
  { files = $1 > files ? $1 : files; n += $2; bytes += $3 }
  END {
    printf "guest memory     %d KiB at most, buffers of %d files\n", files * 4, files
    printf "samples          %d in ten cases, %d bytes each\n", n, bytes / n
  }'
