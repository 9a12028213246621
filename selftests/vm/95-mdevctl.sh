#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What mdevctl, the tool of this project and sysfs say of the same devices.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
modprobe -n novabpf_vfio 2>/dev/null || skip_all "novabpf_vfio was not built: this kernel has no mdev"
plan 16

types=$gpu/mdev_supported_types
type=novabpf-NOVA-4Q
a=11111111-2222-3333-4444-555555555501
b=11111111-2222-3333-4444-555555555502
left() { echo "$(cat $types/$type/available_instances) $(cat $gpu/vgpu_types/NOVA-4Q/available_instances)"; }
# Devices as each of them lists them
uuids() { find /sys/bus/mdev/devices/ -mindepth 1 -printf '%f\n' | sort | paste -sd ' '; }
of_mdevctl() { mdevctl list | awk 'NF { print $1 }' | sort | paste -sd ' '; }
of_tool() {
	for v in $(novabpf vgpu list 0 | grep -o 'vgpu[0-9]\+'); do
		readlink "$gpu/$v/user"
	done | sed "s,.*/,," | sort -u | paste -sd ' '
}

load_sim fb_mb=24576
modprobe novabpf_vfio
said=$(mdevctl types)
is "$(head -n 1 <<<"$said")" gpu0 "mdevctl sees the GPU"
is "$(grep -c '^  novabpf-' <<<"$said")" "$(find "$gpu/vgpu_types/" -mindepth 1 -maxdepth 1 | wc -l)" \
	"and all of its types"
like "$(grep -A4 "^  $type$" <<<"$said" | paste -sd ' ')" \
	'Available instances: 6 .*Device API: vfio-pci .*Name: NOVA-4Q .*framebuffer=4000M' \
	"with what is known of them"
succeeds "mdevctl makes a device" mdevctl start -u $a -p gpu0 --type $type
echo $b >"$types/$type/create"
is "$(of_mdevctl)" "$a $b" "mdevctl lists it, and one made by hand"
is "$(of_tool)" "$(uuids)" "and so does the tool"
is "$(left)" "4 4" "all count the same places"
succeeds "the tool makes one of its own" novabpf vgpu create 0 NOVA-4Q
is "$(left) $(of_mdevctl)" "3 3 $a $b" "which takes a place and is no mediated device"
fails "mdevctl and the GPU refuse another type" mdevctl start -p gpu0 --type novabpf-NOVA-2Q
succeeds "what mdevctl defines" mdevctl define -u 11111111-2222-3333-4444-555555555503 -p gpu0 --type $type
succeeds "it can start" mdevctl start -u 11111111-2222-3333-4444-555555555503
is "$(left)" "2 2" "with a place"
succeeds "mdevctl ends what was made by hand" mdevctl stop -u $b
is "$(of_tool | wc -w) $(left)" "2 3 3" "and it is gone everywhere"
succeeds "all unloads" unload_all
