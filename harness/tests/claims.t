#!/bin/sh
# Each claim that a case refutes is asserted by a lying twin, tagged of-CASE, that must FAIL in lies.t.
# And each id of data/claims.ids is the name of a case.
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

ids=$(sed '/^#/d' harness/tests/data/claims.ids)
for id in $ids; do
  check "$id is a case" 1 "$(printf '%s\n' "$cases" | grep -cx "$id")"
done

# Rows "| `a`, `b-0/1/2` | ..." of the table that the ids come from.
table=../shared/seeds.md
if [ -r "$table" ]; then
  check "the ids are those of the table" "$(sed -n 's/^| \(`[^|]*\) |.*/\1/p' "$table" | grep -o '`[^`]*`' | tr -d '`' |
    awk -F/ '{ print $1; base = $1; sub(/[^-]*$/, "", base); for (i = 2; i <= NF; i++) print base $i }' | LC_ALL=C sort)" "$ids"
else
  skip "the ids are those of the table" "no $table"
fi
plan
