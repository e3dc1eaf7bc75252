#!/bin/sh
# oomlab judge as users call it, on evidence of a run on 6.18 that is kept in the tree: what was
# judged once stays judgeable, and a change in one record changes the verdict.
set -u
build=${1:-build}
. harness/tests/tap.sh
lab=$build/oomlab
kept=harness/tests/data/evidence/run
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp -r "$kept" "$tmp/run"
child=host/v1/memcg-child-limit/evidence.jsonl

judge() { "$lab" judge "$@" >"$tmp/out" 2>"$tmp/err"; }

judge "$tmp/run"
check "a stored run passes again" 0 $?
check "one result a case, in the order of the run" "ok 1 host.v1.memcg-child-limit
ok 2 host.v1.memcg-parent-limit
ok 3 host.v1.global-oom # SKIP scope global: plays in a VM only" "$(grep -E '^(not )?ok' "$tmp/out")"

judge -v --format text "$tmp/run"
check "every check is shown on request" 2 "$(grep -c 'ok victims: wanted' "$tmp/out")"

judge "$tmp/run/$child"
check "one evidence file" 0 $?

rm "$tmp/run/results.json"
judge "$tmp/run"
check "a folder without results.json" "0 1..2" "$? $(sed -n 2p "$tmp/out")"

sed -i 's/"oom_kill":1}}/"oom_kill":2}}/' "$tmp/run/$child"
judge "$tmp/run"
check "a counter off by one fails" 1 $?
check "it says what it wanted and saw" 1 \
  "$(grep -c '^# FAIL counter box memory.oom_control oom_kill: wanted 1, saw 2$' "$tmp/out")"
cp "$kept/results.json" "$tmp/run"
judge "$tmp/run"
check "a verdict that changed is said" \
  "oomlab: memcg-child-limit: FAIL now, it was PASS in the run" "$(head -1 "$tmp/err")"

sed -i 's/"schema": *1,/&"planned":5,/' "$tmp/run/results.json"
cp "$kept/$child" "$tmp/run/$child"
judge "$tmp/run"
check "a run that did not come to all of its cases is broken" "3 5 cases were planned, 3 came to a result" \
  "$? $(grep planned "$tmp/err")"
cp "$kept/results.json" "$tmp/run"

head -c 3000 "$kept/$child" >"$tmp/run/$child"
judge "$tmp/run"
check "cut evidence is broken" 3 $?
check "and names the line" 1 "$(grep -c "^not ok 1 .* # ERROR .*evidence.jsonl:[0-9]*: no JSON" "$tmp/out")"

rm -rf "$tmp/run" && cp -r "$kept" "$tmp/run"
"$lab" diff "$kept" "$tmp/run" >"$tmp/out" 2>"$tmp/err"
check "a run does not differ from itself" "0 3 cases compared: 3 the same, 0 differ" "$? $(tail -1 "$tmp/out")"
rm "$tmp/run/$child"
"$lab" diff "$kept" "$tmp/run" >"$tmp/out" 2>"$tmp/err"
check "without its evidence a case is no difference, but a mistake" \
  "2 oomlab: diff: memcg-child-limit: its evidence is not there, and without it there is no difference to see" \
  "$? $(cat "$tmp/out" "$tmp/err")"

mkdir "$tmp/plain" && cp -r "$kept/host" "$tmp/plain" && ln -s plain "$tmp/link"
judge "$tmp/link"
check "a link to a folder without results.json" "0 1..2" "$? $(sed -n 2p "$tmp/out")"

judge "$tmp/nothing"
check "no such folder" "2 oomlab: judge: $tmp/nothing: No such file or directory" "$? $(cat "$tmp/err")"
judge
check "nothing named" 2 $?
judge --format xml "$tmp/run"
check "no such format" "2 oomlab: judge: --format xml: html, json, junit, ktap, lava, ltp, tap or text was expected" \
  "$? $(cat "$tmp/err")"

if command -v prove >/dev/null; then
  "$lab" judge --format tap "$kept" >"$tmp/t.tap" 2>/dev/null
  prove -e cat "$tmp/t.tap" >"$tmp/out" 2>&1
  check "prove reads the TAP" "0 Result: PASS" "$? $(tail -1 "$tmp/out")"
else
  skip "prove reads the TAP" "no prove here"
fi
plan
