#!/bin/bash
# Renews lib/tests/data/captured: kernel logs of OOMs that our own runs brought on, and the truth
# about each. For maintainers, run by hand (needs jq and QEMU, half a minute a kernel):
#
#   harness/tests/capture-golden.sh 5.10 6.1 6.12 6.18 7.2
#   LAB=build/oomlab harness/tests/capture-golden.sh 6.1        another build's program
#
# Every case below is played on each kernel and on every cgroup version it has. A log is taken as
# results keep it, nothing cut out of it: kmsg.log, which begins at our mark, or for a panic the
# console's lines from our mark on. What is expected of it is worked out by capture-golden.jq from
# the evidence, never from the log: a log and its truth that disagree make the test fail, which is
# what they are for. The judge's verdict does not decide what is taken, for it reads the log too.
set -euo pipefail
cd "$(dirname "$0")/../.."

cases="memcg-parent-limit global-oom node-local-oom cpuset-node-oom v2-oom-group
  kill-allocating-task panic-on-oom-1 panic-on-oom-2"
lab=${LAB:-build/oomlab}
dir=lib/tests/data/captured
max_bytes=1500000

[ $# -gt 0 ] || { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
command -v jq >/dev/null || { echo "capture-golden.sh: install jq" >&2; exit 2; }
[ -x "$lab" ] || { echo "capture-golden.sh: no $lab: make it, or set LAB" >&2; exit 2; }

header='# What happened in the run that each log was captured from, by its evidence and not by its text.
# Written by harness/tests/capture-golden.sh; "-" is none.
#   outcome    killed by badness; the whole group; the allocating task; panic
#   kills      by /proc/vmstat, which counts what is killed twice twice
#   victims    pid:comm, in the order in which wait(2) told their deaths
#   task_memcg of the first victim
#   workers    alive at the OOM, pid:comm:oom_score_adj, and if the OOM could reach them
# file release kind outcome kills victims oom_memcg task_memcg workers'

# the kernel's log of one played case
log_of() {
  if jq -e 'select(.t == "vm" and .outcome == "panicked")' "$1/evidence.jsonl" >/dev/null; then
    jq -r 'select(.t == "console").text' "$1/evidence.jsonl" | sed -n '/oomlab: begin /,$p'
  else
    cat "$1/kmsg.log"
  fi
}

take() { # KERNEL CGROUP-VERSION DIR-OF-THE-CASE
  local name="$1-$2-$(basename "$3").log" truth
  truth=$(jq -rs -f harness/tests/capture-golden.jq "$3/evidence.jsonl") ||
    { echo "capture-golden.sh: $3: not taken" >&2; return 1; }
  log_of "$3" >"$dir/$name"
  [ -s "$dir/$name" ] || { echo "capture-golden.sh: $3: an empty log" >&2; return 1; }
  echo "$name $truth" >>"$tmp/expected"
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$dir"
failed=0
for kernel in "$@"; do
  # shellcheck disable=SC2086
  "$lab" run --kernel "debian:$kernel" --cgroup all --results "$tmp/$kernel" $cases \
    >"$tmp/$kernel.ktap" || grep -v '^ok' "$tmp/$kernel.ktap" >&2
  for evidence in "$tmp/$kernel/latest"/*/v[12]/*/evidence.jsonl; do
    case_dir=$(dirname "$evidence")
    take "$kernel" "$(basename "$(dirname "$case_dir")")" "$case_dir" || failed=1
  done
done

# Lines of logs that were not renewed stay.
[ ! -e "$dir/expected" ] || grep -v '^#' "$dir/expected" >>"$tmp/expected" || :
{ echo "$header"; awk '!seen[$1]++' "$tmp/expected" | sort -V; } >"$tmp/new"
mv "$tmp/new" "$dir/expected"
echo "$(grep -vc '^#' "$dir/expected") logs, $(cat "$dir"/* | wc -c) bytes in $dir"
[ "$(cat "$dir"/* | wc -c)" -le "$max_bytes" ] || { echo "too much: more than $max_bytes" >&2; exit 1; }
exit $failed
