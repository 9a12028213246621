#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every combination of switches that makes sense: out of tree by variables of make,
# and in a kernel's tree, which kmod/ and include/ are copied into.
# usage: check.sh KDIR

cd "$(dirname "$0")/../.." || exit 1
top=$PWD
out=$top/build/kconfig
passed=0 failed=0

fail() { echo "kconfig: $*" >&2; exit 1; }
result() { # STATUS NAME LOG
	if (($1)); then
		((failed++))
		echo "FAIL $2"
		tail -n 8 "$3" | sed 's/^/     /'
	else
		((passed++))
		echo "ok   $2"
	fi
}

[[ $# -eq 1 && -e $1/Makefile ]] || fail "usage: selftests/kconfig/check.sh KDIR"
kdir=$1
tarball=$(ls -1 /usr/src/linux-source-6.12*.tar.xz 2>/dev/null | sort -V | tail -n 1)
[[ $tarball ]] || fail "no /usr/src/linux-source-6.12*.tar.xz: run scripts/setup.sh --debug"
mkdir -p "$out" || exit 1

# Out of tree

rm -rf "$out/alone"
mkdir "$out/alone"
cp -rL kmod include "$out/alone/"

alone() { # MODULES VARIABLE=VALUE...
	local log=$out/alone.log status=0

	make -C "$kdir" M="$out/alone/kmod" "${@:2}" clean modules -j"$(nproc)" >"$log" 2>&1 || status=1
	grep -i 'warning:' "$log" | grep -v 'compiler differs' && status=1
	echo "modules: $(modules)" >>"$log"
	[[ $(modules) == "$1" ]] || status=1
	result $status "out of tree: ${*:2}" "$log"
}
modules() { find "$out/alone/kmod" -name '*.ko' -printf '%f\n' | sort | paste -sd ' '; }

vfio=
grep -q '^CONFIG_VFIO_MDEV=' "$kdir/.config" && vfio=novabpf_vfio.ko
alone "novabpf.ko novabpf_sim.ko${vfio:+ $vfio}" NOVABPF=y
alone "novabpf.ko novabpf_sim.ko" NOVABPF_VFIO=n NOVABPF_BPF=n
nm "$out/alone/kmod/novabpf.ko" | grep -q bpf_struct_ops >"$out/alone.log"
result $((! $?)) "without BPF there is none of it" "$out/alone.log"
# What only a virtual clock needs, of a module that was just built.
vtime() { nm "$out/alone/kmod/$1" | grep -E ' (nova_vtime|vtime_|nova_vclock_|nova_gpu_wait_idle)'; }
vtime novabpf.ko >"$out/alone.log" && vtime novabpf_sim.ko >>"$out/alone.log"
result $? "with the simulator there is virtual time" "$out/alone.log"
alone "novabpf.ko novabpf_sim.ko" NOVABPF_VFIO=n NOVABPF_VTIME=n
{ vtime novabpf.ko || vtime novabpf_sim.ko; } >"$out/alone.log"
result $((! $?)) "without virtual time there is none of it" "$out/alone.log"
alone "novabpf.ko" NOVABPF_VFIO=n NOVABPF_SIM=n
vtime novabpf.ko >"$out/alone.log"
result $((! $?)) "nor is there without the simulator" "$out/alone.log"
alone "novabpf.ko${vfio:+ $vfio}" NOVABPF_SIM=n
! make -C "$kdir" M="$out/alone/kmod" NOVABPF_SIM=no modules >"$out/alone.log" 2>&1 &&
	grep -q 'NOVABPF_SIM=no: give y or n' "$out/alone.log"
result $? "out of tree: a wrong value is refused" "$out/alone.log"

# In tree

tree=$out/linux
stamp=$(stat -Lc '%s %Y' "$tarball")
if [[ $(cat "$tree.stamp" 2>/dev/null) != "$stamp" ]]; then
	rm -rf "$tree"
	mkdir "$tree"
	tar -C "$tree" --strip-components=1 -xf "$tarball" || fail "cannot unpack $tarball"
	echo 'source "drivers/gpu/novabpf/kmod/Kconfig"' >>"$tree/drivers/video/Kconfig"
	echo 'obj-y += novabpf/kmod/' >>"$tree/drivers/gpu/Makefile"
	echo "$stamp" >"$tree.stamp"
fi
here=drivers/gpu/novabpf
mkdir -p "$tree/$here"
# Times of files are kept, so that little is compiled twice.
for dir in kmod include; do
	cp -rLu --preserve=timestamps "$dir" "$tree/$here/"
done
cd "$tree" || exit 1
{
	make tinyconfig &&
		scripts/kconfig/merge_config.sh -m .config "$top/selftests/debug/base.config" &&
		scripts/config -d IOMMUFD && make olddefconfig && make -j"$(nproc)" modules_prepare
} >"$out/prepare.log" 2>&1 || fail "the kernel's tree could not be prepared: $out/prepare.log"
cp .config "$out/base"

# Symbols that a module may use, and that built-in code may: those of the installed
# kernel, which has no iommufd.
rel=$(cat "$kdir/include/config/kernel.release")
cut -f2 "$kdir/Module.symvers" | sort -u >"$out/exported"
{ cat "$out/exported"; awk '{ print $3 }' "/boot/System.map-$rel"; } | sort -u >"$out/all"

state() { # SYMBOL
	local line

	line=$(grep "^CONFIG_$1=" .config)
	echo "${line:-n}" | sed 's/.*=//'
}

# Whatever nobody defines would be found by the link of the kernel only.
undefined() {
	local objects built

	for built in m y; do
		objects=$(find $here/kmod -maxdepth 1 -name '*.o' ! -name '*.mod.o' | while read -r o; do
			state=$(state "$(basename "$o" .o | tr a-z A-Z)")
			[[ $state == "$built" ]] && echo "$o"
		done)
		[[ $built == y && -e $here/kmod/built-in.a && $(state NOVABPF) == y ]] &&
			objects+=" $here/kmod/built-in.a"
		[[ $objects ]] || continue
		# shellcheck disable=SC2086
		comm -23 <(nm -u --format=just-symbols $objects | grep -v ':$' | grep . | sort -u) \
			<({ echo __this_module
			    nm --defined-only --format=just-symbols $here/kmod/*.o $here/kmod/built-in.a 2>/dev/null
			    cat "$out/$([[ $built == y ]] && echo all || echo exported)"; } | sort -u)
	done
}

intree() { # NOVABPF BPF SIM VFIO [WHAT-COMES-OF-IT]
	local log=$out/intree.log status=0 got i name=(NOVABPF NOVABPF_BPF NOVABPF_SIM NOVABPF_VFIO)

	cp "$out/base" .config
	find $here/kmod -maxdepth 1 \( -name '*.o' -o -name built-in.a \) -delete
	for i in 0 1 2 3; do
		scripts/config --set-val "${name[i]}" "${@:i + 1:1}"
	done
	make olddefconfig >"$log" 2>&1 || status=1
	got=$(for i in "${name[@]}"; do state "$i"; done | paste -sd ' ')
	echo "configured: $got" >>"$log"
	[[ $got == "${5:-$1 $2 $3 $4}" ]] || status=1
	make -j"$(nproc)" $here/kmod/ >>"$log" 2>&1 || status=1
	grep -i 'warning:' "$log" && status=1
	got=$(undefined)
	[[ -z $got ]] || { status=1; echo "nobody defines: $(paste -sd ' ' <<<"$got")" >>"$log"; }
	result $status "in tree: NOVABPF=$1 BPF=$2 SIM=$3 VFIO=$4" "$log"
}

intree m y m m
intree m y n m
intree m y m y 'm y m m'
intree m n m m
intree m n n n
intree y n m m
intree y y y y
intree y y m n
intree n y m m 'n n n n'

echo "$passed passed, $failed failed"
((!failed))
