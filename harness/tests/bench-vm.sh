#!/bin/sh
# What a guest costs: boot beside a bare QEMU with an init that does nothing, restore to first step, and a
# case beside the least its OOM takes; the best of some each, since the machine may be shared.
# bench-vm.sh BUILD_DIR [KERNEL]
set -eu
build=$1
kernel=${2:-debian:6.1}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
make -s O="$build" "$build/harness/tests/vm_bench" "$build/harness/tests/bench_init"

of() { sed -n "s/^$1 \([0-9]*\).*/\1/p" "$dir/out" | sort -n | head -n 1; }
took() { jq "[.cases[].timing | select(. != null) | $1] | min" "$dir/results/latest/results.json"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

"$build/harness/tests/vm_bench" "$build/oomlab" "$build/harness/tests/bench_init" "$kernel" "$dir" >"$dir/out"
"$build/oomlab" run --kernel "$kernel" --cgroup v2 --accel tcg --repeat 9 -j1 --results "$dir/results" memcg-child-limit \
  >"$dir/ktap" 2>&1 || { cat "$dir/ktap"; exit 1; }
bare=$(of bare) boot=$(of boot)
first=$(sed -n 's/^floor_us \([0-9]*\).*/\1/p' "$dir/out" | head -n 1)
floor=$(of floor_us)
player=$(took .player_us)
echo "guest on $kernel, emulated:"
echo "  boot to the agent's hello $boot ms, bare QEMU with an init that does nothing $bare ms: ratio $(ratio "$boot" "$bare")"
echo "  saved in $(of save) ms, restored in $(of restore) ms, first answer after $(of answer) ms"
echo "  case memcg-child-limit, restored: $(took '.restore_us + .answer_us + .settle_us') us from the order to its first step"
echo "    $player us from its first word to its last; fork, fill, kill, wait: the first $first us, ratio $(ratio "$player" "$first"); the best $floor us, ratio $(ratio "$player" "$floor")"
