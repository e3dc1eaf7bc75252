#!/bin/sh
# Speed and memory of oomlab explain on a 1 GiB log with 5000 OOM reports, beside grep and a plain
# read of the same file in the same run: bench-explain.sh BUILD_DIR [DIR_FOR_THE_LOG]
# Best of three each, since the machine may be shared.
set -eu
build=${1:-build}
dir=${2:-$(mktemp -d)}
[ $# -ge 2 ] || trap 'rm -rf "$dir"' EXIT
log=$dir/big.log
golden=lib/tests/data/oom

# Reports of about 20 kB (the dump of some 150 tasks), between lines as a busy host's journal has them.
awk -v golden="$golden/4.18-rhel8.3-global.log" 'BEGIN {
  while ((getline line < golden) > 0) {
    report = report line "\n"
    if (line ~ /\[ pid \]/)
      for (i = 0; i < 150; i++)
        report = report sprintf("Mar  2 08:32:45 h kernel: [%5d]     0 %5d   121957     %4d   913408        0             0 worker-%d\n", i + 2, i + 2, 100 + i, i)
  }
  close(golden)
  split("systemd[1]: Started Session 7712 of user root.|sshd[4242]: Accepted publickey for root from 192.0.2.1 port 22 ssh2|" \
    "kernel: usb 1-1: new high-speed USB device number 9 using xhci_hcd|CRON[777]: (root) CMD (test -x /usr/sbin/anacron)|" \
    "nginx[80]: 192.0.2.7 - - \"GET /memory/usage HTTP/1.1\" 200 612|dockerd[99]: level=info msg=\"skipping killed container\"", noise, "|")
  for (i = 0; i < 2200; i++)
    filler = filler "Mar  2 08:32:46 h " noise[i % 6 + 1] "\n"
  share = int(1073741824 / 5000) - length(report)
  while (length(filler) < share) filler = filler filler
  filler = substr(filler, 1, share - 1) "\n"
  for (i = 0; i < 5000; i++) printf "%s%s", report, filler
}' >"$log"

best() { # best COMMAND...: seconds
  for i in 1 2 3; do
    start=$(date +%s%N)
    "$@" | cat >/dev/null # grep stops at its first hit if it sees /dev/null
    end=$(date +%s%N)
    echo $(((end - start) / 1000000))
  done | sort -n | head -1
}
cat "$log" >/dev/null
events=$("$build/oomlab" explain --json "$log" | grep -o '"line":' | wc -l)
read_ms=$(best cat "$log")
grep_ms=$(best grep -c oom-kill: "$log")
ours_ms=$(best "$build/oomlab" explain --json "$log")
text_ms=$(best "$build/oomlab" explain "$log")
peak_kb=$( (/usr/bin/time -f %M "$build/oomlab" explain --json "$log" >/dev/null) 2>&1) || peak_kb=unknown
echo "log              $(wc -c <"$log") bytes, $events OOMs read of 5000"
echo "plain read       $read_ms ms"
echo "grep -c          $grep_ms ms"
echo "explain --json   $ours_ms ms, $((ours_ms * 100 / grep_ms)) % of grep"
echo "explain          $text_ms ms, $((text_ms * 100 / grep_ms)) % of grep"
echo "peak memory      $peak_kb kB"
[ "$events" -eq 5000 ]
