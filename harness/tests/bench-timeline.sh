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
  for e in "$tmp/$1"/2*/*/*/*/evidence.jsonl; do
    echo "$1 $(basename "$(dirname "$e")") $(sed -n 's/.*"t":"end".*"elapsed_us":\([0-9]*\).*/\1/p' "$e")"
  done >>"$tmp/times"
  rm -rf "${tmp:?}/$1.last"
  mv "$tmp/$1" "$tmp/$1.last"
}
round=1
while [ $round -le "$rounds" ]; do
  if [ $((round % 2)) -eq 1 ]; then play with 50ms; play without 0; else play without 0; play with 50ms; fi
  round=$((round + 1))
done
# Others on the machine only ever add to a time: of each case the best round counts.
awk -v rounds="$rounds" '
  { k = $1 " " $2; if (!(k in best) || $3 < best[k]) best[k] = $3 }
  END {
    for (k in best) { split(k, part, " "); sum[part[1]] += best[k] }
    printf "with timeline    %d ms for ten cases, each its best of %d rounds\n", sum["with"] / 1000, rounds
    printf "without          %d ms\nratio            %.3f\n", sum["without"] / 1000, sum["with"] / sum["without"]
  }' "$tmp/times"
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
