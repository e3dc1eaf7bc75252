#!/bin/sh
# Kernels that a user has: a build tree, and packages of three kinds. kernels-path.t BUILD_DIR
set -u
. harness/tests/tap.sh
lab=$1/oomlab
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export OOMLAB_CACHE="$tmp/cache"
v=9.9.9-test

# What passes for a bzImage; nobody boots it.
image() {
  head -c 497 /dev/zero && printf '\004' && head -c 12 /dev/zero && printf '\125\252' &&
    head -c 2 /dev/zero && printf 'HdrS\017\002' && head -c 65016 /dev/zero && echo "$1"
}
got() { # NAME KERNEL: it has an image, and its config
  "$lab" kernels get --json "$2" >"$tmp/out" 2>"$tmp/err"
  check "$1" "0 1" "$? $(grep -c '"config":"[^"]*/\.\?config"' "$tmp/out")"
}
refused() { # NAME KERNEL WORDS
  seen=$("$lab" kernels get "$2" 2>&1)
  check "$1" "2 1 1" "$? $(printf '%s\n' "$seen" | wc -l | tr -d ' ') $(printf '%s\n' "$seen" | grep -c "$3")"
}

mkdir -p "$tmp/linux/arch/x86/boot" "$tmp/linux/mm" "$tmp/empty"
image tree >"$tmp/linux/arch/x86/boot/bzImage"
echo CONFIG_SWAP=y >"$tmp/linux/.config"
got "a build tree" "$tmp/linux"
check "it is named after its folder" 1 "$(grep -c '"spec":"linux"' "$tmp/out")"
printf 'module' >"$tmp/linux/mm/zsmalloc.ko"
got "a build tree with modules" "$tmp/linux"
check "they are packed" 1 "$(grep -c '"modules":"[^"]*modules.cpio"' "$tmp/out")"
refused "a folder where nothing was built" "$tmp/empty" 'no kernel was built there'

package() { # FOLDER: as distributions lay it out
  mkdir -p "$1/lib/modules/$v" && image "$1" >"$1/lib/modules/$v/vmlinuz" &&
    echo CONFIG_SWAP=y >"$1/lib/modules/$v/config"
}
package "$tmp/arch"
tar -C "$tmp/arch" -cJf "$tmp/linux.pkg.tar.xz" lib
got "a tar, as Arch has it" "$tmp/linux.pkg.tar.xz"
before=$(sed -n 's/.*"image":"\([^"]*\)".*/\1/p' "$tmp/out")
echo kept >>"$before"
got "the second time" "$tmp/linux.pkg.tar.xz"
check "it comes from the cache" kept "$(tail -1 "$before" 2>/dev/null)"
tar -C "$tmp" -cJf "$tmp/none.tar.xz" empty
refused "a package without a kernel" "$tmp/none.tar.xz" 'no vmlinuz in it'
head -c 200 "$tmp/linux.pkg.tar.xz" >"$tmp/cut.tar.xz"
"$lab" kernels get "$tmp/cut.tar.xz" >"$tmp/out" 2>&1
check "a package that is cut: an error" 3 $?

mkdir -p "$tmp/deb/DEBIAN" "$tmp/deb/boot"
image deb >"$tmp/deb/boot/vmlinuz-$v"
echo CONFIG_SWAP=y >"$tmp/deb/boot/config-$v"
printf 'Package: linux-image-%s\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n' $v >"$tmp/deb/DEBIAN/control"
if dpkg-deb --build "$tmp/deb" "$tmp/linux.deb" >/dev/null 2>&1; then
  got "a .deb" "$tmp/linux.deb"
else
  skip "a .deb" "no dpkg-deb here"
fi
if command -v rpmbuild >/dev/null; then
  package "$tmp/rpm"
  cat >"$tmp/k.spec" <<SPEC
Name: kernel-core
Version: 1
Release: 1
Summary: x
License: none
%description
x
%install
mkdir -p %{buildroot} && cp -a $tmp/rpm/lib %{buildroot}
%files
/lib/modules
SPEC
  rpmbuild -bb --define "_topdir $tmp/rb" --define '_binary_payload w3.zstdio' "$tmp/k.spec" >/dev/null 2>&1
  got "an .rpm" "$(find "$tmp/rb" -name '*.rpm')"
else
  skip "an .rpm" "no rpmbuild here"
fi
plan
