#!/bin/sh
# The command line as a user mistypes it, and the places output can go wrong. cli.t BUILD_DIR
set -u
. harness/tests/tap.sh
lab=$1/oomlab
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
case=cases/memcg/memcg-child-limit.yaml

refused() { # ARGUMENT...: exit 2, one line that names where it comes from
  seen=$("$lab" "$@" 2>&1 </dev/null)
  rc=$?
  check "$*: exit 2, one line" "2 1 1" \
    "$rc $(printf '%s\n' "$seen" | wc -l | tr -d ' ') $(printf '%s\n' "$seen" | grep -c '^oomlab')"
}
for option in --shard=0/3 --shard=4/3 --shard=-1/-1 --shard=4294967297/4294967297 --shard=1/3x --shard=1 --shard=auto --shard=auto/0 \
  --timings=/nonexistent \
  --shuffle=x --shuffle=-1 --repeat=0 --repeat=-1 --sample=x --sample=2h --timeout-mul=nan --timeout-mul=0 --format=xml --format=junit= \
  --cgroup=v3 --sysctl=x --sysctl=net.a=1 --sysctl=vm.a= --on=moon --accel=xen --kernel=, --bogus -j \
  --exit-style=git --bad-at=0 --bad-at=2 "--until-fail --bad-at=2" "--fail-fast --repeat=3 --bad-at=2"; do
  # shellcheck disable=SC2086 # some are two
  refused run --dry-run $option $case
done
for command in claims list show judge kernels doctor explain run top; do
  refused $command --bogus
done
refused run --dry-run ""
refused diff /dev/null
refused merge
refused merge /nonexistent
refused diff harness/tests/data/evidence/run
refused diff harness/tests/data/evidence/run /nonexistent
refused list ""
refused list /dev/null
refused kernels list extra
refused top extra
refused top -n -1
refused top --watch=0
refused top --watch
refused top --watch --json
refused top --memcg ../..
refused claims "$tmp" "$tmp"
refused claims "$tmp/none"
refused claims "$tmp"
refused claims harness/tests/data/evidence/run/host/v1/memcg-child-limit/evidence.jsonl
refused run --results "" $case
refused run --on host --kernel debian:6.1 $case
refused run --on host --accel tcg $case

check "top ranks its own shell, and points never rise" "1 0" "$("$lab" top --json | sed 's/"never":.*//' |
  tr '{' '\n' | awk -F'[:,]' -v pid=$$ '/^"rank"/ { for (i = 1; i < NF; i++) { if ($i == "\"pid\"") own += $(i + 1) == pid
    if ($i == "\"points\"") { rises += n++ && $(i + 1) > last; last = $(i + 1) } } } END { print own + 0, rises + 0 }')"
check "claims says what a stored run made of one" "    confirmed     host v1" \
  "$("$lab" claims harness/tests/data/evidence/run | sed -n '/^    case  *memcg-child-limit$/{x;p;};h')"

seen=$("$1/oomhog" anon --size 1MiB --ready-fd 77 2>&1)
check "oomhog with a ready fd that is not open" "4: oomhog anon: --ready-fd 77: Bad file descriptor" "$?: $seen"

seed=$("$lab" run --dry-run --shuffle 2>&1 >"$tmp/first" | sed -n 's/^oomlab: //p')
"$lab" run --dry-run "$seed" >"$tmp/again" 2>/dev/null
check "the seed that --shuffle tells gives the same order again" "$(cat "$tmp/first")" "$(cat "$tmp/again")"
"$lab" run --dry-run >"$tmp/all"
for i in 1 2 3; do "$lab" run --dry-run --shard $i/3 | sed '$d'; done | sort >"$tmp/shards"
check "three shards are the whole, each case once" "$(sed '$d' "$tmp/all" | sort)" "$(cat "$tmp/shards")"
most=0 least=999999
for i in 1 2 3; do
  took=$("$lab" run --dry-run --shard $i/3 | sed -n 's/.*about \([0-9]*\) s.*/\1/p')
  [ "$took" -gt $most ] && most=$took
  [ "$took" -lt $least ] && least=$took
done
check "three shards take about the same time" 1 "$((most < 2 * least))"
# One that takes as long as all others together has a shard for itself.
mkdir "$tmp/took" && "$lab" run --tag memcg --dry-run | awk -F'\t' 'NF == 3 {
  printf("%s{\"case\":\"%s\",\"kernel\":\"debian:6.1\",\"cgroup\":\"v2\",\"verdict\":\"PASS\",\"duration_ms\":%d}",
    NR > 1 ? "," : "{\"schema\":1,\"cases\":[", $1, $1 == "memcg-child-limit" ? 300000 : 1000) }
  END { print "]}" }' >"$tmp/took/results.json"
for i in 1 2 3; do
  "$lab" run --tag memcg --dry-run --timings "$tmp/took" --shard $i/3 | sed '$d' >"$tmp/shard.$i"
done
check "shards by an earlier run's times: the whole, each case once" \
  "$("$lab" run --tag memcg --dry-run | sed '$d' | sort)" "$(sort "$tmp"/shard.*)"
check "and one as long as all others is alone" 1 "$(wc -l <"$(grep -l '^memcg-child-limit	' "$tmp"/shard.*)")"
check "--shard auto: as GitLab counts" "$("$lab" run --dry-run --shard 2/3)" \
  "$(CI_NODE_INDEX=2 CI_NODE_TOTAL=3 "$lab" run --dry-run --shard auto)"

if [ "$(id -u)" -eq 0 ] && unshare --pid --mount --fork true 2>/dev/null; then
  check "as PID 1 of a container it is no guest" "usage: oomlab COMMAND [options]" \
    "$(timeout 20 unshare --pid --mount --fork --kill-child "$lab" --help 2>&1 | head -1)"
else
  skip "as PID 1 of a container it is no guest" "no namespaces to be had"
fi

# What passes for a bzImage, and no QEMU to boot it: every case is BROKEN, and nothing is started.
{
  head -c 497 /dev/zero && printf '\004' && head -c 12 /dev/zero && printf '\125\252' &&
    head -c 2 /dev/zero && printf 'HdrS\017\002' && head -c 65016 /dev/zero
} >"$tmp/no ne"
export OOMLAB_QEMU=/nonexistent
"$lab" run --kernel "$tmp/none" --results "$tmp/none-made" $case >"$tmp/out" 2>&1
check "a kernel that is not there: exit 2, nothing made" 2 "$?$(ls "$tmp/none-made" 2>/dev/null)"
"$lab" run --kernel "$tmp/no ne" --results "$tmp/r" $case >"$tmp/out" 2>&1
check "no QEMU: exit 3" 3 $?
# git takes 1..127 but for 125 for "bad".
"$lab" run --exit-style bisect --kernel "$tmp/no ne" --results "$tmp/r" $case >"$tmp/out" 2>&1
check "bisect: one that does not boot cannot tell" 125 $?
"$lab" run --exit-style bisect --kernel "$tmp/none" --results "$tmp/r" $case >"$tmp/out" 2>&1
check "bisect: one that was not built cannot tell" 125 $?
"$lab" run --exit-style=bisect --bogus $case >"$tmp/out" 2>&1
check "bisect: a mistake in the command ends it" 128 $?
cp $case "$tmp/memcg-child-limit.yaml" && mkdir "$tmp/it's here" && cp $case "$tmp/it's here"
"$lab" run --kernel "$tmp/no ne" --accel tcg --timeout-mul 2.5 --results "$tmp/r" "$tmp/it's here" >"$tmp/out" 2>/dev/null
# shellcheck disable=SC2016 # for the other shell
check "the reproduce command says all that matters, quoted" \
  "run|--kernel|$tmp/no ne|--cgroup|v2|--accel|tcg|--timeout-mul|2.5|$tmp/it's here/memcg-child-limit.yaml|" \
  "$(eval "set -- $(sed -n 's/^# reproduce: //p' "$tmp/out")"; shift; printf '%s|' "$@")"
if [ -w /dev/full ]; then
  "$lab" run --kernel "$tmp/no ne" --format tap --results "$tmp/r" $case >/dev/full 2>"$tmp/err"
  check "a report that cannot be written is an error" "3 1" "$? $(grep -c 'write to standard output' "$tmp/err")"
  "$lab" run --on host --dry-run $case >/dev/full 2>"$tmp/err"
  check "a list that cannot be written is an error" "3 1" "$? $(grep -c 'write to standard output' "$tmp/err")"
fi
"$lab" run --kernel "$tmp/no ne" --results "$tmp/closed" $case <&- >&- 2>&-
check "with all its standard files closed it does the same" 3 $?
check "and no file of a run got what was meant for them" 0 \
  "$(grep -rlE '^(KTAP|1\.\.|not ok|BROKEN)' "$tmp/closed" | wc -l | tr -d ' ')"
if [ "$(id -u)" -eq 0 ] && "$lab" run --on host --results "$tmp/r" $case >/dev/null 2>&1; then
  "$lab" run --on host --timeout-mul 1e-9 --results "$tmp/r" $case >"$tmp/out" 2>&1
  check "deadlines scaled to nothing are short ones, not none" "1 1" \
    "$? $(grep -c '^not ok .*memcg-child-limit$' "$tmp/out")"
  (ulimit -n 16 && "$lab" run --on host --results "$tmp/r" $case) >"$tmp/out" 2>&1
  check "too few files: exit 3, and it is told" "3 1" "$? $(grep -c '^not ok.*: Too many open files' "$tmp/out")"
  mkdir "$tmp/full"
  if unshare --mount true 2>/dev/null; then
    unshare --mount sh -c 'mount -t tmpfs -o size=16k tmpfs "$1" && "$2" run --on host --results "$1" "$3"' \
      - "$tmp/full" "$lab" $case >"$tmp/out" 2>&1
    check "a full disk: exit 3, and it is told" "3 1" "$? $(grep -c 'is the disk full' "$tmp/out")"
  fi
  "$lab" run --on host --results "$tmp/host" $case <&- >&- 2>&-
  check "a host run with its standard files closed passes" 0 $?
  "$lab" run --exit-style bisect --on host --repeat 2 --bad-at 2 --results "$tmp/r" $case >/dev/null 2>&1
  check "bisect: one that passes is good" 0 $?
  "$lab" run --exit-style bisect --on host --timeout-mul 1e-9 --results "$tmp/r" $case >/dev/null 2>&1
  check "bisect: one that fails is bad" 1 $?
  "$lab" run --on host --until-fail --repeat 3 --results "$tmp/r" $case >"$tmp/out" 2>"$tmp/err"
  check "until one fails: so many rounds and no plan, if none does" "0 3 0 1" \
    "$? $(grep -c '^ok [123] .*r[123]$' "$tmp/out") $(grep -c '^1\.\.' "$tmp/out") $(grep -c '^3 whole rounds' "$tmp/err")"
  "$lab" run --on host --until-fail --timeout-mul 1e-9 --format tap --results "$tmp/r" $case >"$tmp/out" 2>"$tmp/err"
  check "until one fails: it ends then" "1 1 1" \
    "$? $(grep -c '^1\.\.1$' "$tmp/out") $(grep -c '^failed in round 1: ' "$tmp/err")"
  case $("$lab" run --on host --cgroup v1 --repeat 1 --results "$tmp/r" $case 2>/dev/null) in
  *'# SKIP'*) other=v1 ;;
  *) other=v2 ;;
  esac
  timeout 60 "$lab" run --on host --cgroup $other --until-fail --results "$tmp/r" $case >"$tmp/out" 2>&1
  check "until one fails: ends where all is skipped" "0 1" "$? $(grep -c '# SKIP' "$tmp/out")"
  check "its evidence is whole" 0 "$("$lab" judge "$tmp/host/latest" >/dev/null 2>&1; echo $?)"
else
  skip "a host run with its standard files closed passes" "no memory cgroups to be had here"
fi
plan
