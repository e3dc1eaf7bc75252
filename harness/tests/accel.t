#!/bin/sh
# KVM that is not there, that refuses, that hangs: the same command works without a flag. accel.t BUILD_DIR.
set -u
build=$(cd "$1" && pwd)
kernels=${OOMLAB_CACHE:-$build/kernels}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0
. harness/tests/tap.sh
qemu=$(command -v "${OOMLAB_QEMU:-qemu-system-x86_64}")

finish() { plan; exit "$bad"; }
skip_all() { skip 'accelerators' "$1"; finish; }
fresh() { # a cache that knows the kernels and no probe
  rm -rf "$dir/cache"
  cp -as "$kernels" "$dir/cache" && rm -rf "$dir/cache/accel.json" "$dir/cache/accel-probe"
}
lab() { # [OPTION...]
  OOMLAB_CACHE=$dir/cache "$build/oomlab" run "$@" --kernel debian:6.1 --results "$dir/results" memcg-child-limit \
    >"$dir/out" 2>&1
}
played_on() { sed -n 's/.*"accel":"\([a-z]*\)".*/\1/p' "$dir/results/latest/results.json"; }
why() { sed -n 's/.*"why":"\([^"]*\)".*/\1/p' "$dir/cache/accel.json"; }
want() { # NAME WANTED SEEN
  [ "$2" = "$3" ] || bad=1
  check "$@"
}
fake() { # what a QEMU with KVM does; any other is the real one
  cat >"$dir/qemu" <<EOF
#!/bin/sh
case " \$* " in *' -accel kvm '*) $1 ;; esac
exec $qemu "\$@"
EOF
  chmod +x "$dir/qemu"
}

[ -n "$qemu" ] || skip_all 'no QEMU here'
OOMLAB_CACHE=$kernels "$build/oomlab" kernels get debian:6.1 >"$dir/out" 2>&1 || skip_all "$(tail -n 1 "$dir/out")"
kernels=$(cd "$kernels" && pwd)

if [ -r /dev/kvm ] && [ -w /dev/kvm ]; then
  export OOMLAB_QEMU="$dir/qemu"
  fresh
  fake 'exec sleep 1000'
  lab
  want 'a QEMU that hangs on KVM: the run passes' 0 $?
  want 'it was emulated' tcg "$(played_on)"
  case $(why) in *greeting*) pass "it is kept why: $(why)" ;; *) bad=1; fail 'it is kept why' "$(why)" ;; esac
  fake "echo >>$dir/asked; exit 1"
  lab
  want 'what the probe found is kept: KVM is not tried again' 0-absent "$?-$([ -e "$dir/asked" ] && echo asked || echo absent)"
  fresh
  fake 'echo no KVM today >&2; exit 1'
  lab
  want 'a QEMU that refuses KVM: the run passes' 0 $?
  case $(why) in *'no KVM today'*) pass 'it is kept what QEMU said' ;; *) bad=1; fail 'it is kept what QEMU said' "$(why)" ;; esac
  lab --accel kvm
  want '--accel kvm is obeyed: broken' 3 $?
  grep -q 'no KVM today (tried twice)' "$dir/out"
  want 'and says what QEMU said' 0 $?
  fresh
  fake "echo >>$dir/asked; exit 1"
  lab --accel tcg
  want '--accel tcg is obeyed without a probe' 0-absent "$?-$([ -e "$dir/asked" ] && echo asked || echo absent)"
  unset OOMLAB_QEMU
else
  skip 'KVM that hangs or refuses' 'no /dev/kvm here'
fi

# A /dev of our own, without kvm.
if unshare -m true 2>/dev/null; then
  fresh
  mkdir "$dir/dev"
  for d in null zero full random urandom tty; do cp -a "/dev/$d" "$dir/dev/"; done
  OOMLAB_CACHE=$dir/cache unshare -m sh -c "mount --rbind '$dir/dev' /dev && exec '$build/oomlab' run --kernel debian:6.1 \
    --results '$dir/results' memcg-child-limit" >"$dir/out" 2>&1
  want 'without /dev/kvm the run passes' 0 $?
  want 'it was emulated' tcg "$(played_on)"
else
  skip '/dev/kvm hidden' 'a mount namespace of our own is not to be had'
fi
finish
