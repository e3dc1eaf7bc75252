#!/bin/sh
# The view of running guests: on a terminal, in no pipe, and gone when it is over. view.t BUILD_DIR
set -u
. harness/tests/tap.sh
build=$(cd "$1" && pwd)
tmp=$(mktemp -d)
tmux() { command tmux -L "oomlab-view-$$" -f /dev/null "$@"; }
trap 'tmux kill-server 2>/dev/null; rm -rf "$tmp"' EXIT

# What passes for a bzImage, and a QEMU that greets and no more: the guest boots until it is told to stop.
{
  head -c 497 /dev/zero && printf '\004' && head -c 12 /dev/zero && printf '\125\252' &&
    head -c 2 /dev/zero && printf 'HdrS\017\002' && head -c 65016 /dev/zero
} >"$tmp/bzImage"
cat >"$tmp/qemu" <<'EOF'
#!/bin/sh
[ "$1" = --version ] && echo 'QEMU emulator version 8.0.0' && exit
fd=$(echo "$*" | sed 's/.*id=qmp,fd=\([0-9]*\).*/\1/')
eval "printf '%s\n' '{\"QMP\":{}}' '{\"return\":{},\"id\":1}' >&$fd"
exec sleep 300
EOF
chmod +x "$tmp/qemu"
cat >"$tmp/run" <<EOF
cd $(pwd) && OOMLAB_QEMU=$tmp/qemu exec $build/oomlab run --accel tcg -j1 --kernel $tmp/bzImage --results $tmp/r \
  cases/memcg/memcg-child-limit.yaml
EOF

screen_has() { # TEXT
  tmux capture-pane -p 2>/dev/null >"$tmp/screen"
  grep -q -- "$1" "$tmp/screen"
}
await() { # TEXT: on the screen, in time
  tries=0
  until screen_has "$1"; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || return 1
    sleep 0.1
  done
}

TERM=xterm timeout -s INT 5 sh "$tmp/run" >"$tmp/out" 2>"$tmp/err"
check "in a pipe there is no view" 0 "$(cat "$tmp/out" "$tmp/err" | grep -c "$(printf '\033')")"
if ! command -v tmux >/dev/null; then
  skip "on a terminal there is one" "no tmux here"
else
  tmux new-session -d -x 90 -y 24 "PS1='over: ' exec sh -i"
  tmux send-keys "sh $tmp/run" Enter
  await ' v2  boots  ' && await '^0 of 1; 0:02' && pass "on a terminal there is one" ||
    fail "on a terminal there is one" "$(cat "$tmp/screen")"
  check "it stands there once" "1 1" "$(grep -c ' v2  boots  ' "$tmp/screen") $(grep -c '^0 of 1; ' "$tmp/screen")"
  tmux resize-window -x 60 -y 24
  await '^0 of 1; 0:04'
  check "and once on a terminal that was made narrower" "1 1" \
    "$(grep -c ' v2  boots  ' "$tmp/screen") $(grep -c '^0 of 1; ' "$tmp/screen")"
  tmux send-keys C-c
  await '^over: *$' && pass "Ctrl-C ends it" || fail "Ctrl-C ends it" "$(cat "$tmp/screen")"
  check "and nothing of it is left" "0 0" "$(grep -c ' v2  boots  ' "$tmp/screen") $(grep -c '^0 of 1; ' "$tmp/screen")"
  check "but the report" 1 "$(grep -c '^KTAP version 1' "$tmp/screen")"
  tmux send-keys "clear; sh $tmp/run 2>$tmp/err" Enter
  await '^KTAP version 1' && sleep 1 && screen_has . && cp "$tmp/screen" "$tmp/running"
  tmux send-keys C-c
  await '^over: *$'
  check "and where only stdout is the terminal there is none" "0 0" \
    "$(grep -c ' v2  boots  ' "$tmp/running") $(grep -c "$(printf '\033')" "$tmp/err")"
fi
plan
