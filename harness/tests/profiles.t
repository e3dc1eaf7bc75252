#!/bin/bash
# The profiles: a Debian root is as its profile says, and a value that breaks a promise is seen to break it.
# profiles.t BUILD_DIR
set -u
. harness/tests/tap.sh
lab=$1/oomlab
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

for suite in bookworm trixie; do
  packages=systemd,procps
  [ "$suite" = bookworm ] || packages=$packages,linux-sysctl-defaults
  if [ "$(id -u)" -ne 0 ] || ! command -v mmdebstrap >/dev/null; then
    skip "$suite: as the profile of Debian says" "no mmdebstrap, or not root"
  elif ! timeout 300 mmdebstrap --variant=extract --include=$packages "$suite" "$tmp/$suite" >"$tmp/log" 2>&1; then
    skip "$suite: as the profile of Debian says" "mmdebstrap failed: $(tail -1 "$tmp/log")"
  else
    "$lab" sysctl check debian --root "$tmp/$suite" >"$tmp/out"
    check "$suite: as the profile of Debian says" "0 " "$? $(grep -vE '^(ok|default|#) ' "$tmp/out")"
  fi
done

root_with() { # root_with NAME VALUE...: a root with one drop-in
  root=$tmp/$1
  shift
  mkdir -p "$root/etc/sysctl.d"
  printf '%s\n' "$@" >"$root/etc/sysctl.d/99-test.conf"
}

only() { # only PROFILE SYSCTL: that value of the profile, as a profile of its own
  printf 'profile: only\nsummary: one value of %s\nvalues:\n' "$1" >"$tmp/only.yaml"
  sed -n "/^  $2:/,/^  [a-z]/{/^  $2:/p;/^    /p}" "cases/profiles/$1.yaml" >>"$tmp/only.yaml"
}

prove() { # prove PROFILE
  "$lab" sysctl check "$1" --root "$root" --kernel debian:6.1 --prove --results "$tmp/results" >"$tmp/out" 2>"$tmp/err"
}

broken() { # broken PROFILE VALUE BESIDE...: differs and is broken, by its own line, and by its own value
  local profile=$1 name=${2%% =*} value=$2
  shift
  root_with bad "$@"
  only "$profile" "$name"
  prove "$tmp/only.yaml"
  check "$profile: $value is seen by value and by behaviour" "1 1 1 1 0" \
    "$? $(grep -cE "^differs +$value, want .* /etc/sysctl.d/99-test.conf:1$" "$tmp/out") $(
      grep -cE "^broken +$value " "$tmp/out") $(grep -c '^         from /etc/sysctl.d/99-test.conf:1$' "$tmp/out") $(
      grep -c 'not by its own value' "$tmp/out")"
}

if [ "$("$lab" kernels list --json 2>/dev/null | grep -c '"spec":"debian:6.1"')" -eq 0 ]; then
  skip "promises that are broken" "no kernel debian:6.1 at hand"
  plan
  exit
fi
broken debian "vm.oom_kill_allocating_task = 1"
broken debian "vm.oom_dump_tasks = 0"
broken debian "vm.overcommit_memory = 1"
broken debian "vm.overcommit_memory = 2"
broken debian "vm.swappiness = 0"
broken kubernetes "vm.overcommit_memory = 0"
broken database "vm.overcommit_memory = 0" "vm.overcommit_ratio = 80"
broken database "vm.overcommit_ratio = 10" "vm.overcommit_memory = 2"
broken database "vm.panic_on_oom = 1" "vm.overcommit_memory = 2" "vm.overcommit_ratio = 80"

# The highest ratio that the profile of a database host wants.
root_with right "vm.overcommit_memory = 2" "vm.overcommit_ratio = 95" "vm.swappiness = 1"
prove database
check "database: the right values are proved" "0 4 0" \
  "$? $(grep -c '^proved ' "$tmp/out") $(grep -cE '^(broken|open) ' "$tmp/out")"

# What no guest could bear, what is its own, what is no value, and all defaults: hundreds of settings.
root_with much "vm.overcommit_memory = 2" "kernel.sysrq = 0x01b6" "kernel.panic = 0" "kernel.panic_print = 0" \
  "kernel.printk = 0 0 0 0" "kernel.dmesg_restrict = 1" "kernel.threads-max = 1" "kernel.pid_max = 400" \
  "vm.min_free_kbytes = 99999999" "vm.nr_hugepages = 99999999"
{
  sed -nE 's/^([a-z][^ ]* = )(~ )?/\1/p' cases/profiles/defaults/debian-6.1.txt
  seq -f 'vm.made_up_%g = 1' 300
} >"$root/etc/sysctl.d/10-all.conf"
printf 'profile: two\nsummary: two\nvalues:\n' >"$tmp/two.yaml"
printf '  %s\n' "vm.panic_on_oom: {want: 0, source: x, promise: x, cases: [panic-on-oom-0]}" \
  "vm.made_up: {want: 0, source: x, promise: x, cases: [panic-on-oom-0]}" >>"$tmp/two.yaml"
prove "$tmp/two.yaml"
check "it is told which of many values breaks a promise" "1 1 1" \
  "$? $(grep -cE '^broken +vm.panic_on_oom = 0 ' "$tmp/out") $(
    grep -c 'not by its own value, but by vm.overcommit_memory = 2 of /etc/sysctl.d/99-test.conf:1$' "$tmp/out")"
check "a sysctl that the kernel lacks is unknown" 2 "$(grep -cE '^unknown +vm.made_up' "$tmp/out")"
# The guest's own is played alone, so what its case says then says nothing of another promise of that case.
root_with shared "vm.panic_on_oom = 1" "kernel.panic = 10"
printf 'profile: shared\nsummary: one case for two\nvalues:\n' >"$tmp/shared.yaml"
printf '  %s: {want: 0, source: x, promise: x, cases: [panic-on-oom-0]}\n' vm.panic_on_oom kernel.panic >>"$tmp/shared.yaml"
prove "$tmp/shared.yaml"
check "a case of two promises is judged of each by its own play" "1 1 1" \
  "$? $(grep -cE '^broken +vm.panic_on_oom = 1 ' "$tmp/out") $(grep -cE '^proved +kernel.panic = 10 ' "$tmp/out")"
root_with refused "vm.swappiness = 999"
prove "$tmp/two.yaml"
check "a value that the kernel refuses proves nothing" "3 0 1" \
  "$? $(grep -c '^proved ' "$tmp/out") $(
    grep -c 'not by its own value, but by vm.swappiness = 999 of /etc/sysctl.d/99-test.conf:1$' "$tmp/out")"
"$lab" sysctl check "$tmp/two.yaml" --root "$root" --prove --kernel debian:6.1,none --results "$tmp/late" >/dev/null 2>&1
check "a kernel that is none is told before another is played" "2 0" "$? $(find "$tmp/late" 2>/dev/null | wc -l)"
plan
