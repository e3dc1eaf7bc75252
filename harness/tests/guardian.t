#!/bin/bash
# The driver is killed with SIGKILL at random moments of a host run: within 5 s no worker, no cgroup
# and no changed sysctl may be left. guardian.t BUILD_DIR [ROUNDS]
set -u
. harness/tests/tap.sh
lab=$1/oomlab
rounds=${2:-10}
out=$1/guardian-test
mkdir -p "$out"

left() { # what of ours is still there
  find /sys/fs/cgroup -maxdepth 2 -name 'oomlab-[0-9]*-*' 2>/dev/null
  # A zombie has ended; when it is reaped is the business of whoever adopted it.
  ps -eo stat=,pid=,comm= | awk '$1 !~ /^Z/ && $3 ~ /^(oomlab-guard|first|second)$/'
  [ "$(cat /proc/sys/vm/swappiness)" = "$swappiness" ] || echo "vm.swappiness $(cat /proc/sys/vm/swappiness)"
}

"$lab" run --on host --results "$out" harness/tests/data/guardian.yaml >"$out/probe" 2>&1
rc=$?
if [ "$(id -u)" -ne 0 ] || grep -q '^ok .* # SKIP ' "$out/probe"; then
  skip "a killed driver leaves nothing" "not root, or no memory cgroups to be had here"
  plan
  exit 0
elif [ $rc -ne 0 ]; then
  fail "the case plays at all" "$(cat "$out/probe")"
  plan
  exit 1
fi

swappiness=$(cat /proc/sys/vm/swappiness)
worst=0 struck=0
for i in $(seq "$rounds"); do
  "$lab" run --on host --repeat 50 --results "$out" harness/tests/data/guardian.yaml >/dev/null 2>&1 &
  driver=$!
  sleep "$(awk -v s="$i$RANDOM" 'BEGIN { srand(s); printf "%.3f", rand() * 1.5 }')"
  [ -z "$(left | grep -v guard)" ] || struck=$((struck + 1))
  start=$(date +%s%N)
  kill -KILL $driver 2>/dev/null
  wait $driver 2>/dev/null
  while rest=$(left) && [ -n "$rest" ] && [ $((($(date +%s%N) - start) / 1000000)) -lt 5000 ]; do
    sleep 0.02
  done
  ms=$((($(date +%s%N) - start) / 1000000))
  [ "$ms" -le "$worst" ] || worst=$ms
  if [ -z "$rest" ]; then pass "round $i: nothing left after ${ms} ms"; else fail "round $i: left after 5 s" "$rest"; fi
done
# If no kill ever met something to undo, the rounds proved nothing.
if [ "$struck" -gt 0 ]; then pass "$struck of $rounds kills struck while there was something to undo; the slowest took $worst ms"; else
  fail "some kill strikes while there is something to undo"; fi
plan
