#!/bin/sh
# Each claim that a case refutes is asserted by a lying twin, tagged of-CASE, that must FAIL in lies.t.
set -u
lab=$1/oomlab
. harness/tests/tap.sh
lies=harness/tests/lies

names() { sed 's/^{"name":"\([^"]*\)".*/\1/'; }
cases=$("$lab" list --json | names)
told=$("$lab" list --json "$lies")

for case in $("$lab" list --json | grep '"truth":\[[^]]*"is":"refuted"' | names); do
  failing=
  for twin in $(printf '%s\n' "$told" | grep "\"tags\":\[[^]]*\"of-$case\"" | names); do
    grep -q "^$twin FAIL " "$lies/expected" && failing="$failing $twin"
  done
  if [ -n "$failing" ]; then
    pass "$case: refuted, and its twin must fail:$failing"
  else
    fail "$case: refuted" "no case in $lies has the tag of-$case and the verdict FAIL in $lies/expected"
  fi
done
for of in $(printf '%s\n' "$told" | sed -n 's/.*"tags":\[[^]]*"of-\([^"]*\)".*/\1/p'); do
  check "of-$of names a case" 1 "$(printf '%s\n' "$cases" | grep -cx "$of")"
done
plan
