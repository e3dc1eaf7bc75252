#!/bin/sh
# make install into a folder, and the programs from there: cases, manual pages, completion. install.t BUILD_DIR
set -u
. harness/tests/tap.sh
build=$1 source=$(pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
lab=$tmp/usr/bin/oomlab
unset OOMLAB_CACHE XDG_CACHE_HOME

make -s O="$build" DESTDIR="$tmp" PREFIX=/usr install >"$tmp/out" 2>&1
check "make install" "0 " "$? $(cat "$tmp/out")"
mkdir "$tmp/home"
cd "$tmp/home" || exit 1
HOME=$tmp/home
check "the installed oomlab finds its cases from any folder" \
  "$(find "$source/cases" -name '*.yaml' ! -path '*/profiles/*' | wc -l) cases" "$("$lab" list | tail -1)"
"$lab" kernels list >"$tmp/out" 2>&1
check "kernels go where the user may write" "0 $tmp/home/.cache/oomlab" \
  "$? $(sed -n 's/^no kernel in \(.*\) yet.*/\1/p' "$tmp/out")"
check "and nothing is written beside the program" "oomhog oomlab" "$(ls "$tmp/usr/bin" | tr '\n' ' ' | sed 's/ $//')"
mkdir cases
cp "$source/cases/memcg/memcg-child-limit.yaml" cases/
check "cases that are here come first" "1 case" "$("$lab" list | tail -1)"
check "both tell the same version" "$("$lab" --version | sed 's/.* //')" "$("$tmp/usr/bin/oomhog" --version | sed 's/.* //')"
printf 'x' >none
"$lab" run --kernel "$tmp/home/none" memcg-child-limit >/dev/null 2>&1
check "a kernel that is none: exit 2" 2 $?
cd "$source" || exit 1

man=$tmp/usr/share/man
if command -v mandoc >/dev/null; then
  check "mandoc has nothing to say against the pages" "" "$(mandoc -Tlint -W warning "$man"/man*/* 2>&1)"
else
  skip "mandoc has nothing to say against the pages" "no mandoc here"
fi
in_page() { # PAGE PROGRAM WORDS...: every option of its --help has an item there
  page=$1
  shift
  "$@" --help | grep -E "^( |usage:)" | grep -oE -- '(^|[ ,])--?[a-z][-a-z]*' | grep -oE -- '-[-a-z]+' | sort -u | while read -r option; do
    grep -qE -- "^\.It .*Fl \"${option#-}[\"[]" "$page" || echo "$* $option"
  done
}
missing=$(for c in $("$lab" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
  grep -q "^\.Ss oomlab $c$" "$man/man1/oomlab.1" || echo "no section for $c"
  sed -n "/^\.Ss oomlab $c$/,/^\.S[sh] /p" "$man/man1/oomlab.1" >"$tmp/section"
  in_page "$tmp/section" "$lab" "$c"
done)
check "oomlab(1) has every command and option" "" "$missing"
# The first is the value of an option that wants one, the second a mistake: nothing is ever run.
export OOMLAB_QEMU=/nonexistent
unknown=$(cd "$tmp/home" && for c in $("$lab" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
  "$lab" "$c" --help | grep '^ ' | grep -oE -- '^ +(-[a-z], )?--[-a-z]+' | grep -oE -- '--[-a-z]+' | while read -r option; do
    "$lab" "$c" "$option" --no-such-option --no-such-option 2>&1 | grep "unrecognized option '$option'"
  done
done)
check "oomlab takes every option that it tells of" "" "$unknown"
secret=$(grep -oE '\{ "[a-z-]+", (no|required|optional)_argument' harness/cmd_*.c harness/run_args.c |
  sed -n 's/^harness\/\(cmd_\)\{0,1\}\([a-z]*\)\(_args\)\{0,1\}\.c:{ "\([a-z-]*\)".*/\2 \4/p' | grep -v ' help$' |
  while read -r command option; do
    "$lab" "$command" --help | grep -q -- "--$option" || echo "$command --$option"
  done)
check "and tells of every option that it takes" "" "$secret"
missing=$(for k in $("$tmp/usr/bin/oomhog" --list | sed 's/ .*//'); do
  grep -q "^\.It Ic \"$k\"$" "$man/man1/oomhog.1" || echo "no item for $k"
  in_page "$man/man1/oomhog.1" "$tmp/usr/bin/oomhog" "$k"
done)
check "oomhog(1) has every kind and option" "" "$missing"
missing=$("$lab" show --grammar | sed -n 's/^| `\([^`]*\)`.*/\1/p' | sort -u | while read -r key; do
  grep -q "^\.It Ic \"$key\" :" "$man/man5/oomlab-case.5" || echo "$key"
done)
check "oomlab-case(5) has every key" "" "$missing"

if command -v bash >/dev/null; then
  typed() { # WORDS...: what bash offers for the last of them
    PATH=$tmp/usr/bin:$PATH bash -c '. "$0"; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE=$* COMP_POINT=${#COMP_LINE}
      "_$1" "$1" "${COMP_WORDS[COMP_CWORD]}"; printf "%s\n" "${COMPREPLY[@]}" | sort | tr "\n" " "' \
      "$tmp/usr/share/bash-completion/completions/oomlab" "$@"
  }
  check "bash: commands" "judge " "$(typed oomlab ju)"
  check "bash: options are those of --help" \
    "$("$lab" judge --help | grep -oE '^ +.*--[a-z]+' | grep -oE -- '-[-a-z]+' | sort | tr '\n' ' ')" "$(typed oomlab judge -)"
  check "bash: formats are those there are" \
    "$("$lab" judge --format x 2>&1 | sed 's/.* x: //; s/ was expected//; s/,//g; s/ or / /') " \
    "$(typed oomlab run --format '')"
  check "bash: a kernel, which has a colon in its name" "latest " "$(typed oomlab run --kernel debian:la)"
  check "bash: the value behind an equals sign" "junit " "$(typed oomlab run --format=ju)"
  check "bash: cases" "memcg-child-limit " "$(typed oomlab run memcg-ch)"
  check "bash: tags" "smoke " "$(typed oomlab list --tag smo)"
  check "bash: kinds and options of oomhog" "malloc-free --size " "$(typed oomhog mal)$(typed oomhog anon --si)"
else
  skip "bash: completion" "no bash here"
fi

make -s O="$build" DESTDIR="$tmp" PREFIX=/usr uninstall >"$tmp/out" 2>&1
check "make uninstall leaves no file" "" "$(find "$tmp/usr" -type f -o -type l)"
plan
