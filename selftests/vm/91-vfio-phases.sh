#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The VFIO device of a vGPU: accesses of every size, every interrupt, users who go at
# any moment, and a GPU that is being reset.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
modprobe -n novabpf_vfio 2>/dev/null || skip_all "novabpf_vfio was not built: this kernel has no mdev"
plan 24

types=$gpu/device/mdev_supported_types
phases=build/selftests/vfio/vfio_phases
a=11111111-2222-3333-4444-555555555501
b=11111111-2222-3333-4444-555555555502
create() { echo "$1" >"$types/novabpf_sim-NOVA-4Q/create"; } # UUID
check() { succeeds "$1" timeout 300 "$phases" "$1" $a; }

load_sim
succeeds "the module loads" modprobe novabpf_vfio
create $a
for c in sizes kinds unmask own-memory unmap-load reset-load users fork leave; do
	check $c
done
# With pinned pages; the type 1 IOMMU's own order of locks is not ours to mend.
echo Y >/sys/module/novabpf_vfio/parameters/pin_rings
for c in pins unmask own-memory unmap-load reset-load users fork; do
	if [[ -e /proc/lockdep ]]; then skip "$c, pinned" "lockdep would report the type 1 IOMMU"; else
		check $c
	fi
done
echo N >/sys/module/novabpf_vfio/parameters/pin_rings
is "$(cat $gpu/vgpu1/state $gpu/counters/recoveries)" $'new\n0' "it is as before, and so is the GPU"

# A GPU that is being reset, for as long as its firmware does not come up
fault init mute 1
echo 1 >$gpu/recover &
succeeds "a GPU is being reset" wait_for 60 grep -qv ready $gpu/state
like "$(create $b 2>&1)" "Resource temporarily unavailable" "to create a device fails with EAGAIN"
timeout 60 "$phases" sizes $a >/dev/null 2>&1
is $? 3 "and so does to open one"
is "$(find /sys/bus/mdev/devices/ -mindepth 1 -maxdepth 1 | wc -l) $(<$gpu/vgpu_count)" "1 1" \
	"nothing is left of it"
wait
[[ $(<$gpu/state) == ready ]] || echo 1 >$gpu/recover
wait_for 60 grep -q ready $gpu/state
succeeds "afterwards it is created" create $b
succeeds "all unloads with devices there" unload_all
