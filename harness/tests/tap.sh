# Sourced by the *.t scripts: ok/not ok lines with numbers, and the plan at the end.
n=0
pass() { n=$((n + 1)); echo "ok $n - $1"; }
fail() {
  n=$((n + 1))
  echo "not ok $n - $1"
  shift
  for line in "$@"; do echo "$line" | sed 's/^/# /'; done
}
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
plan() { echo "1..$n"; }
# check NAME WANTED SEEN
check() {
  if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "wanted: $2" "saw: $3"; fi
}
