#!/bin/sh
# The files of harness/ci: they parse, and oomlab takes their commands. ci.t BUILD_DIR
set -u
. harness/tests/tap.sh
lab=$1/oomlab
ci=harness/ci
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
python=$(for p in python3 /usr/bin/python3; do "$p" -c 'import yaml' 2>/dev/null && echo "$p" && break; done)

# What a CI's own variables and expressions would become; everything after a command's end is cut.
accepted() { # NAME COMMAND: --dry-run of it
  line=$(printf '%s\n' "$2" | sed 's/\${{ *matrix.shard *}}/1/; s/ ||.*//; s/^\.\/run\.sh/oomlab/')
  if seen=$(
    SHARD_INDEX=1 SHARD_NUMBER=2 CI_NODE_INDEX=1 CI_NODE_TOTAL=2 TIMEOUT_MULTIPLIER=1 OOMLAB_CASES='--tag memcg' \
      TMT_TEST_DATA=$tmp AUTOPKGTEST_ARTIFACTS=$tmp sh -c "oomlab() { '$lab' \"\$@\" --dry-run; }; $line" 2>&1
  ); then pass "$1: $line"; else fail "$1: $line" "$seen"; fi
}

for file in $ci/lava.yaml $ci/tmt/main.fmf $ci/github.yml $ci/gitlab.yml; do
  if [ -z "$python" ]; then
    skip "$file parses, and its commands are accepted" "no python3 with yaml here"
    continue
  fi
  "$python" harness/tests/ci-commands.py commands $file >"$tmp/commands" 2>"$tmp/err"
  check "$file parses, and has one command" "0 1" "$? $(wc -l <"$tmp/commands")"
  accepted $file "$(cat "$tmp/commands")"
done
if command -v yamllint >/dev/null; then
  check "yamllint has nothing to say" "" "$(yamllint -f parsable -d \
    '{extends: default, rules: {line-length: {max: 120}, document-start: disable, truthy: {check-keys: false}}}' \
    $ci/*.yaml $ci/*.yml $ci/tmt/main.fmf 2>&1)"
else
  skip "yamllint has nothing to say" "no yamllint here"
fi

if [ -n "$python" ]; then
  "$python" harness/tests/ci-commands.py patterns $ci/tmt/main.fmf >"$tmp/patterns"
  cat lib/tests/data/captured/*.log >"$tmp/reports"
  check "OOM reports of all kernels, with their call traces, do not fail tmt's dmesg check" "yes 0" \
    "$(grep -q 'Call Trace:' "$tmp/reports" && echo yes) $(grep -v 'Kernel panic' "$tmp/reports" | grep -cEf "$tmp/patterns")"
  check "a bug of the kernel does" 4 "$(grep -cEf "$tmp/patterns" <<'SPLATS'
BUG: kernel NULL pointer dereference, address: 0000000000000008
WARNING: CPU: 0 PID: 77 at mm/page_counter.c:56 page_counter_cancel+0x34/0x40
watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [oomhog:77]
INFO: task oomhog:77 blocked for more than 120 seconds.
SPLATS
)"
else
  skip "OOM reports of all kernels do not fail tmt's dmesg check" "no python3 with yaml here"
  skip "a bug of the kernel does" "no python3 with yaml here"
fi

if perl -MDpkg::Control::Tests -e 1 2>/dev/null; then
  perl -MDpkg::Control::Tests -e '
    my $tests = Dpkg::Control::Tests->new();
    $tests->load($ARGV[0]);
    print "$_->{\"Test-Command\"}\n" for $tests->get();' $ci/autopkgtest/control >"$tmp/commands" 2>"$tmp/err"
  check "dpkg reads the control file" "0 2 " "$? $(wc -l <"$tmp/commands") $(cat "$tmp/err")"
  while read -r command; do accepted autopkgtest "$command"; done <"$tmp/commands"
else
  skip "dpkg reads the control file" "no libdpkg-perl here"
fi
plan
