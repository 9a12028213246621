#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The VFIO device through its own file and iommufd, where the kernel has them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
modprobe -q iommufd
[[ -c /dev/iommu ]] || skip_all "this kernel has no iommufd (CONFIG_IOMMUFD)"
plan 14

export VFIO_CDEV=1
types=$gpu/device/mdev_supported_types
direct=build/selftests/vfio/vfio_direct
a=11111111-2222-3333-4444-555555555501
b=11111111-2222-3333-4444-555555555502
check() { succeeds "direct: $1" timeout 60 "$direct" "$@"; }

load_sim fb_mb=24576
modprobe novabpf_vfio
for uuid in $a $b; do echo $uuid >"$types/novabpf_sim-NOVA-4Q/create"; done
is "$(find /dev/vfio/devices/ -type c | wc -l)" 2 "each device has a file"
for what in info config regs fb work errors master msix intx reset unmap; do check $what $a; done
check two $a $b
succeeds "all unloads" unload_all
