#!/bin/sh
# Runs in guests: restored and booted, one and two at a time, and ended before their time. vm-run.t BUILD_DIR.
set -u
build=$1
OOMLAB_CACHE=${OOMLAB_CACHE:-$(cd "$build" && pwd)/kernels}
export OOMLAB_CACHE
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0
. harness/tests/tap.sh

ok() { # TEXT: the command before decides
  rc=$?
  if [ $rc -eq 0 ]; then pass "$1"; else bad=1; fail "$1" "$(tail -n 20 "$dir/out")"; fi
}
finish() { plan; exit "$bad"; }
skip_all() { skip 'runs in guests' "$1"; finish; }
lab() { "$build/oomlab" "$@" --results "$dir/results" >"$dir/out" 2>&1; }
numbers() { sed -n 's/^\(not \)\{0,1\}ok \([0-9]*\) .*/\2/p' "$dir/out" | tr '\n' ' '; }
verdicts() { sed -n 's/^\(\(not \)\{0,1\}ok\) [0-9]* /\1 /p' "$dir/out" | sort; }
# All processes below one, itself included.
family() {
  echo "$1"
  for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do family "$child"; done
}
gone() { # PID...: within some seconds; a zombie whose new parent does not reap is gone
  for p in "$@"; do
    timeout 10 tail --pid="$p" -f /dev/null || grep -q ') Z ' "/proc/$p/stat" || return 1
  done
}
start() { # OPTION: a run that lasts, in the background as $run; returns when its first result is there
  "$build/oomlab" run "$1" --repeat 50 --cgroup v2 --results "$dir/results" memcg-child-limit >"$dir/out" 2>&1 &
  run=$!
  timeout 100 sh -c 'until grep -q "^ok 1 " "$1"; do tail -n 0 --pid=$2 -f "$1" | head -n 1 >/dev/null; done' - "$dir/out" $run
}

command -v "${OOMLAB_QEMU:-qemu-system-x86_64}" >/dev/null || skip_all 'no QEMU here'
"$build/oomlab" kernels get debian:6.1 >"$dir/out" 2>&1 || skip_all "$(tail -n 1 "$dir/out")"

lab run --cgroup v2 memcg-child-limit memcg-parent-limit global-oom
ok 'restored guests, one at a time'
verdicts >"$dir/restored"
case=$dir/results/latest/debian-6.1/v2/memcg-child-limit
[ -e "$case/console.log" ] ; ok 'each leaves its console with its case'
grep -q '"t":"host","restored":true' "$case/evidence.jsonl" ; ok 'evidence says that the guest was restored'
[ "$(grep -c '"t":"sample"' "$case/evidence.jsonl")" -ge 2 ] ; ok 'evidence has a timeline'
lab run --cgroup v2 --cold --sample 0 memcg-child-limit memcg-parent-limit global-oom
ok 'booted guests'
grep -q '"t":"host","restored":false' "$dir/results/latest/debian-6.1/v2/memcg-child-limit/evidence.jsonl"
ok 'evidence says that the guest was booted'
! grep -q '"t":"\(timeline\|sample\)"' "$case/evidence.jsonl" ; ok '--sample 0: no timeline'
verdicts | cmp -s - "$dir/restored" ; ok 'booted or restored: the same verdicts'
lab run --cgroup v2 -j2 --repeat 2 memcg-child-limit memcg-parent-limit global-oom
ok 'two at a time'
check 'results are numbered as they come' '1 2 3 4 5 6 ' "$(numbers)"
lab run --cgroup v2 -j2 --until-fail --repeat 2 memcg-child-limit global-oom harness/tests/lies/wrong-oom-memcg.yaml
check 'until one fails: exit 1' 1 $?
lab run --cgroup v2 -j1 --until-fail --repeat 2 memcg-child-limit memcg-parent-limit global-oom
ok 'until one fails: none does'
check 'a round of all guests, then the next' '1 1 1 2 2 2 ' "$(sed -n 's/^ok .*\.r//p' "$dir/out" | tr '\n' ' ')"
lab run --cgroup v2 --shard 2/2 memcg-child-limit
check 'a shard that has no case: passed, and told' '0 1' "$? $(grep -c 'shard 2 of 2 has no case' "$dir/out")"
[ -z "$(find "$dir/results" -name qemu.log -empty -o -name '*.cpio')" ] ; ok 'no empty file is left'

start -j2
pids=$(family $run)
kill -INT $run
wait $run
check 'Ctrl-C ends it with 130' 130 $?
gone $pids ; ok 'Ctrl-C ends all its processes'
start -j2
pids=$(family $run)
kill -KILL $run
wait $run 2>/dev/null
gone $pids ; ok 'SIGKILL ends all its processes'
if mount -t tmpfs -o size=96m none "$dir/results" 2>/dev/null; then
  start -j2
  pids=$(family $run)
  dd if=/dev/zero of="$dir/results/rest" bs=64k 2>/dev/null
  timeout 60 tail --pid=$run -f /dev/null || kill -KILL $run
  wait $run
  check 'results that cannot be written end it: broken' 3 $?
  gone $pids ; ok 'and all its processes'
  umount -l "$dir/results"
else
  skip 'results that cannot be written end it' 'no tmpfs can be mounted'
fi

cat >"$dir/too-big.yaml" <<EOF
case: too-big
summary: a guest larger than many a host
scope: global
needs: {memory: 64GiB}
workers:
  hog: {kind: anon, size: 100MiB}
steps:
  - trigger: hog
  - wait: {kills: 1}
expect:
  victims: [hog]
EOF
if [ "$(sed -n 's/MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)" -lt 67108864 ]; then
  lab run "$dir/too-big.yaml"
  [ $? -eq 3 ] && grep -q "ERROR a guest of 65536 MiB does not fit into this host's memory" "$dir/out"
  ok 'a guest that does not fit into memory: broken, none is started'
else
  skip 'a guest that does not fit into memory' 'this host has 64 GiB'
fi

# QEMUs that are not as they should be.
real=$(command -v "${OOMLAB_QEMU:-qemu-system-x86_64}")
export OOMLAB_QEMU="$dir/qemu"
fake() { # SHELL TEXT that runs before the real one; "$extra" is given to it
  printf '#!/bin/sh\nextra=\n%s\nexec %s "$@" $extra\n' "$1" "$real" >"$dir/qemu"
  chmod +x "$dir/qemu"
}
said() { grep -q -- "$1" "$dir/out"; }

fake 'extra="-machine nonsense"'
lab run memcg-child-limit global-oom
[ $? -eq 3 ] && said 'ERROR before the guest.*QEMU did not run the guest: .*unsupported machine type' ; ok 'QEMU refuses: broken, and what it said'
fake 'extra="-blockdev driver=null-co,node-name=n -device nvme,drive=n,serial=n"'
lab run memcg-child-limit
[ $? -eq 0 ] && said 'save a template: .*non-migratable.*; guests of this shape are booted instead'
ok 'what cannot be saved is booted, and it is said why'
fake 'case "$*" in *-incoming*) echo no such thing >&2; exit 1 ;; esac'
lab run memcg-child-limit memcg-parent-limit
[ $? -eq 0 ] && said 'restore a guest: .*no such thing; guests of this shape are booted instead'
ok 'what cannot be restored is booted, and it is said why'
fake "[ -e $dir/once ] || { [ \"\$1\" = --version ] || { >$dir/once; extra='-append console=ttyS0\ panic=-1\ rdinit=/x'; eval \"exec $real \\\"\\\$@\\\" \$extra\"; }; }"
lab run memcg-child-limit
[ $? -eq 0 ] && said 'a boot was tried again; before the guest.s hello: Kernel panic'
ok 'a panic before the hello is tried once more, and told'
unset OOMLAB_QEMU

start --cold
for p in $(family $run); do
  case $(cat "/proc/$p/comm" 2>/dev/null) in qemu*) kill -KILL "$p" ; break ;; esac
done
timeout 100 sh -c 'until grep -q "^not ok" "$1"; do tail -n 0 --pid=$2 -f "$1" | head -n 1 >/dev/null; done' - "$dir/out" $run
# Within a case, or between two.
said 'ERROR guest: .*ended\( with a killed QEMU\|: qemu_killed\): .*Killed' ; ok 'QEMU killed by the host: broken'
kill -INT $run
wait $run
finish
