#!/bin/bash
# The smoke set in a VM on both cgroup versions, read back by another tool's rules; a killed QEMU.
set -u
. harness/tests/tap.sh
lab=$1/oomlab
out=$1/smoke-test
mkdir -p "$out"

"$lab" run --tag smoke --cgroup all --results "$out" >"$out/ktap" 2>"$out/err"
check "the smoke set passes on v1 and v2" 0 $?
check "it is KTAP" "KTAP version 1" "$(head -1 "$out/ktap")"
check "every planned case is there" "$(sed -n 's/^1\.\.//p' "$out/ktap" | head -1)" \
  "$(grep -cE '^(not )?ok ' "$out/ktap")"
for scope in CONSTRAINT_MEMCG CONSTRAINT_NONE CONSTRAINT_MEMORY_POLICY CONSTRAINT_CPUSET; do
  n=$(grep -l "oom-kill:constraint=$scope," "$out"/latest/*/*/*/kmsg.log | wc -l)
  if [ "$n" -gt 0 ]; then pass "$scope was brought on ($n logs)"; else fail "$scope was brought on"; fi
done
[ -s "$out/latest/results.json" ] && pass "results.json was written" || fail "results.json was written"

# QEMU is killed while a case waits: BROKEN, never PASS, and exit 3.
"$lab" run --results "$out" harness/tests/lies/qemu-killed.yaml >"$out/killed" 2>&1 &
driver=$!
for _ in $(seq 600); do
  grep -qs '"t":"worker"' "$out"/latest/*/*/qemu-killed/evidence.jsonl && break
  sleep 0.1
done
pkill -KILL -P $driver qemu-system
wait $driver
check "a killed QEMU is BROKEN: exit 3" 3 $?
case $(grep -E '^not ok' "$out/killed") in
*"# ERROR"*) pass "and says so" ;;
*) fail "and says so" "$(cat "$out/killed")" ;;
esac
plan
