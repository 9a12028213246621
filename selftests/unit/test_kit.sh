#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What "make install" gives to authors of policies and hooks: headers, policy.mk, the
# samples' sources, pkg-config. Everything is compiled from the installed files alone.
# TAP on stdout.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
top=$PWD
export NOVABPF_KIT VMLINUX_BTF
dest=$tmp/dest
vmlinux=/lib/modules/$(scripts/krel)/build/vmlinux
[[ -e $vmlinux && -x $cli ]] || { echo "1..0 # SKIP no kernel with types, or no tool"; exit 0; }

make_install() # PREFIX TARGET...
{
	make -s "${@:2}" DESTDIR="$dest" PREFIX="$1" >"$tmp/out" 2>&1
}

# The modules are not what is looked at here, and need not have been built.
make_install /opt/nova install-tools install-kit
result $? "make install-tools install-kit" "$(<"$tmp/out")"
kit=$dest/opt/nova/share/novabpf
VMLINUX_BTF=$vmlinux NOVABPF_KIT=$kit

[[ $(cd "$dest/opt/nova/include/novabpf" && echo *.h) == \
	"abi_ids.h bpf.h compat.bpf.h hook.bpf.h policy.bpf.h uapi.h" ]]
result $? "headers for authors, and no others" "$(ls -R "$dest/opt/nova/include")"
bad=$(grep -rn "<uapi/\|$top" "$dest/opt/nova/include" "$kit/src" "$kit/policy.mk" "$kit/new")
result $((${#bad} > 0)) "none of them needs the tree" "$bad"
[[ $(sed -n 's/^Version: //p' "$dest/opt/nova/share/pkgconfig/novabpf.pc") == \
	$("$cli" version | sed -n 's/^novabpf //p') ]]
result $? "the pkg-config file has the tool's version"
bad=$(grep -nE 'define +(min|max|NULL|E[A-Z]+|NSEC_[A-Z_]+)\>|\<LICENSE|\<fault_' \
	"$dest"/opt/nova/include/novabpf/*.h)
result $((${#bad} > 0)) "no helpers and no fault options in them" "$bad"

cflags=$(PKG_CONFIG_PATH=$dest/opt/nova/share/pkgconfig pkg-config --cflags novabpf 2>&1)
case $(command -v pkg-config) in
'') [[ $(<"$dest/opt/nova/share/pkgconfig/novabpf.pc") == *prefix=/opt/nova* ]] ;;
*) [[ $cflags == *-I/opt/nova/include* ]] ;;
esac
result $? "the pkg-config file names the prefix, not where it was staged" "$cflags"

cp -r "$kit/src" "$tmp/src"
make -C "$tmp/src" >"$tmp/out" 2>&1 && [[ $(find "$tmp/src" -name '*.bpf.o' | wc -l) -eq \
	$(find bpf -name '*.bpf.c' | wc -l) ]]
result $? "a copy of the samples compiles" "$(tail -n 20 "$tmp/out")"

mkdir "$tmp/own"
cp selftests/bpf/own_names.bpf.c "$tmp/own"
cp "$tmp/src/vmlinux.h" "$tmp/own"
make -C "$tmp/own" -f "$kit/policy.mk" BPF_CFLAGS=-Werror >"$tmp/out" 2>&1
result $? "a program may have its own min, max, EINVAL, LICENSE" "$(<"$tmp/out")"

mkdir "$tmp/bare"
echo '#include <novabpf/policy.bpf.h>' >"$tmp/bare/bare.bpf.c"
make -C "$tmp/bare" -f "$kit/policy.mk" VMLINUX_BTF=/nowhere >"$tmp/out" 2>&1
[[ $? -ne 0 && $(<"$tmp/out") == *'policy.mk: no types in "/nowhere"; set VMLINUX_BTF'* &&
	$(ls "$tmp/bare") == bare.bpf.c ]]
result $? "a kernel without types is named, and nothing is left" "$(<"$tmp/out")"
make -C "$tmp/bare" -f "$kit/policy.mk" BPFTOOL= >"$tmp/out" 2>&1
[[ $? -ne 0 && $(<"$tmp/out") == *'policy.mk: no bpftool; install it'* &&
	$(ls "$tmp/bare") == bare.bpf.c ]]
result $? "so is a bpftool that is not there" "$(<"$tmp/out")"

# --- novabpf new, installed and in the build tree
unset NOVABPF_KIT
mkdir "$tmp/new"
cd "$tmp/new" || exit 1
for tool in "$dest/opt/nova/sbin/novabpf" "$cli"; do
	[[ $tool == "$cli" ]] && where="the build tree" || where="where it is installed"
	for kind in policy hook; do
		name=${kind}_a
		cli=$tool run new "$kind" "$name"
		[[ $rc -eq 0 && $(<"$tmp/out") == "$name: written; next: make -C $name && novabpf attach \
$name/$name.bpf.o" && ! -s $tmp/err && $(ls -A) == "$name" && \
			$(cd "$name" && echo *) == "Makefile README $name.bpf.c" ]]
		result $? "new $kind, from $where: one line says what is next"
		cp "$tmp/src/vmlinux.h" "$name"
		make -C "$name" BPF_CFLAGS=-Werror >"$tmp/out" 2>&1 && [[ -s $name/$name.bpf.o ]] &&
			! grep -rq '@[A-Z]' "$name"
		result $? "it compiles by make" "$(<"$tmp/out")"
		rm -rf "$name"
	done
done

refused() # NAME LINE ARGS...: and the folder is as it was before
{
	local before

	before=$(ls -lAR)
	run "${@:3}"
	[[ $rc -ne 0 && $(<"$tmp/err") == "novabpf: $2" && ! -s $tmp/out && $before == "$(ls -lAR)" ]]
	result $? "$1"
}
names="use 1 to 15 of a-z A-Z 0-9 _, a letter first"
refused "a name that is no name in C" "bad name 'my-own'; $names" new policy my-own
refused "a path" "bad name '../mine'; $names" new hook ../mine
refused "a digit first" "bad name '9lives'; $names" new hook 9lives
refused "no name" "bad name ''; $names" new policy ''
refused "a name that is too long" "bad name 'abcdefghijklmnop'; $names" new policy abcdefghijklmnop
run new policy abcdefghijklmno
cp "$tmp/src/vmlinux.h" abcdefghijklmno
make -C abcdefghijklmno BPF_CFLAGS=-Werror >"$tmp/out" 2>&1
result $? "the longest name compiles" "$(<"$tmp/out")"
mkdir there
ln -s /nowhere dangling
refused "a folder that is there" "there is there already; choose another name, or remove it" \
	new policy there
refused "a link to nothing" "dangling is there already; choose another name, or remove it" \
	new policy dangling
rm "$kit/new/hook/README"
cli=$dest/opt/nova/sbin/novabpf refused "a template is missing: nothing half done" \
	"cannot read $kit/new/hook/README: No such file or directory" new hook half
rm -r "$kit/new"
cli=$dest/opt/nova/sbin/novabpf refused "no templates at all" \
	"the templates that came with the tool are missing; see: make install" new hook half
cd "$top" || exit 1

make_install /opt/nova uninstall
left=$(find "$dest" -type f)
result $((${#left} > 0)) "make uninstall leaves no file" "$left"
echo "1..$count"
