#!/bin/sh
# Guests, really booted, and ended in every way there is: vm-boot.t BUILD_DIR. Prints TAP.
# Kernels: $OOMLAB_TEST_KERNELS (blank-separated, default debian:6.1), fetched if they are not cached.
set -u
build=$1
OOMLAB_CACHE=${OOMLAB_CACHE:-$(cd "$build" && pwd)/kernels}
export OOMLAB_CACHE
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0
. harness/tests/tap.sh
try=$build/harness/tests/vm_try

ok() { # TEXT: the command before decides
  rc=$?
  if [ $rc -eq 0 ]; then pass "$1"; else bad=1; fail "$1" "$(cat "$dir/out")"; fi
}
finish() { plan; exit "$bad"; }
skip_all() { skip 'guests' "$1"; finish; }
vm() { # ACTION [OPTION...]: what vm_try says in $dir/out
  rm -f "$dir"/*.log "$dir/registers.txt"
  "$try" "$build/oomlab" "$kernel" "$dir" "$@" >"$dir/out" 2>&1
}
said() { grep -q -- "$1" "$dir/out"; }

command -v "${OOMLAB_QEMU:-qemu-system-x86_64}" >/dev/null || skip_all 'no QEMU here'
make -s O="$build" "$try" >/dev/null || { bad=1; fail "$try builds"; finish; }

for kernel in ${OOMLAB_TEST_KERNELS:-debian:6.1}; do
  if ! "$build/oomlab" kernels get "$kernel" >"$dir/out" 2>&1; then
    skip "$kernel" "$(tail -n 1 "$dir/out")"
    continue
  fi
  vm off
  said '"t":"hello".*"memcg_v2":true.*"taint":0' ; ok "$kernel: hello after $(sed -n 's/boot_ms \([0-9]*\).*/\1/p' "$dir/out") ms, with memory cgroups"
  said '^outcome powered_off: powered off$'      ; ok "$kernel: powered off"
  vm off nodes=2 cpus=2 swap=64
  said '"nr_cpus":2.*"swap_total_kb":65532.*"taint":0.*"id":1' ; ok "$kernel: two nodes, two CPUs, swap"
  [ ! -e "$dir/disk.raw" ] && [ ! -e "$dir/initrd" ] ; ok "$kernel: no swap file or initrd is left"
  vm big
  said '^big 5 of 5 in' ; ok "$kernel: the longest lines lose nothing on the way"
  vm crash
  said '^outcome panicked: Kernel panic - not syncing: sysrq triggered crash' ; ok "$kernel: panicked"
  [ "$(grep -c -a 'Linux version' "$dir/console.log")" = 1 ] ; ok "$kernel: the panic replays the kernel log, once"
  vm reset
  said '^outcome reset: the guest reset itself' ; ok "$kernel: reset without a panic"
  vm silent
  said '^outcome reset: powered off without its agent' ; ok "$kernel: power off the agent did not ask for"
  vm hang
  said '^outcome hung: ' && [ -s "$dir/registers.txt" ] ; ok "$kernel: hung, with registers"
  said '; its tasks stand in console.log$' && grep -q -a 'sysrq: Show Blocked State' "$dir/console.log" &&
    grep -q -a '^\[.*task:init ' "$dir/console.log"
  ok "$kernel: hung, with its tasks by sysrq keys"
  grep -q -a 'NMI: Not continuing' "$dir/console.log" ; ok "$kernel: hung, with the kernel's log by an NMI"
  vm stop
  said '^outcome hung: ' && [ ! -e "$dir/registers.txt" ] ; ok "$kernel: QEMU itself hangs: hung, and ended"
  vm kill
  said '^outcome qemu_killed: QEMU was killed by a signal: Killed' ; ok "$kernel: QEMU killed"
  vm refuse
  said "^start: .*QEMU did not run the guest: .*/nonexistent/initrd" ; ok "$kernel: QEMU refuses its arguments"
  vm off cmdline=rdinit=/nothing
  said "^start: Input/output error: before the guest's hello: Kernel panic" && [ -s "$dir/console-1.log" ]
  ok "$kernel: a panic before hello is tried twice, then told"
  vm off timeout=200
  said '^start: Connection timed out: the guest said no hello within 200 ms' ; ok "$kernel: no hello in time"
  for nodes in 1 2; do
    vm template nodes=$nodes
    [ "$(grep -c '^outcome panicked: .*sysrq' "$dir/out")" = 3 ] && [ "$(grep -c ', answer [0-9]' "$dir/out")" = 3 ]
    ok "$kernel: saved once ($nodes node), restored three times: $(sed -n 's/.*, answer/answer after/p' "$dir/out" | tail -n 1)"
  done
  vm template swap=64
  said '^save .*: save a template: .*non-migratable' ; ok "$kernel: what cannot be saved is told"

  mkfifo "$dir/pipe"
  "$try" "$build/oomlab" "$kernel" "$dir" hold >"$dir/pipe" 2>/dev/null &
  driver=$!
  pid=$(sed -n 's/^boot_ms.* pid \([0-9]*\)$/\1/p;q' "$dir/pipe")
  adj=$(cat "/proc/$pid/oom_score_adj" 2>&1)
  kill -KILL $driver
  wait $driver 2>/dev/null
  echo "driver $driver, QEMU $pid, oom_score_adj $adj" >"$dir/out"
  [ "$adj" = 800 ] ; ok "$kernel: QEMU offers itself to the host's OOM killer"
  timeout 10 tail --pid="$pid" -f /dev/null ; ok "$kernel: QEMU dies with its driver"
  rm -f "$dir/pipe"
done
finish
