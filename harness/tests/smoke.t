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
  logs=$(grep -l "oom-kill:constraint=$scope," "$out"/latest/*/*/*/kmsg.log | wc -l)
  if [ "$logs" -gt 0 ]; then pass "$scope was brought on ($logs logs)"; else fail "$scope was brought on"; fi
done
if [ -s "$out/latest/results.json" ]; then pass "results.json was written"; else fail "results.json was written"; fi

"$lab" run --cgroup v2 --results "$out" harness/tests/data/cmdline >"$out/ktap" 2>"$out/err"
check "a case's kernel options take nothing away from others" "0 1 1" \
  "$? $(grep -c '^ok .*a-takes-away # SKIP .*memory controller' "$out/ktap") $(grep -c '^ok .*b-has-it$' "$out/ktap")"

plan
