#!/bin/sh
# Tickets played again in a VM: logs of the tree as they are, forged, and with a remedy. replay.t BUILD_DIR
set -u
. harness/tests/tap.sh
lab=$1/oomlab
OOMLAB_CACHE=${OOMLAB_CACHE:-$(cd "$1" && pwd)/kernels}
export OOMLAB_CACHE
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
logs=lib/tests/data/captured

again() { # NAME EXIT OPTION...
  name=$1 want=$2
  shift 2
  "$lab" replay --results "$tmp/r" "$@" >"$tmp/out" 2>&1
  check "$name" "$want" $?
  [ "$want" -eq 0 ] || return 0
  check "$name: all as the model says" 0 "$(grep -c '^not ok' "$tmp/out")"
}

skip_all() { skip 'a ticket is played again' "$1"; plan; exit 0; }
command -v "${OOMLAB_QEMU:-qemu-system-x86_64}" >/dev/null || skip_all 'no QEMU here'
"$lab" kernels get debian:6.1 >"$tmp/out" 2>&1 || skip_all "$(tail -n 1 "$tmp/out")"
again "a parent's limit" 0 "$logs/6.1-v2-memcg-parent-limit.log"
again "the whole machine" 0 "$logs/6.12-v2-global-oom.log"
again "one node, by a policy" 0 "$logs/7.2-v2-node-local-oom.log"
again "one node, by a cpuset" 0 "$logs/5.10-v1-cpuset-node-oom.log"
again "a group kill" 0 "$logs/6.18-v2-v2-oom-group.log"
again "a group kill, where there are no groups" 3 --cgroup v1 "$logs/6.18-v2-v2-oom-group.log"
check "a skipped one is not said to be reproduced" 0 "$(grep -c 'reproduced' "$tmp/out")"
again "a panic" 0 "$logs/6.1-v1-panic-on-oom-2.log"

sed -e 's/Killed process 79 (big)/Killed process 78 (small)/' -e 's/task=big,pid=79/task=small,pid=78/' \
  "$logs/6.1-v1-memcg-parent-limit.log" >"$tmp/forged.log"
again "a ticket that names another victim" 1 "$tmp/forged.log"
check "and the kernel's own choice is told" 1 "$(grep -c '^# FAIL victims: wanted \[small\], saw big$' "$tmp/out")"

check "beside the ticket's" 1 "$(grep -cE '^victim +small \(78\) +big \*$' "$tmp/out")"
check "with what was otherwise" 1 "$(grep -cE '^verdict +otherwise: victims' "$tmp/out")"

again "a protected victim: the next one dies" 0 --set adj:big=-500 "$logs/6.1-v2-memcg-parent-limit.log"
# Of the table all but how wide it is, the kernel's build and a percent more or less.
alike() { sed -e 's/[0-9.]* %/N %/g' -e 's/6\.1\.0-[^ ]*/RELEASE/g' -e 's/  */ /g' "$@"; }
alike "$tmp/out" >"$tmp/table"
sed -n '/^\$ .*replay --set/,/^```/{/^[$`]/d;/^\.\.\.$/d;p;}' README.md | alike >"$tmp/readme"
check "the README shows the table" "" "$(grep -vxFf "$tmp/table" "$tmp/readme")"
check "all of it" 14 "$(grep -c '^[a-z* ]' "$tmp/readme")"
check "by name" 1 "$(grep -c '^  victims: \[small\]$' "$tmp/r/replay-big-remedy.yaml")"
again "a larger limit: nobody dies" 0 --set limit:+40M "$logs/6.1-v2-memcg-parent-limit.log"
check "and so it was asserted" 1 "$(grep -c '^  no_oom: true$' "$tmp/r/replay-big-remedy.yaml")"
again "panic_on_oom: the machine panics" 0 --set sysctl:vm.panic_on_oom=1 "$logs/6.12-v2-global-oom.log"

# Several at once, in whatever order: the kernel looks at panic_on_oom first, then at who asks, then at badness.
again "who asks dies, though another has more points" 0 --set adj:small=1000 \
  --set sysctl:vm.oom_kill_allocating_task=1 "$logs/6.12-v2-global-oom.log"
check "it is the one that asked" 1 "$(grep -c '^  victims: \[big\]$' "$tmp/r/replay-big-remedy.yaml")"
again "a panic comes before who asks" 0 --set sysctl:vm.oom_kill_allocating_task=1 \
  --set sysctl:vm.panic_on_oom=1 "$logs/6.12-v2-global-oom.log"
check "and is asserted" 1 "$(grep -c '^  panic: ' "$tmp/r/replay-big-remedy.yaml")"
again "a larger limit: then there is nothing to panic of" 0 --set sysctl:vm.panic_on_oom=2 --set limit:+40M \
  "$logs/6.1-v2-memcg-parent-limit.log"
check "nor is a panic asserted" 1 "$(grep -c '^  no_oom: true$' "$tmp/r/replay-big-remedy.yaml")"
again "a panic that is switched off: a kill" 0 --set sysctl:vm.panic_on_oom=0 "$logs/6.1-v1-panic-on-oom-2.log"

if ! command -v jq >/dev/null; then
  skip "two kernels as JSON" "no jq here"
elif ! "$lab" kernels get debian:7.2 >"$tmp/out" 2>&1; then
  skip "two kernels as JSON" "$(tail -n 1 "$tmp/out")"
else
  "$lab" replay --results "$tmp/r" --json --kernel debian:7.2,debian:6.1 --set limit:+40M \
    "$logs/6.1-v2-memcg-parent-limit.log" >"$tmp/json" 2>"$tmp/err"
  check "two kernels as JSON" 0 $?
  check "one document, the older kernel first, before and after" \
    "big(83) debian:6.1 killed big [] debian:6.1 no OOM - [ended] debian:7.2 killed big [] debian:7.2 no OOM - [ended]" \
    "$(jq -r '.roles = (.ticket.roles | map({(.name): "\(.comm)(\(.pid))"}) | add) | [.roles[.ticket.victims[0]]] +
      [.plays[] | "\(.kernel) \(.ended) \(.victims[0] // "-") [\(.differs | join(","))]"] | join(" ")' "$tmp/json")"
  check "verdicts, and what the remedy was" "1 PASS limit:+40M" \
    "$(jq -r '"\(.schema) \([.plays[].verdict] | unique | join(",")) \(.remedy.changes[0])"' "$tmp/json")"
  check "what the model expected of it" "no OOM" "$(jq -r .remedy.predicted.ended "$tmp/json")"
  check "the run's own lines stand elsewhere" 1 "$(grep -c '^KTAP version 1$' "$tmp/err")"
  if python3 -c 'import jsonschema' 2>/dev/null; then
    check "by its schema" ok "$(python3 harness/tests/formats-check.py schema harness/doc/replay.schema.json "$tmp/json" 2>&1)"
  else
    skip "by its schema" "no python3 with jsonschema here"
  fi
fi
"$lab" replay --json --dry-run "$logs/6.12-v2-global-oom.log" >"$tmp/out" 2>&1
check "JSON of what is not played: exit 2, one line" "2 1" "$? $(wc -l <"$tmp/out" | tr -d ' ')"

sed -e 's/Killed process 73 (asking)/Killed process 72 (big)/' -e 's/task=asking,pid=73/task=big,pid=72/' \
  "$logs/5.10-v2-kill-allocating-task.log" >"$tmp/forged.log"
again "who asked died: again" 0 "$logs/5.10-v2-kill-allocating-task.log"
again "who asked died, and the ticket names another" 1 "$tmp/forged.log"
check "and who asked is told" 1 "$(grep -c '^# FAIL victims: wanted \[big\], saw asking$' "$tmp/out")"

"$lab" replay --dry-run "$logs/6.1-v2-memcg-parent-limit.log" >"$tmp/out"
sed -n '/^\$ .*replay --dry-run/,/^```/{/^[$`]/d;/^\.\.\.$/d;p}' README.md >"$tmp/readme"
check "the README shows what is printed" "" "$(grep -vxFf "$tmp/out" "$tmp/readme")"
check "and shows something" 1 "$(grep -c '^case: replay-big$' "$tmp/readme")"
"$lab" replay --dry-run --out "$tmp/../x y.yaml" "$logs/6.12-v2-global-oom.log" >"$tmp/out" 2>&1
check "a name that no case can have" 2 $?
"$lab" replay --dry-run README.md >"$tmp/out" 2>&1
check "no OOM in a file: exit 2, one line" "2 1" "$? $(wc -l <"$tmp/out" | tr -d ' ')"
"$lab" replay --dry-run --event 7 "$logs/6.12-v2-global-oom.log" >"$tmp/out" 2>&1
check "no such event: exit 2, one line" "2 1" "$? $(wc -l <"$tmp/out" | tr -d ' ')"

if [ -d ../shared/corpus ]; then
  bad=0
  for log in ../shared/corpus/*.log; do
    "$lab" replay --dry-run "$log" >"$tmp/out" 2>"$tmp/err"
    case "$? $(grep -vc '^oomlab: OOM [0-9]* of the ' "$tmp/err")" in "0 0" | "2 1") ;; *) bad=$((bad + 1)) ;; esac
  done
  check "each real log gives a case, or one line that says why not" 0 $bad
else
  skip "each real log gives a case, or one line that says why not" "the sample of real logs is not here"
fi
plan
