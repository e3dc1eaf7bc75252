#!/bin/sh
# The command line's promises: streams, exit statuses, one line for each error. explain-cli.sh BUILD_DIR
set -u
oomlab=${1:-build}/oomlab
data=lib/tests/data/oom
failed=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# want STATUS LINES_ON_STDERR DESCRIPTION COMMAND...
want() {
  status=$1 lines=$2 what=$3
  shift 3
  "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
  rc=$?
  n=$(wc -l <"$tmp/err")
  if [ "$rc" -ne "$status" ] || [ "$n" -ne "$lines" ]; then
    echo "FAIL $what: exit $rc (want $status), $n lines on stderr (want $lines)"
    cat "$tmp/err"
    failed=1
  else
    echo "ok   $what"
  fi
}
same() {
  if [ "$2" = "$3" ]; then echo "ok   $1"; else echo "FAIL $1: '$2', not '$3'"; failed=1; fi
}

printf 'nothing to see\n' >"$tmp/none.log"
want 0 0 "a log with an OOM" "$oomlab" explain $data/7.2-memcg.log
want 0 0 "a log without one" "$oomlab" explain "$tmp/none.log"
same "it says so" "$(cat "$tmp/out")" "$tmp/none.log: no OOM in this log"
want 0 0 "without one, as JSON" "$oomlab" explain --json "$tmp/none.log"
same "an empty list" "$(cat "$tmp/out")" '{"schema":1,"events":[]}'
want 2 1 "a file that is not there" "$oomlab" explain "$tmp/absent.log"
want 2 1 "a directory" "$oomlab" explain "$tmp"
want 2 1 "no file" "$oomlab" explain
want 2 1 "two files" "$oomlab" explain a b
want 2 1 "a bad what-if" "$oomlab" explain --what-if adj:1 $data/7.2-memcg.log
want 2 1 "an unknown option" "$oomlab" explain --frob $data/7.2-memcg.log
want 0 0 "help" "$oomlab" explain --help
want 0 0 "two what-ifs" "$oomlab" explain --what-if adj:78=-500 --what-if limit:+1M $data/7.2-memcg.log
same "standard input reads the same" "$("$oomlab" explain --json - <$data/7.2-memcg.log)" \
  "$("$oomlab" explain --json $data/7.2-memcg.log)"
same "no colour into a pipe" "$("$oomlab" explain $data/7.2-memcg.log | tr -dc '\033' | wc -c)" 0
exit $failed
