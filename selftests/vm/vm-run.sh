#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of tools/vm/run and of the module build, seen from the host. Each test of
# a running machine costs a boot, so one boot shows several things.

cd "$(dirname "$0")/../.." || exit 1
. selftests/vm/lib.sh
tmp=$(mktemp -d)
trap 'lib_end; rm -rf "$tmp"' EXIT
kernel=${KREL:-$(scripts/krel)}
mods=$tmp/mods

run() { # STATUS and both streams into $status, $out, $err
	tools/vm/run "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	out=$(<"$tmp/out") err=$(<"$tmp/err")
}

usage() { # NAME REGEX ARGUMENTS...: one line on stderr, status 2
	run "${@:3}"
	if [[ $status == 2 && -z $out && $err =~ $2 && $err != *$'\n'* ]]; then
		ok "$1"
	else
		not_ok "$1" "exit $status" "stderr: $err"
	fi
}

plan 23

usage "no command" 'no COMMAND' --cpus 1
usage "nothing after --" 'no COMMAND' --
usage "unknown option" 'unrecognized.*--frobnicate' --frobnicate -- true
usage "unknown kernel" "no kernel '9.9.9'" --kernel 9.9.9 -- true
usage "bad number" "'many' is not a number" --cpus many -- true
usage "bad size" "'lots' is not a size" --memory lots -- true
usage "more CPUs than --icount allows" 'icount works with' --icount --cpus 2 -- true
usage "no folder of modules" 'is no folder' --mods "$tmp/none" -- true
usage "kernel and image" 'exclude each other' --kernel "$kernel" --vmlinuz /x -- true
like "$(tools/vm/run --help)" '--timeout' "--help names the options"

# A KVM that runs a few bytes and no kernel: the run goes on, emulated.
mkdir "$tmp/bin"
cat >"$tmp/bin/qemu-system-x86_64" <<EOF
#!/bin/bash
[[ "\$*" == *accel=kvm* ]] || exec $(command -v qemu-system-x86_64) "\$@"
echo "KVM internal error. Suberror: 1" >&2
exec sleep 300
EOF
chmod +x "$tmp/bin/qemu-system-x86_64"
if [[ -w /dev/kvm && ! $NOVABPF_VM_ACCEL ]]; then
	mkdir "$tmp/tmp"
	TMPDIR=$tmp/tmp PATH=$tmp/bin:$PATH run --kernel "$kernel" -- echo hi
	is "$status $out" "0 hi" "half a KVM: the command runs all the same"
	like "$err" '^vm/run: KVM does not run kernel [^'$'\n'']*: it is emulated[^'$'\n'']*$' \
		"half a KVM: one line tells"
else
	skip "half a KVM: the command runs all the same" "no /dev/kvm that may be opened"
	skip "half a KVM: one line tells" "no /dev/kvm that may be opened"
fi

# Both streams apart, nothing of the boot in them, the status handed on.
run --kernel "$kernel" --out "$tmp/o" -- \
	'echo hi; echo "$PWD $(id -u)" >&2; echo kept >"$NOVABPF_OUT/file"; exit 7'
is "$status" 7 "exit status of the command"
is "$out" hi "stdout is the command's, exactly"
is "$err" "$PWD 0" "stderr too; it runs as root in the checkout"
is "$(cat "$tmp/o/file" 2>&1)" kept "the --out folder is writable and kept"
like "$(<"$tmp/o/dmesg.log")" 'Linux version' "the kernel log is kept"

mkdir -p "$mods"
cp "build/$kernel/selftests/vm/modules/novabpf_splat.ko" "$mods/"
run --kernel "$kernel" --mods "$mods" -- modprobe novabpf_splat
is "$status" 86 "a warning of the kernel fails the run"
like "$err" 'kernel splat: .*(cut here|WARNING)' "and its first line is named"

run --kernel "$kernel" --timeout 3 -- sleep 100
is "$status" 124 "the time limit ends the run"
like "$err" 'time limit of 3 s' "and says so"

# The build refuses headers that module BTF cannot be made from.
if [[ $(printf '%s\n6.9\n' "$kernel" | sort -V | head -n 1) == 6.9 ]]; then
	mkdir -p "$tmp/kdir"
	ln -s "/lib/modules/$kernel/build/"* "$tmp/kdir/"
	rm -f "$tmp/kdir/vmlinux"
	build=$(scripts/build-modules "$kernel" "$tmp/kdir" 2>&1)
	status=$?
	like "$status $build" '^1 modules: .* has no vmlinux' "headers without vmlinux are refused"
else
	skip "headers without vmlinux are refused" "those of $kernel have none"
fi
build=$(scripts/build-modules 9.9.9 "$tmp/none" 2>&1)
status=$?
like "$status $build" "^1 modules: no headers of kernel '9.9.9'" "missing headers are named"
