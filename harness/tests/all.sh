#!/bin/sh
# Every test: all.sh BUILD_DIR UNIT_PROGRAM...
# Unit programs (cmocka), the source checks, then the *.t scripts, which speak TAP and get BUILD_DIR.
# Ends with "N passed, N failed, N skipped".
set -u
build=$1
shift
passed=0 failed=0 skipped=0

count() { # count PASSED FAILED SKIPPED
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

echo "# unit tests"
harness/tests/unit.sh "$build" "$@" >"$build/unit.log" 2>&1
sed '$d' "$build/unit.log"
# The last line is the count; without one nothing was run, which is a failure.
if set -- $(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$build/unit.log") &&
  [ $# -eq 3 ]; then
  count "$1" "$2" "$3"
else
  tail -5 "$build/unit.log"
  count 0 1 0
fi

# The same under ASan and UBSan count as one.
for check in check-layers check-sizes check-format asan; do
  if ! make -s O="$build" "$check" >"$build/$check.log" 2>&1; then
    echo "FAIL $check"
    tail -40 "$build/$check.log"
    count 0 1 0
  elif missing=$(grep -E '^check-format: skipped|not measured' "$build/$check.log"); then
    echo "skip $check: $missing" # the tool for it is not here
    count 0 0 1
  else
    echo "ok   $check"
    count 1 0 0
  fi
done

for t in lib/tests/*.t harness/tests/*.t workloads/tests/*.t; do
  [ -x "$t" ] || continue
  log=$build/$(basename "$t").log
  echo "# $t"
  timeout 1500 "$t" "$build" >"$log" 2>&1
  rc=$?
  s=$(grep -cE '^(not )?ok [0-9]+.* # SKIP' "$log")
  p=$(grep -E '^ok ' "$log" | grep -cv ' # SKIP')
  f=$(grep -E '^not ok ' "$log" | grep -cv ' # SKIP')
  planned=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$log" | tail -1)
  # A script that stops early has lost tests: they failed.
  [ "${planned:-x}" = $((p + f + s)) ] || { echo "planned ${planned:-nothing}, ran $((p + f + s))"; f=$((f + 1)); }
  [ "$rc" -eq 0 ] || [ "$f" -gt 0 ] || f=1
  grep -E '^(not )?ok ' "$log"
  [ "$f" -eq 0 ] || grep -vE '^ok ' "$log" | tail -60
  count "$p" "$f" "$s"
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
