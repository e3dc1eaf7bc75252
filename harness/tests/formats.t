#!/bin/sh
# Every --format before a reader that is not ours. formats.t BUILD_DIR
# What is rendered: a run that passed, and one in which every text that a worker, a cgroup, a kernel or a
# path could choose is as nasty as it gets.
set -u
. harness/tests/tap.sh
lab=$1/oomlab
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export NO_COLOR=1
here=harness/tests
python=$(for p in python3 /usr/bin/python3; do "$p" -c 'import jsonschema' 2>/dev/null && echo "$p" && break; done)
kunit=${KUNIT:-/usr/src/linux/tools/testing/kunit/kunit.py}

reads() { # NAME COMMAND...: it says "ok"
  what=$1
  shift
  if seen=$("$@" 2>&1); then pass "$what"; else fail "$what" "$seen"; fi
}

for run in evidence/run hostile; do
  name=${run%/*}
  mkdir "$tmp/$name"
  set --
  for format in json junit ktap lava ltp tap text; do set -- "$@" --format "$format=$tmp/$name/$format"; done
  "$lab" judge "$@" "$here/data/$run" >"$tmp/$name/out" 2>"$tmp/$name/err"
  check "$name: the verdicts decide the exit status" "$([ $name = hostile ] && echo 1 || echo 0)" $?
  check "$name: KTAP has standard output where nothing else does" "" "$(cmp "$tmp/$name/out" "$tmp/$name/ktap" 2>&1)"

  if command -v xmllint >/dev/null; then
    reads "$name: xmllint takes the JUnit file by its schema" \
      xmllint --noout --nonet --schema $here/junit.xsd "$tmp/$name/junit"
  else
    skip "$name: xmllint takes the JUnit file by its schema" "no xmllint here"
  fi
  if [ -n "$python" ]; then
    reads "$name: jsonschema takes the results by their schema" \
      "$python" $here/formats-check.py json harness/doc/results.schema.json "$tmp/$name/json"
    reads "$name: JUnit has the verdicts and counts of the results" \
      "$python" $here/formats-check.py junit "$tmp/$name/junit" "$tmp/$name/json"
    reads "$name: LTP's summary is as kirk writes it" "$python" $here/formats-check.py ltp "$tmp/$name/ltp"
  else
    for reader in jsonschema JUnit LTP; do skip "$name: $reader" "no python3 with jsonschema here"; done
  fi
  if command -v perl >/dev/null; then
    reads "$name: KTAP by the kernel's rules" $here/ktap-check.pl "$tmp/$name/ktap"
  else
    skip "$name: KTAP by the kernel's rules" "no perl here"
  fi
  if [ -r "$kunit" ]; then
    check "$name: the kernel's own parser counts the same" "$(sed -n 's/^# Totals: \(.*\)/\1/p' "$tmp/$name/ktap")" \
      "$(python3 "$kunit" parse "$tmp/$name/ktap" 2>&1 | sed -n 's/.*Testing complete\. Ran [0-9]* tests: //p' | awk '{
        n["passed:"] = n["failed:"] = n["skipped:"] = 0
        for (i = 1; i < NF; i += 2) n[$i] = $(i + 1) + 0
        broken = "'$name'" == "hostile" ? 2 : 0 # it has no word for what could not be found out: failed
        print "pass:" n["passed:"] " fail:" n["failed:"] - broken " xfail:0 xpass:0 skip:" n["skipped:"] " error:" broken }')"
  else
    skip "$name: the kernel's own parser counts the same" "no kunit.py: KUNIT names one of a kernel's source"
  fi
  if command -v prove >/dev/null; then
    check "$name: prove comes to the same verdict" "$([ $name = hostile ] && echo FAIL || echo PASS)" \
      "$(prove -e cat "$tmp/$name/tap" 2>&1 | sed -n 's/^Result: //p')"
    check "$name: prove finds the plan and all tests" "" \
      "$(prove -e cat "$tmp/$name/tap" 2>&1 | grep -iE 'bad plan|parse errors|out of sequence')"
  else
    skip "$name: prove comes to the same verdict" "no prove here"
    skip "$name: prove finds the plan and all tests" "no prove here"
  fi
  check "$name: every line of LAVA's is a signal, of a case or a figure" \
    "$(grep -cE '^(not )?ok|^# figure ' "$tmp/$name/ktap")" \
    "$(grep -cxE '<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=[A-Za-z0-9_.-]+ RESULT=(pass|fail|skip|unknown)( MEASUREMENT=[0-9.]+ UNITS=(seconds|us|bytes))?>' "$tmp/$name/lava")"
  check "$name: LAVA's are all its lines" 0 "$(grep -cv '^<LAVA_SIGNAL_TESTCASE ' "$tmp/$name/lava")"
  check "$name: no terminal is talked to" 0 "$(cat "$tmp/$name"/* | LC_ALL=C grep -caP '[\x00-\x08\x0b-\x1f\x7f]')"
done
check "nothing hostile is markup" 0 "$(grep -ciE '<(script|b|i|fail)>|\]\]>' "$tmp/hostile/junit")"
check "UTF-8 of a name stays what it is" 1 "$(grep -c 'name="日本"' "$tmp/hostile/junit")"

# What it comes from may be rendered again, and again the same.
mkdir "$tmp/again"
cp "$tmp/hostile/json" "$tmp/again/results.json"
"$lab" judge --format json "$tmp/again" >"$tmp/json" 2>/dev/null
check "a stored document gives itself" "" "$(cmp "$tmp/json" "$tmp/hostile/json" 2>&1)"

# A kernel log goes into JUnit with a case that did not pass: cut, and as harmless as the rest.
mkdir -p "$tmp/log/x/v2/broken"
sed 's/"dir": null/"dir": "x\/v2\/broken"/' $here/data/hostile/results.json >"$tmp/log/results.json"
echo '{}' >"$tmp/log/x/v2/broken/evidence.jsonl"
for _ in 1 2 3 4 5 6; do
  printf '<script>]]> \033[31m \377\300\200 \302\233 \357\277\277 \000 "%s"\n' "$(head -c 20000 /dev/zero | tr '\0' '&')"
done >"$tmp/log/x/v2/broken/kmsg.log"
"$lab" judge --format junit="$tmp/log.xml" "$tmp/log" >/dev/null 2>&1
if command -v xmllint >/dev/null; then
  reads "a hostile kernel log in JUnit" xmllint --noout --nonet --schema $here/junit.xsd "$tmp/log.xml"
else
  skip "a hostile kernel log in JUnit" "no xmllint here"
fi
check "it is cut, and where the whole is stands behind it" "5 5" \
  "$(grep -c '^(cut here)$' "$tmp/log.xml") $(grep -cF "[[ATTACHMENT|$tmp/log/x/v2/broken/kmsg.log]]" "$tmp/log.xml")"

# The checkers can fail.
mutant() { # NAME SED FILE CHECKER...: it refuses what sed made of the file
  what="refused: $1" from=$3
  sed "$2" "$from" >"$tmp/mutant"
  shift 3
  if cmp -s "$tmp/mutant" "$from" || "$@" >/dev/null 2>&1; then fail "$what"; else pass "$what"; fi
}
if command -v perl >/dev/null; then
  mutant "a KTAP plan of one more" 's/^1\.\.5$/1..6/' "$tmp/hostile/ktap" $here/ktap-check.pl "$tmp/mutant"
  mutant "KTAP results out of order" 's/^not ok 2/not ok 3/' "$tmp/hostile/ktap" $here/ktap-check.pl "$tmp/mutant"
  mutant "a reason with a directive in it" 's/# ERROR/# ERROR a # SKIP/' "$tmp/hostile/ktap" $here/ktap-check.pl "$tmp/mutant"
  mutant "an unknown KTAP directive" 's/# ERROR/# BROKEN/' "$tmp/hostile/ktap" $here/ktap-check.pl "$tmp/mutant"
fi
if command -v xmllint >/dev/null; then
  mutant "a JUnit case told twice" 's/ name="[^"]*" time="1.234"/ name="x" time="1.234"/' "$tmp/hostile/junit" \
    xmllint --noout --schema $here/junit.xsd "$tmp/mutant"
fi
if [ -n "$python" ]; then
  mutant "a key that the schema does not know" 's/"finished":/"unheard":1,"finished":/' "$tmp/hostile/json" \
    "$python" $here/formats-check.py json harness/doc/results.schema.json "$tmp/mutant"
fi

# One of them has standard output, and then people are spoken to on the other.
"$lab" judge --format json $here/data/hostile >"$tmp/out" 2>"$tmp/err"
check "a document alone on standard output, words on the other" "1 1" \
  "$(wc -l <"$tmp/out") $(grep -c '^1 passed, 1 failed, 1 skipped, 2 broken$' "$tmp/err")"
"$lab" judge --format text $here/data/hostile >"$tmp/out" 2>"$tmp/err"
check "words for people all on standard output" "1 0" "$(grep -c '^1 passed' "$tmp/out") $(wc -c <"$tmp/err")"
"$lab" judge --format tap --format lava $here/data/hostile >"$tmp/out" 2>&1
check "two on standard output are refused" \
  "2 oomlab: judge: --format lava: tap has standard output; write lava=FILE" "$? $(cat "$tmp/out")"
"$lab" run --format junit="$tmp/none/x" --results "$tmp/r" cases/memcg/memcg-child-limit.yaml >"$tmp/out" 2>&1
check "a file that cannot be made is told before anything is run" \
  "2 oomlab: write $tmp/none/x: No such file or directory " "$? $(cat "$tmp/out") $(ls "$tmp/r" 2>/dev/null)"
esc=$(printf '\033')
unset NO_COLOR CLICOLOR_FORCE
words() { env "$@" "$lab" judge $here/data/hostile 2>&1 >/dev/null | grep -c "$esc\["; }
check "no colours but on a terminal, or by force, or never" "0 4 0" \
  "$(words A=1) $(words CLICOLOR_FORCE=1) $(words CLICOLOR_FORCE=1 NO_COLOR=1)"
if command -v script >/dev/null; then
  tty() { env TERM=xterm "$@" script -qec "$lab judge $here/data/hostile" /dev/null </dev/null | grep -c "$esc\["; }
  check "colours on a terminal, unless NO_COLOR or a dumb one" "4 0 0" "$(tty A=1) $(tty NO_COLOR=1) $(tty TERM=dumb)"
else
  skip "colours on a terminal, unless NO_COLOR or a dumb one" "no script(1) here"
fi
if [ -w /dev/full ]; then
  "$lab" judge --format junit=/dev/full $here/data/evidence/run >/dev/null 2>"$tmp/err"
  check "a file that cannot be written is an error" "3 1" "$? $(grep -c '^oomlab: write /dev/full: ' "$tmp/err")"
else
  skip "a file that cannot be written is an error" "no /dev/full here"
fi
plan
