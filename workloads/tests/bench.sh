#!/bin/sh
# Whole-process fill of 2 GiB of anonymous memory, 4 KiB pages: oomhog beside memhog, stress-ng and
# the bare system call. bench.sh [BUILD_DIR [ROUNDS [MIB]]]
# All run in turn, several rounds in one call: only the ratios mean anything on a shared machine.
# Inside a v1 memory cgroup of our own (limit 1 GiB above the size), so that it can harm nothing.
set -eu
build=${1:-build} rounds=${2:-7} mib=${3:-2048}
memcg=/sys/fs/cgroup/memory
box=$memcg/oomhog-bench-$$
tmp=$build/bench.$$

skip() {
  echo "skip: bench: $*"
  exit 0
}
[ "$(id -u)" -eq 0 ] || skip "not root"
[ -e $memcg/memory.limit_in_bytes ] || skip "no v1 memory controller at $memcg"
[ -x "$build/oomhog" ] || skip "no $build/oomhog"
avail=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
[ "$avail" -gt $((mib * 2 + 1024)) ] || skip "only $avail MiB available"

mkdir -p "$tmp"
mkdir $box
trap 'rm -rf "$tmp"; rmdir $box 2>/dev/null || :' EXIT
trap 'exit 1' INT TERM
echo $(((mib + 1024) << 20)) >$box/memory.limit_in_bytes
${CC:-gcc} -O2 -o "$tmp/floor" workloads/tests/floor.c

# name|program that must be there|command; %B bytes and %M MiB of all, %H MiB of half
cat >"$tmp/rows" <<EOF
one:floor|$tmp/floor|$tmp/floor %B
one:oomhog|$build/oomhog|$build/oomhog anon --size %B --threads 1
one:memhog|memhog|memhog %Mm
one:stress-ng|stress-ng|stress-ng --vm 1 --vm-bytes %Mm --vm-populate --vm-method mscan --vm-ops 1
two:oomhog|$build/oomhog|$build/oomhog anon --size %B --threads 2
two:oomhog-processes|$build/oomhog|$build/oomhog anon --size %HMiB & $build/oomhog anon --size %HMiB
two:memhog|memhog|memhog %Hm & memhog %Hm
two:stress-ng|stress-ng|stress-ng --vm 2 --vm-bytes %Mm --vm-populate --vm-method mscan --vm-ops 2
EOF
sed -i "s/%B/$((mib << 20))/g; s/%M/$mib/g; s/%H/$((mib / 2))/g" "$tmp/rows"

now_us() { echo $(($(date +%s%N) / 1000)); }

one_run() { # command; joins by a shell of its own, which is part of every row's time
  sh -c "echo 0 >$box/cgroup.procs; { $1 ; wait; } >/dev/null 2>&1"
}

rows=$(wc -l <"$tmp/rows")
round=0 # round 0 warms up: memory that the host had taken back comes slowly
while [ $round -le "$rounds" ]; do
  # Each round begins with another row, so that nobody always runs behind the same neighbour.
  first=$((round % rows + 1))
  { sed -n "$first,\$p" "$tmp/rows"; sed "$first,\$d" "$tmp/rows"; } >"$tmp/turn"
  while IFS='|' read -r name program command; do
    command -v "$program" >/dev/null || continue
    start=$(now_us)
    one_run "$command" </dev/null || echo "bench: '$command' failed" >&2
    end=$(now_us)
    [ $round -eq 0 ] || echo "$name $round $((end - start))" >>"$tmp/times"
  done <"$tmp/turn"
  round=$((round + 1))
done

echo "# $mib MiB, $rounds rounds in turn, whole process"
echo "# ratio: median over the rounds of the row's time / oomhog's in that round; > 1: oomhog is faster"
awk -v mib="$mib" '
  function median(v, k, i, j, x) { # sorts in place
    for (i = 2; i <= k; i++) {
      x = v[i]
      for (j = i - 1; j > 0 && v[j] > x; j--)
        v[j + 1] = v[j]
      v[j + 1] = x
    }
    return k % 2 ? v[(k + 1) / 2] : (v[k / 2] + v[k / 2 + 1]) / 2
  }
  { t[$1, $2] = $3; rounds[$2]; names[$1] }
  END {
    printf "%-22s %9s %9s %9s %7s\n", "tasks:what", "median_ms", "best_ms", "GiB/s", "ratio"
    for (name in names) {
      k = 0
      for (r in rounds) {
        ms[++k] = t[name, r] / 1000
        ratio[k] = t[name, r] / t[substr(name, 1, 4) "oomhog", r]
      }
      m = median(ms, k)
      printf "%-22s %9.1f %9.1f %9.2f %7.2f\n", name, m, ms[1], mib / 1.024 / m,
        median(ratio, k) | "sort"
    }
  }' "$tmp/times"
