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
