#!/bin/bash
# Lying cases, each wrong in one way, in a VM: the verdict must be the one `expected` names, for the
# reason it names. A case that passes here is a check that cannot fail.
set -u
. harness/tests/tap.sh
lab=$1/oomlab
out=$1/lies-test
mkdir -p "$out"

files=$(ls harness/tests/lies/*.yaml | grep -v long-wait) # that one needs a QEMU to be killed: smoke.t
# shellcheck disable=SC2086
"$lab" run --format text --results "$out" $files >"$out/text" 2>&1
check "a run with failures exits 1" 1 $?
grep -v '^#' harness/tests/lies/expected | while read -r name verdict why; do
  [ "$name" = long-wait ] || echo "$name $verdict $why"
done >"$out/expected"
check "every lie has its line" "$(echo "$files" | wc -l)" "$(wc -l <"$out/expected")"
while read -r name verdict why; do
  seen=$(grep -E "^[A-Z]+ +debian-[0-9.]+\\.v2\\.$name( |\$)" "$out/text" | head -1)
  if echo "$seen" | grep -qE "^($verdict) " && echo "$seen" | grep -qE "$why"; then
    pass "$name: $verdict"
  else
    fail "$name: $verdict" "wanted: $verdict, reason $why" "saw: $seen"
  fi
done <"$out/expected"
plan
