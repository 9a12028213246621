#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make install: all that was built arrives where programs look for it, modules keep their
# types and lose what only debuggers want, and make uninstall leaves nothing.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
kernel=$(scripts/krel) || exit 1
[[ -e build/$kernel/kmod/novabpf.ko && -x $cli ]] || { echo "1..0 # SKIP nothing is built"; exit 0; }
echo 1..9
to=$tmp/to
run_make() { make -s KREL="$kernel" DESTDIR="$to" PREFIX=/usr "$@" >"$tmp/out" 2>&1; }

run_make install
result $? "it installs" "$(<"$tmp/out")"
lacking=()
for file in sbin/novabpf bin/novaguest share/man/man8/novabpf.8 lib/modprobe.d/novabpf.conf \
	share/bash-completion/completions/novabpf share/novabpf/novabpf.lua share/novabpf/policy.mk \
	share/novabpf/abi/570.144.btf share/novabpf/sched/rr.bpf.o share/novabpf/rpc/slow.bpf.o \
	share/novabpf/gsp-slow.bt include/novabpf/bpf.h share/pkgconfig/novabpf.pc; do
	[[ -s $to/usr/$file ]] || lacking+=("$file")
done
check "tool, guest's program, pages, dissector, types, objects, kit" "${lacking[*]}" ""
dir=$to/lib/modules/$kernel/updates/novabpf
check "three modules" "$(cd "$dir" && echo *.ko)" "novabpf.ko novabpf_sim.ko novabpf_vfio.ko"
for module in "$dir"/*.ko; do readelf -SW "$module"; done >"$tmp/sections"
check "with their types" "$(grep -c ' \.BTF ' "$tmp/sections")" 3
check "without what debuggers want" "$(grep -c ' \.debug_info ' "$tmp/sections")" 0
check "the version" "$(modinfo -F version "$dir/novabpf_vfio.ko")" "$(<VERSION)"
check "the IOMMU comes with it" "$(modinfo -F softdep "$dir/novabpf_vfio.ko")" "pre: vfio_iommu_type1"
(cd / && "$to/usr/sbin/novabpf" trace rpc --help) >"$tmp/out" 2>&1
result $? "the installed tool runs" "$(<"$tmp/out")"
run_make uninstall
check "nothing is left" "$(find "$to" ! -type d)" ""
