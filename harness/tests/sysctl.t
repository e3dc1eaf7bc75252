#!/bin/bash
# oomlab sysctl against the real systemd-sysctl, on files of others that are none, and on a Debian root.
# sysctl.t BUILD_DIR
set -u
. harness/tests/tap.sh
lab=$1/oomlab
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
keys="vm.a vm.b vm.c vm.dirty_x vm.dirty_y vm.sub.a kernel.p kernel.q net.ipv4.conf.all.f net.ipv4.conf.lo.f"

# A tree of made-up files: the same for the same number.
make_tree() { # make_tree DIR NUMBER
  local dir=$1
  mkdir -p "$dir"/{etc,run,usr/lib,usr/local/lib}/sysctl.d
  awk -v seed="$2" -v dir="$dir" '
    function pick(n) { return int(rand() * n) }
    BEGIN {
      srand(seed)
      nd = split("etc run usr/lib usr/local/lib", dirs, " ")
      nn = split("10-a 20-b 50-c 90-d 99-z", names, " ")
      nk = split("vm.a vm/b vm.c /vm/dirty_x vm.dirty_y vm.sub.a kernel.p kernel/q net.ipv4.conf.all.f " \
                 "net/ipv4/conf/lo/f vm.* vm.dirty_* vm.? net.ipv4.conf.*.f *.q vm/[ab] vm.*.a", keys, " ")
      for (i = 0; i < 9; i++) {
        file = dir "/" dirs[1 + pick(nd)] "/sysctl.d/" names[1 + pick(nn)] ".conf"
        text = ""
        for (j = 0; j < 7; j++) {
          key = keys[1 + pick(nk)]
          value = 1 + pick(9)
          kind = pick(10)
          end = pick(8) ? "\n" : "\r\n"
          if (kind == 0) text = text "-" key end
          else if (kind == 1) text = text " -" key "  =  " value " " end
          else if (kind == 2) text = text "# " key " = " value end
          else if (kind == 3) text = text key end
          else if (kind == 4) text = text ";\n\n\t" key "=" value end
          else text = text key " = " value end
        }
        printf "%s", text >file
        close(file)
      }
    }'
  case $2 in # what a file is, and not what stands in it
  3) ln -sf /dev/null "$dir/etc/sysctl.d/50-c.conf" ;;
  2) # a folder of that name hides as well
    mkdir -p "$dir/etc/sysctl.d/60-f.conf"
    printf 'vm.a = 8\n' >"$dir/usr/lib/sysctl.d/60-f.conf"
    ;;
  4) ln -sf none "$dir/run/sysctl.d/20-b.conf" ;;
  5) ln -sf ../../usr/lib/sysctl.d/10-a.conf "$dir/etc/sysctl.d/95-link.conf" ;;
  6) : >"$dir/etc/sysctl.d/90-d.conf" ;;
  7) mkdir -p "$dir/etc/sysctl.d/99-z.conf.d" && mv "$dir"/usr/lib/sysctl.d/*.conf "$dir/etc/sysctl.d" 2>/dev/null ;;
  9) # the same value again: a glob keeps its place before the other
    find "$dir" -name "*.conf" -delete
    printf 'vm.dirty_* = 1\nvm.d* = 2\nvm.dirty_* = 1\nvm.s* = 3\n' >"$dir/usr/lib/sysctl.d/10-a.conf"
    ;;
  8) printf 'vm.a = 7\0vm.b = 8\n' >"$dir/run/sysctl.d/99-zz.conf" ;;
  esac
}

# Runs a command where this tree is the system: /proc/sys is empty files.
in_tree() { # in_tree DIR COMMAND...
  unshare --mount sh -c '
    for d in etc/sysctl.d usr/lib/sysctl.d usr/local/lib run proc/sys; do
      mount --bind "$1/$d" "/$d" || exit 9
    done
    shift
    exec "$@"' - "$@"
}

# What systemd-sysctl writes there, and the files it read (as it tells itself) in $1.read.
real_values() { # real_values DIR
  local key
  for key in $keys; do
    mkdir -p "$1/proc/sys/$(dirname "${key//.//}")" && : >"$1/proc/sys/${key//.//}"
  done
  in_tree "$1" env SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console $systemd_sysctl >"$1.log" 2>&1
  [ $? -ne 9 ] || return 9
  sed -n 's/^Parsing //p' "$1.log" | files_of "$1" >"$1.read"
  for key in $keys; do echo "$key $(cat "$1/proc/sys/${key//.//}")"; done
}

# Of those paths the ones that are files: no links to /dev/null, folders or links to nowhere.
files_of() { while read -r path; do [ ! -f "$1$path" ] || echo "$path"; done; }

# The heads of systemd-sysctl --cat-config, which ends at the first that it cannot read: status not 0.
real_order() { # real_order DIR
  in_tree "$1" $systemd_sysctl --cat-config --no-pager >"$1.cat" 2>/dev/null
  local status=$?
  sed -n 's,^# \(/[a-z/]*/sysctl.d/.*\.conf\)$,\1,p' "$1.cat" | files_of "$1"
  return $status
}

our_order() { # our_order DIR: the files that are read, in their order
  "$lab" sysctl show --root "$1" --json | sed 's/},{/}\n{/g;s/"files":\[/\n/' |
    sed -n 's/^{"path":"\([^"]*\)","read":true.*/\1/p'
}

our_values() { # our_values DIR
  {
    printf 'profile: all\nsummary: all keys\nvalues:\n'
    for key in $keys; do echo "  $key: {want: 0, source: none}"; done
  } >"$tmp/all.yaml"
  "$lab" sysctl check "$tmp/all.yaml" --root "$1" --json | sed 's/},{/}\n{/g' |
    sed -n 's/.*"name":"\([^"]*\)","state":"[a-z]*","saw":\(null\|"\([^"]*\)"\).*/\1 \3/p'
}

systemd_sysctl=/usr/lib/systemd/systemd-sysctl
why=
if [ "$(id -u)" -ne 0 ] || [ ! -x "$systemd_sysctl" ] || [ ! -d /etc/sysctl.d ]; then
  why="no root, or no systemd-sysctl here"
elif ! mkdir -p "$tmp"/try/{etc,usr/lib}/sysctl.d "$tmp"/try/{usr/local/lib,run,proc/sys} || ! in_tree "$tmp/try" true; then
  why="its folders cannot be mounted over"
fi
for i in 1 2 3 4 5 6 7 8 9 10; do
  tree=$tmp/tree$i
  make_tree "$tree" $i
  if [ -n "$why" ]; then
    skip "tree $i: the values of systemd-sysctl" "$why"
    skip "tree $i: the files it reads, in its order" "$why"
    skip "tree $i: the files and the order of its --cat-config" "$why"
    continue
  fi
  check "tree $i: the values of systemd-sysctl" "$(real_values "$tree")" "$(our_values "$tree")"
  ours=$(our_order "$tree")
  check "tree $i: the files it reads, in its order" "$(cat "$tree.read")" "$ours"
  if wanted=$(real_order "$tree"); then
    check "tree $i: the files and the order of its --cat-config" "$wanted" "$ours"
  else
    check "tree $i: the files and the order of its --cat-config, up to one it cannot read" "$wanted" \
      "$(printf '%s\n' "$ours" | head -n "$(printf '%s' "$wanted" | grep -c '')")"
  fi
done
# What the trees are for must be in them, whatever awk made them.
any() { [ -n "$(find "$tmp"/tree* "$@" -print -quit)" ]; echo $?; }
line() { grep -rqsE -- "$1" "$tmp"/tree*/{etc,run,usr}; echo $?; }
check "the trees have masks, empty files, broken links, folders, -key, globs, CRLF and NUL" "0 0 0 0 0 0 0 0" \
  "$(any -lname /dev/null) $(any -path '*/sysctl.d/*' -type f -empty) $(any -xtype l) $(any -type d -name '*.conf') $(
    line '^ *-[a-z./]+.?$') $(line '^[a-z/.]*\*.*=') $(line $'\r$') $(any -name 99-zz.conf)"
check "the trees have one name in several folders" 10 \
  "$(for i in 1 2 3 4 5 6 7 8 9 10; do "$lab" sysctl show --root "$tmp/tree$i"; done | grep -c ' hidden by ' |
    sed 's/^[1-9][0-9].*/10/')"

# Files of others that are none: one line each, and nothing is followed out of the root.
evil=$tmp/evil
mkdir -p "$evil/etc/sysctl.d" "$evil/usr/lib/sysctl.d"
head -c 100000 /dev/urandom >"$evil/etc/sysctl.d/10-random.conf"
ln -s 20-loop.conf "$evil/etc/sysctl.d/20-loop.conf"
mkfifo "$evil/etc/sysctl.d/30-fifo"
ln -s 30-fifo "$evil/etc/sysctl.d/30-fifo.conf"
ln -s "$tmp/secret.conf" "$evil/etc/sysctl.d/40-out.conf"
echo "vm.secret = 1" >"$tmp/secret.conf"
head -c 3000000 /dev/zero | tr '\0' x >"$evil/etc/sysctl.d/50-long.conf"
printf 'vm.good = 1\n' >"$evil/usr/lib/sysctl.d/90-good.conf"
# Values that are none, and keys that lead elsewhere.
{
  printf 'vm.swappiness = \001\002\377\nvm.page-cluster = %0300d\nkernel.panic_on_warn = ../../x\n' 5
  printf 'vm.stat_interval = %%n%%s\n../../../../%s/x = 1\nvm.$(touch x) = 1\nvm.oom_dump_tasks = 1; touch x\n' "$tmp"
} >"$evil/etc/sysctl.d/60-values.conf"
seen=$(timeout 20 "$lab" sysctl show --root "$evil" 2>&1)
check "hostile files: exit 0, the good one is read, nothing from outside" "0 1 0" \
  "$? $(printf '%s\n' "$seen" | grep -c '^vm.good = 1 ') $(printf '%s\n' "$seen" | grep -c secret)"
checked=$("$lab" sysctl check hce --root "$evil" 2>&1)
for file in 10-random 20-loop 30-fifo 40-out 50-long 60-values; do
  check "$file.conf is told of in one line, of check as well" "1 1" \
    "$(printf '%s\n' "$seen" | grep -c "^# /etc/sysctl.d/$file.conf ") $(
      printf '%s\n' "$checked" | grep -c "^# /etc/sysctl.d/$file.conf ")"
done
check "no control characters are printed" 0 "$(printf '%s' "$seen$checked" | LC_ALL=C tr -d '\n -~' | wc -c)"

refused() { # WHAT ARGUMENT...: exit 2, one line
  local what=$1
  shift
  seen=$("$lab" sysctl "$@" 2>&1)
  check "$what: exit 2, one line" "2 1" "$? $(printf '%s\n' "$seen" | wc -l | tr -d ' ')"
}
ln -s none "$evil/dangling"
refused "no verb"
refused "an unknown verb" shows
refused "no root" show
refused "both roots" show --root / --host
refused "a root that is none" show --root "$tmp/none"
refused "a root that is a file" show --root "$tmp/secret.conf"
refused "an empty root" show --root ""
refused "a named file that is not there" show --root "$evil" /dangling
refused "no profile" check --root "$evil"
refused "an unknown profile" check none --root "$evil"
refused "a profile file that is not there" check none.yaml --root "$evil"
refused "a profile that is a folder" check ./cases/profiles --root "$evil"
refused "a kernel without a table" check debian --root "$evil" --kernel debian:2.6
refused "golden without a kernel" golden
refused "drift with an unknown kernel" drift none
printf 'profile: bad\nsummary: x\nvalues: {vm.a: {want: 1}}\n' >"$tmp/bad.yaml"
refused "a bad profile" check "$tmp/bad.yaml" --root "$evil"
check "it names its place" "$tmp/bad.yaml:3:16: a value of a profile lacks 'source' (one line)" "$seen"

for profile in cases/profiles/*.yaml; do
  for case in $(sed -n 's/^ *cases: \[\(.*\)\]$/\1/p' "$profile" | tr -d ,); do
    echo "$case"
  done
done | sort -u >"$tmp/cases"
# shellcheck disable=SC2046 # words
"$lab" list $(cat "$tmp/cases") >/dev/null 2>"$tmp/err"
check "each case of a profile is there" "0 " "$? $(cat "$tmp/err")"
check "drift tells of a sysctl that one kernel lacks" 1 \
  "$("$lab" sysctl drift debian-6.1 debian-6.18 | grep -cE '^vm.defrag_mode +- +0 *$')"
check "the running kernel against itself" 0 \
  "$("$lab" sysctl show --host | sed -n 's/^\(vm.panic_on_oom\) = \(.*\)$/profile: own\nsummary: x\nvalues: {\1: {want: \2, source: x}}/p' >"$tmp/own.yaml"
    "$lab" sysctl check "$tmp/own.yaml" --host >/dev/null; echo $?)"

# A Debian root: its values with their files, and one bad drop-in.
root=$tmp/debian
if [ "$(id -u)" -ne 0 ] || ! command -v mmdebstrap >/dev/null; then
  why="no mmdebstrap, or not root"
elif ! timeout 300 mmdebstrap --variant=extract --include=systemd,procps bookworm "$root" >"$tmp/mmdebstrap.log" 2>&1; then
  why="mmdebstrap failed: $(tail -1 "$tmp/mmdebstrap.log")"
else
  why=
fi
if [ -n "$why" ]; then
  skip "Debian: values with their files" "$why"
  skip "Debian: as its profile says" "$why"
  mkdir -p "$root/etc/sysctl.d" # made up, so that the rest can be tested
else
  check "Debian: values with their files" 1 \
    "$("$lab" sysctl show --root "$root" | grep -c '^kernel.pid_max = 4194304 .*/usr/lib/sysctl.d/50-pid-max.conf:[0-9]')"
  "$lab" sysctl check debian --root "$root" >"$tmp/out"
  check "Debian: as its profile says" "0 " "$? $(grep -vE '^(ok|default|#) ' "$tmp/out")"
fi
kernel=$("$lab" kernels list --json 2>/dev/null | grep -c '"spec":"debian:6.1"')
if [ "$kernel" -eq 0 ]; then
  skip "--prove of hostile files: the rest is proved, and one line for each value that is none" "no kernel debian:6.1 at hand"
  skip "nothing is written outside the results" "no kernel debian:6.1 at hand"
  skip "--boot of a root with hostile files: one line each, and nothing is written outside" "no kernel debian:6.1 at hand"
  skip "a root is booted with its own init" "no kernel debian:6.1 at hand"
  skip "a tarball of it as well, and nothing is left of it" "no kernel debian:6.1 at hand"
  skip "its boot sets what is told of its files" "no kernel debian:6.1 at hand"
  skip "pairs, comments, credentials, folders that hide" "no kernel debian:6.1 at hand"
  for signal in INT TERM; do
    skip "SIG$signal while it boots: at once, one line, and its private folder is removed" "no kernel debian:6.1 at hand"
  done
  skip "a table made now is the stored one" "no kernel debian:6.1 at hand"
  skip "its promises are proved" "no kernel debian:6.1 at hand"
  skip "a bad drop-in breaks one, by value and by behaviour" "no kernel debian:6.1 at hand"
else
  prove_hce() { # prove_hce NAME ROOT: what it printed in NAME.out, its status in NAME.status
    "$lab" sysctl check hce --root "$2" --prove --results "$tmp/results/$1" >"$tmp/$1.out" 2>"$tmp/$1.err"
    echo $? >"$tmp/$1.status"
  }
  cp -al "$root" "$tmp/worse"
  echo "vm.panic_on_oom = 1" >"$tmp/worse/etc/sysctl.d/99-zz-bad.conf"
  prove_hce worse "$tmp/worse" & # beside the others: it takes the longest
  # What depends on the machine's size may move with a point release of the kernel.
  "$lab" sysctl golden --kernel debian:6.1 --out "$tmp/tables" >/dev/null 2>"$tmp/err"
  check "a table made now is the stored one" "$(grep -vE '^#|~' cases/profiles/defaults/debian-6.1.txt)" \
    "$(grep -vE '^#|~' "$tmp/tables/debian-6.1.txt")"
  prove_hce debian "$root"
  check "its promises are proved" "0 4 0" \
    "$(cat "$tmp/debian.status") $(grep -c '^proved ' "$tmp/debian.out") $(grep -cE '^(broken|open) ' "$tmp/debian.out")"
  wait
  check "a bad drop-in breaks one, by value and by behaviour" "1 1 1 1" \
    "$(cat "$tmp/worse.status") $(
      grep -cE '^differs +vm.panic_on_oom = 1, want 0 +/etc/sysctl.d/99-zz-bad.conf:1$' "$tmp/worse.out") $(
      grep -c '^broken .*vm.panic_on_oom = 1 ' "$tmp/worse.out") $(grep -c 'panic-on-oom-0: .*it panicked' "$tmp/worse.out")"
  refused "a root without systemd has no boot" show --root "$evil" --boot
  # What stands in such files goes nowhere but into a guest.
  mkdir -p "$tmp/cwd" "$tmp/tmp"
  lines() { grep -cE -- "$1" "$tmp/evil.out"; }
  outside() { (cd "$tmp" && find . -name results -prune -o -name 'evil.out' -prune -o -print | sort); }
  before=$(outside) program=$(realpath "$lab")
  (cd "$tmp/cwd" && TMPDIR=$tmp/tmp "$program" sysctl check hce --root "$evil" --prove \
    --results "$tmp/results" >"$tmp/evil.out" 2>&1)
  check "--prove of hostile files: the rest is proved, and one line for each value that is none" "1 3 1 4 4" \
    "$? $(lines '^proved ') $(lines '^open +vm.oom_dump_tasks = 1; touch x ') $(
      lines '^oomlab: .* of /etc/sysctl.d/60-values.conf:[1-4]: its value is .*, not applied$') $(lines '^oomlab: ')"
  check "nothing is written outside the results" "$before" "$(outside)"
  if [ -n "$why" ]; then
    skip "--boot of a root with hostile files: one line each, and nothing is written outside" "$why"
    skip "a root is booted with its own init" "$why"
    skip "a tarball of it as well, and nothing is left of it" "$why"
    skip "its boot sets what is told of its files" "$why"
    skip "pairs, comments, credentials, folders that hide" "$why"
    for signal in INT TERM; do
      skip "SIG$signal while it boots: at once, one line, and its private folder is removed" "$why"
    done
  else
    # What the files say is never applied, and a service sets something else.
    echo "vm.panic_on_oom = 1" >"$root/etc/sysctl.d/99-zz-bad.conf"
    etc=$root/etc/systemd/system
    mkdir -p "$etc/multi-user.target.wants" && ln -s /dev/null "$etc/systemd-sysctl.service"
    printf '[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w vm.swappiness=5\n' >"$etc/tune.service"
    ln -s ../tune.service "$etc/multi-user.target.wants/tune.service"
    cp -a "$evil"/etc/sysctl.d/* "$root/etc/sysctl.d"
    before=$(outside)
    TMPDIR=$tmp/tmp "$lab" sysctl show --root "$root" --boot >"$tmp/evil.out" 2>&1
    check "--boot of a root with hostile files: one line each, and nothing is written outside" "0 6 $before" \
      "$? $(lines '^# /etc/sysctl.d/[1-6]0-[a-z]*.conf ') $(outside)"
    rm "$root"/etc/sysctl.d/[1-6]0-*.conf
    cp "$tmp/evil.out" "$tmp/out"
    check "a root is booted with its own init" "1 1" \
      "$(grep -cE '^vm.panic_on_oom = 0 +\(its own boot\), over 1 of /etc/sysctl.d/99-zz-bad.conf:1$' "$tmp/out") $(
        grep -cE '^vm.swappiness = 5 +\(its own boot\), over' "$tmp/out")"
    # Now the files are applied, and what they say is what this kernel and this systemd make of them. The tool
    # that sets something else is there by a hard link alone: to what is left out of a guest.
    rm "$etc/systemd-sysctl.service" "$root/etc/sysctl.d/99-zz-bad.conf"
    printf 'vm.dirty_ratio = 10\nvm.dirty_bytes = 65536\nvm.overcommit_kbytes = 500000\nvm.page-cluster = 2 # two\n' \
      >"$root/etc/sysctl.d/70-pairs.conf"
    mkdir -p "$root/etc/credstore" "$root/etc/sysctl.d/60-d.conf"
    echo "vm.laptop_mode = 3" >"$root/etc/credstore/sysctl.extra"
    echo "vm.stat_interval = 7" >"$root/usr/lib/sysctl.d/60-d.conf"
    mkdir -p "$root/usr/share/doc/a" "$tmp/tmp" && mv "$root/sbin/sysctl" "$root/usr/share/doc/a" &&
      ln "$root/usr/share/doc/a/sysctl" "$root/sbin/sysctl"
    tar -C "$root" --sort=name -cf "$tmp/debian.tar" ./usr/share/doc/a .
    SECONDS=0
    TMPDIR=$tmp/tmp "$lab" sysctl show --root "$tmp/debian.tar" --boot >"$tmp/out" 2>"$tmp/err"
    status=$? whole=$SECONDS
    check "a tarball of it as well, and nothing is left of it" "0 1 0" \
      "$status $(grep -cE '^vm.swappiness = 5 +\(its own boot\)$' "$tmp/out") $(find "$tmp/tmp" -mindepth 1 | wc -l)"
    check "its boot sets what is told of its files" "vm.swappiness" "$(sed -n 's/ = .*(its own boot).*//p' "$tmp/out")"
    check "pairs, comments, credentials, folders that hide" "1 1 1 1 0" \
      "$(grep -cE '^vm.dirty_ratio = 0 +/etc/sysctl.d/70-pairs.conf:2, which sets vm.dirty_bytes, over 10 of' "$tmp/out") $(
        grep -c '^vm.overcommit_ratio = 0 ' "$tmp/out") $(grep -c '^vm.page-cluster = 2 # two ' "$tmp/out") $(
        grep -c '^vm.laptop_mode = 3 .*/etc/credstore/sysctl.extra:1$' "$tmp/out") $(grep -c '^vm.stat_interval' "$tmp/out")"
    for signal in INT TERM; do
      set -m # or the shell has it ignore a Ctrl-C
      TMPDIR=$tmp/tmp "$lab" sysctl show --root "$tmp/debian.tar" --boot >"$tmp/out" 2>"$tmp/err" &
      pid=$!
      set +m
      until [ -n "$(find "$tmp/tmp" -name console.log)" ] || ! kill -0 $pid 2>/dev/null; do sleep 0.1; done
      mode=$(stat -c %a "$tmp"/tmp/oomlab-sysctl.*)
      SECONDS=0
      kill -$signal $pid
      wait $pid
      # In less than half of what the whole boot took just now, on this machine with this load.
      check "SIG$signal while it boots: at once, one line, and its private folder is removed" "130 1 700 0 1" \
        "$? $(wc -l <"$tmp/err") $mode $(find "$tmp/tmp" -mindepth 1 | wc -l) $((2 * SECONDS < whole))"
    done
  fi
fi
plan
