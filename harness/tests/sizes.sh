#!/bin/sh
# Files stay within 400 lines, functions within 70: needs universal-ctags for the second.
set -eu
status=0
for f in $(find harness lib workloads -name '*.[ch]'); do
  n=$(wc -l <"$f")
  [ "$n" -le 400 ] || { echo "$f: $n lines, the limit is 400"; status=1; }
done
ctags --version | grep -q Universal || { echo "sizes: universal-ctags is needed"; exit 1; }
long=$(find harness lib workloads -name '*.c' | ctags -L - --fields=+ne --kinds-C=f -f - | awk -F'\t' '
  { l = e = 0
    for (i = 4; i <= NF; i++) {
      if ($i ~ /^line:/) l = substr($i, 6)
      if ($i ~ /^end:/) e = substr($i, 5)
    }
    if (e - l + 1 > 70) print $2 ":" l ": " $1 "() has " e - l + 1 " lines, the limit is 70" }')
[ -z "$long" ] || { echo "$long"; status=1; }
exit $status
