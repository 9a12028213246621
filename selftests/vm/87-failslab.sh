#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Allocations that fail: vGPUs, attaching, unloading. On kernels of make check-debug, which
# look for what is left over as well. Not loading and VFIO: there the kernel's own code warns
# when its allocations fail (trace_events.c; vfio/group.c, as the group is still set).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
failslab=/sys/kernel/debug/failslab
failnth=build/selftests/bpf/failnth
[[ -d $failslab && -e /proc/self/fail-nth ]] ||
	skip_all "this kernel has no failslab; make check-debug has kernels that do"
plan 9
# By default it spares allocations that may wait, which are most.
echo N >$failslab/ignore-gfp-wait
echo 0 >$failslab/verbose
most=${NOVABPF_FAILURES:-100}
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf

# Each failure is refused with ENOMEM (12), or done without what it lacked, and taken back.
swept() { # NAME ARGUMENTS-OF-FAILNTH...
	local said

	said=$("$failnth" "$most" "${@:2}" 2>&1)
	like "$? $said" '^0 allocations [0-9]+, tried [0-9]+, refused [0-9]+, errors( 12)?$' "$1: $said"
}

file() { modinfo -n "$1"; }

unload_all
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
succeeds "the GPU works after all that" still_works 570.144
unload_all
modprobe novabpf
swept "the simulator is unloaded" unload novabpf_sim "$(file novabpf_sim)"
succeeds "nothing is left that holds a module" unload_all
