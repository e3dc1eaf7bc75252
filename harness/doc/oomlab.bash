# Completion for oomlab and oomhog. What can be typed comes from the programs' own --help and lists.
_oomlab_options() { # PROGRAM [WORD]: the options of its --help
  "$@" --help 2>/dev/null | grep -oE '^ +(-[a-zA-Z], )?-[-a-zA-Z]+' | grep -oE -- '-[-a-zA-Z]+'
}

# What is typed, and the word before it, by blanks and "=": bash itself parts words at ":" as well.
_oomlab_words() {
  local line=${COMP_LINE:0:COMP_POINT}

  typed=${line##*[ =]}
  line=${line%"$typed"}
  [[ $line =~ ([^ =]+)[\ =]+$ ]] && before=${BASH_REMATCH[1]}
}

_oomlab_compgen() { # WORDS: those that go on from what is typed, less what bash takes for words before it
  local colons=${typed%"${typed##*:}"}

  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$typed")
  COMPREPLY=("${COMPREPLY[@]#"$colons"}")
}

_oomlab() {
  local program=$1 command=${COMP_WORDS[1]} typed='' before=''

  _oomlab_words
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    _oomlab_compgen "$("$program" --help | sed -n 's/^  \([a-z]*\) .*/\1/p') --help --version"
    return
  fi
  case $before in
  --format) _oomlab_compgen 'html json junit ktap lava ltp tap text' ;;
  --cgroup) _oomlab_compgen 'v1 v2 all' ;;
  --on) _oomlab_compgen 'vm host' ;;
  --accel) _oomlab_compgen 'auto kvm tcg' ;;
  --kernel) _oomlab_compgen "$("$program" kernels list 2>/dev/null | sed 's/ .*//') debian:latest" ;;
  --tag) _oomlab_compgen "$("$program" list --json 2>/dev/null | grep -oE '"tags":\[[^]]*' | grep -oE '[a-z0-9-]+"' | tr -d '"' | sort -u)" ;;
  *)
    if [ "${typed#-}" != "$typed" ]; then
      _oomlab_compgen "$(_oomlab_options "$program" "$command")"
      return
    fi
    case $command in
    run | list | show)
      _oomlab_compgen "$("$program" list --json 2>/dev/null | grep -oE '^\{"name":"[a-z0-9-]+' | sed 's/.*"//')"
      ;;
    kernels) [ "$COMP_CWORD" -eq 2 ] && _oomlab_compgen 'list get' ;;
    sysctl) [ "$COMP_CWORD" -eq 2 ] && _oomlab_compgen 'check drift golden show' ;;
    esac
    ;;
  esac
}

_oomhog() {
  local program=$1 typed='' before=''

  _oomlab_words
  if [ "$COMP_CWORD" -eq 1 ]; then
    _oomlab_compgen "$("$program" --list | sed 's/ .*//') --list --help --version"
  else
    _oomlab_compgen "$(_oomlab_options "$program" "${COMP_WORDS[1]}")"
  fi
}

complete -o default -F _oomlab oomlab
complete -o default -F _oomhog oomhog
