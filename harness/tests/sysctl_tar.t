#!/bin/bash
# oomlab sysctl on a root that is a tarball: as on the folder it was made of; and on hostile ones.
# sysctl_tar.t BUILD_DIR
set -u
. harness/tests/tap.sh
lab=$1/oomlab
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export TMPDIR=$tmp/tmp
mkdir "$TMPDIR"

# A usr-merged root with links in and out of sysctl.d, a hard link, a mask, and what is named.
root=$tmp/root
mkdir -p "$root"/{etc/sysctl.d,etc/default,usr/lib/sysctl.d,opt,usr/share/ca}
ln -s usr/lib "$root/lib"
printf 'vm.a = 1\nvm.b = 2\n' >"$root/usr/lib/sysctl.d/10-a.conf"
printf 'vm.masked = 1\n' >"$root/usr/lib/sysctl.d/20-masked.conf"
ln -s /dev/null "$root/etc/sysctl.d/20-masked.conf"
printf 'vm.b = 3\n' >"$root/opt/vendor.conf"
ln -s ../../opt/vendor.conf "$root/etc/sysctl.d/50-vendor.conf"
ln -s /lib/sysctl.d/10-a.conf "$root/etc/sysctl.d/60-again.conf"
printf 'vm.c = 4\n' >"$root/usr/lib/sysctl.d/70-one.conf"
ln "$root/usr/lib/sysctl.d/70-one.conf" "$root/usr/lib/sysctl.d/80-other.conf"
ln -s none "$root/etc/sysctl.d/90-broken.conf"
printf 'vm.d = 5\n' >"$root/etc/sysctl.conf"
ln -s ../sysctl.conf "$root/etc/sysctl.d/99-sysctl.conf"
printf 'vm.e="6"\n' >"$root/etc/default/limits"
: >"$root/usr/share/ca/Főtanúsítvány.crt"
head -c 2000000 /dev/urandom >"$root/usr/share/large"
show() { "$lab" sysctl show --root "$1" --json /etc/default/limits 2>&1 | sed 's/"root":"[^"]*"/"root":""/'; }
wanted=$(show "$root")
check "the folder is read" 1 "$(printf '%s' "$wanted" | grep -c '"name":"vm.b","value":"2","file":"/etc/sysctl.d/60-again.conf","line":2')"
tar -C "$root" -cf "$tmp/gnu.tar" .
check "a tarball is as the folder" "$wanted" "$(show "$tmp/gnu.tar")"
tar -C "$root" --format=pax -cf "$tmp/pax.tar" etc lib opt usr
check "one in pax format, and without ./" "$wanted" "$(show "$tmp/pax.tar")"
(cd "$root" && find . ! -type d | tar --no-recursion -cf "$tmp/nodirs.tar" -T -)
check "one without entries for folders" "$wanted" "$(show "$tmp/nodirs.tar")"
for with in gzip:gz xz:xz zstd:zst bzip2:bz2; do
  if ! command -v "${with%:*}" >/dev/null; then
    skip "one packed by ${with%:*}" "there is no ${with%:*}"
    continue
  fi
  "${with%:*}" -c "$tmp/gnu.tar" >"$tmp/root.tar.${with#*:}"
  check "one packed by ${with%:*}" "$wanted" "$(show "$tmp/root.tar.${with#*:}")"
done
printf 'profile: all\nsummary: x\nvalues: {vm.a: {want: 1, source: x}, vm.b: {want: 3, source: x}}\n' >"$tmp/all.yaml"
check "a profile: as the folder" "$("$lab" sysctl check "$tmp/all.yaml" --root "$root")" \
  "$("$lab" sysctl check "$tmp/all.yaml" --root "$tmp/gnu.tar")"
tar -C "$root" -cf "$tmp/told-twice.tar" ./usr/lib/sysctl.d .
check "one of which tar was told twice" "$wanted" "$(show "$tmp/told-twice.tar")"
# Of one name the last is what is there.
cp "$tmp/gnu.tar" "$tmp/twice.tar"
mkdir -p "$tmp/more/usr/lib/sysctl.d" && printf 'vm.c = 7\n' >"$tmp/more/usr/lib/sysctl.d/70-one.conf"
tar -C "$tmp/more" -rf "$tmp/twice.tar" ./usr/lib/sysctl.d/70-one.conf
check "of one name the last counts" 1 "$(show "$tmp/twice.tar" | grep -c '"value":"7","file":"/usr/lib/sysctl.d/70-one.conf"')"

# Archives of others. What is written anywhere would be found: they name files below $tmp/out.
cat >"$tmp/make.py" <<'PY'
import io, sys, tarfile
to, out = sys.argv[1:]
def make(name, *entries, fmt=tarfile.GNU_FORMAT):
    with tarfile.open(f"{to}/{name}.tar", "w", format=fmt) as t:
        for path, kind, arg in (("usr", "d", ""), ("etc/sysctl.d/10-good.conf", "f", "vm.good = 1\n"), *entries):
            i = tarfile.TarInfo(path)
            i.type = {"d": tarfile.DIRTYPE, "f": tarfile.REGTYPE, "l": tarfile.SYMTYPE, "h": tarfile.LNKTYPE,
                      "c": tarfile.CHRTYPE, "p": tarfile.FIFOTYPE}[kind]
            i.mode = 0o755
            if kind == "f":
                i.size = len(arg)
                t.addfile(i, io.BytesIO(arg.encode()))
            else:
                i.linkname = arg
                t.addfile(i)
d = "etc/sysctl.d"
make("dotdot", ("../out/x", "f", "x"), ("etc/../../out/y", "f", "y"))
make("absolute", (f"{out}/x", "f", "x"), (f"/{d}/20-abs.conf", "f", "vm.abs = 1\n"))
make("through", ("etc/link", "l", out), ("etc/link/x", "f", "x"))
make("link-folder", ("usr/lib/sysctl.d", "l", out), ("usr/lib/sysctl.d/20-evil.conf", "f", "vm.evil = 1\n"))
make("link-out", (f"{d}/20-out.conf", "l", f"{out}/secret.conf"), (f"{d}/21-up.conf", "l", "../../../.." + out + "/secret.conf"))
make("loop", (f"{d}/20-loop.conf", "l", "20-loop.conf"), ("usr/lib", "l", "lib"))
make("hard-out", (f"{d}/20-hard.conf", "h", f"{out}/secret.conf"), (f"{d}/21-up.conf", "h", "../../etc/hostname"))
make("hard-loop", (f"{d}/20-a.conf", "h", f"{d}/20-b.conf"), (f"{d}/20-b.conf", "h", f"{d}/20-a.conf"))
make("devices", (f"{d}/20-dev.conf", "c", ""), (f"{d}/21-fifo.conf", "p", ""), ("dev/null", "c", ""))
make("folder", (f"{d}/20-folder.conf", "d", ""), (f"{d}/10-good.conf/x", "f", "x"))
make("control", (f"{d}/20-\x1b[31m.conf", "f", "x\n"), ("../\x1b[31m\n", "f", ""))
make("long", ("usr/" + "x" * 300, "f", ""), (f"{d}/" + "y/" * 3000 + "z", "f", ""), fmt=tarfile.PAX_FORMAT)
make("bomb", *((f"usr/share/x/{i}", "f", "") for i in range(100000)))
make("bomb-conf", *((f"{d}/{i}.conf", "f", "vm.a = 1\n") for i in range(100000)))
make("deep", ("usr/" + "d/" * 900 + "f", "f", ""))
with tarfile.open(f"{to}/no-root.tar", "w") as t:
    t.addfile(tarfile.TarInfo("hello"))
with tarfile.open(f"{to}/image.tar", "w") as t:
    t.addfile(tarfile.TarInfo("manifest.json"))
    t.addfile(tarfile.TarInfo("blobs/sha256/x"))
PY
mkdir "$tmp/evil" "$tmp/out"
echo "vm.secret = 1" >"$tmp/out/secret.conf"
python3 "$tmp/make.py" "$tmp/evil" "$tmp/out" || fail "hostile archives are made"
before=$(cd "$tmp" && find out tmp | sort; ls /etc | wc -l)

# passes NAME WHAT NOTE: the good file is read, nothing else, and one line tells of it.
passes() {
  local seen
  seen=$(timeout 60 "$lab" sysctl show --root "$tmp/evil/$1.tar" 2>&1)
  check "$2: told in one line, and the rest is read" "0 1 1 0" \
    "$? $(printf '%s\n' "$seen" | grep -c '^vm.good = 1 ') $(printf '%s\n' "$seen" | grep -cE -- "$3") $(
      printf '%s\n' "$seen" | grep -cE 'secret|evil =')"
}
passes dotdot "names with .." "^# .*dotdot.tar 2 names are passed over, the first: '../out/x' has a .. in it$"
passes absolute "absolute names" '^# .*absolute.tar 2 absolute names are taken as below the root$'
passes through "a file through a link" "^# .*through.tar 1 name is passed over: 'etc/link/x' goes through a link$"
passes link-folder "a folder that is a link out" "passed over: 'usr/lib/sysctl.d/20-evil.conf' goes through a link$"
passes link-out "links out of it" '^# /etc/sysctl.d/21-up.conf leads to no file of this root$'
passes loop "a link to itself" '^# /etc/sysctl.d/20-loop.conf Too many levels'
passes hard-out "hard links out of it" "2 names are passed over, the first: 'etc/sysctl.d/2.*$"
passes hard-loop "hard links in a ring" "2 names are passed over, the first: .* hard link to no file in the archive$"
passes devices "a device" '^# /etc/sysctl.d/20-dev.conf is no regular file, not read$'
passes folder "a folder, and a file in a file" "1 name is passed over: 'etc/sysctl.d/10-good.conf/x' is in no folder$"
passes control "control characters in names" "passed over: '../.\[31m.' has a .. in it$"
passes long "names that are too long" "2 names are passed over, the first: '.*' is too long a name$"
passes bomb "100,000 names" '^# 1 set that bear on memory'
passes deep "900 folders in each other" '^# 1 set that bear on memory'
"$lab" sysctl show --root "$tmp/evil/control.tar" >"$tmp/seen" 2>&1
check "no control characters are printed" 0 "$(LC_ALL=C tr -d '\n -~' <"$tmp/seen" | wc -c)"

refused() { # FILE WHAT MESSAGE: exit 2, one line
  local seen
  seen=$(timeout 60 "$lab" sysctl show --root "$1" 2>&1)
  check "$2: exit 2, one line that says so" "2 1 1" \
    "$? $(printf '%s\n' "$seen" | wc -l | tr -d ' ') $(printf '%s\n' "$seen" | grep -cE -- "$3")"
}
refused "$tmp/evil/bomb-conf.tar" "100,000 files of sysctl.d" 'more than 4096 files in the sysctl.d folders$'
refused "$tmp/evil/no-root.tar" "no root" 'neither etc nor usr at its top, so no root$'
refused "$tmp/evil/image.tar" "a container's image" "'docker export' of a container of it gives one$"
: >"$tmp/evil/empty.tar"
refused "$tmp/evil/empty.tar" "an empty file" 'an empty file$'
head -c 100000 /dev/urandom >"$tmp/evil/random.tar"
refused "$tmp/evil/random.tar" "no tar at all" 'no tar archive: '
head -c 1000000 "$tmp/gnu.tar" >"$tmp/evil/cut.tar"
refused "$tmp/evil/cut.tar" "one cut in a file" 'Truncated'
head -c 512 "$tmp/gnu.tar" >"$tmp/evil/boundary.tar"
refused "$tmp/evil/boundary.tar" "one cut between two files" 'cut short: the end of a tar is missing$'
gzip -c "$tmp/gnu.tar" | head -c 1000000 >"$tmp/evil/cut.tar.gz"
refused "$tmp/evil/cut.tar.gz" "one whose compression is cut" 'runcated'
mkfifo "$tmp/evil/fifo"
refused "$tmp/evil/fifo" "a FIFO" 'neither a folder nor a tarball$'
mkdir -p "$tmp/sparse/etc/sysctl.d" "$tmp/sparse/usr/lib/systemd"
truncate -s 10G "$tmp/sparse/etc/sysctl.d/20-sparse.conf" "$tmp/sparse/usr/lib/systemd/systemd"
printf 'vm.good = 1\n' >"$tmp/sparse/etc/sysctl.d/10-good.conf"
tar -C "$tmp/sparse" -Scf "$tmp/evil/sparse.tar" .
passes sparse "a file of 10 GB with nothing in it" '^# /etc/sysctl.d/20-sparse.conf is larger than 16 MiB, not read$'
if "$lab" kernels list --json 2>/dev/null | grep -q '"spec":"debian:6.1"'; then
  seen=$(timeout 60 "$lab" sysctl show --root "$tmp/evil/sparse.tar" --boot --kernel debian:6.1 2>&1)
  check "and no guest is booted with it: exit 2, one line" "2 1 1" \
    "$? $(printf '%s\n' "$seen" | wc -l | tr -d ' ') $(printf '%s\n' "$seen" | grep -c 'more than 1.5 GiB')"
else
  skip "and no guest is booted with it" "no kernel debian:6.1 at hand"
fi
check "nothing is written outside" "$before" "$(cd "$tmp" && find out tmp | sort; ls /etc | wc -l)"
plan
