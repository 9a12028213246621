#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# novabpf_vfio, unchanged, over a provider of vGPUs that is not the core.
. "$(dirname "$0")/lib.sh"
built=build/provider/$(uname -r)
[[ -e $built/kmod/novabpf_vfio.ko ]] || skip_all "novabpf_vfio was not built: this kernel has no mdev"
plan 18

direct=build/selftests/vfio/vfio_direct
a=11111111-2222-3333-4444-555555555501
b=11111111-2222-3333-4444-555555555502
types=/sys/class/mdev_bus/toy/mdev_supported_types
create() { echo "$1" >"$types/toy-TOY-4M/create"; }
check() { succeeds "direct: $1" timeout 60 "$direct" "$@"; }

unload_all
modprobe -a vfio_iommu_type1 mdev
is "$(modinfo -F depends "$built/kmod/novabpf_vfio.ko" | tr , '\n' | grep -e toy -e novabpf)" nova_toy \
	"the module depends on the other provider, not on the core"
insmod "$built/selftests/provider/nova_toy.ko"
succeeds "it loads" insmod "$built/kmod/novabpf_vfio.ko"
is "$(cat "$types/toy-TOY-4M"/{name,available_instances})" $'TOY-4M\n2' "the type is offered"
create $a
create $b
fails "its places are counted" create 11111111-2222-3333-4444-555555555503
for what in info config regs fb work errors msix intx reset; do check $what $a; done
check two $a $b
check crossed $a $b
"$direct" lost $a >/tmp/lost &
lost=$!
wait_for 20 grep -q open /tmp/lost
echo 1 >/sys/module/nova_toy/parameters/crash
wait $lost
is "$? $(cat /tmp/lost)" $'0 open\nback' "what it loses comes back with a reset"
fails "the provider is in use" rmmod nova_toy
rmmod novabpf_vfio
succeeds "all unloads" rmmod nova_toy
modprobe novabpf
