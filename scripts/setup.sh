#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Installs what build, demo and check need, on Debian 12 and 13 and Ubuntu 24.04 and
# later. Does nothing when all is there. Elsewhere it names what is missing. Works
# as root or through sudo.
# usage: setup.sh [--check] [--build] [--package] [--debug] [--quiet]

mode=install scope=all debug='' quiet=''
for arg; do
	case $arg in
	--check) mode=check ;;
	--build) scope=build ;;
	--package) scope=package ;;
	--debug) debug=1 ;;
	--quiet) quiet=1 ;;
	-h | --help)
		cat <<-'EOF'
		usage: scripts/setup.sh [--check] [--build] [--package] [--debug] [--quiet]
		Installs what build, demo and check need.
		  --check  only report what is missing (exit status 1 when something is)
		  --build  look at what the build needs only, with --check
		  --package  what the build and "make deb" need, and "make check-deb" but for its machine
		  --debug  also what the build of a debugging kernel needs
		  --quiet  say nothing when all is there
		EOF
		exit 0
		;;
	*)
		echo "setup: unknown option '$arg' (see scripts/setup.sh --help)" >&2
		exit 2
		;;
	esac
done

PATH=$PATH:/usr/sbin:/sbin
cd "$(dirname "$0")/.." || exit 1
system=$(. /etc/os-release 2>/dev/null && echo "$ID$VERSION_ID")

has() { command -v "$1" >/dev/null; }
header() { [[ -e /usr/include/$1 ]]; }
at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]; }
has_kernel() {
	local rel

	rel=$(scripts/krel 2>/dev/null) && [[ -e /boot/vmlinuz-$rel ]] &&
		{ [[ $system != debian12 ]] || [[ $rel == 6.12.* ]]; }
}
# The BTF of the kernel that the BTF of modules is built on.
has_vmlinux() {
	local rel

	rel=$(scripts/krel 2>/dev/null) && [[ -e /lib/modules/$rel/build/vmlinux ]]
}
has_libbpf() {
	local version='' least=1.4

	# BPF policies will need 1.4; the tool as it is builds with what 24.04 has.
	[[ $system == ubuntu24.04 ]] && least=1.3
	header bpf/libbpf.h && version=$(pkg-config --modversion libbpf 2>/dev/null) &&
		at_least "$least" "$version"
}
has_static_libbpf() { [[ -e $(gcc -print-file-name=libbpf.a) ]]; }
# Takes seconds the first time.
has_kernel_scripts() { scripts/kernel-scripts 2>/dev/null; }
has_fuzzer() {
	has clang && compgen -G \
		"$(clang --print-resource-dir)/lib/linux/libclang_rt.fuzzer-x86_64.a" >/dev/null
}

# condition ; package ; what for
build_needs='has gcc ; build-essential ; compiler for modules and tool
has make ; make ; build
has git ; git ; build
has pkg-config ; pkg-config ; finding libraries
has_kernel ; kernel ; kernel with headers to build for and to boot (6.12 or later is best)
has_vmlinux ; vmlinux ; BTF of the kernel, in its headers
has clang ; clang ; BPF programs, fuzzers
has llvm-strip ; llvm ; BPF programs
has pahole ; dwarves ; BTF of the modules
has bc ; bc ; kernel build
has modprobe ; kmod ; module indexes
has python3 ; python3 ; generator, test machine
has rst2man ; python3-docutils ; man page
header libelf.h ; libelf-dev ; command line tool
header zlib.h ; zlib1g-dev ; command line tool
header json-c/json.h ; libjson-c-dev ; command line tool
has_libbpf ; libbpf ; command line tool (headers of version 1.4 or later)
has bpftool ; bpftool ; vmlinux.h for BPF programs'
test_needs='has_fuzzer ; libfuzzer ; fuzzers and sanitizers (compiler-rt of clang)
header cmocka.h ; libcmocka-dev ; unit tests
has vng ; virtme-ng ; test machine
has qemu-system-x86_64 ; qemu-system-x86 ; test machine
has busybox ; busybox-static ; test machine
has bpftrace ; bpftrace ; tracing tests
has trace-cmd ; trace-cmd ; tracing tests
has perf ; perf ; tracing tests
has tshark ; tshark ; tests of the dissector
has man ; man-db ; reading the man page
has ip ; iproute2 ; test machine
has pgrep ; procps ; test machine
has perl ; perl ; style check
has_kernel_scripts ; checkpatch ; style check (checkpatch, kernel-doc)
has sparse ; sparse ; style check
has shellcheck ; shellcheck ; style check
has codespell ; codespell ; style check
has sphinx-build ; python3-sphinx ; documentation as HTML
has mdevctl ; mdevctl ; tests of mediated devices
has xz ; xz-utils ; modules of nested guests, source of the debugging kernel'
debug_needs='compgen -G /usr/src/linux-source-6.12*.tar.xz ; linux-source-6.12 ; source of the debugging kernel
has flex ; flex ; kernel build
has bison ; bison ; kernel build
header openssl/ssl.h ; libssl-dev ; kernel build'
package_needs='has dpkg-buildpackage ; dpkg-dev ; Debian packages
has dh ; debhelper ; Debian packages
has dh_dkms ; dh-dkms ; package of the modules
has_static_libbpf ; libbpf ; tool with libbpf linked in
has lintian ; lintian ; look at Debian packages
has mmdebstrap ; mmdebstrap ; test of Debian packages in a clean system'

# Fedora's names where they are others; from its package lists, not tried there.
fedora_name() { # PACKAGE
	case $1 in
	build-essential) echo "gcc make" ;;
	pkg-config) echo pkgconf-pkg-config ;;
	kernel) echo "kernel kernel-devel" ;;
	vmlinux) echo kernel-devel ;;
	libelf-dev) echo elfutils-libelf-devel ;;
	zlib1g-dev) echo zlib-ng-compat-devel ;;
	libjson-c-dev) echo json-c-devel ;;
	libbpf) echo "libbpf-devel libbpf-static" ;;
	libfuzzer) echo compiler-rt ;;
	libcmocka-dev) echo libcmocka-devel ;;
	qemu-system-x86) echo qemu-system-x86-core ;;
	busybox-static) echo busybox ;;
	tshark) echo wireshark-cli ;;
	iproute2) echo iproute ;;
	procps) echo procps-ng ;;
	checkpatch) echo kernel-devel ;;
	shellcheck) echo ShellCheck ;;
	xz-utils) echo xz ;;
	libssl-dev) echo openssl-devel ;;
	*) echo "$1" ;;
	esac
}

needs=$build_needs
[[ $scope == package ]] && needs+=$'\n'$package_needs
[[ $scope == all ]] && needs+=$'\n'$test_needs
[[ $debug ]] && needs+=$'\n'$debug_needs
missing=()
while IFS=';' read -r condition package why; do
	$condition >/dev/null && continue
	package=${package// /}
	missing+=("$package")
	[[ $system == fedora* ]] && package=$(fedora_name "$package")
	echo "setup: missing: ${package}: ${why# }" >&2
done <<<"$needs"

if ((!${#missing[@]})); then
	[[ $quiet ]] || echo "setup: all there"
	exit 0
fi
[[ $mode == check ]] && exit 1

case $system in
debian12 | debian13 | ubuntu24.04 | ubuntu2[5-9].*) ;;
*)
	echo "setup: '${system:-this system}' is not known here; install the above yourself" >&2
	exit 1
	;;
esac

root=()
if ((EUID)); then
	has sudo || {
		echo "setup: installing needs root: run as root or install sudo" >&2
		exit 1
	}
	root=(sudo)
fi
work=$(mktemp -d)
# With sudo, apt leaves files of other users there.
trap '"${root[@]}" rm -rf "$work"' EXIT
chmod 755 "$work"
apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0
	-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold
	-o DPkg::Lock::Timeout=300)

run() {
	if ! "$@" >"$work/log" 2>&1 </dev/null; then
		tail -n 15 "$work/log" >&2
		echo "setup: this failed: ${*}" >&2
		exit 1
	fi
}

# One field of all package lists of Debian itself, whatever form its source has.
debian_lists() { # FIELD CODENAME
	apt-get indextargets --format "\$(ORIGIN) \$(CODENAME) \$($1)" 'Created-By: Packages' |
		sed -n "s/^Debian\( Backports\)\? $2 //p" | sort -u
}

# Packages of another suite. The system's sources stay as they are: apt gets a copy
# of them with that suite added, so that it can resolve dependencies in both.
suite_options=()
use_suite() {
	local uri

	suite_options=()
	[[ -z $(debian_lists RELEASE "$1") ]] || return 0
	uri=$(debian_lists REPO_URI bookworm | head -n 1)
	[[ $uri ]] || {
		echo "setup: no source of Debian's bookworm under /etc/apt; needed to reach '$1'" >&2
		exit 1
	}
	mkdir -p "$work/$1/parts"
	cp -r /var/lib/apt/lists "$work/$1/lists" 2>/dev/null
	rm -rf "$work/$1/lists/partial" "$work/$1/lists/lock"
	mkdir -p "$work/$1/lists/partial"
	cp /etc/apt/sources.list.d/*.{list,sources} "$work/$1/parts/" 2>/dev/null
	cat /etc/apt/sources.list >"$work/$1/list" 2>/dev/null
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $1 main" \
		>>"$work/$1/list"
	suite_options=(-o "Dir::Etc::sourcelist=$work/$1/list"
		-o "Dir::Etc::sourceparts=$work/$1/parts" -o "Dir::State::Lists=$work/$1/lists")
	run "${apt[@]}" "${suite_options[@]}" update
}

# Names that differ between the systems.
packages=() backports=() other=()
run "${apt[@]}" update
for package in "${missing[@]}"; do
	case $system:$package in
	debian12:kernel) packages+=(linux-image-6.12-amd64 linux-headers-6.12-amd64) ;;
	debian13:kernel) packages+=(linux-image-amd64 linux-headers-amd64) ;;
	ubuntu*:kernel) packages+=(linux-image-generic linux-headers-generic) ;;
	ubuntu*:perf | ubuntu*:bpftool) packages+=(linux-tools-common linux-tools-generic) ;;
	debian*:checkpatch) packages+=(linux-source-6.12) ;;
	# The headers have it.
	ubuntu*:checkpatch) packages+=(linux-headers-generic) ;;
	*:vmlinux) ;;
	debian12:libbpf) backports+=(libbpf-dev) ;;
	debian12:bpftool) backports+=(bpftool) ;;
	*:libbpf) packages+=(libbpf-dev) ;;
	*:perf) packages+=(linux-perf) ;;
	debian12:virtme-ng) other+=(virtme-ng) ;;
	*:libfuzzer)
		version=$(apt-cache depends clang | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' |
			head -n 1)
		packages+=("libclang-rt-${version:-14}-dev")
		;;
	*) packages+=("$package") ;;
	esac
done

if ((${#packages[@]})); then
	echo "setup: installing ${packages[*]}"
	run "${apt[@]}" install -y --no-install-recommends "${packages[@]}"
fi
if ((${#backports[@]})); then
	echo "setup: installing from backports: ${backports[*]}"
	use_suite bookworm-backports
	run "${apt[@]}" "${suite_options[@]}" install -y --no-install-recommends \
		-t bookworm-backports "${backports[@]}"
fi
if ((${#other[@]})); then
	# Built for Debian 13, architecture-independent, and works here as it is.
	echo "setup: installing from Debian 13: ${other[*]}"
	use_suite trixie
	(cd "$work" && run "${apt[@]}" "${suite_options[@]}" download "${other[@]}") || exit 1
	run "${apt[@]}" install -y --no-install-recommends "$work"/*.deb
fi
# Headers without it (Ubuntu's): the kernel image holds the same BTF.
rel=$(scripts/krel)
kdir=/lib/modules/$rel/build
if [[ $rel && ! -e $kdir/vmlinux && -e $kdir/scripts/extract-vmlinux ]]; then
	echo "setup: taking vmlinux from the image of $rel into its headers"
	run "${root[@]}" sh -c '"$1/scripts/extract-vmlinux" "$2" >"$1/vmlinux.new" &&
		mv "$1/vmlinux.new" "$1/vmlinux"' sh "$kdir" "/boot/vmlinuz-$rel"
fi
scripts/setup.sh "$@" --check --quiet || exit
echo "setup: done"
