#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What "make install" gives to authors of policies and hooks: headers, policy.mk, the
# samples' sources, pkg-config. Everything is compiled from the installed files alone.
# TAP on stdout.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
top=$PWD
dest=$tmp/dest
vmlinux=/lib/modules/$(scripts/krel)/build/vmlinux
[[ -e $vmlinux && -x $cli ]] || { echo "1..0 # SKIP no kernel with types, or no tool"; exit 0; }

# The modules are not what is looked at here, and need not have been built.
: >"$tmp/none.ko"
make_install() # TARGET PREFIX
{
	make -s "$1" MODULES="$tmp/none.ko" DESTDIR="$dest" PREFIX="$2" >"$tmp/out" 2>&1
}

make_install install /opt/nova
result $? "make install" "$(<"$tmp/out")"
kit=$dest/opt/nova/share/novabpf
export VMLINUX_BTF=$vmlinux NOVABPF_KIT=$kit

[[ $(cd "$dest/opt/nova/include/novabpf" && echo *.h) == \
	"abi_ids.h bpf.h compat.bpf.h hook.bpf.h policy.bpf.h uapi.h" ]]
result $? "headers for authors, and no others" "$(ls -R "$dest/opt/nova/include")"
bad=$(grep -rn "<uapi/\|$top" "$dest/opt/nova/include" "$kit/src" "$kit/policy.mk" "$kit/new")
result $((${#bad} > 0)) "none of them needs the tree" "$bad"
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
make -C "$tmp/src" >"$tmp/out" 2>&1 && [[ $(cd "$tmp/src" && ls -- */*.bpf.o | wc -l) -eq \
	$(cd "$top/bpf" && ls -- */*.bpf.c | wc -l) ]]
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

make_install uninstall /opt/nova
left=$(find "$dest" -type f)
result $((${#left} > 0)) "make uninstall leaves no file" "$left"
echo "1..$count"
