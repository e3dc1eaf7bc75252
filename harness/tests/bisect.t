#!/bin/sh
# git bisect run over kernels, on a difference that is real: before 5.14 a task that interleaves over other
# nodes was no candidate in a node's OOM (interleave-is-candidate). bisect.t BUILD_DIR
set -u
build=$(cd "$1" && pwd)
OOMLAB_CACHE=${OOMLAB_CACHE:-$build/kernels}
case=$(pwd)/harness/tests/lies/interleave-spared.yaml
HOME=$(mktemp -d) # no configuration but ours
export OOMLAB_CACHE HOME GIT_CONFIG_NOSYSTEM=1
trap 'rm -rf "$HOME"' EXIT
. harness/tests/tap.sh
skip_all() { skip 'git bisect run over kernels' "$1"; plan; exit; }

command -v git >/dev/null || skip_all 'no git here'
command -v "${OOMLAB_QEMU:-qemu-system-x86_64}" >/dev/null || skip_all 'no QEMU here'
for kernel in debian:5.10 debian:6.1 debian:6.12; do
  "$build/oomlab" kernels get $kernel >"$HOME/get" 2>&1 || skip_all "$(tail -n 1 "$HOME/get")"
done

git config --global user.name tester && git config --global user.email tester@localhost
git init -q "$HOME/repo" && cd "$HOME/repo" || exit 1
kernel() { # SPEC WHAT: a commit
  echo "$1" >kernel && echo "$2" >>log && git add . && git commit -qm "$2"
}
kernel debian:5.10 'the old kernel'
kernel debian:5.10 'other work'
kernel debian:6.1 'a new kernel'
kernel ./bzImage 'one that was not built'
kernel debian:6.1 'more work'
kernel debian:6.1 'still more'
kernel debian:6.12 'a newer kernel'
git bisect start HEAD HEAD~6 >/dev/null

cat >../try <<EOF
#!/bin/sh
exec $build/oomlab run --exit-style bisect --cgroup v2 --results $HOME/results --kernel "\$(cat kernel)" $case
EOF
git bisect run sh ../try >../out 2>&1
check 'git bisect run comes to an end' 0 $?
check 'it finds the first kernel that behaves otherwise' 'a new kernel' "$(git log -1 --format=%s refs/bisect/bad)"
check 'what was not built is skipped' 'one that was not built' "$(git bisect log |
  sed -n 's/^# skip: \[[0-9a-f]*\] //p')"
check 'what it saw there' 'FAIL victims: wanted [hog], saw bystander, hog' "$(sed -n 's/^# \(FAIL victims: .*\)/\1/p' ../out |
  sort -u)"
plan
