#!/bin/sh
# oomlab explain as users call it: streams, exit statuses, one line for each error; and the sample of
# real logs with labels (not part of this project) where it is at hand.
set -u
build=${1:-build}
. harness/tests/tap.sh
lab=$build/oomlab
log=lib/tests/data/oom/7.2-memcg.log
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# explain ARGS: prints the exit status and the lines on stderr
explain() {
  "$lab" explain "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
  echo "$? $(wc -l <"$tmp/err")"
}

printf 'nothing to see\n' >"$tmp/none.log"
check "a log with an OOM" "0 0" "$(explain $log)"
check "names the victim" 1 "$(grep -c 'memhog (78) was killed' "$tmp/out")"
check "no colour into a pipe" 0 "$(tr -dc '\033' <"$tmp/out" | wc -c)"
check "a log without one" "0 0" "$(explain "$tmp/none.log")"
check "says so" "$tmp/none.log: no OOM in this log" "$(cat "$tmp/out")"
check "without one, as JSON" "0 0" "$(explain --json "$tmp/none.log")"
check "is an empty list" '{"schema":1,"events":[]}' "$(cat "$tmp/out")"
check "a file that is not there: one line" "2 1" "$(explain "$tmp/absent.log")"
check "a directory: one line" "2 1" "$(explain "$tmp")"
check "no file: one line" "2 1" "$(explain)"
check "two files: one line" "2 1" "$(explain a b)"
check "a bad what-if: one line" "2 1" "$(explain --what-if adj:1 $log)"
check "an unknown option: one line" "2 1" "$(explain --frob $log)"
check "help" "0 0" "$(explain --help)"
check "two what-ifs" "0 0" "$(explain --what-if adj:78=-500 --what-if limit:+1M $log)"
check "tell who dies then" 1 "$(grep -c 'what if.*hogB (x) y (79) dies with' "$tmp/out")"
check "standard input reads the same" "$("$lab" explain --json $log)" "$("$lab" explain --json - <$log)"
grep -v 'Killed process' $log >"$tmp/no-kill.log"
check "a kill line filtered away" "0 0" "$(explain "$tmp/no-kill.log")"
check "tells who was chosen" 1 "$(grep -c 'memhog (78) was chosen, its kill is not in the log' "$tmp/out")"
cat >"$tmp/no-rows.log" <<'EOF'
a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0
memory: usage 80000kB, limit 80000kB, failcnt 1
Memory cgroup stats for /x: cache:70000KB rss:100KB shmem:70000KB mapped_file:70000KB
Killed process 7 (a) total-vm:80000kB, anon-rss:4kB, file-rss:0kB, shmem-rss:70000kB
EOF
check "no rows: does not tell who maps shared memory" "0 0" "$(explain "$tmp/no-rows.log")"
check "and does not say that nobody does" "1 0" \
  "$(grep -c 'shared memory: .*; who maps it is not in the log' "$tmp/out") $(grep -c 'no task maps' "$tmp/out")"
cat >"$tmp/no-highmem.log" <<'EOF'
oom-killer: gfp_mask=0x1d2
Normal free:8kB min:16kB low:24kB high:32kB active:4kB inactive:4kB present:5000kB
HighMem free:0kB min:128kB low:256kB high:384kB active:0kB inactive:0kB present:0kB
Out of Memory: Killed process 7 (a).
EOF
check "a zone without memory" "0 0" "$(explain "$tmp/no-highmem.log")"
check "is not short of it" "1 0" \
  "$(grep -c 'Normal: 8 KiB, min.*: short' "$tmp/out") $(grep -c HighMem "$tmp/out")"
cat >"$tmp/mapped-cache.log" <<'EOF'
memory: usage 100000kB, limit 100000kB, failcnt 1
Memory cgroup stats for /x: cache:99000KB rss:500KB mapped_file:99000KB swap:0KB inactive_anon:99000KB
[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name
[    7]     0     7    65281    24900      73        0             0 a
Memory cgroup out of memory: Kill process 7 (a) score 900 or sacrifice child
Killed process 7 (a) total-vm:261124kB, anon-rss:292kB, file-rss:99000kB
EOF
check "page cache that a task maps" "0 0" "$(explain "$tmp/mapped-cache.log")"
check "is the task's" "1 0" \
  "$(grep -c 'trouble *one task: a' "$tmp/out") $(grep -c 'page cache' "$tmp/out")"
sed 's/ocess 7 (a)/ocess 8 (b)/; s/261124/9999/' "$tmp/mapped-cache.log" >"$tmp/tail.log"
check "the victim's row is not in the log" "0 0" "$(explain "$tmp/tail.log")"
check "another's spares nobody" "1 0" \
  "$(grep -c 'victim b (8) is not in the dump' "$tmp/out") $(grep -c 'what if' "$tmp/out")"
sed 's/^memory: .*/memory: usage/; s/ocess 7 (a) total/ocess 7 (a) total/' "$tmp/mapped-cache.log" >"$tmp/no-limit.log"
printf '[    9]     0     9    6528    2490      7        0             0 c\n' >"$tmp/row"
sed -i "/ a$/r $tmp/row" "$tmp/no-limit.log"
check "a domain of no known size" "0 0" "$(explain "$tmp/no-limit.log")"
check "is not called small" "1 0" \
  "$(grep -c 'scales with is not in the log; surely -1000 would have spared a' "$tmp/out") $(grep -c 'too small' "$tmp/out")"
sysrq=lib/tests/data/oom/6.6-sysrq.log
check "an OOM by hand is global" 1 "$("$lab" explain --json $sysrq | grep -c '"kind":"global","sysrq":true')"
gzip -c $log >"$tmp/log.gz"
check "a compressed log: one line that says how" "2 1" "$(explain "$tmp/log.gz")"
check "with the command" 1 "$(grep -c 'zcat FILE | oomlab explain -' "$tmp/err")"
sed 's/$/\r/' $log | iconv -f UTF-8 -t UTF-16 >"$tmp/wide.log"
check "UTF-16 reads the same" "$("$lab" explain --json $log)" "$("$lab" explain --json "$tmp/wide.log")"
check "a full disk is told" "2 1" "$("$lab" explain $log >/dev/full 2>"$tmp/err"; echo "$? $(wc -l <"$tmp/err")")"

# What the README shows is what is printed.
sed -n 's/^\$ build\/oomlab explain //p' README.md >"$tmp/shown"
check "the README shows three logs" 3 "$(wc -l <"$tmp/shown")"
while read -r file; do
  check "the README shows what $(basename "$file") gives" "$("$lab" explain "$file")" \
    "$(awk -v f="$file" '/^```/ { on = 0 } on { print } $0 == "$ build/oomlab explain " f { on = 1 }' README.md)"
done <"$tmp/shown"

corpus=${OOMLAB_CORPUS:-../shared/corpus}
if [ -x "$corpus/check" ]; then
  "$corpus/check" --oomlab "$lab" -v >"$tmp/check"
  check "the sample of real logs reaches its aims" 0 $?
  sed 's/^/# /' "$tmp/check"
else
  skip "the sample of real logs reaches its aims" "no logs at ../shared/corpus (OOMLAB_CORPUS)"
fi
plan
