#!/bin/bash
# The profiles: a Debian root is as its profile says, and a value that breaks a promise is seen to break it.
# profiles.t BUILD_DIR
set -u
. harness/tests/tap.sh
lab=$1/oomlab
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# bookworm is held against it in sysctl.t.
if [ "$(id -u)" -ne 0 ] || ! command -v mmdebstrap >/dev/null; then
  skip "trixie: as the profile of Debian says" "no mmdebstrap, or not root"
elif ! timeout 300 mmdebstrap --variant=extract --include=systemd,procps,linux-sysctl-defaults trixie "$tmp/trixie" \
  >"$tmp/log" 2>&1; then
  skip "trixie: as the profile of Debian says" "mmdebstrap failed: $(tail -1 "$tmp/log")"
else
  "$lab" sysctl check debian --root "$tmp/trixie" >"$tmp/out"
  check "trixie: as the profile of Debian says" "0 " "$? $(grep -vE '^(ok|default|#) ' "$tmp/out")"
fi

root_with() { # root_with NAME VALUE...: a root with one drop-in
  root=$tmp/$1/root
  shift
  mkdir -p "$root/etc/sysctl.d"
  printf '%s\n' "$@" >"$root/etc/sysctl.d/99-test.conf"
}

only() { # only PROFILE SYSCTL: that value of the profile, as a profile of its own
  printf 'profile: only\nsummary: one value of %s\nvalues:\n' "$1"
  sed -n "/^  $2:/,/^  [a-z]/{/^  $2:/p;/^    /p}" "cases/profiles/$1.yaml"
}

# ask NAME PROFILE: that root is to be held against it and proved. prove_all: two of them at a time, each with
# what it printed in NAME/out, its exit status in NAME/status.
ask() { echo "$tmp/$1 $2" >>"$tmp/asked"; }
prove_all() {
  # shellcheck disable=SC2016 # the words are xargs'
  xargs -P 2 -n 2 sh -c '"$0" sysctl check "$2" --root "$1/root" --kernel debian:6.1 --prove \
    --results "$1/results" >"$1/out" 2>"$1/err"; echo $? >"$1/status"' "$lab" <"$tmp/asked"
}
status() { cat "$tmp/$1/status"; }
lines() { grep -cE -- "$2" "$tmp/$1/out"; }

breaks() { # breaks NAME PROFILE VALUE BESIDE...: of the profile that value alone, in a root with these beside it
  local name=$1 profile=$2 value=$3
  shift 2
  root_with "$name" "$@"
  only "$profile" "${value%% =*}" >"$tmp/$name/only.yaml"
  ask "$name" "$tmp/$name/only.yaml"
}
broken() { # broken NAME PROFILE VALUE ...: differs and is broken, by its own line, and by its own value
  check "$2: $3 is seen by value and by behaviour" "1 1 1 1 0" \
    "$(status "$1") $(lines "$1" "^differs +$3, want .* /etc/sysctl.d/99-test.conf:1$") $(
      lines "$1" "^broken +$3 ") $(lines "$1" '^         from /etc/sysctl.d/99-test.conf:1$') $(
      lines "$1" 'not by its own value')"
}
each_bad() { # each_bad COMMAND
  "$1" bad1 debian "vm.oom_kill_allocating_task = 1"
  "$1" bad2 debian "vm.oom_dump_tasks = 0"
  "$1" bad3 debian "vm.overcommit_memory = 1"
  "$1" bad4 debian "vm.overcommit_memory = 2"
  "$1" bad5 debian "vm.swappiness = 0"
  "$1" bad6 kubernetes "vm.overcommit_memory = 0"
  "$1" bad7 database "vm.overcommit_memory = 0" "vm.overcommit_ratio = 80"
  "$1" bad8 database "vm.overcommit_ratio = 10" "vm.overcommit_memory = 2"
  "$1" bad9 database "vm.panic_on_oom = 1" "vm.overcommit_memory = 2" "vm.overcommit_ratio = 80"
}

if [ "$("$lab" kernels list --json 2>/dev/null | grep -c '"spec":"debian:6.1"')" -eq 0 ]; then
  skip "promises that are broken" "no kernel debian:6.1 at hand"
  plan
  exit
fi
each_bad breaks

# The highest ratio that the profile of a database host wants.
root_with right "vm.overcommit_memory = 2" "vm.overcommit_ratio = 95" "vm.swappiness = 1"
ask right database

# What no guest could bear, what is its own, what is no value, and all defaults: hundreds of settings. Of the
# promise's cases one is for cgroup v1 alone: it says nothing of whose fault the other is.
root_with much "vm.overcommit_memory = 2" "kernel.sysrq = 0x01b6" "kernel.panic = 0" "kernel.panic_print = 0" \
  "kernel.printk = 0 0 0 0" "kernel.dmesg_restrict = 1" "kernel.threads-max = 1" "kernel.pid_max = 400" \
  "vm.min_free_kbytes = 99999999" "vm.nr_hugepages = 99999999"
{
  sed -nE 's/^([a-z][^ ]* = )(~ )?/\1/p' cases/profiles/defaults/debian-6.1.txt
  seq -f 'vm.made_up_%g = 1' 300
} >"$root/etc/sysctl.d/10-all.conf"
printf 'profile: two\nsummary: two\nvalues:\n' >"$tmp/two.yaml"
printf '  %s\n' "vm.panic_on_oom: {want: 0, source: x, promise: x, cases: [panic-on-oom-0, v1-limit-shrink-ebusy]}" \
  "vm.made_up: {want: 0, source: x, promise: x, cases: [panic-on-oom-0]}" >>"$tmp/two.yaml"
ask much "$tmp/two.yaml"
root_with refused "vm.swappiness = 999"
ask refused "$tmp/two.yaml"

# The guest's own is played alone, so what its case says then says nothing of another promise of that case.
root_with shared "vm.panic_on_oom = 1" "kernel.panic = 10"
printf 'profile: shared\nsummary: one case for two\nvalues:\n' >"$tmp/shared.yaml"
printf '  %s: {want: 0, source: x, promise: x, cases: [panic-on-oom-0]}\n' vm.panic_on_oom kernel.panic >>"$tmp/shared.yaml"
ask shared "$tmp/shared.yaml"

prove_all
each_bad broken
check "database: the right values are proved" "0 4 0" \
  "$(status right) $(lines right '^proved ') $(lines right '^(broken|open) ')"
check "it is told which of many values breaks a promise" "1 1 1" \
  "$(status much) $(lines much '^broken +vm.panic_on_oom = 0 ') $(
    lines much 'not by its own value, but by vm.overcommit_memory = 2 of /etc/sysctl.d/99-test.conf:1$')"
check "a sysctl that the kernel lacks is unknown" 2 "$(lines much '^unknown +vm.made_up')"
check "a value that the kernel refuses proves nothing" "3 0 1" \
  "$(status refused) $(lines refused '^proved ') $(
    lines refused 'not by its own value, but by vm.swappiness = 999 of /etc/sysctl.d/99-test.conf:1$')"
check "a case of two promises is judged of each by its own play" "1 1 1" \
  "$(status shared) $(lines shared '^broken +vm.panic_on_oom = 1 ') $(lines shared '^proved +kernel.panic = 10 ')"
"$lab" sysctl check "$tmp/two.yaml" --root "$root" --prove --kernel debian:6.1,none --results "$tmp/late" >/dev/null 2>&1
check "a kernel that is none is told before another is played" "2 0" "$? $(find "$tmp/late" 2>/dev/null | wc -l)"
plan
