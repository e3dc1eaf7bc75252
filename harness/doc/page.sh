#!/bin/sh
# A manual page from its text and from what the programs say of themselves, so that the two cannot drift:
# page.sh BUILD_DIR PAGE.in. A line of the text may be
#   @commands   each command of oomlab with its --help
#   @help       oomhog --help
#   @kinds      each kind of oomhog that has options of its own
#   @grammar    the keys of case files
set -eu
build=$1 doc=$(dirname "$0")
as_mdoc() { awk -f "$doc/help.awk"; }
commands() {
  "$build/oomlab" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' | while read -r command; do
    echo ".Ss oomlab $command"
    "$build/oomlab" "$command" --help | as_mdoc
  done
}
kinds() {
  "$build/oomhog" --list | sed 's/ .*//' | while read -r kind; do
    own=$("$build/oomhog" "$kind" --help | sed -n "/^options of $kind:/,/^options of any kind:/p" | sed '1d;$d')
    [ -z "$own" ] || { echo ".Ss Options of $kind" && echo "$own" | as_mdoc; }
  done
}
while IFS= read -r line; do
  case $line in
  @commands) commands ;;
  @help) "$build/oomhog" --help | as_mdoc ;;
  @kinds) kinds ;;
  @grammar) "$build/oomlab" show --grammar | awk -f "$doc/grammar.awk" ;;
  *) printf '%s\n' "$line" ;;
  esac
done <"$2"
