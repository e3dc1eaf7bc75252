#!/bin/sh
# A run packed for a ticket, and what must not get into it. bundle.t BUILD_DIR
set -u
. harness/tests/tap.sh
lab=$1/oomlab
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp -r harness/tests/data/evidence/run "$tmp/run"
echo secret >"$tmp/secret"
ln -s "$tmp/secret" "$tmp/run/host/v1/memcg-child-limit/linked"
mkfifo "$tmp/run/host/v1/memcg-child-limit/fifo"

"$lab" bundle --out "$tmp/all.tar.zst" "$tmp/run" >"$tmp/out" 2>&1
check "a whole run" "0 $tmp/all.tar.zst" "$? $(cat "$tmp/out")"
tar --zstd -xf "$tmp/all.tar.zst" -C "$tmp" 2>"$tmp/err"
check "tar reads it" 0 $?
top=$(echo "$tmp"/oomlab-*)
check "one folder" 1 "$(tar --zstd -tf "$tmp/all.tar.zst" | cut -d/ -f1 | sort -u | wc -l | tr -d ' ')"
for file in README.txt results.json host/v1/memcg-child-limit/evidence.jsonl host/v1/memcg-child-limit/tree.txt; do
  if [ -s "$top/$file" ]; then pass "it has $file"; else fail "it has $file"; fi
done
check "no link, no FIFO" 0 "$(find "$top" -name linked -o -name fifo | wc -l | tr -d ' ')"
check "nothing from outside" 0 "$(grep -rl secret "$top" | wc -l | tr -d ' ')"
check "the tree says what was counted" 1 "$(grep -c 'memory.oom_control *oom_kill *0 -> 1' "$top/host/v1/memcg-child-limit/tree.txt")"
check "what is unpacked can be judged" 0 "$("$lab" judge "$top" >/dev/null 2>&1; echo $?)"

(cd "$tmp" && "$OLDPWD/$lab" bundle run parent-limit) >"$tmp/out" 2>&1
check "one case of it, and a name of its own" 1 "$(tar --zstd -tf "$tmp/$(cat "$tmp/out")" | grep -c '/evidence.jsonl$')"
for bad in "$tmp/none" "$tmp/secret" "$tmp/run none-such" ""; do
  # shellcheck disable=SC2086 # two words
  "$lab" bundle --out "$tmp/bad.tar.zst" $bad >"$tmp/out" 2>&1
  check "bundle '${bad#"$tmp"}': exit 2, one line, no file" "2 1 0" \
    "$? $(wc -l <"$tmp/out" | tr -d ' ') $(find "$tmp" -name bad.tar.zst | wc -l | tr -d ' ')"
done
sed -i 's|"dir":"host/v1/memcg-child-limit"|"dir":"../secret"|' "$tmp/run/results.json"
"$lab" bundle --out "$tmp/out.tar.zst" "$tmp/run" >"$tmp/out" 2>&1
check "a results.json that points outside" 0 "$(tar --zstd -xOf "$tmp/out.tar.zst" | grep -c '^secret')"
plan
