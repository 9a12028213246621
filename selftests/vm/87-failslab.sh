#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Allocations that fail: loading, the GPU's boot, vGPUs, attaching, opening, unloading. On
# kernels of make check-debug, which look for what is left over as well.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
failslab=/sys/kernel/debug/failslab
failnth=build/selftests/bpf/failnth
[[ -d $failslab && -e /proc/self/fail-nth ]] ||
	skip_all "this kernel has no failslab; make check-debug has kernels that do"
plan 16
# By default it spares allocations that may wait, which are most.
echo N >$failslab/ignore-gfp-wait
echo 0 >$failslab/verbose
uuid=11111111-2222-3333-4444-555555555501
most=${NOVABPF_FAILURES:-100}
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf

# Each failure is refused with ENOMEM (12), or done without what it lacked, and taken back.
swept() { # NAME ARGUMENTS-OF-FAILNTH...
	local said

	said=$("$failnth" "$most" "${@:2}" 2>&1)
	like "$? $said" '^0 allocations [0-9]+, tried [0-9]+, refused [0-9]+, errors( 12)?$' "$1: $said"
}

file() { modinfo -n "$1"; }
left() { lsmod | awk '$1 ~ /^novabpf/ { printf "%s ", $1 }'; }

unload_all
swept "the core is loaded" load novabpf "$(file novabpf)"
is "$(left)" '' "nothing stays loaded"
modprobe novabpf
swept "the simulator is loaded, and its GPU boots" load novabpf_sim "$(file novabpf_sim)"
is "$(left)" 'novabpf ' "nothing but the core stays loaded"
load_sim
succeeds "the GPU boots" still_works 570.144
swept "a vGPU is created" write $gpu/vgpu_create "type=NOVA-test name=one" $gpu/vgpu_destroy one
is "$(cat $gpu/vgpu_count)" 0 "none is left"
novabpf vgpu create 0 NOVA-test --name two
swept "a vGPU's settings" write $gpu/vgpu1/weight 300
novabpf vgpu destroy 0 two
if has_struct_ops; then
	swept "a policy is attached" attach build/bpf/sched/fair.bpf.o
	is "$(cat $gpu/sched/state)" builtin "none is left"
else
	skip "a policy is attached" "no struct_ops of modules"
	skip "none is left" "no struct_ops of modules"
fi
if modprobe novabpf_vfio 2>/dev/null; then
	type=$gpu/device/mdev_supported_types/novabpf_sim-NOVA-test
	mdev=/sys/bus/mdev/devices/$uuid
	swept "a mediated device is created" write "$type/create" $uuid $mdev/remove 1
	echo $uuid >"$type/create"
	modprobe vfio_iommu_type1
	swept "it is opened" open "/dev/vfio/$(basename "$(readlink $mdev/iommu_group)")" $uuid
	is "$(cat $gpu/vgpu1/vm_pid)" 0 "and closed"
	echo 1 >$mdev/remove
	rmmod novabpf_vfio
else
	for name in "a mediated device is created" "it is opened" "and closed"; do
		skip "$name" "novabpf_vfio was not built"
	done
fi
succeeds "the GPU works after all that" still_works 570.144
unload_all
modprobe novabpf
swept "the simulator is unloaded" unload novabpf_sim "$(file novabpf_sim)"
succeeds "nothing is left that holds a module" unload_all
