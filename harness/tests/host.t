#!/bin/sh
# The memcg cases on this host, and what a host refuses.
set -u
. harness/tests/tap.sh
lab=$1/oomlab
out=$1/host-test
mkdir -p "$out"

"$lab" run --on host --results "$out" cases/global/global-oom.yaml >"$out/refused" 2>&1
check "a global OOM on the host is refused with exit 2" 2 $?
check "the refusal is one line" 1 "$(wc -l <"$out/refused" | tr -d ' ')"
case $(cat "$out/refused") in
*"scope global"*"play it in a VM"*) pass "the refusal says why and what to do" ;;
*) fail "the refusal says why and what to do" "$(cat "$out/refused")" ;;
esac

for lie in unexpected-panic log-overrun; do
  "$lab" run --on host --results "$out" harness/tests/lies/$lie.yaml >"$out/refused" 2>&1
  check "$lie is refused on the host" "2 1" "$? $(wc -l <"$out/refused" | tr -d ' ')"
done
sed 's/panic-on-oom-2/panic-host/; s/scope: panic/scope: memcg/; s/panic: compulsory.*/no_oom: true/; s/\[panic, sysctl\]/[x]/' \
  cases/sysctl/panic-on-oom-2.yaml >"$out/panic-host.yaml"
"$lab" run --on host --results "$out" "$out/panic-host.yaml" >"$out/refused" 2>&1
check "a sysctl that could panic the host is refused" "2 1" "$? $(grep -c 'sets vm.panic_on_oom' "$out/refused")"
for case in cgroup/v1-hybrid cgroup/v2-localevents memcg/nokmem-not-charged badness/thp-counts swap/swap-delays-oom-zram \
  unowned/tmpfs-survives-kill; do
  "$lab" run --on host --results "$out" cases/$case.yaml >"$out/refused" 2>&1
  check "$case needs a guest of its own and is refused on the host" "2 1" \
    "$? $(grep -c 'play it in a VM' "$out/refused")"
done

sed 's/^case: .*/case: freezes/; s/^steps:/&\n  - write: {cgroup: box, file: cgroup.freeze, value: 1}/' \
  cases/memcg/memcg-child-limit.yaml >"$out/freezes.yaml"
"$lab" run --on host --dry-run "$out/freezes.yaml" >"$out/refused" 2>&1
check "a case that writes another file of a cgroup than memory.* is refused" "2 1" \
  "$? $(grep -c 'no memory\.\*; play it in a VM' "$out/refused")"

printf 'not a kernel\n' >"$out/garbage"
for kernel in "$out/garbage" "$out/none" debian: x; do
  rm -rf "$out/fresh"
  name=$(basename "$kernel")
  "$lab" run --kernel "$kernel" --results "$out/fresh" memcg-child-limit >"$out/refused" 2>&1
  check "a run on '$name' is refused: exit 2, one line, no results" "2 1 none" \
    "$? $(wc -l <"$out/refused" | tr -d ' ') $(ls "$out/fresh" 2>/dev/null || echo none)"
done

if [ "$(id -u)" -ne 0 ]; then
  skip "memcg cases on this host" "not root"
  plan
  exit 0
fi
# In a container pids, or paths, are not those of the kernel log.
if unshare -fp true 2>/dev/null; then
  unshare -fp --mount-proc "$lab" run --on host --results "$out" memcg-child-limit >"$out/refused" 2>&1
  check "in a PID namespace --on host is refused" "2 1" "$? $(grep -c 'PID namespace.*in a VM' "$out/refused")"
  check "and doctor tells it" 1 \
    "$(unshare -fp --mount-proc "$lab" doctor | grep -A1 'PID namespace' | grep -c 'on host is refused')"
else
  skip "in a PID namespace --on host is refused" "no PID namespace can be made"
fi
check "doctor knows this host's names for the log's" "$(unshare -fp true 2>/dev/null && echo 1)" \
  "$("$lab" doctor | grep -c '^ok *namespaces')"

"$lab" run --on host --tag memcg --results "$out" >"$out/ktap" 2>"$out/err"
rc=$?
run=$(readlink -f "$out/latest")
if grep -q '^ok .*host\.v[12]\.memcg-child-limit$' "$out/ktap"; then
  check "memcg cases on this host pass" 0 $rc
  check "no case fails on this host" 0 "$(grep -c '^not ok' "$out/ktap")"
elif reason=$(grep '^ok .*\.memcg-child-limit # SKIP ' "$out/ktap"); then
  # That case itself: another's reason to be skipped (the other cgroup version) is none for all of them.
  skip "memcg cases on this host" "${reason#*# SKIP }"
else
  fail "memcg cases on this host pass" "$(cat "$out/ktap" "$out/err")"
fi
check "no cgroup is left" "" "$(find /sys/fs/cgroup -maxdepth 2 -name 'oomlab-[0-9]*-*' 2>/dev/null)"

# Two at once: the second must not take the first one's value for what is to be put back.
was=$(cat /proc/sys/vm/oom_dump_tasks)
for i in 1 2 3; do
  "$lab" run --on host --results "$out" dump-tasks-0 >"$out/at-once.$i" 2>&1 &
done
wait
check "of runs at once each puts the sysctl back" "$was" "$(cat /proc/sys/vm/oom_dump_tasks)"

# What the run judged, the stored evidence says again.
"$lab" judge "$run" >"$out/judged" 2>"$out/judge-err"
check "judging the stored evidence again gives the same exit status" $rc $?
check "and the same verdicts" "$(grep -cE '^ok .*host' "$out/ktap")" \
  "$(($(grep -cE '^ok ' "$out/judged") + $(grep -c '# SKIP' "$out/ktap") - $(grep -c '# SKIP' "$out/judged")))"
plan
