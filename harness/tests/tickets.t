#!/bin/sh
# Made-up tickets played again, all in one run: each genuine one is reproduced, no forged one is, and what --set
# changes is what the model says. tickets.t BUILD_DIR [COUNT [SEED [RUN-OPTION...]]]
set -u
. harness/tests/tap.sh
lab=$1/oomlab
OOMLAB_CACHE=${OOMLAB_CACHE:-$(cd "$1" && pwd)/kernels}
export OOMLAB_CACHE
count=${2:-20} seed=${3:-7}
shift "$(($# < 3 ? $# : 3))"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

skip_all() { skip 'made-up tickets are played again' "$1"; plan; exit 0; }
command -v "${OOMLAB_QEMU:-qemu-system-x86_64}" >/dev/null || skip_all 'no QEMU here'
"$lab" kernels get debian:6.1 >"$tmp/out" 2>&1 || skip_all "$(tail -n 1 "$tmp/out")"
command -v python3 >/dev/null || skip_all 'no python3 here'
check "tickets are made" 0 "$(python3 harness/tests/made-up-tickets.py "$tmp/logs" "$count" "$seed" >&2; echo $?)"

# Cases of them all: NAME.yaml, and NAME-remedy.yaml where there is something to change.
mkdir "$tmp/cases"
for log in "$tmp"/logs/*.log; do
  name=$(basename "$log" .log)
  "$lab" replay --dry-run --out "$name.yaml" "$log" >"$tmp/cases/$name.yaml" 2>"$tmp/err" ||
    { rm "$tmp/cases/$name.yaml"; echo "$name: $(cat "$tmp/err")" >>"$tmp/refused"; continue; }
  [ -f "$tmp/logs/$name.sets" ] || continue
  # shellcheck disable=SC2046 # words
  "$lab" replay --dry-run --out "$name.yaml" $(sed 's/^/--set /' "$tmp/logs/$name.sets") "$log" >"$tmp/both" 2>"$tmp/err" ||
    { echo "$name $(tr '\n' ' ' <"$tmp/logs/$name.sets"): $(cat "$tmp/err")" >>"$tmp/refused"; continue; }
  sed '1,/^---$/d' "$tmp/both" >"$tmp/cases/$name-remedy.yaml"
done
touch "$tmp/refused"
sed 's/^/# refused: /' "$tmp/refused"
check "few are refused" 1 $(($(wc -l <"$tmp/refused") * 10 <= count))
check "and each in one line that says why" 0 "$(grep -cvE 'oomlab: replay: .*[a-z]' "$tmp/refused")"

"$lab" run --kernel debian:6.1 --cgroup v2 -j2 "$@" --results "$tmp/results" "$tmp/cases" >"$tmp/out" 2>&1
# "ok 12 debian-6.1.v2.memcg-3-forged"
verdicts() { grep -E "^(not )?ok [0-9]+ " "$tmp/out" | grep "$@"; }
check "all were played" "$(ls "$tmp/cases" | wc -l)" "$(verdicts -vc ' # \(SKIP\|ERROR\)')"
check "each genuine ticket is reproduced, each remedy does what the model says" "" "$(verdicts -v forged | grep '^not ok')"
check "and there are some" 1 $(($(verdicts -vc forged) > count / 2))
check "no forged ticket is reproduced" "" "$(verdicts forged | grep '^ok')"
check "and there are some" 1 $(($(verdicts -c forged) > 0))
check "for it was another one that died" "$(verdicts -c forged)" "$(grep -c '^# FAIL victims: wanted' "$tmp/out")"
grep -E '^not ok|^# (FAIL|refused)' "$tmp/out" | grep -v forged | head -20 | sed 's/^/# /'
plan
