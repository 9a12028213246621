#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a guest's use of its vGPU costs the host: the doorbell until the engine has the
# vGPU, by stage and by size of the batch, with rings that are pinned and such as are copied;
# a trapped register; the framebuffer. Runs inside the virtual machine of "make bench".
# Prints tables of reStructuredText; vfio.* in $NOVABPF_OUT have all numbers.

here=$(dirname "$(readlink -f "$0")")
bench=$here/../../build/selftests/vfio/vfio_bench
gpu=/sys/class/novabpf/gpu0
uuid=11111111-2222-3333-4444-555555555501
tracing=/sys/kernel/tracing/instances/vfio_bench
out=${NOVABPF_OUT:-/tmp}

fail() { echo "bench: $*" >&2; exit 1; }

modprobe -n novabpf_vfio 2>/dev/null ||
	{ echo "bench: novabpf_vfio is not built, left out" >&2; exit 0; }
modprobe novabpf_sim clock=virtual latency_us=0 jitter_us=0 || fail "the simulator does not load"
modprobe novabpf_vfio || fail "novabpf_vfio does not load"
echo $uuid >$gpu/device/mdev_supported_types/novabpf_sim-NOVA-4Q/create || fail "no device is created"
mkdir $tracing
echo x86-tsc >$tracing/trace_clock
echo 16384 >$tracing/buffer_size_kb
for how in Y N; do
	echo $how >/sys/module/novabpf_vfio/parameters/pin_rings
	for event in sched_runnable sched_pick sched_switch; do
		echo 1 >$tracing/events/novabpf/$event/enable
	done
	"$bench" $uuid >"$out/vfio.$how" || fail "vfio_bench: it failed"
	echo 0 >$tracing/events/enable
	cat $tracing/trace >"$out/vfio.trace.$how"
	echo >$tracing/trace
done
rmdir $tracing
echo 1 >/sys/bus/mdev/devices/$uuid/remove
rmmod novabpf_vfio novabpf_sim
python3 "$here/vfio.py" "$out"
