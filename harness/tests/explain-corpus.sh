#!/bin/sh
# The sample of real OOM logs with labels, where it is at hand: explain-corpus.sh BUILD_DIR.
# The logs are not part of this project. Exit 0 when all aims are reached, or it is not there.
set -eu
build=${1:-build}
corpus=${OOMLAB_CORPUS:-../shared/corpus}
for dir in "$corpus" ../../shared/corpus; do
  [ -x "$dir/check" ] || continue
  exec "$dir/check" --oomlab "$build/oomlab" -v
done
echo "skip: no corpus of real logs at $corpus (set OOMLAB_CORPUS)"
