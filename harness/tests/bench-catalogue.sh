#!/bin/sh
# All cases in restored guests and in shared boots: verdicts must be equal, times are told side by side.
# Minutes, so no part of make bench. bench-catalogue.sh BUILD_DIR [KERNEL[,KERNEL...]] [OPTION... of oomlab run]
set -eu
build=$1
kernels=${2:-debian:6.1}
shift $(($# > 2 ? 2 : $#))
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

play() { # NAME [OPTION...]
  name=$1
  shift
  "$build/oomlab" run --kernel "$kernels" --results "$dir/$name" "$@" >"$dir/$name.ktap" 2>"$dir/$name.err" || :
  jq -r '.cases[] | "\(.id) \(.verdict)"' "$dir/$name/latest/results.json" | sort >"$dir/$name.verdicts"
  echo "$name: $(tail -n 1 "$dir/$name.ktap" | sed 's/# Totals: //')"
  sed -n 's/^guests: /  /p' "$dir/$name.err"
  jq -r '[.cases[].timing | select(. != null)] |
    "  medians in ms of \(length) plays: " + ([["restore_us", "answer_us", "settle_us", "fill_us", "wait_us", "teardown_us"][] as $k |
      "\($k[:-3]) \(map(.[$k]) | sort | .[length / 2 | floor] / 1000 | floor)"] | join(", "))' "$dir/$name/latest/results.json"
}

play restored "$@"
play booted --cold "$@"
diff "$dir/restored.verdicts" "$dir/booted.verdicts" && echo "verdicts: equal"
