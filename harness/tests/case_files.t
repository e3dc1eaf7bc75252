#!/bin/sh
# Malformed case files: each gives exactly the one line in `expected`, exit 2, and starts nothing.
# Then what list, show and run --dry-run make of good ones.
set -u
build=$1
. harness/tests/tap.sh
bad=harness/tests/data/bad
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

before=$(ls -A results)
for file in "$bad"/*.yaml; do
  name=$(basename "$file")
  wanted="$bad/$(grep "^$name:" "$bad/expected")"
  for how in show "run --dry-run" "run --results $tmp/results"; do
    # shellcheck disable=SC2086
    seen=$("$build/oomlab" $how "$file" 2>&1)
    rc=$?
    check "$how $name" "2: $wanted" "$rc: $seen"
  done
done
check "nothing was made" "$before" "$(ls -A results)$(ls -A "$tmp")"
check "every line of expected has its file" \
  "$(cd $bad && ls ./*.yaml | sed 's|^./||')" "$(cut -d: -f1 $bad/expected)"

check "a mistake in each of two files: two lines" 2 \
  "$("$build/oomlab" show $bad/bad-unit.yaml $bad/tab.yaml 2>&1 | wc -l)"
for what in no-such-case cases/none.yaml 'cases/*.none' results/README.md; do
  seen=$("$build/oomlab" show "$what" 2>&1)
  check "show $what: exit 2 and one line" "2 1" "$? $(printf '%s\n' "$seen" | wc -l)"
done
mkdir -p "$tmp/twin" && cp cases/memcg/memcg-child-limit.yaml "$tmp/twin"
"$build/oomlab" list "$tmp/twin" cases/memcg >"$tmp/out" 2>&1
check "two cases of one name are refused" "2 1" "$? $(grep -c "two cases are called" "$tmp/out")"
mkdir "$tmp/fifo" && mkfifo "$tmp/fifo/a.yaml"
check "a FIFO is no case file" 2 "$(timeout 10 "$build/oomlab" list "$tmp/fifo/a.yaml" 2>/dev/null; echo $?)"

files=$(find cases -name '*.yaml' -not -path 'cases/profiles/*' | wc -l)
check "list knows every file" "$files" "$("$build/oomlab" list --json | wc -l)"
check "from elsewhere too" "$files" "$(cd / && "$OLDPWD/$build/oomlab" list --json | wc -l)"
check "a bare name is a case" memcg-child-limit \
  "$("$build/oomlab" list --json memcg-child-limit | sed 's/^{"name":"\([^"]*\)".*/\1/')"
check "a file named twice is one case" 1 \
  "$("$build/oomlab" list --json memcg-child-limit cases/memcg/memcg-child-limit.yaml | wc -l)"
check "-k and --tag narrow it down" memcg-isolated \
  "$("$build/oomlab" list --json --tag memcg -k isolated | sed 's/^{"name":"\([^"]*\)".*/\1/')"
check "list shows needs, theme and tags" "512 MiB, swap, v2 only; theme swap; tags: swap" \
  "$("$build/oomlab" list v2-swap-max | sed -n '2s/^ *//p')"
check "a filter that leaves nothing is said" 2 "$("$build/oomlab" list -k nothing 2>/dev/null; echo $?)"

for case in $("$build/oomlab" list --json | sed 's/^{"name":"\([^"]*\)".*/\1/'); do
  "$build/oomlab" show "$case" >"$tmp/out" 2>&1
  check "show $case: shown, planned for both versions, none refused" "0 2 0" \
    "$? $(sed -n '/^predicted/,$p' "$tmp/out" | grep -cE '^  v[12]  ') $(sed -n '/^predicted/,$p' "$tmp/out" | grep -c refused)"
  check "show $case: the model agrees with it" 0 "$(grep -c 'but the case expects' "$tmp/out")"
done
for kind in $("$build/oomlab" show --grammar | sed -n 's/^| `kind`[^|]*| \([^|]*\) |.*/\1/p' | tr -d ,); do
  check "oomhog has the kind $kind" 0 "$("$build/oomhog" "$kind" --help >/dev/null 2>&1; echo $?)"
done
plan
