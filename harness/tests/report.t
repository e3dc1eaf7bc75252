#!/bin/sh
# The HTML page: of a run, of 500 cases on five kernels, of hostile names, of a log. report.t BUILD_DIR
# CHROMIUM names a browser; without one only the file is looked at.
set -u
. harness/tests/tap.sh
lab=$1/oomlab
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export NO_COLOR=1
here=harness/tests
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || :)}

# opens NAME FILE TEXT...: in a browser, without an error; what it counted is in $tmp/seen
opens() {
  what=$1
  shift
  if [ -z "$chromium" ] || ! command -v python3 >/dev/null; then
    skip "$what" "no chromium (or no python3) here: CHROMIUM names one"
    return 1
  fi
  if timeout 300 python3 $here/report-check.py "$chromium" "$@" >"$tmp/seen" 2>&1; then
    pass "$what: $(tr '\n' ' ' <"$tmp/seen")"
  else
    fail "$what" "$(cat "$tmp/seen")"
  fi
}
seen() { sed -n "s/^$1 //p" "$tmp/seen"; }
at_most() { if [ "$2" -le "$3" ]; then pass "$1: $2"; else fail "$1" "wanted: at most $3" "saw: $2"; fi; }

for kernel in 1 2 3; do
  mkdir -p "$tmp/three/$kernel"
  sed "1s/\"debian:6.1\"/\"debian:6.$kernel\"/" $here/data/timeline/evidence.jsonl >"$tmp/three/$kernel/evidence.jsonl"
done
"$lab" judge --format "html=$tmp/three.html" "$tmp/three" >/dev/null 2>&1
check "a page is written" 0 $?
check "it loads nothing" 0 "$(grep -coE '(src|href)="?(https?:)?//|@import|url\(' "$tmp/three.html")"
check "only its own scripts and styles may run" "2 6" \
  "$(sed -n 's/.*style-src\(.*\); script-src\(.*\)">.*/\1|\2/p' "$tmp/three.html" | tr '|' '\n' | grep -c "^\( 'sha256-[A-Za-z0-9+/]*='\)*$") $(grep -c '<script>' "$tmp/three.html")"
if opens "three kernels, with timelines" "$tmp/three.html" 'killed (OOM 1)' 'oom-kill:constraint=CONSTRAINT_MEMCG' \
  'memory.max 80.0 MiB'; then
  check "every case opens" 3 "$(seen cases)"
  check "every plot is drawn" 18 "$(seen plots)"
fi

sed 's#</body>#<script>document.title = "evil"</script></body>#' "$tmp/three.html" >"$tmp/evil.html"
if [ -n "$chromium" ] && command -v python3 >/dev/null; then
  check "a script that is not its own does not run" "1 1" "$(
    python3 $here/report-check.py "$chromium" "$tmp/evil.html" >"$tmp/seen" 2>&1; echo $?) $(grep -c '^wrong: .*Content Security Policy' "$tmp/seen")"
else
  skip "a script that is not its own does not run" "no chromium (or no python3) here"
fi

# 500 cases, as five kernels and a hundred cases.
for kernel in 5.10 6.1 6.12 6.18 7.2; do
  for i in $(seq 100); do
    mkdir -p "$tmp/many/$kernel/case-$i"
    sed "1s/\"memcg-parent-limit\",\"kernel\":\"debian:6.1\"/\"case-$i\",\"kernel\":\"debian:$kernel\"/" \
      $here/data/timeline/evidence.jsonl >"$tmp/many/$kernel/case-$i/evidence.jsonl"
  done
done
"$lab" judge --format "html=$tmp/many.html" "$tmp/many" >/dev/null 2>&1
check "a page of 500 cases is written" 0 $?
at_most "its size in bytes" "$(wc -c <"$tmp/many.html")" 10000000
if opens "500 cases" "$tmp/many.html"; then
  check "each of the 500 opens" 500 "$(seen cases)"
  check "all their plots are drawn" 3000 "$(seen plots)"
  at_most "it opens within two seconds (ms)" "$(seen opened_ms)" 2000
fi

# Repeats that passed alike are told once, and each can be opened.
if command -v python3 >/dev/null; then
  for i in 1 2 3; do
    mkdir -p "$tmp/repeats/$i"
    cp $here/data/timeline/evidence.jsonl "$tmp/repeats/$i"
  done
  "$lab" judge --format "json=$tmp/repeats.json" "$tmp/repeats" >/dev/null 2>&1
  python3 -c 'import json, sys
run = json.load(open(sys.argv[1]))
for n, case in enumerate(run["cases"], 1):
    case["repeat"], case["dir"] = n, str(n)
json.dump(run, open(sys.argv[2], "w"))' "$tmp/repeats.json" "$tmp/repeats/results.json"
  "$lab" judge --format "html=$tmp/repeats.html" "$tmp/repeats" >/dev/null 2>&1
  check "repeats that passed alike are told once" 1 "$(grep -c 'id="case[0-9]' "$tmp/repeats.html")"
  opens "repeats" "$tmp/repeats.html" 'what follows is of the first that passed' && check "all repeats have its plots" 18 "$(seen plots)"
else
  skip "repeats that passed alike are told once" "no python3 here"
fi

"$lab" judge --format "html=$tmp/hostile.html" $here/data/hostile >/dev/null 2>&1
check "hostile names are no markup in the file" 0 "$(grep -ciE 'alert|<(b|i|fail)>|\]\]>' "$tmp/hostile.html")"
opens "hostile names" "$tmp/hostile.html" '<script>alert("x")</script>' ']]>' '<b>vmlinuz' '日本' '\u001b[31m\u0007' && check "they all open" 5 "$(seen cases)"

# A task and a cgroup that choose their names, in a kernel log.
mkdir "$tmp/evil"
sed -e '/"t":"kmsg"/s#\([(=,] *\|[0-9] \)big\>#\1</script><b>\\"\&#g' \
  -e 's#,oom_memcg=[^,]*,#,oom_memcg=/pa rent <i>é]]>,#' $here/data/timeline/evidence.jsonl >"$tmp/evil/evidence.jsonl"
"$lab" judge --format "html=$tmp/evil.html" "$tmp/evil" >/dev/null 2>&1
opens "hostile names in a kernel log" "$tmp/evil.html" '</script><b>"&' '/pa rent <i>é]]>'

sed 's#oom_memcg=[^,]*,#oom_memcg=/pa rent <i>é]]>,#; s/(big)/(<script>"x)/; s/task=big/task=<script>"x/' \
  lib/tests/data/captured/6.1-v1-memcg-parent-limit.log >"$tmp/log"
check "explain --html says what it wrote" "0 $tmp/log.html: OOMs in $tmp/log: 1" "0 $("$lab" explain --html "$tmp/log.html" "$tmp/log")"
check "no name of the log is markup" 0 "$(grep -c '<i>\|<script>"x' "$tmp/log.html")"
opens "a log" "$tmp/log.html" '<script>"x' '/pa rent <i>é]]>' 'Ranking by badness' 'Memory by owner' &&
  check "its event opens" 1 "$(seen cases)"
"$lab" explain --html "$tmp/log.html" lib/tests/data/captured/6.12-v2-global-oom.log >/dev/null
opens "a log of a global OOM" "$tmp/log.html" 'Zones against watermarks' 'oom_score_adj of 117 at -398 or less'
: >"$tmp/none"
"$lab" explain --html "$tmp/log.html" "$tmp/none" >/dev/null
opens "a log without an OOM" "$tmp/log.html" 'No OOM in this log.'
check "a page that cannot be written is a mistake" 2 "$("$lab" explain --html "$tmp/no/such" "$tmp/log" >/dev/null 2>&1; echo $?)"
check "--html with --json is refused" 2 "$("$lab" explain --json --html "$tmp/x" "$tmp/log" >/dev/null 2>&1; echo $?)"
plan
