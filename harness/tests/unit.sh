#!/bin/sh
# Runs cmocka programs: unit.sh BUILD_DIR PROGRAM... Ends with "N passed, N failed, N skipped".
# A program that dies without its summary counts as one failure. Exit 0 only without failures.
set -u
build=$1
shift
passed=0 failed=0 skipped=0
mkdir -p "$build"
for t in "$@"; do
  log=$build/$(basename "$t").log
  timeout 600 "$t" >"$log" 2>&1
  rc=$?
  p=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
  f=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
  s=$(sed -n 's/^\[  SKIPPED \] \([0-9]*\) test.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
  [ "$rc" -eq 0 ] || [ "$f" -gt 0 ] || f=1
  [ $((p + f + s)) -gt 0 ] || f=1 # nothing was run: its tests are lost
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  printf '%-4s %s: %d passed, %d failed, %d skipped\n' \
    "$([ "$f" -eq 0 ] && echo ok || echo FAIL)" "$(basename "$t")" "$p" "$f" "$s"
  [ "$s" -eq 0 ] || grep -h '^skip:' "$log" | sort -u
  [ "$f" -eq 0 ] || grep -vE '^\[ (RUN|     OK)' "$log" | tail -40
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
